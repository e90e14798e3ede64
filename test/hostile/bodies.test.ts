import { readFileSync } from "node:fs";
import { request } from "node:http";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import type { HttpServer } from "../support/reference.ts";

const mebibyte = 1024 * 1024;

/** Sends a body of zeros piece by piece, as fast as it is taken; resolves to the answer. */
function pushZeros(
  gateway: HttpServer,
  { bytes, headers = {} }: { bytes: number; headers?: Record<string, string> },
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const push = request(
      `${gateway.url}/metrics/job/large`,
      { method: "PUT", headers, agent: false },
      (response) => {
        let text = "";
        response.on("data", (chunk) => (text += chunk));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    push.on("error", reject);
    const piece = Buffer.alloc(mebibyte);
    let left = bytes;
    const more = () => {
      if (left <= 0) return void push.end();
      left -= piece.length;
      push.write(piece, more);
    };
    more();
  });
}

function residentMebibytes(gateway: HttpServer): number {
  const status = readFileSync(`/proc/${gateway.process.pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

test.each([
  ["64 MiB announced by Content-Length", 64, true],
  ["64 MiB sent in chunks", 64, false],
  ["512 MiB announced by Content-Length", 512, true],
  ["512 MiB sent in chunks", 512, false],
])("a body of %s is refused before it is held in memory", async (_what, size, isAnnounced) => {
  await using gateway = await startGateway();
  const before = residentMebibytes(gateway);
  const bytes = size * mebibyte;
  const answer = await pushZeros(gateway, {
    bytes,
    headers: isAnnounced ? { "Content-Length": String(bytes) } : {},
  });
  expect(answer.status).toBe(413);
  expect(answer.text).toInclude("33554432 bytes");
  expect(answer.text).toInclude("--push.max-body-size");
  // The limit itself (32 MiB) may have been held, and beside it what was read until the garbage collector came by.
  expect(residentMebibytes(gateway) - before).toBeLessThan(192);
  expect((await fetch(`${gateway.url}/metrics`)).status).toBe(200);
});

test("the limit is a flag, and a body just at it is taken", async () => {
  await using gateway = await startGateway({ flags: ["--push.max-body-size=1KiB"] });
  const push = (length: number) => {
    const body = `m 1\n#${" ".repeat(length - 6)}\n`;
    return fetch(`${gateway.url}/metrics/job/a`, { method: "PUT", body });
  };
  expect((await push(1024)).status).toBe(200);
  expect((await push(1025)).status).toBe(413);
});

test("a gzip bomb is refused at the limit, not inflated", async () => {
  await using gateway = await startGateway();
  const before = residentMebibytes(gateway);
  const bomb = gzipSync(Buffer.alloc(512 * mebibyte), { level: 9 });
  const answer = await fetch(`${gateway.url}/metrics/job/bomb`, {
    method: "PUT",
    headers: { "Content-Encoding": "gzip" },
    body: bomb,
  });
  expect(answer.status).toBe(413);
  expect(residentMebibytes(gateway) - before).toBeLessThan(160);
});

test("a client that gives up in the middle of its body harms nobody", async () => {
  await using gateway = await startGateway();
  for (let i = 0; i < 50; i++) {
    await new Promise<void>((resolve) => {
      const push = request(`${gateway.url}/metrics/job/quitter`, {
        method: "PUT",
        headers: { "Content-Length": "1000" },
        agent: false,
      });
      push.on("error", () => resolve());
      push.on("close", () => resolve());
      push.write("m 1\n", () => push.destroy());
    });
  }
  const scrape = await (await fetch(`${gateway.url}/metrics`)).text();
  expect(scrape).not.toInclude("quitter");
  expect(gateway.process.output()).not.toInclude("request failed");
});
