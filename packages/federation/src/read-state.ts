/** What a line of a batch says of a group, checked against the rules that every honest state keeps: see `join`. */
import type { Label, MetricType } from "@pushfleet/exposition";
import { formatGroupPath, type GroupPath } from "@pushfleet/groups";
import { compareVersions, type Event, type Life, parseVersion, type Version } from "@pushfleet/store";
import type { FamilyLine, StateLine } from "./batch-format.ts";

/** A state that nobody honest sends. The message says what is wrong with it. */
export class InvalidState extends Error {
  override readonly name = "InvalidState";
}

export interface ReadState {
  /** null of a deleted group. */
  readonly path: GroupPath | null;
  readonly floor: Version | null;
  readonly deleted: Version | null;
  readonly life: Life | null;
  readonly pushed: Event | null;
  readonly failed: Event | null;
  /** As in the line. */
  readonly families: readonly ReadFamily[];
}

export interface ReadFamily {
  readonly name: string;
  readonly version: Version;
  readonly type: MetricType;
  readonly help: string;
  readonly isProto: boolean;
}

/**
 * More than fit into the largest part of a group that a federator sends. Each is some arguments of a script, which a store takes
 * all at once.
 */
export const maxFamilies = 200_000;

/** Throws InvalidState. */
export function readState(line: StateLine, readPath: (path: string) => GroupPath): ReadState {
  if (line.families.length > maxFamilies) throw new InvalidState(`it has more than ${maxFamilies} families`);
  const state: ReadState = {
    path: line["labels"] === null ? null : pathOf(line, readPath),
    floor: version(line["floor"], "floor", "any"),
    deleted: version(line["deleted"], "deleted", "any"),
    life: life(line["life"]),
    pushed: event(line["pushed"], "pushed"),
    failed: event(line["failed"], "failed"),
    families: line.families.map(readFamily),
  };
  requireSense(state);
  return state;
}

/** Canonical labels that make the group's id; what they may be is what a path may say. */
function pathOf({ id, labels }: StateLine, readPath: (path: string) => GroupPath): GroupPath {
  if (!isLabels(labels)) throw new InvalidState("the labels are none");
  let path: GroupPath;
  try {
    path = readPath(formatGroupPath(labels, { names: "utf8" }));
  } catch (cause) {
    throw new InvalidState("the labels are not those of a group", { cause });
  }
  const { group } = path;
  const isSame =
    group.labels.length === labels.length && group.labels.every((label, i) => areEqual(label, labels[i]));
  if (!isSame) throw new InvalidState("the labels are not in their canonical form");
  if (group.id !== id) throw new InvalidState("the labels are those of another group");
  return path;
}

function areEqual(a: Label, b: Label | undefined): boolean {
  return a[0] === b?.[0] && a[1] === b[1];
}

function isLabels(value: unknown): value is readonly Label[] {
  const isText = (text: unknown) => typeof text === "string" && text.isWellFormed();
  return (
    Array.isArray(value) &&
    value.every((label) => Array.isArray(label) && label.length === 2 && label.every(isText))
  );
}

/** Milliseconds since the epoch, as far as there are dates. Microseconds never come that far. */
const lastMs = 8.64e15;

/** @param kind What happened has a region; a floor may lie between what happened. */
function version(value: unknown, what: string, kind: "any" | "happened"): Version | null {
  if (value === null) return null;
  const read = typeof value === "string" ? parseVersion(value) : undefined;
  if (read === undefined || read.micros === 0 || (kind === "happened" && read.region === "0")) {
    throw new InvalidState(`${what} has no version`);
  }
  return read;
}

function happened(value: unknown, what: string): Version {
  const read = version(value, what, "happened");
  if (read === null) throw new InvalidState(`${what} has no version`);
  return read;
}

function event(value: unknown, what: string): Event | null {
  if (value === null) return null;
  const fields = fieldsOf(value, what);
  return { version: happened(fields["version"], what), atMicros: time(fields["at"], what) };
}

function life(value: unknown): Life | null {
  if (value === null) return null;
  const fields = fieldsOf(value, "life");
  const expiresAtMs = fields["expires"] === null ? null : time(fields["expires"], "life");
  if (expiresAtMs !== null && expiresAtMs > lastMs) throw new InvalidState("life ends after all dates");
  return { version: happened(fields["version"], "life"), expiresAtMs };
}

function fieldsOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>; // each is looked at
  throw new InvalidState(`${what} is missing`);
}

function time(value: unknown, what: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidState(`${what} has no time`);
}

const types: ReadonlySet<unknown> = new Set<MetricType>([
  "counter",
  "gauge",
  "summary",
  "untyped",
  "histogram",
  "gaugehistogram",
]);

function readFamily({ name, type, help, version: written, proto }: FamilyLine): ReadFamily {
  if (typeof name !== "string" || name === "" || !name.isWellFormed())
    throw new InvalidState("a family has no name");
  if (typeof help !== "string" || !help.isWellFormed())
    throw new InvalidState(`family "${name}" has no help`);
  if (!isType(type)) throw new InvalidState(`family "${name}" has no type`);
  return { name, type, help, version: happened(written, `family "${name}"`), isProto: proto > 0 };
}

function isType(value: unknown): value is MetricType {
  return types.has(value);
}

function requireSense({ path, floor, deleted, life: living, pushed, failed, families }: ReadState): void {
  if (deleted !== null && isLess(floor, deleted)) throw new InvalidState("it was deleted after its floor");
  if (path === null && (pushed !== null || families.length > 0))
    throw new InvalidState("it is gone and is there");
  if (living === null) {
    if (path !== null) throw new InvalidState("it has labels without a life");
    if (floor === null) throw new InvalidState("nothing ever happened to it");
    if (failed !== null && isLess(failed.version, deleted))
      throw new InvalidState("its failure was before it was deleted");
    return;
  }
  if (path === null && (living.expiresAtMs === null || failed !== null))
    throw new InvalidState("it has a life without labels that is not an ended one");
  if (isLess(living.version, floor)) throw new InvalidState("it lives by what was before its floor");
  for (const [what, happening] of [
    ["push", pushed],
    ["failure", failed],
  ] as const) {
    if (happening !== null && isLess(happening.version, deleted))
      throw new InvalidState(`its ${what} was before it was deleted`);
  }
  if (pushed !== null && isLess(living.version, pushed.version))
    throw new InvalidState("its push was after what it lives by");
  const names = new Set<string>();
  for (const family of families) {
    if (names.size === names.add(family.name).size)
      throw new InvalidState(`family "${family.name}" is there twice`);
    if (isLess(family.version, floor))
      throw new InvalidState(`family "${family.name}" is from before the floor`);
    if (isLess(living.version, family.version)) {
      throw new InvalidState(`family "${family.name}" is from after what the group lives by`);
    }
  }
}

/** null is before everything. */
function isLess(a: Version | null, b: Version | null): boolean {
  if (b === null) return false;
  return a === null || compareVersions(a, b) < 0;
}
