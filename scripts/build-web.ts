// `npm run build`: builds the web UI into apps/web/dist when that is missing or older than what it is made of.

import { existsSync, globSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = new URL("..", import.meta.url);
const web = new URL("apps/web/", root);
const dist = new URL("dist/", web);

if (isOutdated()) {
  process.stderr.write("Building the web UI …\n");
  // Elsewhere first: who starts meanwhile, or after a build that broke off, must not find half of it.
  const fresh = new URL(`node_modules/.cache/web-${process.pid}/`, root);
  mkdirSync(fresh, { recursive: true });
  try {
    await build({
      configFile: fileURLToPath(new URL("vite.config.ts", web)),
      logLevel: "warn",
      build: { outDir: fileURLToPath(fresh), emptyOutDir: true },
    });
    rmSync(dist, { recursive: true, force: true });
    renameSync(fresh, dist);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Directories count too: their times tell of files that are gone. */
function isOutdated(): boolean {
  const page = new URL("index.html", dist);
  if (!existsSync(page)) return true;
  const builtAt = statSync(page).mtimeMs;
  const sources = ["apps/web/src/**", "apps/web/*.{html,json,ts}", "package-lock.json"];
  return globSync(sources, { cwd: root, exclude: (path) => String(path).endsWith(".test.ts") }).some(
    (path) => statSync(new URL(path, root)).mtimeMs > builtAt,
  );
}
