import {
  BatchError,
  type BucketsAnswer,
  bucketOf,
  type ChangesAnswer,
  type DigestAnswer,
  maxBatchBytes,
  maxBucketsAsked,
  mergeBatch,
  parseBuckets,
  readHashes,
  type Standing,
} from "@pushfleet/federation";
import type { Replication } from "@pushfleet/store";
import { TimeSlices } from "@pushfleet/view";
import type { Handler, Request, Response } from "express";
import { setContentType } from "../answer.ts";
import { ApiError } from "../api/api-error.ts";
import { invalid, readParameters } from "../api/parameters.ts";
import type { Context } from "../context.ts";
import { BatchThread } from "../federation/batch-thread.ts";
import { BatchesTooMany } from "../federation/batches-too-many.ts";
import { HashMemory } from "../federation/hash-memory.ts";
import { countFederation } from "../federation/telemetry.ts";
import { seldom } from "../seldom.ts";

/** Of a few regions, some each. They are read one by one. */
const mergedAtOnce = 8;
/** Milliseconds between two log lines about states that are refused. */
const refusalsToldMs = 10_000;

/**
 * POST /federation/v1/changes: takes a batch of states that a federator of another region sends. What is in effect when it is
 * answered is in every scrape that starts later, as with a push.
 */
export function takeChanges(context: Context, replication: Replication): Handler {
  const { bodies, log, telemetry } = context;
  const thread = new BatchThread();
  const counts = countFederation(telemetry);
  const tellOfRefusals = seldom(refusalsToldMs, ({ refused }: ChangesAnswer["outcomes"]) =>
    log.warn({ groups: refused.length, first: refused[0] }, "groups of another region refused"),
  );
  let underWay = 0;

  const merge = async (request: Request): Promise<ChangesAnswer> => {
    const { pieces, release } = await bodies.receive(request, maxBatchBytes, tooLarge);
    try {
      // Not while it arrives: a slow link must not be in the way of other regions.
      if (underWay >= mergedAtOnce)
        throw new BatchesTooMany(`${mergedAtOnce} batches are being merged already`);
      underWay++;
      try {
        return await mergeBatch(replication, thread.admit(pieces));
      } finally {
        underWay--;
      }
    } finally {
      release();
    }
  };

  return async (request, response) => {
    try {
      const answer = await merge(request);
      counts.count(answer.outcomes);
      if (answer.outcomes.refused.length > 0) tellOfRefusals(answer.outcomes);
      answerJson(response, answer);
    } catch (error) {
      if (!(error instanceof BatchError)) throw error;
      log.warn({ err: error, address: request.ip }, "batch of another region refused");
      throw new ApiError(error.code === "too-large" ? "too_large" : "bad_data", error.message, {
        cause: error,
      });
    }
  };
}

/**
 * GET /federation/v1/digests: the hashes of all buckets, as they were some seconds ago at most; or with `buckets` those of the groups
 * in them, as they were when somebody asked for all lately. The history is the one they were read from.
 */
export function tellDigests({ config }: Context, replication: Replication): Handler {
  const tombstoneRetentionMs = config["federation.tombstone-retention"];
  const memory = new HashMemory(async () => {
    const { history } = await replication.standing();
    return { ...(await readHashes(replication, { tombstoneRetentionMs })), history };
  });
  return async (request, response) => {
    const buckets = askedBuckets(request);
    const { digest, hashes, history } = await memory.hashesFor(buckets === undefined ? "first" : "next");
    const { nowMicros } = await replication.standing();
    const standing: Standing = { region: replication.region, history, now_micros: nowMicros };
    if (buckets === undefined) {
      const answer: DigestAnswer = { ...standing, digest: digest.toText() };
      return answerJson(response, answer);
    }
    const groups: [id: string, hash: string][] = [];
    const slices = new TimeSlices();
    for (const [id, hash] of hashes) {
      const bucket = bucketOf(id);
      if (bucket !== undefined && buckets.has(bucket)) groups.push([id, hash]);
      const pause = slices.next();
      if (pause !== undefined) await pause; // to await nothing, group by group, would take as long as the search
    }
    const answer: BucketsAnswer = { ...standing, groups: Object.fromEntries(groups) };
    answerJson(response, answer);
  };
}

/** Undefined = all. */
function askedBuckets(request: Request): ReadonlySet<number> | undefined {
  const text = readParameters(request, ["buckets"]).text("buckets", { max: 2 * maxBucketsAsked });
  if (text === undefined) return undefined;
  const buckets = parseBuckets(text);
  if (buckets !== undefined) return buckets;
  throw invalid(
    "buckets",
    "must be the first two characters of ids, those of one bucket behind those of the other",
  );
}

function tooLarge(maxBytes: number): BatchError {
  return new BatchError("too-large", `the batch is larger than ${maxBytes} bytes`);
}

function answerJson(response: Response, answer: ChangesAnswer | DigestAnswer | BucketsAnswer): void {
  setContentType(response, "application/json");
  response.setHeader("Cache-Control", "no-store");
  response.end(JSON.stringify(answer));
}
