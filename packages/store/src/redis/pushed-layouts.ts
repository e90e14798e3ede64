import { hash } from "node:crypto";
import type { AdmittedFamily, Group } from "@pushfleet/groups";
import { rememberLayouts } from "./layout-memory.ts";
import { encodeLayout } from "./pushed-families.ts";

/** The layout of a push: see pushed-families.ts. */
interface Layout {
  /** Equal for equal layouts, and for no others: what a push is compared by. */
  readonly id: string;
  readonly text: string;
}

/** The layouts of pushes, and which group got which one last. */
export interface Layouts {
  of(families: readonly AdmittedFamily[]): Layout;
  /** Whether this layout is what was last pushed to the group, as far as is known here. */
  isLast(group: Group, layout: Layout): boolean;
  pushed(group: Group, layout: Layout): void;
}

/** Remembers layouts within bounds, and the last one of a group for as long as somebody holds that `Group` object. */
export function createLayouts(): Layouts {
  const layoutOf = rememberLayouts((text): Layout => {
    // Anyone may choose names and help, so the hash has to resist collisions.
    return { id: hash("sha256", text, "base64url"), text };
  });
  const last = new WeakMap<Group, Layout>();
  return {
    of: (families) => layoutOf(encodeLayout(families)),
    isLast: (group, layout) => last.get(group) === layout,
    pushed(group, layout) {
      if (last.get(group) !== layout) last.set(group, layout);
    },
  };
}
