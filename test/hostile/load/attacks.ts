import { gzipBombs, snappyBombs } from "./attacks/bombs.ts";
import { cardinalityFlood } from "./attacks/cardinality.ts";
import { tokenlessFlood, wrongPasswords } from "./attacks/credentials.ts";
import { hugePushes, pushesAtTheLimits } from "./attacks/huge-pushes.ts";
import { slowConnections } from "./attacks/slow-connections.ts";
import type { Attack } from "./attacks/target.ts";

/** All attacks there are. */
export const attacks = {
  "gzip bombs": gzipBombs,
  "snappy bombs": snappyBombs,
  "slow connections": slowConnections,
  "huge pushes": hugePushes,
  "pushes at the limits": pushesAtTheLimits,
  "cardinality flood": cardinalityFlood,
  "tokenless flood": tokenlessFlood,
  "wrong passwords": wrongPasswords,
} as const satisfies Record<string, Attack>;

export type AttackName = keyof typeof attacks;
