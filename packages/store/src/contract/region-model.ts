/**
 * What a region has to know of a group, found from what happened and not from states: a region has *seen* a set of facts, and
 * has *kept* what was in some of them; a delivery adds the facts that its sender had. The rules are those in the header of
 * replication.ts, each time applied to all facts.
 */
import { compareVersions, formatVersion, justAfter, type Version } from "../replication/version.ts";

/** Something that happened to a group, once, in one region. Facts are the same only when they are the same object. */
export type Fact = PushFact | FailureFact | DeletionFact | RevivalFact;

interface PushFact {
  readonly kind: "push";
  readonly version: Version;
  readonly replaces: boolean;
  /** By the names of the families. */
  readonly texts: ReadonlyMap<string, string>;
  readonly expiresAtMs: number | null;
  readonly toldPushedAt: number;
  /** null: it says nothing of failures. */
  readonly toldFailedAt: number | null;
}

interface FailureFact {
  readonly kind: "failure";
  readonly version: Version;
  /** undefined: the group was there, so its end stays. */
  readonly expiresAtMs: number | null | undefined;
}

interface DeletionFact {
  readonly kind: "deletion";
  readonly version: Version;
}

/** The group was created again after the life of that version had ended. */
interface RevivalFact {
  readonly kind: "revival";
  readonly ended: Version;
}

export interface Knowledge {
  readonly seen: ReadonlySet<Fact>;
  readonly kept: ReadonlySet<Fact>;
}

/** A state of a group as text and numbers, to be compared and printed. */
export interface PlainState {
  /** "unclear": labels are told of a group that is not there, or none of one that is. */
  readonly status: "alive" | "expired" | "deleted" | "unknown" | "unclear";
  readonly floor: string | null;
  readonly deleted: string | null;
  readonly life: { readonly version: string; readonly expiresAtMs: number | null } | null;
  readonly pushed: PlainEvent | null;
  readonly failed: PlainEvent | null;
  /** Sorted by name. */
  readonly families: readonly { readonly name: string; readonly version: string; readonly text: string }[];
}

export interface PlainEvent {
  readonly version: string;
  readonly atMicros: number;
}

export const nothing: Knowledge = { seen: new Set(), kept: new Set() };

export function withFacts({ seen, kept }: Knowledge, ...facts: readonly Fact[]): Knowledge {
  return { seen: seen.union(new Set(facts)), kept: kept.union(new Set(facts)) };
}

/** What the receiver knows afterwards. Neither side believes what has expired by the receiver's clock. */
export function delivered(arriving: Knowledge, stored: Knowledge, nowMs: number): Knowledge {
  const [a, b] = [knownAt(arriving, nowMs), knownAt(stored, nowMs)];
  return { seen: a.seen.union(b.seen), kept: a.kept.union(b.kept) };
}

/** What is left of it at this moment. */
export function knownAt(knowledge: Knowledge, nowMs: number): Knowledge {
  return endedLife(knowledge, nowMs) === undefined ? knowledge : { seen: knowledge.seen, kept: new Set() };
}

/** The version of the life that has ended by now, when the group has expired. */
export function endedLife({ seen }: Knowledge, nowMs: number): Version | undefined {
  const life = lifeOf(seen);
  return life !== undefined && hasEnded(life, nowMs) ? life.version : undefined;
}

/** What a region tells of the group at this moment of its clock. */
export function toldAt(knowledge: Knowledge, nowMs: number): PlainState {
  const { seen, kept } = knownAt(knowledge, nowMs);
  const floor = floorOf(seen);
  const deleted = highest([...seen].flatMap(deletedBy));
  const life = lifeOf(seen);
  const memory = {
    floor: floor === undefined ? null : formatVersion(floor),
    deleted: deleted === undefined ? null : formatVersion(deleted),
    life: life === undefined ? null : { version: formatVersion(life.version), expiresAtMs: life.expiresAtMs },
    failed: plainEvent(events(kept, failureOf, deleted)),
  };
  if (life === undefined) {
    const status = floor === undefined ? "unknown" : "deleted";
    return { status, ...memory, pushed: null, families: [] };
  }
  const status = hasEnded(life, nowMs) ? "expired" : "alive";
  return {
    status,
    ...memory,
    pushed: plainEvent(events(kept, pushOf, deleted)),
    families: familiesOf(kept, floor),
  };
}

