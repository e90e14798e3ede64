import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { AccessRules } from "@pushfleet/config";
import express from "express";
import { expect, test } from "vitest";
import { createAccess } from "./access.ts";
import { AccessDenied } from "./access-denied.ts";
import { everybody, type Identities, identitiesOf, usersOnly } from "./identities.ts";
import type { Matchers } from "./identity.ts";
import { needsOf } from "./needs.ts";

const needs = needsOf({
  prefix: "",
  telemetry: "/metrics",
  groups: /^\/metrics\/job\//,
  healthIsClosed: false,
});

const allRoles: AccessRules<Matchers> = {
  identities: [
    {
      name: "boss",
      users: ["boss"],
      tokenHashes: [],
      subjects: [],
      grants: [{ roles: ["push", "delete", "scrape", "read", "admin"], match: null }],
    },
  ],
};

/** A server whose every route is an answer of 200, behind the gate. A Basic header is the name of a user as it stands. */
async function serve(identities: () => Identities) {
  const authenticate = (header: string) => Promise.resolve(header.slice("Basic ".length) || null);
  const access = createAccess({ needs, identities, authenticate });
  const app = express();
  app.use(access.gate);
  app.all("/*path", (request, response) => void response.end(access.identityOf(request).name));
  app.use(((error, _request, response, next) => {
    if (!(error instanceof AccessDenied)) return next(error);
    response.status(error.code === "forbidden" ? 403 : 401).end(error.message);
  }) satisfies express.ErrorRequestHandler);
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    async ask(path: string, user?: string) {
      const headers = user === undefined ? {} : { authorization: `Basic ${user}` };
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
      return { status: answer.status, text: await answer.text() };
    },
    [Symbol.dispose]: () => void server.close(),
  };
}

test("a route that is added and not listed is closed, even to those who may do everything", async () => {
  const identities = identitiesOf(allRoles);
  using server = await serve(() => identities);
  expect(await server.ask("/api/v1/status", "boss")).toEqual({ status: 200, text: "boss" });
  expect((await server.ask("/api/v1/added", "boss")).status).toBe(403);
  expect((await server.ask("/api/v1/added")).status).toBe(401);
});

test("without rules users get everywhere and others nowhere but to the health checks", async () => {
  using server = await serve(() => usersOnly);
  expect(await server.ask("/anything", "alice")).toEqual({ status: 200, text: "alice" });
  expect(await server.ask("/api/v1/status")).toEqual({ status: 401, text: "Unauthorized" });
  expect(await server.ask("/anything")).toEqual({ status: 401, text: "Unauthorized" });
  expect((await server.ask("/-/ready")).status).toBe(200);
});

test("rules take effect at once, whoever is connected", async () => {
  let current: Identities = everybody;
  using server = await serve(() => current);
  expect((await server.ask("/api/v1/status")).status).toBe(200);
  current = identitiesOf(allRoles);
  expect((await server.ask("/api/v1/status")).status).toBe(401);
  expect((await server.ask("/api/v1/status", "boss")).status).toBe(200);
});
