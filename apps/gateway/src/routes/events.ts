import type { Handler } from "express";
import { setContentType } from "../answer.ts";
import { ApiError } from "../api/api-error.ts";
import { readParameters } from "../api/parameters.ts";
import type { Context } from "../context.ts";

/** GET /api/v1/events: what changes, as server-sent events. */
export function followEvents({ config, readingFor, seats }: Context): Handler {
  return async (request, response) => {
    readParameters(request, []);
    const { serve, events } = readingFor(request, "read");
    const { snapshot } = await serve();
    if (seats.areTaken) {
      const most = config["web.max-event-clients"];
      throw new ApiError(
        "unavailable",
        `${most} clients follow this replica already, the limit set by --web.max-event-clients`,
      );
    }
    setContentType(response, "text/event-stream");
    response.setHeader("X-Accel-Buffering", "no"); // or nginx would collect them
    events.follow(response, snapshot);
  };
}
