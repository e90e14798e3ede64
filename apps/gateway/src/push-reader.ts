import {
  type ContentLimits,
  createTextParser,
  decodeProtobuf,
  decodeProtobufInSteps,
  decompress,
  decompressSmall,
  type Limits,
  type NameScheme,
  parseTextInSteps,
  type Steps,
} from "@pushfleet/exposition";
import { type AdmittedFamily, admitInSteps, createAdmission, type PathLabels } from "@pushfleet/groups";
import { TimeSlices } from "@pushfleet/view";
import { RequestAborted } from "./bodies.ts";

/** The body of a push, as it was received, and what it was said to be. */
export interface ReceivedPush {
  readonly bytes: Uint8Array;
  readonly contentEncoding: string | undefined;
  readonly contentType: string | undefined;
  readonly pathLabels: PathLabels;
  readonly limits: Limits;
  /** False once nobody waits for the answer any more: many may be waiting for their turn. */
  isWanted(): boolean;
}

/** Milliseconds of work on a large push after which others get their turn. */
const sliceMs = 3;

/**
 * Makes what is stored of the body of a push. Small ones, as nearly all are, at once, with what is remembered of
 * earlier ones; large ones one after the other, in slices, so that no push has to wait for one that is much larger
 * than itself, and no more than one is in memory in all its forms. Rejects ExpositionError, AdmissionError and
 * LimitExceeded. The bytes must not change meanwhile.
 */
export function createPushReader({
  names,
}: {
  readonly names: NameScheme;
}): (push: ReceivedPush) => Promise<readonly AdmittedFamily[]> {
  const parseText = createTextParser({ names });
  const admit = createAdmission();
  let lastLarge: Promise<unknown> = Promise.resolve();

  const readSmall = (content: Uint8Array, { contentType, pathLabels, limits }: ReceivedPush) => {
    const families = isProtobuf(contentType) ? decodeProtobuf(content, limits) : parseText(content, limits);
    return admit(families, pathLabels, limits);
  };
  const readLarge = async ({ bytes, contentEncoding, contentType, pathLabels, limits }: ReceivedPush) => {
    const content = await decompress(bytes, contentEncoding, limits["push.max-body-size"]);
    const how = { isProtobuf: isProtobuf(contentType), names, pathLabels, limits };
    return new TimeSlices(sliceMs).run(readInSteps(content, how));
  };
  return async (push) => {
    const content = decompressSmall(push.bytes, push.contentEncoding, push.limits["push.max-body-size"]);
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

interface HowToRead {
  readonly isProtobuf: boolean;
  readonly names: NameScheme;
  readonly pathLabels: PathLabels;
  readonly limits: ContentLimits;
}

function* readInSteps(content: Uint8Array, how: HowToRead): Steps<readonly AdmittedFamily[]> {
  const { names, pathLabels, limits } = how;
  const families = how.isProtobuf
    ? yield* decodeProtobufInSteps(content, limits)
    : yield* parseTextInSteps(content, { names }, limits);
  return yield* admitInSteps(families, pathLabels, limits);
}

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
