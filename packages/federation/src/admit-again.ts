import { createTextParser, decodeMetrics, type Family, familyHeader } from "@pushfleet/exposition";
import {
  type AdmittedFamily,
  createAdmission,
  createPathReader,
  type GroupId,
  type GroupPath,
  sampleSuffixes,
} from "@pushfleet/groups";
import type { ArrivingFamily, VersionedGroup } from "@pushfleet/store";
import type { ReceivedState } from "./read-batch.ts";
import { InvalidState, type ReadFamily, readState } from "./read-state.ts";

/** A state as a store takes it, made of what a peer sent. Throws InvalidState. */
export type Readmission = (received: ReceivedState) => VersionedGroup<ArrivingFamily>;

/**
 * Lets states of other regions in as if their families were pushed here: a peer, or whoever has its credentials, can bring no
 * more than a push could. Limits do not count, as the state passed those of its own region. Families that collide within their
 * group, because they were pushed in two regions, are let in: that is for readers to deal with.
 *
 * What is stored is what admission makes of a family. For an honest peer of this version that is what it sent, byte by byte.
 */
export function createReadmission(): Readmission {
  const readPath = createPathReader({ names: "utf8" });
  // The same groups come again and again, with the same lines but for their values.
  const parse = createTextParser({ names: "utf8" });
  const admit = createAdmission();

  const admitted = (families: readonly SentFamily[], { labels }: GroupPath): readonly AdmittedFamily[] => {
    // Each by itself gives the same, and takes half as long again.
    if (!mayBeMixedUp(families)) return admit(readTogether(families, parse), labels);
    return families.flatMap((family) => admit(readTogether([family], parse), labels));
  };

  return ({ line, contents }) => {
    const { path, families, ...times } = readState(line, readPath);
    const sent = families.map((read, index) => ({ ...read, content: contents[index] ?? nothing }));
    const versions = new Map(families.map(({ name, version }) => [name, version]));
    return {
      id: idOf(line.id, path),
      labels: path?.group.labels ?? null,
      ...times,
      families:
        path === null
          ? []
          : withVersions(
              explained(() => admitted(sent, path)),
              versions,
            ),
    };
  };
}

/** As it came: the lines of a text, or the metrics of a message. */
interface SentFamily extends ReadFamily {
  readonly content: Uint8Array;
}

const nothing = new Uint8Array();
const idPattern = /^[\w-]{22}$/;

/** Of what was deleted nobody knows the labels any more, so any id is as good as another. */
function idOf(id: string, path: GroupPath | null): GroupId {
  if (path !== null) return path.group.id;
  if (idPattern.test(id)) return id as GroupId; // as ids look
  throw new InvalidState("it has no id");
}

/** Whether lines of one family could be taken for those of another when they stand in one text. */
function mayBeMixedUp(families: readonly SentFamily[]): boolean {
  const names = new Set(families.map(({ name }) => name));
  return families.some(({ name, type }) => sampleSuffixes(type).some((suffix) => names.has(name + suffix)));
}

/** The families in the order given, the texts of all read in one go. */
function readTogether(
  families: readonly SentFamily[],
  parse: ReturnType<typeof createTextParser>,
): readonly Family[] {
  const texts = families.filter(({ isProto }) => !isProto);
  const pieces = texts.flatMap((family) => [
    Buffer.from(familyHeader({ ...family, help: "" })),
    family.content,
  ]);
  const parsed = new Map(parse(Buffer.concat(pieces)).map((family) => [family.name, family]));
  if (parsed.size > texts.length) throw new InvalidState("a text holds lines of other families");
  return families.map(({ name, type, help, isProto, content }) => {
    const metrics = isProto ? decodeMetrics(content) : parsed.get(name)?.metrics;
    if (metrics === undefined || metrics.length === 0)
      throw new InvalidState(`family "${name}" has nothing in it`);
    return { name, type, help, metrics };
  });
}

/** Throws InvalidState when a family has become none: those with a name of the gateway's own do. */
function withVersions(
  families: readonly AdmittedFamily[],
  versions: ReadonlyMap<string, ArrivingFamily["version"]>,
): readonly ArrivingFamily[] {
  if (families.length < versions.size) throw new InvalidState("a family has a name that is not stored");
  return families.map((family) => {
    const version = versions.get(family.name);
    if (version === undefined) throw new InvalidState(`family "${family.name}" has no version`);
    return { name: family.name, version, family };
  });
}

/** Throws InvalidState for whatever is wrong with the families. */
function explained<T>(admitted: () => T): T {
  try {
    return admitted();
  } catch (cause) {
    if (cause instanceof InvalidState) throw cause;
    throw new InvalidState(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
