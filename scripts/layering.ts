import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** What each part may import of ours. Dependencies run one way: exposition ← groups ← store ← view, federation ← apps. */
const allowed: ReadonlyMap<string, readonly string[]> = new Map([
  ["packages/exposition", []],
  ["packages/groups", ["exposition"]],
  ["packages/store", ["exposition", "groups"]],
  ["packages/view", ["exposition", "groups", "store"]],
  ["packages/federation", ["exposition", "groups", "store"]],
  ["packages/config", []],
  ["packages/runtime", []],
  ["packages/worker", ["config", "runtime"]],
  ["packages/client", ["exposition", "groups"]],
  ["apps/gateway", ["exposition", "groups", "store", "view", "federation", "config", "runtime"]],
  ["apps/reaper", ["store", "config", "runtime", "worker"]],
  ["apps/federator", ["store", "federation", "config", "runtime", "worker"]],
  ["apps/cli", ["exposition", "groups", "config", "client"]],
  ["apps/web", []],
]);

/** Libraries that only one place may know, so that they stay replaceable. */
const confined: ReadonlyMap<string, string> = new Map([
  ["ioredis", "packages/store/src/redis"],
  ["node:sqlite", "packages/store/src/embedded"],
  ["express", "apps/gateway"],
  ["bullmq", "apps/reaper"],
  ["prom-client", "packages/runtime"],
  ["pino", "packages/runtime"],
  ["protobufjs", "packages/exposition"],
  ["re2js", "packages/groups"],
  ["yaml", "packages/config"],
  ["zod", "packages/config"],
]);

/** Every import in product code that goes against the rules above, and every package.json that is out of step with them. */
export function layeringProblems(root: URL): string[] {
  const base = fileURLToPath(root);
  return [...allowed].flatMap(([part, names]) => [
    ...importProblems(base, part, names),
    ...manifestProblems(base, part, names),
  ]);
}

function importProblems(base: string, part: string, names: readonly string[]): string[] {
  const files = globSync("src/**/*.{ts,tsx}", { cwd: join(base, part) }).filter((file) => !isTest(file));
  return files.flatMap((file) => {
    const path = join(base, part, file);
    return importsOf(path).flatMap((specifier) => {
      const place = `${part}/${file.split(sep).join("/")}`;
      const library = specifier.split("/")[0] ?? specifier;
      const home = confined.get(specifier) ?? confined.get(library);
      if (home !== undefined && !place.startsWith(home))
        return [`${place} imports ${specifier}: only ${home} may`];
      const [scope, name = ""] = specifier.split("/");
      if (scope === "@pushfleet" && !names.includes(name)) {
        return [`${place} imports ${specifier}: ${part} may import ${names.join(", ") || "none of ours"}`];
      }
      const leaves =
        specifier.startsWith(".") &&
        relative(join(base, part), join(dirname(path), specifier)).startsWith("..");
      return leaves ? [`${place} imports ${specifier}: reach other packages by their names`] : [];
    });
  });
}

function manifestProblems(base: string, part: string, names: readonly string[]): string[] {
  const manifest: unknown = JSON.parse(readFileSync(join(base, part, "package.json"), "utf8"));
  const { dependencies = {} } = manifest as { dependencies?: Record<string, string> }; // npm's own format.
  return Object.keys(dependencies)
    .filter((name) => name.startsWith("@pushfleet/") && !names.includes(name.slice("@pushfleet/".length)))
    .map((name) => `${part}/package.json depends on ${name}: not allowed`);
}

function isTest(file: string): boolean {
  return /\.(test|contract|bench)\.ts$/.test(file);
}

function importsOf(path: string): string[] {
  const source = readFileSync(path, "utf8");
  return [...source.matchAll(/^\s*(?:import|export)\b[^;"']*?(?:from\s*)?["']([^"']+)["']/gm)].flatMap(
    (match) => match[1] ?? [],
  );
}
