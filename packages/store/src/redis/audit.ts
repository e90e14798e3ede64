/**
 * Recounts, from the groups, how many hold each family and have each shape and job, and corrects what the store has counted
 * differently, while pushes go on. No correction is ever wrong, for this reason:
 *
 * 1. *The difference is real.* The groups are read in pages along the change numbers, like the change feed, into a tally.
 *    The last page and the entries to compare come out of one script, so both are of one moment, T, and in between
 *    scripts they must agree.
 * 2. *It is still the same when corrected*, some milliseconds after T, although the answer to a push may have changed both.
 *    - Families: the entry is marked at T (lua/include/audit.lua). Whenever a group begins or ceases to hold a
 *      family, or holds it with another type, the entry is written, which takes the mark away. So with the mark in place
 *      when the correcting script runs, neither the entry nor what it should be has changed since T.
 *    - Jobs: their numbers change by addition only, so a difference stays what it is, whatever else happens.
 *    - Shapes: their numbers change by addition only too, but for one case: when a number
 *      would fall below 1 the shape is removed. Then, and when one appears, the revision of the shapes changes. So with
 *      the revision of T the difference is that of T, and adding it is right whatever else was added.
 *    - History and number of the sweep are those of T too, so it is the same data, and no other audit corrects it as well.
 * 3. *What fails 2 is tried again* with a new T: the tally needs to learn of the changes since only.
 *
 * Marks that stay, because a reaper died or the difference went away, change nothing and go with the next write.
 */
import { flag, list, text } from "./reply.ts";
import { loadScript } from "./script-loader.ts";
import type { ScriptRunner } from "./script-runner.ts";
import { type Counted, createTally, type Holding } from "./tally.ts";

export interface AuditReport {
  /** Recounted. */
  readonly groups: number;
  readonly differences: readonly AuditDifference[];
}

/** Something that was counted wrongly. */
interface AuditDifference {
  readonly of: Counted;
  /** A family name, the label names of a shape, or a job. */
  readonly name: string;
  /** What the store had counted; "" for nothing. */
  readonly stored: string;
  /** What the groups make. */
  readonly counted: string;
  /** False when pushes came in between each time: the next audit finds it again. */
  readonly isCorrected: boolean;
}

/** What was read is void, because of a failover, or because more was removed meanwhile than is remembered: begin again. */
export class AuditInterrupted extends Error {
  override readonly name = "AuditInterrupted";
}

/** Groups in a page, which takes Redis half a millisecond then, and names compared at once. */
const groupsInPage = 100;
const namesAtOnce = 150;
const maxAttempts = 20;

interface Position {
  readonly history: string;
  readonly change: string;
  readonly firstChange: string;
}

/** What the store has counted, at the moment for which the tally stands. */
interface Comparison {
  readonly entries: readonly (string | undefined)[];
  readonly shapesRevision: string;
}

