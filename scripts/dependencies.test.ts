import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** As much of npm's files as this reads. */
interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly allowScripts?: Readonly<Record<string, boolean>>;
}

interface Lock {
  readonly packages: Readonly<
    Record<
      string,
      {
        readonly link?: true;
        readonly resolved?: string;
        readonly integrity?: string;
        readonly hasInstallScript?: true;
      }
    >
  >;
}

function read<T>(path: string): T {
  return JSON.parse(readFileSync(root + path, "utf8")) as T; // npm's, whose form is known
}

const lock = read<Lock>("package-lock.json");
const installed = Object.entries(lock.packages).filter(
  ([path, { link }]) => path.includes("node_modules/") && link !== true,
);

test("every dependency is pinned to one version", () => {
  for (const path of globSync(["package.json", "{apps,packages}/*/package.json"], { cwd: root })) {
    const { dependencies, devDependencies } = read<Manifest>(path);
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      // Our own parts are wherever this is.
      const pinned = name.startsWith("@pushfleet/") ? /^(\*|0\.1\.0)$/ : /^\d+\.\d+\.\d+$/;
      expect(version, `${name} in ${path}`).toMatch(pinned);
    }
  }
});

test("what is installed is what was looked at: the lock file has a hash of all of it", () => {
  expect(installed.length).toBeGreaterThan(100);
  for (const [path, { integrity }] of installed) expect(integrity, path).toMatch(/^sha512-/);
});

test("no package may run a script when it is installed, except for Node.js", () => {
  const { allowScripts = {} } = read<Manifest>("package.json");
  const allowed = Object.entries(allowScripts).flatMap(([name, isAllowed]) => (isAllowed ? [name] : []));
  expect(allowed).toEqual(["node"]);
  const wanting = installed.flatMap(([path, { hasInstallScript }]) =>
    hasInstallScript === true ? [path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length)] : [],
  );
  expect(Object.keys(allowScripts)).toIncludeAllMembers(wanting);
});
