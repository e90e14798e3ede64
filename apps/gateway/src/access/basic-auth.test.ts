import { expect, test } from "vitest";
import { authenticateBasic } from "./basic-auth.ts";

const passwords = {
  verify: (user: string, password: string) =>
    user === "slow" ? Promise.resolve(true) : password === `of ${user}`,
};
const header = (credentials: string) => `Basic ${Buffer.from(credentials).toString("base64")}`;

test.each([
  ["alice:of alice", "alice"],
  ["zoë:of zoë", "zoë"],
  [":of ", ""],
  ["alice:of alice:", null],
  ["alice:of bob", null],
  ["alice", null],
])("the user of %j is %j, at once", (credentials, user) => {
  expect(authenticateBasic(header(credentials), passwords)).toBe(user);
});

test("what has to be checked comes later", async () => {
  await expect(authenticateBasic(header("slow:x"), passwords)).resolves.toBe("slow");
});

test("a password may have colons", () => {
  expect(
    authenticateBasic(header("a:b:c"), { verify: (user, password) => user === "a" && password === "b:c" }),
  ).toBe("a");
});

test.each(["", "Basic", "Basic ", "Basic ====", "Basic YTp?", "Basic YTpi YTpi", "Bearer YTpi", "YTpi"])(
  "%j has no user",
  (text) => {
    expect(authenticateBasic(text, { verify: () => true })).toBeNull();
  },
);

test("the scheme is named in any case", () => {
  expect(authenticateBasic(header("a:of a").replace("Basic", "BASIC"), passwords)).toBe("a");
});
