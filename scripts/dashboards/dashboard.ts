import type { Panel } from "./panel.ts";

export interface Dashboard {
  /** Stands in the address of the dashboard: it never changes. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Variable[];
  readonly rows: readonly Row[];
}

/** A choice at the top of the page, of one or more values of a label. */
interface Variable {
  readonly name: string;
  readonly title: string;
  /** `label_values(metric, label)`. */
  readonly query: string;
}

/** Panels side by side under a title, as wide as there is room for. */
export interface Row {
  readonly title: string;
  readonly height: number;
  readonly panels: readonly Panel[];
}

const gridWidth = 24;
/** Whoever looks at it chooses the Prometheus. */
const datasource = { type: "prometheus", uid: "$datasource" };

/** Grafana's JSON. */
export function dashboardJson(dashboard: Dashboard): string {
  const { uid, title, description } = dashboard;
  const json = {
    uid,
    title,
    description,
    tags: ["pushfleet"],
    timezone: "browser",
    schemaVersion: 39,
    editable: true,
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    templating: { list: [datasourceVariable(), ...dashboard.variables.map(labelVariable)] },
    panels: placed(dashboard.rows),
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

function datasourceVariable() {
  return { name: "datasource", label: "Prometheus", type: "datasource", query: "prometheus", hide: 0 };
}

function labelVariable({ name, title, query }: Variable) {
  return {
    name,
    label: title,
    type: "query",
    datasource,
    query: { query, refId: name },
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: ".*",
    current: { text: "All", value: "$__all" },
  };
}

/** Row by row, each with its title above it. Ids count from 1. */
function placed(rows: readonly Row[]): object[] {
  const panels: object[] = [];
  let y = 0;
  for (const row of rows) {
    const title = { type: "row", title: row.title, collapsed: false, panels: [] };
    panels.push({ id: panels.length + 1, ...title, gridPos: { x: 0, y, w: gridWidth, h: 1 } });
    y += 1;
    const w = Math.floor(gridWidth / row.panels.length);
    for (const [index, panel] of row.panels.entries())
      panels.push({
        id: panels.length + 1,
        ...panelJson(panel),
        gridPos: { x: index * w, y, w, h: row.height },
      });
    y += row.height;
  }
  return panels;
}

function panelJson(panel: Panel) {
  const { title, description, kind, unit, queries } = panel;
  const isTable = kind === "table";
  return {
    title,
    description,
    type: kind,
    datasource,
    fieldConfig: { defaults: fieldDefaults(panel), overrides: [] },
    options: options[kind],
    ...(isTable ? { transformations: tableOf(panel) } : {}),
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode("A".charCodeAt(0) + index),
      datasource,
      expr,
      legendFormat: legend,
      // Of a chart, its course; of all else, the value now.
      ...(kind === "timeseries" ? { range: true } : { instant: true }),
      ...(isTable ? { format: "table" } : {}),
    })),
  };

  function fieldDefaults({ thresholds, max }: Panel) {
    const steps = thresholds?.map(({ from, color }) => ({ value: from, color }));
    return {
      unit,
      min: 0,
      ...(max === undefined ? {} : { max }),
      color: { mode: kind === "timeseries" || steps === undefined ? "palette-classic" : "thresholds" },
      ...(steps === undefined ? {} : { thresholds: { mode: "absolute", steps } }),
    };
  }
}

const options = {
  bargauge: { orientation: "horizontal", displayMode: "basic", reduceOptions: { calcs: ["lastNotNull"] } },
  stat: { colorMode: "value", graphMode: "none", reduceOptions: { calcs: ["lastNotNull"] } },
  table: { showHeader: true, cellHeight: "sm" },
  timeseries: {
    legend: { displayMode: "list", placement: "bottom" },
    tooltip: { mode: "multi", sort: "desc" },
  },
};

/** One line for each set of labels, with the columns asked for and no others. */
function tableOf({ columns = {} }: Panel) {
  return [
    { id: "merge", options: {} },
    { id: "filterFieldsByName", options: { include: { names: Object.keys(columns) } } },
    {
      id: "organize",
      options: {
        renameByName: columns,
        indexByName: Object.fromEntries(Object.keys(columns).map((name, index) => [name, index])),
      },
    },
  ];
}
