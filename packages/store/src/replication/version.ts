/**
 * When something happened, told so that all regions put everything in one order: microseconds of the clock of the region it
 * happened in, made strictly increasing there, and the id of that region for the case that two regions chose the same ones.
 */

export type RegionId = string & { readonly __brand: "RegionId" };

export interface Version {
  /** Since the epoch. */
  readonly micros: number;
  readonly region: RegionId;
}

/** What a region may be called: a label value that needs no escaping, and a part of a Redis key and of a flag. */
const regionPattern = /^[a-z][a-z0-9-]{0,31}$/;

/** Before all regions in the order of versions: part of `justAfter` and never of what happened. */
const beforeAllRegions = "0" as RegionId;

/** Undefined when no region may be called so: 1 to 32 of a-z, 0-9 and "-", a letter first. */
export function regionId(text: string): RegionId | undefined {
  return regionPattern.test(text) ? (text as RegionId) : undefined; // the only place ids are made from texts
}

/** Before everything that ever happened. */
export const never: Version = { micros: 0, region: beforeAllRegions };

/** Negative when `a` is before `b`, 0 when they are the same: first by time, then by the bytes of the region's id. */
export function compareVersions(a: Version, b: Version): number {
  if (a.micros !== b.micros) return a.micros - b.micros;
  if (a.region === b.region) return 0;
  return a.region < b.region ? -1 : 1;
}

export function isBefore(a: Version, b: Version): boolean {
  return compareVersions(a, b) < 0;
}

export function latest(a: Version, b: Version): Version {
  return isBefore(a, b) ? b : a;
}

/** The version that nothing has and that lies between this one and whatever comes a microsecond later. */
export function justAfter({ micros }: Version): Version {
  return { micros: micros + 1, region: beforeAllRegions };
}

/** `<microseconds>@<region>`. */
export function formatVersion({ micros, region }: Version): string {
  return `${micros}@${region}`;
}

/** The inverse of `formatVersion`; undefined for anything else. */
export function parseVersion(text: string): Version | undefined {
  const [, digits, id = ""] = /^(\d{1,16})@(0|[a-z][a-z0-9-]{0,31})$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const micros = Number(digits);
  return Number.isSafeInteger(micros) ? { micros, region: id as RegionId } : undefined; // as the pattern above says
}
