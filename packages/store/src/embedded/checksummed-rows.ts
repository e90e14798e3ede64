import type { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";

export type Checksummed<Row extends readonly unknown[]> = readonly [...Row, checksum: number];

export function checksummed<Row extends readonly unknown[]>(row: Row): Checksummed<Row> {
  return [...row, checksum(row, row.length)];
}

/** Throws when a row is not what was written. */
export function readRows<Row extends readonly unknown[]>(
  database: DatabaseSync,
  query: string,
): Checksummed<Row>[] {
  const statement = database.prepare(query);
  statement.setReturnArrays(true);
  const found = statement.all() as unknown as Checksummed<Row>[]; // arrays, see above; what is in them, the checksum tells
  for (const row of found) {
    const columns = row.length - 1;
    if (checksum(row, columns) !== row[columns]) {
      throw new Error(`a row of ${query.split(" ")[3]} is not as it was written`);
    }
  }
  return found;
}

/** Of the first `columns` columns. */
function checksum(row: readonly unknown[], columns: number): number {
  let text = "";
  let bytes: Uint8Array | undefined;
  for (let column = 0; column < columns; column++) {
    const value = row[column];
    if (value instanceof Uint8Array) bytes = value;
    else text += `${value}\0`;
  }
  return bytes === undefined ? crc32(text) : crc32(bytes, crc32(text));
}
