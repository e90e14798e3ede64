// What the article's job in Node calls and does not have.

globalThis.extractFromPostgres = async () => [1, 2, 3];
globalThis.extractFromMongoDB = async () => [4, "format"];
globalThis.extractFromAPI = async () => ["duplicate"];
globalThis.validateRecord = (record) =>
  typeof record === "number" ? { valid: true } : { valid: false, reason: record };
globalThis.transformRecord = (record) => record;
globalThis.loadToWarehouse = async (records) => records.length;
globalThis.loadToElasticsearch = async (records) => {
  if (process.env.ELASTICSEARCH === "down") throw new Error("no search index");
  return records.length;
};
