import { setFlagsFromString } from "node:v8";

/**
 * Keeps the process small. Almost all that a push allocates is garbage once the next push of its group has come, and V8
 * by itself lets three times the living data pile up before it looks: 300 MB for 10,000 groups, with these settings
 * 150 MB, at the same rate and with shorter pauses. To be called before anything is allocated.
 */
export function keepHeapSmall(): void {
  // Megabytes for the young generation; from the start, not grown into.
  setFlagsFromString("--max-semi-space-size=4");
  setFlagsFromString("--semi-space-growth-factor=1");
  // Per cent by which the old generation may grow before it is collected.
  setFlagsFromString("--heap-growing-percent=20");
}
