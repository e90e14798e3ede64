import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { parse } from "yaml";

const path = new URL("../../apps/gateway/api/openapi.yaml", import.meta.url);

/** What the API says of itself. */
export const descriptionText = readFileSync(path, "utf8");

type Method = "get" | "delete";

/** Tells how answers differ from the description; nothing when they do not. */
export interface Description {
  /** @param route As the description writes it, e.g. `/groups/{id}`. */
  problemsOf(answer: { route: string; method: Method; status: number; body: unknown }): readonly string[];
}

/** As much of the document as this reads. */
interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly responses: Readonly<Record<string, { readonly $ref?: string }>>;
}

export function readDescription(): Description {
  const document: OpenApi = parse(descriptionText); // our own, which a linter has seen
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, "openapi");
  const validators = new Map<string, ValidateFunction>();
  return {
    problemsOf({ route, method, status, body }) {
      const response = document.paths[route]?.[method]?.responses[status];
      if (response === undefined) return [`${method} ${route} is not said to answer ${status}`];
      const place = response.$ref ?? `#/paths/${pointer(route)}/${method}/responses/${status}`;
      const validate =
        validators.get(place) ??
        ajv.compile({ $ref: `openapi${place}/content/${pointer("application/json")}/schema` });
      validators.set(place, validate);
      validate(body);
      return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
    },
  };
}

function pointer(text: string): string {
  return encodeURIComponent(text.replaceAll("~", "~0").replaceAll("/", "~1"));
}
