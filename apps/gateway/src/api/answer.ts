import type { FeedEnd } from "@pushfleet/store";
import type { LastSnapshot } from "@pushfleet/view";
import type { Response } from "express";
import { setContentType } from "../answer.ts";

/** Ends the response with upstream's envelope around the data. */
export function answerData(response: Response, data: unknown): void {
  setContentType(response, "application/json");
  response.end(JSON.stringify({ status: "success", data }));
}

/** Of which state of the store an answer tells: `View` of openapi.yaml. */
export function viewOf({ snapshot, ageMs }: LastSnapshot) {
  return { ...momentOf(snapshot), view_age_seconds: ageMs / 1000 };
}

/** When, by the store's clock, and after which change. */
export function momentOf({ nowMs, cursor }: FeedEnd) {
  return { now: new Date(nowMs).toISOString(), change: `${cursor.history}-${cursor.change}` };
}
