import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { startFront } from "../cli/front.ts";
import { blocksOf, readDocument, runExamples } from "../support/document.ts";
import { startGateway } from "../support/gateway.ts";
import { buildGo, whyNoGo } from "../support/go/build.ts";
import { freePort } from "../support/ports.ts";
import { pythonOfJobs } from "../support/python/jobs.ts";
import { createShell } from "./shell.ts";

const recipes = readDocument("docs/recipes.md");
const root = fileURLToPath(new URL("../..", import.meta.url));
const python = pythonOfJobs();

/** The limit of the recipes, with what curl may take beyond it, and for a busy machine. */
const longestMs = 25_000;

describe.concurrent.each<Recipe>([
  { language: "bash", job: "backup", program: "bash", why: undefined },
  {
    language: "python",
    job: "load",
    program: python ?? "",
    why: python === undefined ? "no Python" : undefined,
  },
  { language: "js", job: "load", program: process.execPath, why: undefined },
  { language: "go", job: "load", program: "", why: whyNoGo() },
])("the recipe in $language", (recipe) => {
  describe.skipIf(recipe.why !== undefined)("", () => {
    let run: (url: string, hasSucceeded: boolean) => Promise<Ended>;
    beforeAll(async () => {
      const folder = await mkdtemp(join(tmpdir(), "pushfleet-recipe-"));
      run = await prepare(recipe, folder);
      return () => rm(folder, { recursive: true });
    }, 200_000);

    test("tells of a success, and of a failure without forgetting the success", {
      timeout: 60_000,
    }, async () => {
      await using gateway = await startGateway();
      expect(await run(gateway.url, true)).toMatchObject({ exitCode: 0, stderr: "" });
      const good = await metricsOf(gateway.url, recipe.job);
      expect(good).toMatchObject({ success: 1, duration_seconds: expect.any(Number) });
      expect(good["last_success_timestamp_seconds"]).toBeWithin(
        Date.now() / 1000 - 60,
        Date.now() / 1000 + 1,
      );

      expect((await run(gateway.url, false)).exitCode).not.toBe(0);
      const bad = await metricsOf(gateway.url, recipe.job);
      expect(bad).toMatchObject({
        success: 0,
        last_success_timestamp_seconds: good["last_success_timestamp_seconds"],
        last_completion_timestamp_seconds: expect.any(Number),
      });
    });

    test("neither fails nor waits for long when the gateway is away", { timeout: 60_000 }, async () => {
      const ended = await run(`http://127.0.0.1:${await freePort()}`, true);
      expect(ended).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("could not be pushed") });
      expect(ended.tookMs).toBeLessThan(longestMs);
    });

    test("neither fails nor waits for long when the gateway is silent", { timeout: 60_000 }, async () => {
      await using gateway = await startGateway();
      await using front = await startFront(gateway.url);
      await front.turn("silent");
      const ended = await run(front.url, true);
      expect(ended).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("could not be pushed") });
      expect(ended.tookMs).toBeLessThan(longestMs);
    });

    test("pushes again when the gateway could not take it", { timeout: 60_000 }, async () => {
      await using gateway = await startGateway();
      await using reluctant = await startReluctant(gateway.url);
      expect(await run(reluctant.url, true)).toMatchObject({ exitCode: 0 });
      expect(await metricsOf(gateway.url, recipe.job)).toMatchObject({ success: 1 });
    });
  });
});

test("the commands of docs/recipes.md print what it shows", async () => {
  await using gateway = await startGateway();
  await using shell = await createShell();
  const here = (commands: string) => `export PUSHFLEET_URL=${gateway.url}\n${commands}`;
  await runExamples(recipes, { ...shell, here });
});

interface Recipe {
  readonly language: string;
  readonly job: string;
  readonly program: string;
  /** Why it cannot be run here. */
  readonly why: string | undefined;
}

interface Ended {
  readonly exitCode: number;
  readonly stderr: string;
  readonly tookMs: number;
}

/** Puts the recipe into the folder. What it resolves to runs it, with work that succeeds or fails. */
async function prepare({ language, program }: Recipe, folder: string) {
  const [text = ""] = blocksOf(recipes, language);
  const file = join(
    folder,
    { bash: "backup.sh", python: "load.py", js: "load.mjs", go: "main.go" }[language] ?? "",
  );
  await writeFile(file, text);
  const rows = join(folder, "rows.csv");
  await writeFile(rows, "a\nb\n");
  if (language === "js") await symlink(`${root}node_modules`, join(folder, "node_modules"));
  const [command, ...args] = language === "go" ? [await buildGo(folder)] : [program, file];

  return async (url: string, hasSucceeded: boolean): Promise<Ended> => {
    // Backups that are made at the same time must not take each other's files.
    const backups = await mkdtemp(join(folder, "backup-"));
    const env = {
      ...process.env,
      // There is no database: pg_dump is one that succeeds or fails.
      PATH: `${root}test/seeds/stand-ins/bin:${process.env["PATH"]}`,
      PG_DUMP_EXIT: hasSucceeded ? "0" : "1",
      PUSHGATEWAY_URL: url,
      INSTANCE: "db-1",
      BACKUP_DIR: backups,
    };
    const startedMs = Date.now();
    const ended = promisify(execFile)(command, [...args, hasSucceeded ? rows : `${rows}.missing`], { env });
    const { exitCode, stderr } = await ended.then(
      (output) => ({ exitCode: 0, stderr: output.stderr }),
      // What execFile rejects with when the program was started.
      (failure: { code: number; stderr: string }) => ({ exitCode: failure.code, stderr: failure.stderr }),
    );
    return { exitCode, stderr, tookMs: Date.now() - startedMs };
  };
}

/** What the job has told of itself, without `batch_job_`. */
async function metricsOf(url: string, job: string): Promise<Readonly<Record<string, number>>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.matchAll(new RegExp(`^batch_job_(\\w+)\\{instance="db-1",job="${job}"\\} (.+)$`, "gm"));
  return Object.fromEntries([...lines].map(([, name, value]) => [name, Number(value)]));
}

/** Answers 503 to the first request, and passes all others on. */
async function startReluctant(gatewayUrl: string): Promise<AsyncDisposable & { readonly url: string }> {
  let requests = 0;
  const server = createServer((asked, answer) => {
    if (++requests === 1) {
      asked.resume();
      answer.writeHead(503).end("not now\n");
      return;
    }
    const { url = "", method = "", headers } = asked;
    const onward = request(gatewayUrl + url, { method, headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    });
    onward.on("error", () => answer.destroy());
    asked.pipe(onward);
  });
  const port = await freePort();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
