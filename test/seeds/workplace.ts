import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Snippets of the articles as printed, but for typos that docs/seeds.md tells. */
const articles = fileURLToPath(new URL("articles/", import.meta.url));
/** What the snippets call and is not there, or not to be called by a test. */
export const standIns = fileURLToPath(new URL("stand-ins/", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));

interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A machine as the articles have it: their hosts are servers of the test, their folders are in one of its own. */
export interface Workplace extends AsyncDisposable {
  /** What stands for `/`. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  /** The snippet with this machine's addresses and folders, and nothing else changed. */
  text(snippet: string): Promise<string>;
  /** The same for a text that is no snippet. */
  here(text: string): string;
  /** Puts the snippet into the directory, under its own name. Resolves to its path. */
  put(snippet: string): Promise<string>;
  /** Runs a program in the directory, and resolves whatever its exit code is. */
  run(program: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Outcome>;
  /** Runs the snippet as a shell script. */
  bash(snippet: string, env?: Readonly<Record<string, string>>): Promise<Outcome>;
  /** What the stand-ins of programs that only take notes were called with. */
  commands(): Promise<readonly (readonly string[])[]>;
}

export interface WorkplaceOptions {
  /** e.g. `http://127.0.0.1:9091`: what the articles call pushgateway:9091, and where a gateway listens that they start. */
  readonly gatewayUrl: string;
  readonly prometheusUrl?: string;
}

export async function createWorkplace({
  gatewayUrl,
  prometheusUrl = "http://127.0.0.1:1",
}: WorkplaceOptions): Promise<Workplace> {
  const directory = await mkdtemp(join(tmpdir(), "pushfleet-seeds-"));
  const folders = ["app", "backup", "backups", "path/to"];
  for (const folder of [...folders, "etc/nginx/certs", "etc/prometheus", "etc/systemd/system"])
    await mkdir(join(directory, folder), { recursive: true });
  // Makes curl fail on an HTTP error, and keep its meter to itself, without touching the commands.
  await writeFile(join(directory, ".curlrc"), "fail\nsilent\nshow-error\n");
  const gateway = new URL(gatewayUrl).host;
  const notes = join(directory, "commands");
  const env = {
    PATH: `${standIns}bin:${process.env["PATH"]}`,
    HOME: directory,
    CURL_HOME: directory,
    COMMANDS: notes,
    PYTHONPATH: `${standIns}python`,
    PYTHONDONTWRITEBYTECODE: "1",
    NODE_PATH: `${root}node_modules`,
    PUSHFLEET_NODE: process.execPath,
    PUSHFLEET_GATEWAY: `${root}apps/gateway/src/main.ts`,
    PUSHFLEET_WEB_LISTEN_ADDRESS: gateway,
  };

  function here(printed: string): string {
    return printed
      .replaceAll(
        /\b(pushgateway(\.monitoring\.svc)?:9091|prometheus:9001|127\.0\.0\.1:9091|localhost:9091)\b/g,
        gateway,
      )
      .replaceAll("--web.listen-address=:9091", `--web.listen-address=${gateway}`)
      .replaceAll("prometheus:9090", new URL(prometheusUrl).host)
      .replaceAll(/(?<![\w.:/-])\/(app|backups?|etc|path)\//g, `${directory}/$1/`);
  }

  async function text(snippet: string): Promise<string> {
    return here(await readFile(join(articles, snippet), "utf8"));
  }

  async function put(snippet: string): Promise<string> {
    const path = join(directory, basename(snippet));
    await writeFile(path, await text(snippet));
    return path;
  }

  async function run(program: string, args: readonly string[], more = {}): Promise<Outcome> {
    const options = { cwd: directory, env: { ...env, ...more } };
    return promisify(execFile)(program, args, options).then(
      ({ stdout, stderr }) => ({ exitCode: 0, stdout, stderr }),
      // What execFile rejects with when the program was started.
      ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
        exitCode: code,
        stdout,
        stderr,
      }),
    );
  }

  return {
    directory,
    env,
    text,
    here,
    put,
    run,
    bash: async (snippet, more) => run("bash", ["-o", "pipefail", await put(snippet)], more),
    async commands() {
      const lines = (await readFile(notes, "utf8")).split("\t\n").slice(0, -1);
      return lines.map((line) => line.split("\t"));
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
}

/** The lines of a scrape. */
export async function scrape(gatewayUrl: string): Promise<readonly string[]> {
  return (await (await fetch(`${gatewayUrl}/metrics`)).text()).split("\n");
}
