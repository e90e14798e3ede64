import { setTimeout as delay, setImmediate as letOthersIn } from "node:timers/promises";
import type { Replication } from "@pushfleet/store";
import type { AdmittedPart } from "./admit-batch.ts";
import { type ChangesAnswer, type Refusal, refusal } from "./answers.ts";

/** A batch begins in small steps with pauses between, in which pushes have the store and the processors to themselves. */
const gentle = { steps: 50, states: 10, pauseMs: 4 };

/**
 * Merges what was admitted of a batch: POST /federation/v1/changes. States that are too far ahead of the clock are refused by
 * themselves and told in the answer, as those are that were not admitted; all others are in effect when this resolves.
 *
 * Rejects StoreUnavailable, and what the parts reject; some of the batch may be in effect then: repeating is safe.
 */
export async function mergeBatch(
  replication: Replication,
  parts: AsyncIterable<AdmittedPart> | Iterable<AdmittedPart>,
): Promise<ChangesAnswer> {
  const refused: Refusal[] = [];
  let merged = 0;
  let changed = 0;
  for await (const step of inSteps(parts)) {
    refused.push(...step.refused);
    for (const [index, outcome] of (await replication.merge(step.states)).entries()) {
      if (outcome.kind === "merged") {
        merged++;
        if (outcome.changed) changed++;
      } else {
        const seconds = Math.round(outcome.aheadMs / 1000);
        const detail = `it has a version ${seconds} s ahead of this region's clock`;
        refused.push(refusal(step.states[index]?.id ?? "", "ahead", detail));
      }
    }
  }
  const { history, nowMicros } = await replication.standing();
  const { region } = replication;
  return { region, history, now_micros: nowMicros, outcomes: { merged, changed, refused } };
}

/**
 * The same states and refusals, after each of which others have their turn. Of a usual batch, of some hundred states, pushes notice
 * next to nothing so. A larger one is a backlog: its rest comes in whole parts, without pauses.
 */
async function* inSteps(
  parts: AsyncIterable<AdmittedPart> | Iterable<AdmittedPart>,
): AsyncGenerator<AdmittedPart> {
  let gentleSteps = gentle.steps;
  for await (const part of parts) {
    let { states, refused } = part;
    do {
      const isGentle = gentleSteps-- > 0;
      const end = isGentle ? gentle.states : states.length;
      yield { states: states.slice(0, end), refused };
      await (isGentle ? delay(gentle.pauseMs) : letOthersIn());
      [states, refused] = [states.slice(end), []];
    } while (states.length > 0);
  }
}
