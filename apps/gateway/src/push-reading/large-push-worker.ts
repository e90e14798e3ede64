/** The program of `LargePushThread`: reads a push for each message. */
import { constants, setPriority } from "node:os";
import { parentPort } from "node:worker_threads";
import { decodeProtobuf, decompress, parseText } from "@pushfleet/exposition";
import { admit, type PackedFamilies, packFamilies } from "@pushfleet/groups";
import type { LargePush, LargePushOutcome } from "./large-push-thread.ts";
import { failureOf } from "./push-failure.ts";

// On Linux that is this thread alone. Who pushes little comes first.
if (process.platform === "linux") setPriority(constants.priority.PRIORITY_LOW);

const port = parentPort;
port?.on("message", (push: LargePush) => {
  const outcome = read(push);
  port.postMessage(outcome, outcome.kind === "read" ? buffersOf(outcome.packed) : []);
});

function read({
  pieces,
  contentEncoding,
  isProtobuf,
  names,
  pathLabels,
  limits,
}: LargePush): LargePushOutcome {
  try {
    const content = decompress(Buffer.concat(pieces), contentEncoding, limits["push.max-body-size"]);
    const families = isProtobuf ? decodeProtobuf(content, limits) : parseText(content, { names }, limits);
    return { kind: "read", packed: packFamilies(admit(families, pathLabels, limits)) };
  } catch (error) {
    return { kind: "failed", failure: failureOf(error) };
  }
}

function buffersOf({ texts, labels, protos }: PackedFamilies): readonly ArrayBuffer[] {
  return [texts.buffer, labels.buffer, protos.buffer];
}
