import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { startRedis } from "../support/redis.ts";

const body = "m 1\n";

/** Sends a push up to, and without, its last byte; resolves to how to finish it. */
async function beginPush(url: string) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  socket.write(
    `PUT /metrics/job/slow HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  // The answer to Expect shows that the gateway is in the middle of this request.
  await once(socket, "data");
  socket.write(body.slice(0, -1));
  return {
    async finish(): Promise<string> {
      let answer = "";
      socket.on("data", (chunk) => (answer += chunk.toString()));
      socket.write(body.slice(-1));
      await once(socket, "close");
      return answer;
    },
  };
}

test.each(["SIGTERM", "SIGINT"] as const)(
  "%s lets a push in progress finish, then ends with exit code 0",
  async (signal) => {
    await using gateway = await startGateway();
    const push = await beginPush(gateway.url);
    const stopped = gateway.process.stop(signal);
    await expect.poll(() => gateway.process.output()).toInclude("stopping");
    expect(await push.finish()).toStartWith("HTTP/1.1 200 OK");
    expect(await stopped).toBe(0);
  },
);

test("with Redis, a gateway told to stop says so and still takes requests for --web.drain-time, on connections that end with them", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway({ redisUrl: redis.url, flags: ["--web.drain-time=2s"] });
  await (await fetch(`${gateway.url}/metrics`)).text();
  const toldAt = performance.now();
  const stopped = gateway.process.stop("SIGTERM");
  await expect.poll(async () => (await fetch(`${gateway.url}/-/ready`)).status).toBe(503);
  const pushed = await fetch(`${gateway.url}/metrics/job/late`, { method: "PUT", body });
  expect(pushed.status).toBe(200);
  expect(pushed.headers.get("connection")).toBe("close");
  const scraped = await fetch(`${gateway.url}/metrics`);
  expect(await scraped.text()).toInclude('m{instance="",job="late"} 1');
  expect(await stopped).toBe(0);
  expect(performance.now() - toldAt).toBeGreaterThan(1_990);
});

test("a connection without requests is kept for longer than load balancers keep theirs", async () => {
  await using gateway = await startGateway();
  const answer = await fetch(`${gateway.url}/-/healthy`);
  expect(answer.headers.get("keep-alive")).toBe("timeout=65");
});

test("idle keep-alive connections do not hold up the stop", async () => {
  await using gateway = await startGateway();
  await (await fetch(`${gateway.url}/metrics`)).text();
  expect(await gateway.process.stop("SIGTERM")).toBe(0);
});

test("PUT /-/quit stops the gateway when the lifecycle API is on", async () => {
  await using gateway = await startGateway({ flags: ["--web.enable-lifecycle"] });
  const answer = await fetch(`${gateway.url}/-/quit`, { method: "PUT" });
  expect(await answer.text()).toBe("Requesting termination... Goodbye!");
  expect(await gateway.process.exited).toBe(0);
});

test("PUT /-/quit is forbidden otherwise", async () => {
  await using gateway = await startGateway();
  const answer = await fetch(`${gateway.url}/-/quit`, { method: "PUT" });
  expect(answer.status).toBe(403);
  expect(await answer.text()).toBe("Lifecycle API is not enabled.");
});
