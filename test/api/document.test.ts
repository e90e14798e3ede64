import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startApi, stores } from "./client.ts";
import { readDescription } from "./description.ts";
import { type Exchange, startRecorder } from "./recorder.ts";

const document = await readFile(new URL("../../docs/api.md", import.meta.url), "utf8");
const description = readDescription();

/** Commands of the document, with the answer that it shows after them. */
interface Example {
  readonly commands: string;
  readonly shown: { readonly language: string; readonly text: string } | undefined;
}

const examples: readonly Example[] = [
  ...document.matchAll(/^```sh\n(.*?)^```\n(?:\n```(json|text)\n(.*?)^```\n)?/gms),
].map(([, commands = "", language, text]) => ({
  commands,
  shown: language === undefined || text === undefined ? undefined : { language, text },
}));

test("every endpoint of the description has an example", () => {
  const all = examples.map(({ commands }) => commands).join("");
  for (const { route } of description.operations.filter(({ route }) => route !== "/openapi.yaml"))
    expect(all).toMatch(new RegExp(`/api/v1${route.replace("{id}", "[A-Za-z0-9_-]{22}")}\\b`));
});

test("the document lists every kind of error, and no other", () => {
  const listed = [...document.matchAll(/^\| \d{3} \| `(\w+)` \|/gm)].map(([, type]) => type);
  expect([...new Set(listed)]).toIncludeSameMembers([...description.errorTypes]);
});

test.each(stores)("on the %s store, the commands of docs/api.md answer what it shows", async (store) => {
  await using api = await startApi(store);
  await using recorder = await startRecorder(api.url);
  await using home = await curlHome();
  for (const { commands, shown } of examples) {
    const here = commands.replaceAll("localhost:9091", recorder.address);
    const env = { ...process.env, CURL_HOME: home.path };
    const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", here], { env });
    const exchanges = recorder.take();
    expect(exchanges, commands).not.toBeEmpty();
    for (const exchange of exchanges) expect(problemsOf(exchange), commands).toBeEmpty();

    const isError = shown?.text.includes('"status": "error"') === true;
    for (const { status } of exchanges) expect(status >= 400, commands).toBe(isError);
    if (shown?.language === "json")
      expect({ answer: JSON.parse(stdout) }, commands).toMatchObject({
        answer: varying(JSON.parse(shown.text)),
      });
    if (shown?.language === "text") expect(withoutVarying(stdout), commands).toBe(withoutVarying(shown.text));
  }
  expect(await api.jobsOf({})).toEqual([]);
});

/** How the answer differs from the description; nothing for what the description is not about. */
function problemsOf({ method, target, status, contentType, body }: Exchange): readonly string[] {
  const path = /^\/api\/v1([^?]*)/.exec(target)?.[1];
  if (path === undefined || contentType !== "application/json") return [];
  const route = path.replace(/^\/groups\/.*/, "/groups/{id}");
  return description.problemsOf({
    route,
    method: method === "DELETE" ? "delete" : "get",
    status,
    body: JSON.parse(body),
  });
}

const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z`; // without zeros at its end, as Go writes it
const onlyTime = new RegExp(`^${time}$`);

/** The value, with something that matches any in the place of what differs from run to run. */
function varying(value: unknown, name = ""): unknown {
  if (typeof value === "string" && onlyTime.test(value)) return expect.stringMatching(onlyTime);
  if (name === "change" || name === "next_cursor") return expect.any(String);
  if (name === "remaining_ttl_seconds") return expect.closeTo(Number(value), -2);
  if (Array.isArray(value)) return value.map((one: unknown) => varying(one));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, varying(one, key)]));
}

function withoutVarying(text: string): string {
  return text
    .replace(new RegExp(time, "g"), "…")
    .replace(/"change":"[^"]*"/g, '"change":"…"')
    .trimEnd();
}

/** So that curl keeps its meter to itself, whatever the commands say. */
async function curlHome(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "pushfleet-curl-"));
  await writeFile(join(path, ".curlrc"), "silent\nshow-error\n");
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
