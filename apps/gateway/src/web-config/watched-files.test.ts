import { mkdtemp, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WatchedFiles } from "./watched-files.ts";

let directory: string;
const at = (name: string) => join(directory, name);
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "pushfleet-watched-"));
  await writeFile(at("a"), "one");
  await writeFile(at("b"), "one");
});
afterEach(() => rm(directory, { recursive: true }));

/** Reads the files again whenever one changes. */
function follow(...names: readonly string[]) {
  return followEvery(20, ...names);
}

function followEvery(everyMs: number, ...names: readonly string[]) {
  const files = new WatchedFiles();
  const contents: string[][] = [];
  const read = () => {
    try {
      contents.push(files.readBy((readFile) => names.map((name) => readFile(at(name)))));
    } catch {
      contents.push([]);
    }
  };
  read();
  const watching = files.watch(read, { everyMs });
  return {
    contents,
    last: () => expect.poll(() => contents.at(-1), { timeout: 10_000, interval: 5 }),
    [Symbol.dispose]: () => watching[Symbol.dispose](),
  };
}

test("a file that is written anew is read again, once", async () => {
  using files = follow("a", "b");
  await writeFile(at("b"), "two");
  await files.last().toEqual(["one", "two"]);
  await writeFile(at("a"), "two");
  await files.last().toEqual(["two", "two"]);
  expect(files.contents).toHaveLength(3);
});

test("a file that another takes the place of is read again, also behind links", async () => {
  await Promise.all([writeFile(at("v1"), "one"), writeFile(at("v2"), "two")]);
  await symlink(at("v1"), at("data"));
  await symlink(at("data"), at("link"));
  using files = follow("link", "a");
  await symlink(at("v2"), at("data.new"));
  await rename(at("data.new"), at("data"));
  await files.last().toEqual(["two", "one"]);
  await writeFile(at("a.new"), "two");
  await rename(at("a.new"), at("a"));
  await files.last().toEqual(["two", "two"]);
});

test("a file that goes and comes back is read again", async () => {
  using files = follow("a");
  await rm(at("a"));
  await files.last().toEqual([]);
  await writeFile(at("a"), "back");
  await files.last().toEqual(["back"]);
});

test("after a failure those that were good are watched as well", async () => {
  using files = follow("a", "b");
  await rm(at("a"));
  await files.last().toEqual([]);
  await writeFile(at("b"), "two");
  await expect.poll(() => files.contents.length, { timeout: 10_000 }).toBe(3);
  await writeFile(at("a"), "one");
  await files.last().toEqual(["one", "two"]);
});

test("a file that is being written is left alone until it stands still", async () => {
  using files = followEvery(100, "a");
  for (let round = 0; round < 50; round++) {
    await truncate(at("a"));
    await delay(5);
    await writeFile(at("a"), "two".repeat(round + 1));
  }
  await files.last().toEqual(["two".repeat(50)]);
  expect(files.contents.flat()).not.toInclude("");
});

test("without a change nothing is read again", async () => {
  using files = follow("a");
  using other = follow("b");
  await writeFile(at("b"), "two");
  await other.last().toEqual(["two"]);
  expect(files.contents).toHaveLength(1);
});
