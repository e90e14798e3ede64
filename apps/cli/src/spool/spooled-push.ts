/** A push that waits to be delivered. */
export interface SpooledPush {
  readonly labels: Readonly<Record<string, string>>;
  readonly mode: "replace" | "merge";
  /** Milliseconds from `atMs` on; 0 = never; absent = as the gateway has it. */
  readonly ttlMs?: number | undefined;
  /** When what it tells happened, milliseconds since the epoch. */
  readonly atMs: number;
  /** Names are unique. */
  readonly families: readonly FamilyText[];
}

/** A family as it is pushed. */
export interface FamilyText {
  readonly name: string;
  /** With its header; ends with a line feed. */
  readonly text: string;
}

/**
 * One push that does what all of them do one after the other, oldest first: a later family takes the place of an earlier one
 * of the same name, and a `replace` that of everything before it. All are for the same group.
 */
export function composed(pushes: readonly [SpooledPush, ...SpooledPush[]]): SpooledPush {
  return pushes.reduce((earlier, later) => {
    if (later.mode === "replace") return later;
    const names = new Set(later.families.map(({ name }) => name));
    const kept = earlier.families.filter(({ name }) => !names.has(name));
    return { ...later, mode: earlier.mode, families: [...later.families, ...kept] };
  });
}
