import type { Group } from "../api/types.ts";
import { useStoreNow } from "../clock/clock-context.tsx";
import { formatDuration } from "../format/duration.ts";
import { lifetimeOf } from "./lifetime.ts";

/** What is left of a group's time to live: a ring that empties, and the time in words. */
export function TimeLeft({ group }: { readonly group: Group }) {
  const lifetime = lifetimeOf(group, useStoreNow());
  switch (lifetime.kind) {
    case "forever":
      return (
        <span className="dimmed" title="This group has no time to live.">
          never
        </span>
      );
    case "over":
      return (
        <span className="time-left" data-short="true">
          expired
        </span>
      );
    case "left":
      return (
        <span className="time-left" data-short={lifetime.isShort} title={expiryTitle(group)}>
          <Ring fraction={lifetime.fraction} />
          {formatDuration(lifetime.seconds)}
        </span>
      );
    default:
      return lifetime satisfies never;
  }
}

function expiryTitle({ expires_at }: Group): string {
  return expires_at === null ? "" : `Expires at ${new Date(expires_at).toLocaleString()}`;
}

const CIRCUMFERENCE = 2 * Math.PI * 6;

function Ring({ fraction }: { readonly fraction: number }) {
  return (
    <svg className="ring" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <circle cx="8" cy="8" r="6" className="ring-track" />
      <circle
        cx="8"
        cy="8"
        r="6"
        className="ring-left"
        transform="rotate(-90 8 8)"
        strokeDasharray={`${fraction * CIRCUMFERENCE} ${CIRCUMFERENCE}`}
      />
    </svg>
  );
}
