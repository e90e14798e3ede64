/**
 * The Lua scripts, typed: the only place that knows their arguments (replies.ts knows their answers). Each script is one
 * atomic step of Redis.
 */
import { type AdmittedFamily, type Group, type GroupId, jobOf } from "@pushfleet/groups";
import { suffixRivals } from "../conflicts.ts";
import { roomBeside } from "../limits.ts";
import { type RivalGroup, rivalGroups, shapeKey } from "../shapes.ts";
import type {
  Cursor,
  DeleteCondition,
  FailureOptions,
  FeedEnd,
  Lifetime,
  PushOptions,
  StoreLimits,
} from "../store.ts";
import type { StoreKeys } from "./keys.ts";
import { encodePushed, escapeLine, typeLetter } from "./pushed-families.ts";
import { createLayouts } from "./pushed-layouts.ts";
import {
  type FailureOutcome,
  failureOutcome,
  feedEndOf,
  type KnownShapes,
  needsLayout,
  numbersOf,
  type PushOutcome,
  pushOutcome,
} from "./replies.ts";
import type { Reply } from "./reply.ts";
import { loadScript } from "./script-loader.ts";
import type { ScriptRunner } from "./script-runner.ts";
import { defaultTombstones } from "./tombstones.ts";

/** One batch of a removal. */
interface Removed {
  readonly groups: number;
  readonly more: boolean;
}

export interface Scripts {
  push(
    group: Group,
    families: readonly AdmittedFamily[],
    options: PushOptions,
    known: KnownShapes,
  ): Promise<PushOutcome>;
  recordFailure(group: Group, options: FailureOptions): Promise<FailureOutcome>;
  delete(id: GroupId, condition: DeleteCondition): Promise<boolean>;
  expire(limit: number): Promise<Removed>;
  /** Removes groups last changed up to `upTo`, which is the current change number in the first batch. */
  wipe(upTo: number | undefined, limit: number): Promise<Removed & { readonly upTo: number }>;
  /** The answer as it came: see `positionOf` and `changesOf`. */
  changes(since: Cursor | null, limit: number): Promise<Reply>;
  feedEnd(): Promise<FeedEnd>;
}

export interface ScriptOptions {
  readonly run: ScriptRunner;
  readonly keys: StoreKeys;
  readonly tombstones?: number | undefined;
}

/** Ends a page of the change feed early, to bound how long Redis is busy with it. */
const bytesInPage = 2_000_000;

export function createScripts({ run, keys, ...options }: ScriptOptions): Scripts {
  const tombstones = String(options.tombstones ?? defaultTombstones);
  const { group: groupKey } = keys;
  const layouts = createLayouts();

  const scripts = {
    push: loadScript("push"),
    recordFailure: loadScript("record-failure"),
    delete: loadScript("delete"),
    expire: loadScript("expire"),
    wipe: loadScript("wipe"),
    changes: loadScript("changes"),
    feedEnd: loadScript("feed-end"),
  };

  return {
    async push(group, families, pushOptions, known) {
      const rivals = [...rivalGroups(group, families, known.shapes).values()];
      const layout = layouts.of(group, families);
      const rivalKeys: string[] = [];
      const args = [
        group.id,
        modeText(pushOptions),
        ttlText(pushOptions),
        known.revision,
        layout.id,
        encodePushed(families),
        String(roomBeside(families, pushOptions.limits)),
      ];
      for (const rival of rivals) {
        rivalKeys.push(groupKey(rival.group.id));
        args.push(numbersOfFamilies(rival, families));
      }
      const withLayout = () => [
        ...args,
        layout.text,
        suffixRivalLines(families),
        JSON.stringify(group.labels),
        shapeKey(group.labels),
        jobOf(group),
        ...mostGroups(pushOptions.limits),
      ];
      const isExpected = layouts.isLast(group, layout);
      let reply = await run(scripts.push, isExpected ? args : withLayout(), rivalKeys);
      if (isExpected && needsLayout(reply)) reply = await run(scripts.push, withLayout(), rivalKeys);
      const outcome = pushOutcome(reply, { group, families, rivals, limits: pushOptions.limits });
      if (outcome.kind === "written") layouts.pushed(group, layout);
      return outcome;
    },

    async recordFailure(group, failureOptions) {
      const reply = await run(scripts.recordFailure, [
        group.id,
        JSON.stringify(group.labels),
        shapeKey(group.labels),
        jobOf(group),
        ttlText(failureOptions),
        ...(failureOptions.ifMissing === "nothing" ? ["0", "0"] : mostGroups(failureOptions.limits)),
      ]);
      return failureOutcome(reply);
    },

    async delete(id, { ifPushedAtMicros }) {
      const condition = ifPushedAtMicros === undefined ? "" : String(ifPushedAtMicros);
      return (await run(scripts.delete, [id, tombstones, condition])) === 1;
    },

    async expire(limit) {
      const [groups = 0, more = 0] = numbersOf(await run(scripts.expire, [String(limit), tombstones]));
      return { groups, more: more === 1 };
    },

    async wipe(upTo, limit) {
      const from = upTo === undefined ? "" : String(upTo);
      const [groups = 0, reached = 0, more = 0] = numbersOf(
        await run(scripts.wipe, [from, String(limit), tombstones]),
      );
      return { groups, upTo: reached, more: more === 1 };
    },

    changes(since, limit) {
      const args = [since?.history ?? "", String(since?.change ?? 0), String(limit), String(bytesInPage)];
      return run(scripts.changes, args);
    },

    async feedEnd() {
      return feedEndOf(await run(scripts.feedEnd, []));
    },
  };
}

function modeText({ mode, times }: PushOptions): string {
  return times === undefined ? mode : `${mode} ${times.pushedAtMicros} ${times.failedAtMicros}`;
}

/** Milliseconds to live; "" for ever. */
function ttlText({ ttlMs }: Lifetime): string {
  return ttlMs === undefined ? "" : String(Math.ceil(ttlMs));
}

/** Of the job and in all. Lua reads `Infinity` as a number. */
function mostGroups(limits: StoreLimits | undefined): readonly [string, string] {
  const { "job.max-groups": ofJob, "store.max-groups": inAll } = limits ?? {
    "job.max-groups": Number.POSITIVE_INFINITY,
    "store.max-groups": Number.POSITIVE_INFINITY,
  };
  return [String(ofJob), String(inAll)];
}

/** Line by line: number of the pushed family (from 1), types that collide, rival name. See push.lua. */
function suffixRivalLines(families: readonly AdmittedFamily[]): string {
  let lines = "";
  for (const [index, family] of families.entries()) {
    for (const rival of suffixRivals(family.name, family.type)) {
      const types = rival.types === "any" ? "*" : rival.types.map(typeLetter).join("");
      lines += `${index + 1} ${types} ${escapeLine(rival.name)}\n`;
    }
  }
  return lines;
}

/** Numbers (from 1) of the pushed families that the rival group could hold; "" for all of them. */
function numbersOfFamilies(rival: RivalGroup, families: readonly AdmittedFamily[]): string {
  if (rival.families.length === families.length) return "";
  const concerned = new Set(rival.families.map(({ family }) => family));
  return families.flatMap((family, index) => (concerned.has(family) ? [index + 1] : [])).join(" ");
}
