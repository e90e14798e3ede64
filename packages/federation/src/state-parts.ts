import type { ArrivingFamily, VersionedGroup } from "@pushfleet/store";

type State = VersionedGroup<ArrivingFamily>;

/** Together some milliseconds of work for whoever takes them. */
const mostInPart = { states: 100, bytes: 500_000 };
/** What a family takes beside its content, about. */
const familyBytes = 200;

/** The states in their order, in parts between which others have their turn. One that is larger than a part is one of its own. */
export function* partsOf(states: readonly State[]): Generator<readonly State[]> {
  let part: State[] = [];
  let bytes = 0;
  for (const state of states) {
    const size = sizeOf(state);
    if (part.length === mostInPart.states || (part.length > 0 && bytes + size > mostInPart.bytes)) {
      yield part;
      [part, bytes] = [[], 0];
    }
    part.push(state);
    bytes += size;
  }
  if (part.length > 0) yield part;
}

function sizeOf({ families }: State): number {
  let size = 0;
  // The text is made of the bytes where those are there, so it is not asked for then.
  for (const { family } of families)
    size += familyBytes + (family.bytes ?? family.text).length + (family.proto?.length ?? 0);
  return size;
}
