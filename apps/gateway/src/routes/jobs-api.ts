import { boundedText, type Direction, type JobSummary } from "@pushfleet/view";
import type { Handler } from "express";
import { answerData, viewOf } from "../api/answer.ts";
import { longestCursor, readCursor, writeCursor } from "../api/cursor.ts";
import { jobSummary } from "../api/group-summary.ts";
import { longestSearch, readParameters } from "../api/parameters.ts";
import type { Context } from "../context.ts";

const pageSize = { default: 100, max: 1_000 };

const sorts = ["job", "groups", "series", "bytes", "last_push", "failing"] as const;
type JobSort = (typeof sorts)[number];

/** GET /api/v1/jobs: a page of the jobs, each with its groups rolled up. */
export function listJobs({ readingFor }: Context): Handler {
  return async (request, response) => {
    const parameters = readParameters(request, ["search", "failing", "sort", "order", "limit", "cursor"]);
    const sort = parameters.oneOf("sort", sorts) ?? "job";
    const direction = parameters.oneOf("order", ["asc", "desc"]) ?? (sort === "job" ? "asc" : "desc");
    const limit = parameters.count("limit", pageSize);
    const sorting = { list: "jobs", sort, direction } as const;
    const after = readCursor(parameters.text("cursor", { max: longestCursor }), sorting);
    const isFailing = parameters.flag("failing");
    const words = (parameters.text("search", { max: longestSearch }) ?? "").toLowerCase().split(/\s+/);

    const { serve, groupIndex } = readingFor(request, "read");
    const served = await serve();
    const all = await groupIndex.jobs(served.snapshot);
    const passing = all.filter(
      ({ job, failing }) =>
        (failing > 0 || !isFailing) && words.every((word) => job.toLowerCase().includes(word)),
    );
    const placed = passing
      .map((summary) => ({ summary, position: positionOf(summary, sort) }))
      .sort((a, b) => compare(a.position, b.position, direction));
    const rest =
      after === undefined ? placed : placed.filter(({ position }) => compare(position, after, direction) > 0);
    const page = rest.slice(0, limit);
    const last = page.at(-1);
    answerData(response, {
      ...viewOf(served),
      jobs: page.map(({ summary }) => jobSummary(summary)),
      matched: passing.length,
      total: all.length,
      next_cursor:
        last === undefined || page.length === rest.length ? null : writeCursor(sorting, last.position),
    });
  };
}

/** Where a job stands, as texts compare; never long. */
function positionOf(summary: JobSummary, sort: JobSort): string {
  const job = boundedText(summary.job);
  if (sort === "job") return job;
  const value = sort === "last_push" ? summary.pushedAtMicros : summary[sort];
  // As many digits as the largest safe integer has.
  return `${String(value).padStart(16, "0")}\n${job}`;
}

function compare(a: string, b: string, direction: Direction): number {
  if (a === b) return 0;
  return a < b === (direction === "asc") ? -1 : 1;
}
