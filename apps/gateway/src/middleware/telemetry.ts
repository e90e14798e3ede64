import type { HttpTelemetry } from "@pushfleet/runtime";
import type { Handler } from "express";
import type { Context } from "../context.ts";

/** Counts each answer of the handler under its name, with the code that was sent. */
export function counted(telemetry: HttpTelemetry) {
  return (handler: string, route: Handler): Handler =>
    (request, response, next) => {
      response.on("finish", () => {
        telemetry.countRequest({ handler, method: request.method.toLowerCase(), code: response.statusCode });
      });
      return route(request, response, next);
    };
}

/** Hands on the status of each answer. */
export function countedRate(count: (status: number) => void, route: Handler): Handler {
  return (request, response, next) => {
    response.on("finish", () => count(response.statusCode));
    return route(request, response, next);
  };
}

/** As `counted`, for the pushes of one method (lower-case), which are also timed and measured. */
export function timedPush({ telemetry, requestCounts }: Pick<Context, "telemetry" | "requestCounts">) {
  return (method: string, route: Handler): Handler => {
    const meter = telemetry.pushMeter(method);
    return (request, response, next) => {
      const start = performance.now();
      response.on("finish", () => {
        meter.observe({
          code: response.statusCode,
          seconds: (performance.now() - start) / 1000,
          bytes: Number(request.headers["content-length"] ?? 0),
        });
        requestCounts.countPush(response.statusCode);
      });
      return route(request, response, next);
    };
  };
}
