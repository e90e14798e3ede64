import { setImmediate as turn } from "node:timers/promises";
import { hashSync } from "bcryptjs";
import { expect, test } from "vitest";
import { PasswordChecksBusy } from "./bcrypt-thread.ts";
import { PasswordCheck } from "./password-check.ts";

// The lowest cost, so that the tests are about what is remembered and not about time.
const hashOf = (password: string) => hashSync(password, 4);
const users = new Map([
  ["alice", hashOf("of alice")],
  ["bob", hashOf("of bob")],
]);

test("right passwords are told from wrong ones and from those of others", async () => {
  const passwords = new PasswordCheck(users);
  expect(await passwords.verify("alice", "of alice")).toBe(true);
  expect(await passwords.verify("bob", "of bob")).toBe(true);
  expect(await passwords.verify("alice", "of bob")).toBe(false);
  expect(await passwords.verify("carol", "of alice")).toBe(false);
  expect(await passwords.verify("__proto__", "")).toBe(false);
  expect(await passwords.verify("", "")).toBe(false);
});

test("what was checked once is known at once, right or wrong", async () => {
  const passwords = new PasswordCheck(users);
  expect(passwords.verify("alice", "of alice")).toBeInstanceOf(Promise);
  expect(await passwords.verify("alice", "of alice")).toBe(true);
  expect(passwords.verify("alice", "of alice")).toBe(true);
  expect(await passwords.verify("carol", "x")).toBe(false);
  expect(passwords.verify("carol", "x")).toBe(false);
});

test("the same credentials at the same time are one check", async () => {
  const passwords = new PasswordCheck(users, { maxWaiting: 1 });
  const checks = Array.from({ length: 10 }, () => passwords.verify("alice", "of alice"));
  expect(new Set(checks).size).toBe(1);
  expect(await checks[0]).toBe(true);
});

test("what is known of users goes on when others change, and ends when they do", async () => {
  const passwords = new PasswordCheck(users);
  await passwords.verify("alice", "of alice");
  await passwords.verify("bob", "of bob");
  await passwords.verify("carol", "of carol");
  passwords.setUsers(
    new Map([
      ["alice", users.get("alice") ?? ""],
      ["bob", hashOf("new")],
      ["carol", hashOf("of carol")],
    ]),
  );
  expect(passwords.verify("alice", "of alice")).toBe(true);
  expect(await passwords.verify("bob", "of bob")).toBe(false);
  expect(await passwords.verify("bob", "new")).toBe(true);
  expect(await passwords.verify("carol", "of carol")).toBe(true);
  passwords.setUsers(new Map());
  expect(await passwords.verify("alice", "of alice")).toBe(false);
});

test("wrong passwords in any number push out none that is right, and are bounded themselves", async () => {
  const passwords = new PasswordCheck(users, { maxRefused: 10 });
  await passwords.verify("alice", "of alice");
  for (let n = 0; n < 100; n++) expect(await passwords.verify("alice", `guess ${n}`)).toBe(false);
  expect(passwords.verify("alice", "of alice")).toBe(true);
  expect(passwords.verify("alice", "guess 99")).toBe(false);
  expect(passwords.verify("alice", "guess 0")).toBeInstanceOf(Promise);
});

test("when too many are waiting, further ones are refused, and those that are known are not concerned", async () => {
  const passwords = new PasswordCheck(users, { maxWaiting: 3 });
  await passwords.verify("alice", "of alice");
  const checks = Array.from({ length: 4 }, (_, n) => passwords.verify("bob", `guess ${n}`));
  await expect(passwords.verify("bob", "of bob")).rejects.toBeInstanceOf(PasswordChecksBusy);
  expect(passwords.verify("alice", "of alice")).toBe(true);
  for (const check of checks) expect(await check).toBe(false);
  expect(await passwords.verify("bob", "of bob")).toBe(true);
});

test("a thread that has ended for want of work is started again", async () => {
  const passwords = new PasswordCheck(users, { idleMs: 0 });
  for (const user of users.keys()) {
    expect(await passwords.verify(user, `of ${user}`)).toBe(true);
    for (let turns = 0; turns < 100; turns++) await turn();
  }
});

test("an unknown user takes as long as one with the dearest hash", async () => {
  const [cheap, dear] = [hashSync("x", 4), hashSync("x", 10)];
  const passwords = new PasswordCheck(
    new Map([
      ["cheap", cheap],
      ["dear", dear],
    ]),
  );
  await passwords.verify("cheap", "starts the thread");
  const times = { cheap: [] as number[], dear: [] as number[], unknown: [] as number[] };
  for (let round = 0; round < 5; round++) {
    for (const user of ["cheap", "dear", "unknown"] as const) {
      const start = performance.now();
      expect(await passwords.verify(user, `guess ${round}`)).toBe(false);
      times[user].push(performance.now() - start);
    }
  }
  // The quickest of each, as the least disturbed.
  const [cheapMs, dearMs, unknownMs] = [times.cheap, times.dear, times.unknown].map((some) =>
    Math.min(...some),
  );
  expect(unknownMs).toBeWithin((dearMs ?? 0) * 0.4, (dearMs ?? 0) * 2.5);
  expect(unknownMs).toBeGreaterThan((cheapMs ?? 0) * 4);
});

test("nothing else stands still while a password is checked", async () => {
  const passwords = new PasswordCheck(new Map([["alice", hashSync("of alice", 12)]]));
  let longestMs = 0;
  let last = performance.now();
  const look = () => {
    longestMs = Math.max(longestMs, performance.now() - last);
    last = performance.now();
  };
  const looking = setInterval(look, 1);
  const start = performance.now();
  expect(await passwords.verify("alice", "of alice")).toBe(true);
  const checkMs = performance.now() - start;
  look();
  clearInterval(looking);
  // A busy machine delays everything; a check on the loop would delay all else by all of its time.
  expect(longestMs).toBeLessThan(checkMs / 2);
});
