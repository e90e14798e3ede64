/**
 * How the states of groups travel from one region to another: in gzip, a line that says what it is and where it comes from; for
 * each state one line of JSON, and behind it the contents of its families as bytes, one behind the other, as they lie in the store;
 * and a last line with the number of states and a checksum over all before it.
 *
 *     pushfleet-batch/1 eu-west
 *     {"id":"…","labels":[["job","backup"]],"floor":null,…,"families":[{"name":"m",…,"text":12,"proto":0}]}
 *     m{job="…"} 1
 *     end 1 89abcdef
 */

/** Media type of a batch. There is no Content-Encoding: the gzip is a part of the format, and nobody between may undo it. */
export const batchMediaType = "application/vnd.pushfleet.batch";

/** What the first line starts with. Another number would be another format. */
export const magic = "pushfleet-batch/1 ";

export const lineFeed = 0x0a;

/** One state as its line says. Nothing of it is checked but what it takes to find the next one. */
export interface StateLine {
  readonly id: string;
  readonly families: readonly FamilyLine[];
  /** The rest: see `writtenState` in write-batch.ts. */
  readonly [field: string]: unknown;
}

export interface FamilyLine {
  /** Bytes of the text, 0 where there is a `MetricFamily` that says all of it. */
  readonly text: number;
  /** Bytes of the `metric` fields of a `MetricFamily`; 0 = none. */
  readonly proto: number;
  readonly [field: string]: unknown;
}

/** Crosses the line between states when it is in the JSON of a state, as all of it is one line. */
export function lastLine(count: number, checksum: number): string {
  return `end ${count} ${checksum.toString(16).padStart(8, "0")}\n`;
}
