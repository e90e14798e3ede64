import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { layeringProblems } from "./layering.ts";

const parts = [
  "exposition",
  "groups",
  "store",
  "view",
  "federation",
  "config",
  "runtime",
  "worker",
  "client",
].map((name) => `packages/${name}`);

/** A tree with the project's parts, empty but for the given files. */
function tree(files: Readonly<Record<string, string>>): URL {
  const base = mkdtempSync(join(tmpdir(), "layering-"));
  const manifests = [...parts, "apps/gateway", "apps/reaper", "apps/federator", "apps/cli", "apps/web"].map(
    (part) => [`${part}/package.json`, "{}"] as const,
  );
  for (const [path, content] of [...manifests, ...Object.entries(files)]) {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), content);
  }
  return pathToFileURL(`${base}/`);
}

test("this repository keeps its own rules", () => {
  expect(layeringProblems(new URL("..", import.meta.url))).toEqual([]);
});

test("an import against the direction is found, also of types and over several lines", () => {
  const root = tree({ "packages/groups/src/a.ts": 'import type {\n  A,\n} from "@pushfleet/store";\n' });
  expect(layeringProblems(root)).toEqual([
    "packages/groups/src/a.ts imports @pushfleet/store: packages/groups may import exposition",
  ]);
});

test("a part of a package counts as the package", () => {
  const root = tree({
    "packages/store/src/a.ts": 'import "@pushfleet/groups/format-path";\n',
    "packages/groups/src/a.ts": 'import "@pushfleet/store/redis";\n',
  });
  expect(layeringProblems(root)).toEqual([
    "packages/groups/src/a.ts imports @pushfleet/store/redis: packages/groups may import exposition",
  ]);
});

test("a confined library is found outside its place", () => {
  const root = tree({ "packages/view/src/a.ts": 'import { Redis } from "ioredis";\n' });
  expect(layeringProblems(root)).toEqual([
    "packages/view/src/a.ts imports ioredis: only packages/store/src/redis may",
  ]);
});

test("a relative path into another package is found", () => {
  const root = tree({ "packages/view/src/a.ts": 'import { x } from "../../store/src/store.ts";\n' });
  expect(layeringProblems(root)).toEqual([
    "packages/view/src/a.ts imports ../../store/src/store.ts: reach other packages by their names",
  ]);
});

test("a forbidden dependency in a package.json is found", () => {
  const root = tree({ "packages/config/package.json": '{"dependencies":{"@pushfleet/store":"*"}}' });
  expect(layeringProblems(root)).toEqual([
    "packages/config/package.json depends on @pushfleet/store: not allowed",
  ]);
});

test("tests may import what they like", () => {
  const root = tree({ "packages/view/src/a.test.ts": 'import { Redis } from "ioredis";\n' });
  expect(layeringProblems(root)).toEqual([]);
});
