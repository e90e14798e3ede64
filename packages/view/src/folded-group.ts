import type { Steps } from "@pushfleet/exposition";
import { type GroupState, type StoredFamily, spanOf, type TextSpan } from "@pushfleet/store";
import type { Fragment } from "./family-chunk.ts";
import { isPushTime, pushTimes } from "./push-times.ts";

/** A group as the view keeps it. */
export interface FoldedGroup {
  readonly key: string;
  readonly state: GroupState;
  /** One of each family that a scrape could show, the push times among them. */
  readonly fragments: readonly Fragment[];
}

/** Of one group, or of all: some hundred microseconds of work. */
export const familiesInStep = 32;

export const noFragments: readonly Fragment[] = [];

/** Keeps the former fragments where nothing visible changed: their wire forms then stay valid. */
export function* folded(state: GroupState, key: string, before: FoldedGroup | undefined): Steps<FoldedGroup> {
  const former = new Finder(before?.fragments ?? noFragments);
  const fragments: Fragment[] = [];
  const families: StoredFamily[] = [];
  for (const family of state.families) {
    families.push(withKeptText(family, former, fragments));
    if (families.length % familiesInStep === 0) yield;
  }
  for (const fragment of pushTimes(state)) {
    const was = former.named(fragment.name, fragments.length);
    fragments.push(was !== undefined && looksSame(was, fragment) ? was : fragment);
  }
  return { key, state: { ...state, families }, fragments };
}

/** Whether a scrape could show it: one without lines has nothing to show, and the push times are the view's own. */
export function isShowable({ name, text }: Pick<Fragment, "name" | "text">): boolean {
  return text.start !== text.end && !isPushTime(name);
}

/** Adds the fragment of a family that can be shown. Returns the family, with its former text where that is the same. */
function withKeptText(family: StoredFamily, former: Finder, fragments: Fragment[]): StoredFamily {
  // Nothing moves an empty text into a chunk, and the page that it comes from shall not be kept for it.
  if (family.text.start === family.text.end) return { ...family, text: spanOf("") };
  if (!isShowable(family)) return family;
  const was = former.named(family.name, fragments.length);
  if (was === undefined || !looksSame(was, family)) {
    fragments.push(family);
    return family;
  }
  fragments.push(was);
  // One copy of the text will do.
  return { ...family, text: was.text };
}

/** Finds the fragments of a group by name; mostly they are where the caller expects them. */
export class Finder {
  readonly #fragments: readonly Fragment[];
  #byName: ReadonlyMap<string, Fragment> | undefined;

  constructor(fragments: readonly Fragment[]) {
    this.#fragments = fragments;
  }

  named(name: string, expectedAt: number): Fragment | undefined {
    const expected = this.#fragments[expectedAt];
    if (expected?.name === name) return expected;
    this.#byName ??= new Map(this.#fragments.map((fragment) => [fragment.name, fragment]));
    return this.#byName.get(name);
  }
}

function looksSame(a: Fragment, b: Fragment): boolean {
  if (!areEqual(a.text, b.text) || a.help !== b.help || a.type !== b.type || a.region !== b.region)
    return false;
  if (a.proto === undefined || b.proto === undefined) return a.proto === b.proto;
  return Buffer.compare(a.proto, b.proto) === 0;
}

function areEqual(a: TextSpan, b: TextSpan): boolean {
  if (a.end - a.start !== b.end - b.start) return false;
  return a.bytes.compare(b.bytes, b.start, b.end, a.start, a.end) === 0;
}
