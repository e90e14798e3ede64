import { expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { rulesFile } from "./rules.ts";

const gatewayWith = (...flags: readonly string[]) => startGateway({ flags });

/** Sends what a browser adds by itself, which fetch does not let a page set. */
async function statusOf(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  path = "/metrics/job/a",
): Promise<number> {
  const { request } = await import("node:http");
  return new Promise((resolve, reject) => {
    const sent = request(url + path, { method, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on("error", reject);
    sent.end(method === "PUT" || method === "POST" ? "m 1\n" : undefined);
  });
}

test("a page of another site cannot push, delete or wipe", async () => {
  await using gateway = await gatewayWith("--web.enable-admin-api", "--web.enable-lifecycle");
  const host = new URL(gateway.url).host;
  const foreign: readonly Readonly<Record<string, string>>[] = [
    { origin: "http://evil.example" },
    { origin: "null" },
    { origin: `http://evil.example:${new URL(gateway.url).port}` },
    { origin: `http://${host}.evil.example` },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site", origin: gateway.url },
    { "sec-fetch-site": "cross-site", origin: gateway.url },
  ];
  for (const headers of foreign) {
    for (const [method, path] of [
      ["PUT", "/metrics/job/a"],
      ["POST", "/metrics/job/a"],
      ["DELETE", "/metrics/job/a"],
      ["DELETE", "/api/v1/groups?match[]={job=%22a%22}"],
      ["PUT", "/api/v1/admin/wipe"],
      ["POST", "/-/quit"],
    ] as const)
      expect(
        await statusOf(gateway.url, method, headers, path),
        `${method} ${path} ${JSON.stringify(headers)}`,
      ).toBe(403);
    expect(await statusOf(gateway.url, "GET", headers, "/metrics")).toBe(200);
  }
});

test("own pages and whatever is no browser can", async () => {
  await using gateway = await gatewayWith("--web.external-url=https://push.example.com/");
  for (const headers of [
    {},
    { origin: gateway.url },
    { "sec-fetch-site": "same-origin", origin: gateway.url },
    { "sec-fetch-site": "none" },
    { origin: "https://push.example.com", host: "10.0.0.1:9091" },
    { origin: "https://seen.example.com", host: "seen.example.com" },
  ])
    expect(await statusOf(gateway.url, "PUT", headers), JSON.stringify(headers)).toBe(200);
});

test("other origins can where they are trusted", async () => {
  await using gateway = await gatewayWith("--web.trusted-origins=https://tools.example.com");
  expect(await statusOf(gateway.url, "PUT", { origin: "https://tools.example.com" })).toBe(200);
  expect(
    await statusOf(gateway.url, "PUT", {
      origin: "https://tools.example.com",
      "sec-fetch-site": "cross-site",
    }),
  ).toBe(200);
  expect(await statusOf(gateway.url, "PUT", { origin: "http://tools.example.com" })).toBe(403);
});

test("the host that a proxy was asked for counts only where the proxy is trusted", async () => {
  const headers = { origin: "https://push.example.com", "x-forwarded-host": "push.example.com" };
  await using plain = await gatewayWith();
  expect(await statusOf(plain.url, "PUT", headers)).toBe(403);
  await using proxied = await gatewayWith("--web.trusted-proxies=127.0.0.1");
  expect(await statusOf(proxied.url, "PUT", headers)).toBe(200);
});

test("another site is refused before its credentials are looked at", async () => {
  await using file = await rulesFile();
  await using gateway = await gatewayWith(`--config.file=${file.path}`);
  expect(
    await statusOf(gateway.url, "PUT", { origin: "http://evil.example", authorization: "Bearer x" }),
  ).toBe(403);
});
