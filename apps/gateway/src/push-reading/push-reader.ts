import {
  createTextParser,
  decodeProtobuf,
  decompressSmall,
  type Limits,
  type NameScheme,
} from "@pushfleet/exposition";
import { type AdmittedFamily, createAdmission, type PathLabels } from "@pushfleet/groups";
import { RequestAborted } from "./bodies.ts";
import type { Bytes } from "./body-pieces.ts";
import { LargePushThread } from "./large-push-thread.ts";

/** The body of a push, as it was received, and what it was said to be. */
export interface ReceivedPush {
  /** One behind the other; of a small body one. */
  readonly pieces: readonly Bytes[];
  readonly contentEncoding: string | undefined;
  readonly contentType: string | undefined;
  readonly pathLabels: PathLabels;
  readonly limits: Limits;
  /** False once nobody waits for the answer any more: many may be waiting for their turn. */
  isWanted(): boolean;
}

/**
 * Makes what is stored of the body of a push. Small ones, as nearly all are, at once, with what is remembered of
 * earlier ones; large ones in a thread, one after the other, so that no push has to wait for one that is much larger
 * than itself, and no more than one is in memory in all its forms. Rejects ExpositionError, AdmissionError,
 * LimitExceeded, and PushTooComplex. The bytes must not be used any more.
 */
export function createPushReader({
  names,
}: {
  readonly names: NameScheme;
}): (push: ReceivedPush) => Promise<readonly AdmittedFamily[]> {
  const parseText = createTextParser({ names });
  const admit = createAdmission();
  const thread = new LargePushThread();
  let lastLarge: Promise<unknown> = Promise.resolve();

  const readSmall = (content: Uint8Array, { contentType, pathLabels, limits }: ReceivedPush) => {
    const families = isProtobuf(contentType) ? decodeProtobuf(content, limits) : parseText(content, limits);
    return admit(families, pathLabels, limits);
  };
  const readLarge = ({ pieces, contentEncoding, contentType, pathLabels, limits }: ReceivedPush) =>
    thread.read({ pieces, contentEncoding, isProtobuf: isProtobuf(contentType), names, pathLabels, limits });
  return async (push) => {
    const [first, ...others] = push.pieces;
    const content =
      first !== undefined && others.length === 0
        ? decompressSmall(first, push.contentEncoding, push.limits["push.max-body-size"])
        : undefined;
    if (content !== undefined) return readSmall(content, push);
    const result = lastLarge.then(() => {
      if (push.isWanted()) return readLarge(push);
      throw new RequestAborted("the client closed the connection");
    });
    // Without its result, which would be kept until the next.
    lastLarge = result.then(nothing, nothing);
    return result;
  };
}

function nothing(): void {}

/** Exactly what upstream takes for protobuf; every other content type, or none, is read as text. */
function isProtobuf(contentType: string | undefined): boolean {
  if (contentType === undefined || !/protobuf/i.test(contentType)) return false;
  const [type, ...parameters] = contentType.split(";").map((part) => part.trim().toLowerCase());
  const given = new Set(parameters.map((parameter) => parameter.replaceAll(/[\s"]/g, "")));
  return (
    type === "application/vnd.google.protobuf" &&
    given.has("encoding=delimited") &&
    given.has("proto=io.prometheus.client.metricfamily")
  );
}
