import type { IncomingMessage } from "node:http";
import { parseFloatText } from "@pushfleet/exposition";
import type { GroupTimes } from "@pushfleet/store";

/** What a push says of the times its group is to tell. */
export type RequestTimes =
  | { readonly kind: "unsaid" }
  | { readonly kind: "said"; readonly times: GroupTimes }
  /** The text is for the client. */
  | { readonly kind: "refused"; readonly text: string };

const headerNames = {
  pushedAtMicros: "Pushfleet-Push-Time",
  failedAtMicros: "Pushfleet-Failure-Time",
} as const;

/** Beyond it, microseconds are no whole numbers any more. */
const latestSeconds = 9_007_199_254;

/**
 * Reads the headers `Pushfleet-Push-Time` and `Pushfleet-Failure-Time`: seconds since the epoch as `push_time_seconds` has
 * them, 0 for never, which the one that is missing stands for.
 */
export function requestTimes({ headers }: Pick<IncomingMessage, "headers">): RequestTimes {
  const times = { pushedAtMicros: 0, failedAtMicros: 0 };
  let isSaid = false;
  for (const [time, name] of Object.entries(headerNames) as [keyof GroupTimes, string][]) {
    // its own keys
    const given = headers[name.toLowerCase()];
    if (given === undefined) continue;
    const seconds = parseFloatText(String(given));
    if (seconds === undefined || !(seconds >= 0 && seconds <= latestSeconds))
      return { kind: "refused", text: `header ${name} must be seconds since the epoch, got "${given}"` };
    times[time] = Math.round(seconds * 1e6);
    isSaid = true;
  }
  return isSaid ? { kind: "said", times } : { kind: "unsaid" };
}
