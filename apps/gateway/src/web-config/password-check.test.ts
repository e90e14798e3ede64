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

const credentials = (user: string, password: string) => Buffer.from(`${user}:${password}`).toString("base64");
const alice = credentials("alice", "of alice");
const bob = credentials("bob", "of bob");

test("right passwords are told from wrong ones and from those of others", async () => {
  const passwords = new PasswordCheck(users);
  expect(await passwords.userOf(alice)).toBe("alice");
  expect(await passwords.userOf(bob)).toBe("bob");
  for (const [user, password] of [
    ["alice", "of bob"],
    ["alice", ""],
    ["carol", "of alice"],
    ["__proto__", ""],
    ["", ""],
  ] as const) {
    expect(await passwords.userOf(credentials(user, password))).toBeNull();
  }
});

test.each([
  ["zoë", "tränen"],
  ["a", "b:c"],
  ["a", ":"],
  ["", "nobody in particular"],
  ["a", "two\nlines"],
])("%j may have the password %j", async (user, password) => {
  const passwords = new PasswordCheck(new Map([[user, hashOf(password)]]));
  expect(await passwords.userOf(credentials(user, password))).toBe(user);
});

test("without a colon there is no user", async () => {
  const passwords = new PasswordCheck(new Map([["alice", hashOf("")]]));
  expect(await passwords.userOf(Buffer.from("alice").toString("base64"))).toBeNull();
});

test("what was checked once is known at once, right or wrong", async () => {
  const passwords = new PasswordCheck(users);
  expect(passwords.userOf(alice)).toBeInstanceOf(Promise);
  expect(await passwords.userOf(alice)).toBe("alice");
  expect(passwords.userOf(alice)).toBe("alice");
  const wrong = credentials("carol", "x");
  expect(await passwords.userOf(wrong)).toBeNull();
  expect(passwords.userOf(wrong)).toBeNull();
});

test("the same credentials at the same time are one check", async () => {
  const passwords = new PasswordCheck(users, { maxWaiting: 1 });
  const checks = Array.from({ length: 10 }, () => passwords.userOf(alice));
  expect(new Set(checks).size).toBe(1);
  expect(await checks[0]).toBe("alice");
});

test("what is known of users goes on when others change, and ends when they do", async () => {
  const passwords = new PasswordCheck(users);
  const carol = credentials("carol", "of carol");
  for (const some of [alice, bob, carol]) await passwords.userOf(some);
  passwords.setUsers(
    new Map([
      ["alice", users.get("alice") ?? ""],
      ["bob", hashOf("new")],
      ["carol", hashOf("of carol")],
    ]),
  );
  expect(passwords.userOf(alice)).toBe("alice");
  expect(await passwords.userOf(bob)).toBeNull();
  expect(await passwords.userOf(credentials("bob", "new"))).toBe("bob");
  expect(await passwords.userOf(carol)).toBe("carol");
  passwords.setUsers(new Map());
  expect(await passwords.userOf(alice)).toBeNull();
});

test("a check that users change under does not count later", async () => {
  const passwords = new PasswordCheck(users);
  const check = passwords.userOf(alice);
  passwords.setUsers(new Map([["alice", hashOf("new")]]));
  await check;
  expect(await passwords.userOf(alice)).toBeNull();
});

test("wrong passwords in any number push out none that is right, and are bounded themselves", async () => {
  const passwords = new PasswordCheck(users, { maxRemembered: 10 });
  const guess = (n: number) => credentials("alice", `guess ${n}`);
  await passwords.userOf(alice);
  for (let n = 0; n < 100; n++) expect(await passwords.userOf(guess(n))).toBeNull();
  expect(passwords.userOf(alice)).toBe("alice");
  expect(passwords.userOf(guess(99))).toBeNull();
  expect(passwords.userOf(guess(0))).toBeInstanceOf(Promise);
});

test("when too many are waiting, further ones are refused, and those that are known are not concerned", async () => {
  const passwords = new PasswordCheck(users, { maxWaiting: 3 });
  await passwords.userOf(alice);
  const checks = Array.from({ length: 4 }, (_, n) => passwords.userOf(credentials("bob", `guess ${n}`)));
  await expect(passwords.userOf(bob)).rejects.toBeInstanceOf(PasswordChecksBusy);
  expect(passwords.userOf(alice)).toBe("alice");
  for (const check of checks) expect(await check).toBeNull();
  expect(await passwords.userOf(bob)).toBe("bob");
});

test("a thread that has ended for want of work is started again", async () => {
  const passwords = new PasswordCheck(users, { idleMs: 0 });
  for (const some of [alice, bob]) {
    expect(await passwords.userOf(some)).not.toBeNull();
    for (let turns = 0; turns < 100; turns++) await turn();
  }
});

test("an unknown user takes as long as one with the dearest hash", async () => {
  const hashes = new Map([
    ["cheap", hashSync("x", 4)],
    ["dear", hashSync("x", 10)],
  ]);
  const passwords = new PasswordCheck(hashes);
  await passwords.userOf(credentials("cheap", "starts the thread"));
  const times = { cheap: [] as number[], dear: [] as number[], unknown: [] as number[] };
  for (let round = 0; round < 5; round++) {
    for (const user of ["cheap", "dear", "unknown"] as const) {
      const start = performance.now();
      expect(await passwords.userOf(credentials(user, `guess ${round}`))).toBeNull();
      times[user].push(performance.now() - start);
    }
  }
  // The quickest of each, as the least disturbed.
  const [cheap = 0, dear = 0, unknown = 0] = Object.values(times).map((some) => Math.min(...some));
  expect(unknown).toBeWithin(dear * 0.4, dear * 2.5);
  expect(unknown).toBeGreaterThan(cheap * 4);
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
  expect(await passwords.userOf(alice)).toBe("alice");
  const checkMs = performance.now() - start;
  look();
  clearInterval(looking);
  // A busy machine delays everything; a check on the loop would delay all else by all of its time.
  expect(longestMs).toBeLessThan(checkMs / 2);
});
