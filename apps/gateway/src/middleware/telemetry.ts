import type { Telemetry } from "@pushfleet/runtime";
import type { Handler } from "express";

/** Counts each answer of the handler under its name, with the code that was sent. */
export function counted(telemetry: Telemetry) {
  return (handler: string, route: Handler): Handler =>
    (request, response, next) => {
      response.on("finish", () => {
        telemetry.countRequest({ handler, method: request.method.toLowerCase(), code: response.statusCode });
      });
      return route(request, response, next);
    };
}

/** As `counted`, for pushes, which are also timed and measured. */
export function timedPush(telemetry: Telemetry) {
  return (route: Handler): Handler =>
    (request, response, next) => {
      const start = performance.now();
      response.on("finish", () => {
        const method = request.method.toLowerCase();
        telemetry.countRequest({ handler: "push", method, code: response.statusCode });
        telemetry.observePush({
          method,
          seconds: (performance.now() - start) / 1000,
          bytes: Number(request.headers["content-length"] ?? 0),
        });
      });
      return route(request, response, next);
    };
}
