import type { GroupState, StoredFamily } from "@pushfleet/store";

/** A group with what people look for and sort by. */
export interface IndexedGroup {
  readonly key: string;
  readonly state: GroupState;
  readonly job: string;
  /** Names and values of the grouping labels, in lower case. */
  readonly words: string;
  /** Lines of the exposition; a histogram that only protobuf can tell is one. */
  readonly series: number;
  /** Bytes of these lines. */
  readonly bytes: number;
  /** Whether the last push was refused. */
  readonly isFailing: boolean;
}

export function indexedGroup(key: string, state: GroupState): IndexedGroup {
  const { labels, families, pushedAtMicros, failedAtMicros } = state;
  let [series, bytes] = [0, 0];
  for (const family of families) {
    series += seriesOf(family);
    bytes += family.text.end - family.text.start;
  }
  return {
    key,
    state,
    job: labels.find(([name]) => name === "job")?.[1] ?? "",
    words: labels.map(([name, value]) => `${name}=${value}`.toLowerCase()).join("\n"),
    series,
    bytes,
    isFailing: failedAtMicros > pushedAtMicros,
  };
}

const lineFeed = 10;

function seriesOf({ text, metricCount }: StoredFamily): number {
  if (text.start === text.end) return metricCount;
  let lines = 0;
  for (let at = text.start; at < text.end; lines++) {
    const end = text.bytes.indexOf(lineFeed, at);
    if (end === -1 || end >= text.end) return lines + 1;
    at = end + 1;
  }
  return lines;
}
