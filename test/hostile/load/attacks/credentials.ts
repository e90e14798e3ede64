import { type Attack, inTurn, keepSending, type RequestParts, requestBytes } from "./target.ts";

const body = Buffer.from("m 1\n");
const push = { path: "/metrics/job/nightly-backup", body } as const;

/** Nobody's requests, as many as there is room for: without a token, with a wrong one, and with bodies that are not read. */
export const tokenlessFlood: Attack = (target) => {
  const requests: readonly RequestParts[] = [
    { ...push, authorization: "" },
    { ...push, authorization: "Bearer guessed" },
    { ...push, authorization: `Bearer ${"x".repeat(4000)}` },
    { method: "GET", path: "/metrics", authorization: "" },
    { method: "GET", path: "/api/v1/groups", authorization: "" },
    { ...push, authorization: "", body: Buffer.alloc(64 * 1024, "# a body that nobody has asked for\n") },
  ];
  return keepSending(target, {
    connections: 50,
    next: inTurn(requests.map((parts) => always(requestBytes(parts)))),
  });
};

/** Passwords guessed, another one each time: of a user there is, and of others. */
export const wrongPasswords: Attack = (target) => {
  let guesses = 0;
  const guess = (user: string) => () =>
    requestBytes({
      ...push,
      authorization: `Basic ${Buffer.from(`${user}:guess ${guesses++}`).toString("base64")}`,
    });
  return keepSending(target, { connections: 100, next: inTurn([guess("alice"), guess("root")]) });
};

function always<T>(value: T): () => T {
  return () => value;
}
