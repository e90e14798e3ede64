import { hash } from "node:crypto";
import type { AdmittedFamily, Group } from "@pushfleet/groups";
import { rememberLayouts } from "./layout-memory.ts";
import { decodeLayout, encodeLayout, type FamilyHead } from "./pushed-families.ts";

/** The layout of a push: see pushed-families.ts. */
interface Layout {
  /** Equal for equal layouts, and for no others: what a push is compared by. */
  readonly id: string;
  readonly text: string;
  readonly heads: readonly FamilyHead[];
}

/** The layouts of pushes, and which group got which one last. */
export interface Layouts {
  of(group: Group, families: readonly AdmittedFamily[]): Layout;
  /** Whether this layout is what was last pushed to the group, as far as is known here. */
  isLast(group: Group, layout: Layout): boolean;
  pushed(group: Group, layout: Layout): void;
}

/** Remembers layouts within bounds, and the last one of a group for as long as somebody holds that `Group` object. */
export function createLayouts(): Layouts {
  const layoutOf = rememberLayouts((text): Layout => {
    // Anyone may choose names and help, so the hash has to resist collisions.
    return { id: hash("sha256", text, "base64url"), text, heads: decodeLayout(text) };
  });
  const lastOf = new WeakMap<Group, Layout>();
  return {
    of(group, families) {
      const last = lastOf.get(group);
      return last !== undefined && areHeadsOf(last.heads, families) ? last : layoutOf(encodeLayout(families));
    },
    isLast: (group, layout) => lastOf.get(group) === layout,
    pushed(group, layout) {
      if (lastOf.get(group) !== layout) lastOf.set(group, layout);
    },
  };
}

function areHeadsOf(heads: readonly FamilyHead[], families: readonly AdmittedFamily[]): boolean {
  if (heads.length !== families.length) return false;
  for (let i = 0; i < heads.length; i++) {
    const [head, family] = [heads[i], families[i]];
    if (head?.name !== family?.name || head?.type !== family?.type || head?.help !== family?.help)
      return false;
  }
  return true;
}
