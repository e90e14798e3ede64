/** What the Lua scripts answer, and what their numeric codes mean. */
import type { Label, LimitExceeded } from "@pushfleet/exposition";
import type { AdmittedFamily, Group, GroupId } from "@pushfleet/groups";
import { duplicateSeries, firstHeld, suffixCollision, typeConflict } from "../conflicts.ts";
import { exceeded } from "../limits.ts";
import type { RegionId } from "../replication/version.ts";
import { parseShapeKey, type RivalGroup, type Shape } from "../shapes.ts";
import type { Changes, FeedEnd, GroupState, InconsistentPush, StoredFamily, StoreLimits } from "../store.ts";
import { decodeSeries, type FamilyFields, typeOfLetter, unescapeLine } from "./pushed-families.ts";
import { bytes, flag, isList, itemAt, list, number, type Reply, text, unexpected } from "./reply.ts";
import { readTime } from "./stored-versions.ts";

/** A copy of the shapes in use; the scripts refuse to work with a stale one. */
export interface KnownShapes {
  readonly revision: string;
  readonly shapes: readonly Shape[];
}

export const noShapesYet: KnownShapes = { revision: "", shapes: [] };

export type PushOutcome =
  | { readonly kind: "written" }
  /** Nothing was checked: try again with this copy. */
  | { readonly kind: "stale-shapes"; readonly current: KnownShapes }
  /** Remove what has expired and try again: only then is it known whether the push may be written. */
  | { readonly kind: "sweep-needed" }
  /** When something has expired without having been removed yet, that may be what is in the way. */
  | {
      readonly kind: "refused";
      readonly error: InconsistentPush | LimitExceeded;
      readonly somethingExpired: boolean;
    };

export type FailureOutcome =
  | { readonly kind: "recorded" }
  /** The group is missing, and was not to be created or would have been one too many; expired ones count among those. */
  | { readonly kind: "not-created"; readonly somethingExpired: boolean };

const written = 0;
const staleShapes = 1;
const typeConflictCode = 2;
const suffixCollisionCode = 3;
const duplicateSeriesCode = 4;
const layoutNeeded = 5;
const limitExceeded = 6;
const sweepNeeded = 7;

/** In the order of their numbers. */
const limitsOfStore = ["group.max-series", "job.max-groups", "store.max-groups"] as const;

/** Whether push.lua did nothing, because the group has another layout than expected and it was not told which. */
export function needsLayout(reply: Reply): boolean {
  return isList(reply) && reply[0] === layoutNeeded;
}

/** What was pushed. The rival groups are in the order of the script's arguments. */
export interface SentPush {
  readonly group: Group;
  readonly families: readonly AdmittedFamily[];
  readonly rivals: readonly RivalGroup[];
  readonly limits: StoreLimits | undefined;
}

/** Reads the answer of push.lua. */
export function pushOutcome(reply: Reply, { group, families, rivals, limits }: SentPush): PushOutcome {
  if (reply === written) return { kind: "written" };
  const [code, ...details] = list(reply);
  if (code === staleShapes) return { kind: "stale-shapes", current: knownShapes(details) };
  if (code === sweepNeeded) return { kind: "sweep-needed" };
  const [somethingExpired, position, ...rest] = details;
  const error =
    code === limitExceeded && limits !== undefined
      ? exceeded(itemAt(limitsOfStore, position), group, limits)
      : inconsistency(code, itemAt(families, position), rest, rivals);
  return { kind: "refused", error, somethingExpired: flag(somethingExpired) };
}

/** Reads the answer of record-failure.lua. */
export function failureOutcome(reply: Reply): FailureOutcome {
  if (reply === written) return { kind: "recorded" };
  return { kind: "not-created", somethingExpired: flag(list(reply)[1]) };
}

function inconsistency(
  code: Reply | undefined,
  family: AdmittedFamily,
  details: readonly Reply[],
  rivals: readonly RivalGroup[],
): InconsistentPush {
  switch (code) {
    case typeConflictCode:
      return typeConflict(family, typeOfLetter(text(details[0])));
    case suffixCollisionCode:
      return suffixCollision(family, {
        name: unescapeLine(text(details[0])),
        type: typeOfLetter(text(details[1])),
      });
    case duplicateSeriesCode: {
      const rival = itemAt(rivals, details[0]);
      const series = decodeSeries(bytes(details[1]), bytes(details[2]));
      return duplicateSeries(family, firstHeld(series, family.metrics), rival.group.key);
    }
    default:
      throw unexpected(code);
  }
}

function knownShapes([revision, counted]: readonly Reply[]): KnownShapes {
  const shapes = list(counted).filter((_, index) => index % 2 === 0);
  return { revision: text(revision), shapes: shapes.map((key) => parseShapeKey(text(key))) };
}

/** Where the next page begins, of an answer of changes.lua. */
export function positionOf(reply: Reply): Pick<Changes, "cursor" | "more"> {
  const [history, change, , , more] = list(reply);
  return { cursor: { history: text(history), change: number(change) }, more: flag(more) };
}

/** Reads the answer of feed-end.lua. */
export function feedEndOf(reply: Reply): FeedEnd {
  const [history, change, nowMicros] = list(reply);
  return {
    cursor: { history: text(history), change: number(change) },
    nowMs: Math.floor(number(nowMicros) / 1000),
  };
}

export type FamilyReader = (fields: FamilyFields) => StoredFamily[];

/** Reads the rest of the answer. */
export function changesOf(
  reply: Reply,
  readFamilies: FamilyReader,
  own: RegionId | undefined,
): Omit<Changes, "cursor" | "more"> {
  const [, , nowMicros, reset, , removed, ...changed] = list(reply);
  const upserts: GroupState[] = [];
  for (let at = 0; at < changed.length; at += 3) {
    const [id, change, fields] = [changed[at], changed[at + 1], changed[at + 2]];
    upserts.push(groupState(text(id), number(change), list(fields), readFamilies, own));
  }
  return {
    upserts,
    removals: list(removed).map((id) => text(id) as GroupId), // the store holds no other ids
    nowMs: Math.floor(number(nowMicros) / 1000),
    reset: flag(reset),
  };
}

/** `fields` are those changes.lua names. */
function groupState(
  id: string,
  change: number,
  [labels, pushedAt, failedAt, expiresAt, layout, pushed, ...leftovers]: readonly Reply[],
  readFamilies: FamilyReader,
  own: RegionId | undefined,
): GroupState {
  const push = readTime(text(pushedAt));
  const pushedRegion = push.micros === 0 ? undefined : (push.region ?? own);
  const expiresAtMs = number(expiresAt);
  return {
    id: id as GroupId, // the store holds no other ids
    labels: JSON.parse(text(labels)) as readonly Label[], // written by us
    pushedAtMicros: push.told,
    failedAtMicros: readTime(text(failedAt)).told,
    ...(pushedRegion === undefined ? {} : { pushedRegion }),
    expiresAtMs: expiresAtMs === 0 ? null : expiresAtMs,
    change,
    families: readFamilies({
      layout: bytes(layout),
      pushed: bytes(pushed),
      pushedAtMicros: push.micros,
      region: push.region,
      leftovers: leftovers.map(bytes),
    }),
  };
}

export function numbersOf(reply: Reply): readonly number[] {
  return list(reply).map(number);
}
