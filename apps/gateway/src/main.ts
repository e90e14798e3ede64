import { setFlagsFromString } from "node:v8";

keepHeapSmall();
// Loaded only now: what the modules themselves allocate would else have grown the heap already.
const { run } = await import("./run.ts");
process.exitCode = await run(process.argv.slice(2));

/**
 * Bounds the young generation, in megabytes. What a push stores is garbage once the next push of its group has come; a
 * young generation of the usual size promotes most of that before it dies: 300 MB for 10,000 groups instead of 150, at
 * the same rate and with longer pauses.
 */
function keepHeapSmall(): void {
  setFlagsFromString("--max-semi-space-size=4");
}
