import type { Group } from "../api/types.ts";

/** What is left of a group's time to live. */
export type Lifetime =
  | { readonly kind: "forever" }
  | { readonly kind: "over" }
  | {
      readonly kind: "left";
      readonly seconds: number;
      /** Of the whole, from 0 to 1. */
      readonly fraction: number;
      /** Less than a tenth or than a minute. */
      readonly isShort: boolean;
    };

/** @param nowMs The store's time. */
export function lifetimeOf(
  { expires_at, last_push, last_failure }: Pick<Group, "expires_at" | "last_push" | "last_failure">,
  nowMs: number,
): Lifetime {
  if (expires_at === null) return { kind: "forever" };
  const endMs = Date.parse(expires_at);
  const seconds = (endMs - nowMs) / 1000;
  if (seconds <= 0) return { kind: "over" };
  const beganAt = last_push ?? last_failure;
  const wholeSeconds = beganAt === null ? seconds : (endMs - Date.parse(beganAt)) / 1000;
  const fraction = Math.min(1, seconds / Math.max(wholeSeconds, seconds));
  return { kind: "left", seconds, fraction, isShort: fraction < 0.1 || seconds < 60 };
}
