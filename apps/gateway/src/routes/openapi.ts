import { readFile } from "node:fs/promises";
import type { Handler } from "express";

const document = new URL("../../api/openapi.yaml", import.meta.url);

/** GET /api/v1/openapi.yaml: the description of the API, RFC 9512. */
export const describeApi: Handler = async (_request, response) => {
  const text = await readFile(document, "utf8");
  response.setHeader("Content-Type", "application/yaml");
  response.end(text);
};
