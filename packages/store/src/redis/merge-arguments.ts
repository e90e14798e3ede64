/** How states from other regions are told to merge.lua. */
import { type AdmittedFamily, jobOf } from "@pushfleet/groups";
import type { ArrivingFamily, VersionedGroup } from "../replication/replication.ts";
import { compareVersions, type RegionId } from "../replication/version.ts";
import { shapeKey } from "../shapes.ts";
import { encodeLayout, encodePushed } from "./pushed-families.ts";
import { storedEvent, storedVersion } from "./stored-versions.ts";

export interface MergeBatch {
  readonly args: readonly (string | Buffer)[];
  readonly states: number;
  readonly bytes: number;
}

/** A script ends a batch with the state that reaches one of these, so that it does not hold Redis for long. */
const familiesInBatch = 500;
const bytesInBatch = 500_000;
const statesInBatch = 20;

/** The states in their order, in as many scripts as they need. */
export function* mergeBatches(
  states: readonly VersionedGroup<ArrivingFamily>[],
  own: RegionId,
): Generator<MergeBatch> {
  let [args, count, families, bytes]: [(string | Buffer)[], number, number, number] = [[], 0, 0, 0];
  for (const state of states) {
    const added = stateArguments(state, own);
    args.push(...added);
    for (const arg of added) bytes += arg.length;
    count++;
    families += state.families.length;
    if (count < statesInBatch && families < familiesInBatch && bytes < bytesInBatch) continue;
    yield { args, states: count, bytes };
    [args, count, families, bytes] = [[], 0, 0, 0];
  }
  if (count > 0) yield { args, states: count, bytes };
}

function stateArguments(state: VersionedGroup<ArrivingFamily>, own: RegionId): (string | Buffer)[] {
  const { id, labels, floor, deleted, life, pushed, failed, families } = state;
  const version = (each: typeof floor) => storedVersion(each, own);
  const main: AdmittedFamily[] = [];
  const others: ArrivingFamily[] = [];
  for (const each of families) {
    if (pushed !== null && compareVersions(each.version, pushed.version) === 0) main.push(each.family);
    else others.push(each);
  }
  const args: (string | Buffer)[] = [
    id,
    ...(labels === null ? ["", "", ""] : [JSON.stringify(labels), shapeKey(labels), jobOf({ labels })]),
    version(floor),
    version(deleted),
    version(life?.version ?? null),
    String(life?.expiresAtMs ?? 0),
    storedEvent(pushed, own),
    storedEvent(failed, own),
    encodeLayout(main),
    encodePushed(main),
    String(others.length),
  ];
  for (const family of others) {
    args.push(version(family.version), encodeLayout([family.family]), encodePushed([family.family]));
  }
  return args;
}
