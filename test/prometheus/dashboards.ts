/** The dashboards as Grafana reads them. */
import { readdirSync, readFileSync } from "node:fs";
import { ops } from "./promtool.ts";

export interface Dashboard {
  readonly file: string;
  readonly uid: string;
  readonly title: string;
  readonly variables: readonly { readonly name: string; readonly type: string; readonly query: string }[];
  /** Without rows, which are titles only. */
  readonly panels: readonly Panel[];
}

export interface Panel {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly type: string;
  readonly datasource: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly Target[];
}

interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly datasource: { readonly uid: string };
}

const folder = `${ops}grafana/dashboards/`;

export const dashboards: readonly Dashboard[] = readdirSync(folder).map((file) => {
  // Grafana's own format.
  const json = JSON.parse(readFileSync(folder + file, "utf8")) as {
    uid: string;
    title: string;
    templating: { list: { name: string; type: string; query: string | { query: string } }[] };
    panels: Panel[];
  };
  return {
    file,
    uid: json.uid,
    title: json.title,
    variables: json.templating.list.map(({ name, type, query }) => ({
      name,
      type,
      query: typeof query === "string" ? query : query.query,
    })),
    panels: json.panels.filter(({ type }) => type !== "row"),
  };
});

/** The expression as Grafana sends it, with everything chosen; throws when it has a variable that nobody knows. */
export function expanded(expr: string, { rateInterval }: { readonly rateInterval: string }): string {
  const query = expr.replaceAll("$__rate_interval", rateInterval).replaceAll("$job", ".*");
  if (query.includes("$")) throw new Error(`unknown variable in ${query}`);
  return query;
}
