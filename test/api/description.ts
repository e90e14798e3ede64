import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { parse } from "yaml";

const path = new URL("../../apps/gateway/api/openapi.yaml", import.meta.url);

/** What the API says of itself. */
export const descriptionText = readFileSync(path, "utf8");

const methods = ["get", "delete"] as const;
type Method = (typeof methods)[number];

export interface Description {
  readonly operations: readonly Operation[];
  readonly errorTypes: readonly string[];
  /**
   * How the answer differs from the description; nothing when it does not.
   * @param answer.route As the description writes it, e.g. `/groups/{id}`.
   * @param answer.contentType Absent = JSON.
   */
  problemsOf(answer: {
    route: string;
    method: Method;
    status: number;
    contentType?: string;
    body: unknown;
  }): readonly string[];
}

export interface Operation {
  readonly route: string;
  readonly method: Method;
  /** Names, e.g. `match[]`. */
  readonly parameters: readonly string[];
  readonly tags: readonly string[];
}

/** As much of the document as this reads. */
interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Partial<Record<Method, OpenApiOperation>>>>>;
  readonly components: {
    readonly parameters: Readonly<Record<string, { readonly name: string }>>;
    readonly responses: Readonly<Record<string, OpenApiResponse>>;
    readonly schemas: {
      readonly Error: { readonly properties: { readonly errorType: { readonly enum: readonly string[] } } };
    };
  };
}

interface OpenApiOperation {
  readonly tags: readonly string[];
  readonly parameters?: readonly ({ readonly name: string } | { readonly $ref: string })[];
  readonly responses: Readonly<Record<string, OpenApiResponse | { readonly $ref: string }>>;
}

interface OpenApiResponse {
  readonly content: Readonly<Record<string, unknown>>;
}

export function readDescription(): Description {
  const document: OpenApi = parse(descriptionText); // our own, which a linter has seen
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, "openapi");
  const validators = new Map<string, ValidateFunction>();
  return {
    operations: operationsOf(document),
    errorTypes: document.components.schemas.Error.properties.errorType.enum,
    problemsOf({ route, method, status, contentType = "application/json", body }) {
      const listed = document.paths[route]?.[method]?.responses[status];
      if (listed === undefined) return [`${method} ${route} is not said to answer ${status}`];
      const isElsewhere = "$ref" in listed;
      const response = isElsewhere ? document.components.responses[lastWord(listed.$ref)] : listed;
      const [type = ""] = contentType.split(";");
      if (response?.content[type] === undefined)
        return [`${method} ${route} is not said to answer ${status} with ${contentType}`];
      const at = isElsewhere ? listed.$ref : `#/paths/${pointer(route)}/${method}/responses/${status}`;
      const place = `${at}/content/${pointer(type)}/schema`;
      const validate = validators.get(place) ?? ajv.compile({ $ref: `openapi${place}` });
      validators.set(place, validate);
      validate(body);
      return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
    },
  };
}

function operationsOf({ paths, components }: OpenApi): Operation[] {
  return Object.entries(paths).flatMap(([route, operations]) =>
    methods.flatMap((method) => {
      const operation = operations[method];
      if (operation === undefined) return [];
      const { tags, parameters = [] } = operation;
      const names = parameters.map((parameter) =>
        "name" in parameter ? parameter.name : components.parameters[lastWord(parameter.$ref)]?.name,
      );
      return [{ route, method, tags, parameters: names.filter((name) => name !== undefined) }];
    }),
  );
}

function lastWord(reference: string): string {
  return reference.slice(reference.lastIndexOf("/") + 1);
}

function pointer(text: string): string {
  return encodeURIComponent(text.replaceAll("~", "~0").replaceAll("/", "~1"));
}
