import { expect, test } from "vitest";
import { requestTtl } from "./request-ttl.ts";

const read = (url: string, header?: string) =>
  requestTtl({ url, headers: header === undefined ? {} : { "pushfleet-ttl": header } });

test.each([
  ["/metrics/job/a", undefined],
  ["/metrics/job/a?", undefined],
  ["/metrics/job/a?x=1&TTL=5m&ttls=1", undefined],
])("%s says nothing", (url, header) => {
  expect(read(url, header)).toEqual({ kind: "unsaid" });
});

test.each([
  ["/metrics/job/a?ttl=15m", undefined, 900_000],
  ["/metrics/job/a?x=%zz&ttl=1h30m&y", undefined, 5_400_000],
  ["/metrics/job/a?ttl=%31%35m", undefined, 900_000],
  ["/metrics/job/a", "15m", 900_000],
  ["/metrics/job/a", "0", 0],
  ["/metrics/job/a?ttl=0s", undefined, 0],
  ["/metrics/job/a?ttl=15m", "900s", 900_000],
  ["/metrics/job/a?ttl=15m&ttl=15m", undefined, 900_000],
])("%s with the header %j is read", (url, header, ttlMs) => {
  expect(read(url, header)).toEqual({ kind: "said", ttlMs });
});

const durationHint = "must be a duration such as 15s, 5m or 1h30m, got";
test.each([
  ["/metrics/job/a?ttl=15", undefined, `query parameter ttl ${durationHint} "15"`],
  ["/metrics/job/a?ttl=", undefined, `query parameter ttl ${durationHint} ""`],
  ["/metrics/job/a?ttl", undefined, `query parameter ttl ${durationHint} ""`],
  ["/metrics/job/a?ttl=-5m", undefined, `query parameter ttl ${durationHint} "-5m"`],
  ["/metrics/job/a?ttl=300y", undefined, 'query parameter ttl is too long a duration: "300y"'],
  ["/metrics/job/a", "soon", `header Pushfleet-TTL ${durationHint} "soon"`],
  ["/metrics/job/a", "", `header Pushfleet-TTL ${durationHint} ""`],
  ["/metrics/job/a?ttl=5m", "soon", `header Pushfleet-TTL ${durationHint} "soon"`],
  // How Node hands on a header that was sent twice.
  ["/metrics/job/a", "5m, 6m", `header Pushfleet-TTL ${durationHint} "5m, 6m"`],
  [
    "/metrics/job/a?ttl=5m",
    "6m",
    'different times to live: query parameter ttl "5m", header Pushfleet-TTL "6m"',
  ],
  [
    "/metrics/job/a?ttl=5m&ttl=6m",
    undefined,
    'different times to live: query parameter ttl "5m", query parameter ttl "6m"',
  ],
])("%s with the header %j is refused", (url, header, text) => {
  expect(read(url, header)).toEqual({ kind: "refused", text });
});
