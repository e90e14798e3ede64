import { readFile } from "node:fs/promises";
import type { Handler } from "express";
import { setContentType } from "../answer.ts";
import { readParameters } from "../api/parameters.ts";

const document = new URL("../../api/openapi.yaml", import.meta.url);

/** GET /api/v1/openapi.yaml: the description of the API, RFC 9512. */
export const describeApi: Handler = async (request, response) => {
  readParameters(request, []);
  const text = await readFile(document, "utf8");
  setContentType(response, "application/yaml");
  response.end(text);
};
