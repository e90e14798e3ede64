import type { RequestListener, ServerResponse } from "node:http";
import type { WorkerContext } from "./worker-context.ts";

/** Every route of a worker: GET and HEAD of three paths. */
export function createApp({ health, telemetry, isStopping }: WorkerContext): RequestListener {
  const routes: ReadonlyMap<string, (response: ServerResponse) => Promise<void> | void> = new Map([
    // The process lives; says nothing about Redis, so that an orchestrator does not kill workers for its sake.
    ["/-/healthy", (response: ServerResponse) => answer(response, 200, "OK")],
    [
      "/-/ready",
      async (response: ServerResponse) => {
        if (isStopping()) return answer(response, 503, "stopping");
        if (!(await health.check())) return answer(response, 503, "Redis is unavailable");
        return answer(response, 200, "OK");
      },
    ],
    [
      "/-/metrics",
      async (response: ServerResponse) =>
        answer(response, 200, await telemetry.expose(), "text/plain; version=0.0.4; charset=utf-8"),
    ],
  ]);

  return (request, response) => {
    const route = routes.get(request.url?.split("?", 1)[0] ?? "");
    if (route === undefined) return answer(response, 404, "404 page not found");
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("Allow", "GET, HEAD");
      return answer(response, 405, "Method Not Allowed");
    }
    Promise.try(route, response).catch((error: unknown) => answer(response, 500, String(error)));
  };
}

function answer(
  response: ServerResponse,
  status: number,
  text: string,
  contentType = "text/plain; charset=utf-8",
): void {
  response.writeHead(status, { "Content-Type": contentType }).end(text);
}
