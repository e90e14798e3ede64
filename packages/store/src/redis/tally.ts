/** What an audit counts by itself: the groups as far as they are known, and from them holders, shapes and jobs. */

/** What is counted, and kept in the hashes of the same names. */
export type Counted = "families" | "shapes" | "jobs";

/** What is counted of one group beside its job, and the same for many groups. */
export interface Holding {
  readonly shape: string;
  /** `<type letter><name>`, as in the layout of a group. */
  readonly families: readonly string[];
}

export interface Tally {
  put(id: string, job: string, holding: Holding): void;
  remove(id: string): void;
  groups(): number;
  /** Every name that some group has. */
  names(counted: Counted): Iterable<string>;
  /** What the store should hold for the name: `<type letter> <holders>` for each type, or a number; "" for nothing. */
  entry(counted: Counted, name: string): string;
}

export function createTally(): Tally {
  const holdings = new Map<string, Holding>();
  const jobOf = new Map<string, string>();
  const shapes = new Map<string, number>();
  const jobs = new Map<string, number>();
  const numbers = { shapes, jobs };
  /** By type letter and name: other regions may have brought a name with another type. */
  const families = new Map<string, number>();
  const letters = new Set<string>();

  const count = (id: string, difference: 1 | -1): void => {
    const [holding, job] = [holdings.get(id), jobOf.get(id)];
    if (holding === undefined || job === undefined) return;
    add(jobs, job, difference);
    add(shapes, holding.shape, difference);
    for (const family of holding.families) add(families, family, difference);
  };

  const familyEntry = (name: string): string => {
    const parts: string[] = [];
    for (const letter of [...letters].sort()) {
      const holders = families.get(letter + name);
      if (holders !== undefined) parts.push(`${letter} ${holders}`);
    }
    return parts.join(" ");
  };

  return {
    put(id, job, holding) {
      for (const family of holding.families) letters.add(family.charAt(0));
      count(id, -1);
      jobOf.set(id, job);
      holdings.set(id, holding);
      count(id, 1);
    },
    remove(id) {
      count(id, -1);
      jobOf.delete(id);
      holdings.delete(id);
    },
    groups: () => holdings.size,
    names(counted) {
      if (counted === "families") return new Set([...families.keys()].map((family) => family.slice(1)));
      return numbers[counted].keys();
    },
    entry: (counted, name) =>
      counted === "families"
        ? familyEntry(name)
        : String(numbers[counted].get(name) ?? "") /* kept above 0 */,
  };
}

function add(counts: Map<string, number>, key: string, difference: number): void {
  const sum = (counts.get(key) ?? 0) + difference;
  if (sum === 0) counts.delete(key);
  else counts.set(key, sum);
}