/** Microseconds of the highest version in what is told; 0 when there is none. */
export function highestMicros({ floor, deleted, life, pushed, failed, families }: PlainState): number {
  const events = [life, pushed, failed, ...families].map((event) => event?.version ?? null);
  return Math.max(0, ...[floor, deleted, ...events].map((version) => Number.parseInt(version ?? "0", 10)));
}

interface Lived {
  readonly version: Version;
  readonly expiresAtMs: number | null;
}

/** undefined when it has been deleted, or never lived. */
function lifeOf(seen: ReadonlySet<Fact>): Lived | undefined {
  const lives = [...seen].flatMap((fact): Lived[] => {
    if (fact.kind === "push") return [fact];
    return fact.kind === "failure" && fact.expiresAtMs !== undefined
      ? [{ version: fact.version, expiresAtMs: fact.expiresAtMs }]
      : [];
  });
  const last = lives.toSorted(byVersion).at(-1);
  return last === undefined || isBelow(last.version, floorOf(seen)) ? undefined : last;
}

function floorOf(seen: ReadonlySet<Fact>): Version | undefined {
  return highest(
    [...seen].flatMap((fact) => (fact.kind === "push" && fact.replaces ? [fact.version] : deletedBy(fact))),
  );
}

function deletedBy(fact: Fact): readonly Version[] {
  if (fact.kind === "deletion") return [fact.version];
  return fact.kind === "revival" ? [justAfter(fact.ended)] : [];
}

function familiesOf(kept: ReadonlySet<Fact>, floor: Version | undefined): PlainState["families"] {
  const pushes = [...kept].filter((fact) => fact.kind === "push").sort(byVersion);
  const last = new Map(pushes.flatMap((push) => [...push.texts.keys()].map((name) => [name, push] as const)));
  return [...last]
    .filter(([, push]) => !isBelow(push.version, floor))
    .map(([name, { version, texts }]) => ({
      name,
      version: formatVersion(version),
      text: texts.get(name) ?? "",
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

interface Told {
  readonly version: Version;
  readonly atMicros: number;
}

function pushOf(fact: Fact): readonly Told[] {
  return fact.kind === "push" ? [{ version: fact.version, atMicros: fact.toldPushedAt }] : [];
}

function failureOf(fact: Fact): readonly Told[] {
  if (fact.kind === "failure") return [{ version: fact.version, atMicros: fact.version.micros }];
  return fact.kind === "push" && fact.toldFailedAt !== null
    ? [{ version: fact.version, atMicros: fact.toldFailedAt }]
    : [];
}

/** The last of them, unless it has been deleted. */
function events(
  kept: ReadonlySet<Fact>,
  told: (fact: Fact) => readonly Told[],
  deleted: Version | undefined,
): Told | undefined {
  const last = [...kept].flatMap(told).sort(byVersion).at(-1);
  return last === undefined || isBelow(last.version, deleted) ? undefined : last;
}

function plainEvent(event: Told | undefined): PlainEvent | null {
  return event === undefined ? null : { version: formatVersion(event.version), atMicros: event.atMicros };
}

function hasEnded({ expiresAtMs }: Lived, nowMs: number): boolean {
  return expiresAtMs !== null && expiresAtMs <= nowMs;
}

function highest(versions: readonly Version[]): Version | undefined {
  return versions.toSorted(compareVersions).at(-1);
}

function isBelow(version: Version, floor: Version | undefined): boolean {
  return floor !== undefined && compareVersions(version, floor) < 0;
}

function byVersion(a: { readonly version: Version }, b: { readonly version: Version }): number {
  return compareVersions(a.version, b.version);
}
