import type { HttpTelemetry } from "@pushfleet/runtime";
import type { Handler } from "express";

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

/** As `counted`, for the pushes of one method (lower-case), which are also timed and measured. */
export function timedPush(telemetry: HttpTelemetry) {
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
      });
      return route(request, response, next);
    };
  };
}