/** Rejects AuditInterrupted, SweepOvertaken and StoreUnavailable; stops early, rejecting its reason, when the signal is aborted. */
export async function audit(run: ScriptRunner, sweep: string, signal: AbortSignal): Promise<AuditReport> {
  const scripts = {
    page: loadScript("audit"),
    names: loadScript("counted-names"),
    repair: loadScript("repair"),
  };
  const tally = createTally();
  const holdings = rememberHoldings();
  let position: Position = { history: "", change: "0", firstChange: "0" };

  const readPage = async (
    of: Counted,
    names: readonly string[],
    mark: boolean,
  ): Promise<Comparison | undefined> => {
    signal.throwIfAborted();
    const { history, change, firstChange } = position;
    const reply = await run(scripts.page, [
      ...[sweep, history, change, firstChange, String(groupsInPage), of, mark ? "1" : "0"],
      ...names,
    ]);
    if (reply === 1) throw new AuditInterrupted("the history of changes broke off during the audit");
    const [historyNow, changeNow, first, more, revision, entries, removed, ...changed] = list(reply);
    for (const id of list(removed)) tally.remove(text(id));
    for (let at = 0; at < changed.length; at += 5) {
      const [id, shape, job, layout, leftovers] = changed.slice(at, at + 5);
      tally.put(text(id), text(job), holdings(text(shape), text(layout), list(leftovers).map(text)));
    }
    position = { history: text(historyNow), change: text(changeNow), firstChange: text(first) };
    if (flag(more)) return undefined;
    return {
      entries: list(entries).map((entry) => (entry === null ? undefined : text(entry))),
      shapesRevision: text(revision),
    };
  };

  /** Brings the tally up to this moment, of which the answer is. */
  const compare = async (of: Counted, names: readonly string[], mark: boolean): Promise<Comparison> => {
    for (;;) {
      const comparison = await readPage(of, names, mark);
      if (comparison !== undefined) return comparison;
    }
  };

  /** Corrects as many as it can; resolves to the names of those. */
  const correct = async (of: Counted, names: readonly string[]): Promise<ReadonlySet<string>> => {
    const corrected = new Set<string>();
    let left = names;
    for (let attempt = 0; attempt < maxAttempts && left.length > 0; attempt++) {
      const { entries, shapesRevision } = await compare(of, left, of === "families");
      const args = left.flatMap((name, i) => {
        const right = tally.entry(of, name);
        return of === "families"
          ? [name, entries[i] ?? "", right]
          : [name, String(Number(right) - Number(entries[i] ?? 0)), ""];
      });
      const done = list(await run(scripts.repair, [sweep, position.history, shapesRevision, of, ...args]));
      for (const [i, name] of left.entries()) if (flag(done[i])) corrected.add(name);
      left = left.filter((name) => !corrected.has(name));
    }
    return corrected;
  };

  const checkNames = async (of: Counted, names: readonly string[]): Promise<AuditDifference[]> => {
    const { entries } = await compare(of, names, false);
    const found = names.flatMap((name, i) => {
      const stored = (entries[i] ?? "").trimEnd(); // without the mark
      const counted = tally.entry(of, name);
      return stored === counted ? [] : [{ of, name, stored, counted }];
    });
    if (found.length === 0) return [];
    const corrected = await correct(
      of,
      found.map(({ name }) => name),
    );
    return found.map((difference) => ({ ...difference, isCorrected: corrected.has(difference.name) }));
  };

  const allNames = async (of: Counted): Promise<readonly string[]> => {
    const names = new Set(tally.names(of));
    let cursor = "0";
    do {
      signal.throwIfAborted();
      const [next, found] = list(await run(scripts.names, [of, cursor, String(namesAtOnce)]));
      for (const name of list(found)) names.add(text(name));
      cursor = text(next);
    } while (cursor !== "0");
    return [...names];
  };

  await compare("families", [], false);
  const differences: AuditDifference[] = [];
  for (const registry of ["families", "shapes", "jobs"] as const) {
    const names = await allNames(registry);
    for (let at = 0; at < names.length; at += namesAtOnce) {
      differences.push(...(await checkNames(registry, names.slice(at, at + namesAtOnce))));
    }
  }
  return { groups: tally.groups(), differences };
}

/** Groups of one kind share one holding: of many groups, few kinds. */
function rememberHoldings(): (shape: string, layout: string, leftovers: readonly string[]) => Holding {
  const known = new Map<string, Holding>();
  return (shape, layout, leftovers) => {
    const kind = JSON.stringify([shape, layout, leftovers]);
    const found = known.get(kind);
    if (found !== undefined) return found;
    const holding = { shape, families: familiesOf(layout, leftovers) };
    known.set(kind, holding);
    return holding;
  };
}

/** Names are left as they stand in layouts, escaped: so they are in the registry. */
function familiesOf(layout: string, leftovers: readonly string[]): Holding["families"] {
  const lines = layout.replace(/^\?/, "").split("\n");
  return [...lines.slice(0, -1).filter((_, line) => line % 2 === 0), ...leftovers];
}
