import { detached, type NameScheme } from "@pushfleet/exposition";
import type { Group } from "./admitted.ts";
import { groupOf } from "./group.ts";
import { type PathLabels, parseGroupPath } from "./path.ts";

/** What the path of a request says. */
export interface GroupPath {
  readonly labels: PathLabels;
  readonly group: Group;
}

/** With paths of 90 characters and what is made ready of their labels some 1.2 kB each; their groups take several times that. */
const MAX_PATHS = 131_072;
const MAX_LENGTH = 256;

/**
 * Reads paths by `parseGroupPath` and `groupOf`, and remembers them, because a job comes back to the same path each time:
 * a look-up takes a tenth of the reading and hashing. Paths that are refused or long are not kept, and when there are too
 * many all are forgotten.
 *
 * @returns A function that throws PathError as `parseGroupPath` does.
 */
export function createPathReader(options: { readonly names: NameScheme }): (rawPath: string) => GroupPath {
  const known = new Map<string, GroupPath>();
  return (rawPath) => {
    let path = known.get(rawPath);
    if (path !== undefined) return path;
    const labels = parseGroupPath(rawPath, options);
    path = { labels, group: groupOf(labels) };
    if (rawPath.length > MAX_LENGTH) return path;
    if (known.size >= MAX_PATHS) known.clear();
    known.set(detached(rawPath), path);
    return path;
  };
}
