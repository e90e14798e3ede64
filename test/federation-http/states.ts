/** States of groups as other regions send them. */
import { parseText } from "@pushfleet/exposition";
import { encodeBatch } from "@pushfleet/federation";
import { admit, groupOf, parseGroupPath } from "@pushfleet/groups";
import { type RegionId, regionId, type ShippedFamily, spanOf, type VersionedGroup } from "@pushfleet/store";

export interface Push {
  /** From `/job/` on. */
  readonly path: string;
  readonly body: string;
  readonly region: string;
  /** Since the epoch; absent = some seconds ago. */
  readonly micros?: number;
}

export function region(name: string): RegionId {
  const id = regionId(name);
  if (id === undefined) throw new Error(`${name} is no region`);
  return id;
}

/** Some seconds ago, and so many microseconds. */
export function recently(micros = 0): number {
  return (Date.now() - 5_000) * 1000 + micros;
}

/** The state of a group after one PUT. */
export function stateOf({
  path,
  body,
  region: name,
  micros = recently(),
}: Push): VersionedGroup<ShippedFamily> {
  const labels = parseGroupPath(path, { names: "legacy" });
  const { id, labels: groupLabels } = groupOf(labels);
  const version = { micros, region: region(name) };
  const families = admit(parseText(Buffer.from(body), { names: "legacy" }), labels).map((family) => ({
    name: family.name,
    version,
    family: {
      name: family.name,
      type: family.type,
      help: family.help,
      text: spanOf(family.text),
      metricCount: family.metrics.length,
      pushedAtMicros: micros,
      region: version.region,
    },
  }));
  return {
    id,
    labels: groupLabels,
    floor: version,
    deleted: null,
    life: { version, expiresAtMs: null },
    pushed: { version, atMicros: micros },
    failed: null,
    families,
  };
}

/** The state of a group after a DELETE. */
export function deletedState({
  path,
  region: name,
  micros = recently(),
}: Omit<Push, "body">): VersionedGroup<ShippedFamily> {
  const version = { micros, region: region(name) };
  return {
    id: groupOf(parseGroupPath(path, { names: "legacy" })).id,
    labels: null,
    floor: version,
    deleted: version,
    life: null,
    pushed: null,
    failed: null,
    families: [],
  };
}

/** A batch of these pushes. */
export function batchOf(...pushes: readonly Push[]): Promise<Buffer<ArrayBuffer>> {
  return batchOfStates(pushes.map(stateOf));
}

/** A batch that the region `eu` sends. */
export async function batchOfStates(
  states: readonly VersionedGroup<ShippedFamily>[],
): Promise<Buffer<ArrayBuffer>> {
  return Buffer.from(await encodeBatch(region("eu"), states));
}

/** POSTs a batch. */
export async function deliver(
  url: string,
  batch: Uint8Array<ArrayBuffer> | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly headers: Headers; readonly answer: unknown }> {
  const answer = await fetch(`${url}/federation/v1/changes`, { method: "POST", body: batch, headers });
  const text = await answer.text();
  const isJson = answer.headers.get("content-type") === "application/json";
  return { status: answer.status, headers: answer.headers, answer: isJson ? JSON.parse(text) : text };
}

/** The series of a scrape but for those that the gateway has of itself and for push times. */
export async function seriesOf(url: string, query = ""): Promise<string[]> {
  const answer = await fetch(`${url}/metrics${query}`);
  if (answer.status !== 200)
    throw new Error(`a scrape was answered ${answer.status}: ${await answer.text()}`);
  const lines = (await answer.text()).split("\n");
  return lines.filter((line) => /\bjob="/.test(line) && !/^push_(failure_)?time_seconds\{/.test(line));
}
