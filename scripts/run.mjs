// Starts one of the project's programs on the pinned Node, after making sure that everything it needs is installed.
// Usage: node scripts/run.mjs FILE.ts|COMMAND [ARG ...]
// Plain JavaScript, because it has to run on whatever Node the machine has: old ones are told so in one line.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, "node_modules", ".bin");
/** Keeps the types stripped from one start to the next: 30 MB less memory and a faster start. */
const compileCache = join(root, "node_modules", ".cache", "node");

const [program, ...args] = process.argv.slice(2);
refuseOldNode();
installPackages();
run(program, args);

function refuseOldNode() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major >= 20) return;
  fail(
    `Pushfleet needs Node 20 or newer to set itself up, and this is ${process.version}: https://nodejs.org has newer ones.`,
  );
}

/**
 * Installs what the lock file says when node_modules is missing or differs from it. Not by `npm ci`: that refuses a lock
 * file which lacks packages for other systems, and npm leaves those out that a registry does not have.
 */
function installPackages() {
  const installed = join(root, "node_modules", ".package-lock.json");
  const lock = join(root, "package-lock.json");
  if (
    existsSync(installed) &&
    existsSync(join(bin, "node")) &&
    statSync(installed).mtimeMs >= statSync(lock).mtimeMs
  )
    return;
  if (existsSync(installed) && sameAsLocked()) return;
  process.stderr.write("Installing packages (npm install) …\n");
  const npm = spawnSync("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    env: withoutNpmSettings(process.env),
  });
  if (npm.status !== 0) fail("Installing the packages failed: see the lines above.");
}

/** True when what the lock file asks for is what is installed, whatever their dates say (a fresh checkout touches files). */
function sameAsLocked() {
  const read = (path) => JSON.parse(readFileSync(join(root, path), "utf8")).packages;
  const installed = read("node_modules/.package-lock.json");
  return Object.entries(read("package-lock.json")).every(
    ([path, wanted]) =>
      path === "" ||
      wanted.optional ||
      !path.startsWith("node_modules/") ||
      wanted.version === installed[path]?.version,
  );
}

/** `npm start` exports its own settings to us; the nested npm must not take them for its own. */
function withoutNpmSettings(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("npm_")));
}

function run(name, rest) {
  const node = join(bin, "node");
  const command = name.endsWith(".ts") ? [node, join(root, name)] : [join(bin, name)];
  const child = spawn(command[0], [...command.slice(1), ...rest], {
    stdio: "inherit",
    env: {
      NODE_COMPILE_CACHE: compileCache,
      // glibc keeps what is freed by each thread for that thread: 20 MB for those of V8's compilers and collectors.
      MALLOC_ARENA_MAX: "1",
      ...process.env,
      PATH: `${bin}${delimiter}${process.env.PATH ?? ""}`,
    },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(`Starting ${name} failed: ${error.message}`));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
