/**
 * What a scrape costs, from the call of `sync` to the last buffer:
 * `node --expose-gc packages/view/src/view.bench.ts [groups] [region]`. Groups of five families with 12 series; between two
 * scrapes 1 % or all of them are pushed again. With a region the view looks for what has to be hidden, and finds nothing.
 */
import { gunzipSync, gzipSync } from "node:zlib";
import { regionId } from "@pushfleet/store";
import type { RenderRequest } from "./listing.ts";
import { type FamilyInTest, TestStore } from "./test-store.ts";
import { View } from "./view.ts";

const PLAIN: RenderRequest = { encoding: "text", escaping: "underscores", gzip: false };
const GZIP: RenderRequest = { ...PLAIN, gzip: true };
const PROTOBUF: RenderRequest = { ...PLAIN, encoding: "protobuf" };

const FAMILIES: readonly (readonly [name: string, help: string, extra: readonly string[]])[] = [
  ["backup_duration_seconds", "How long it took.", [""]],
  ["backup_size_bytes", "What it wrote.", [""]],
  ["backup_last_success_timestamp_seconds", "When it ended.", [""]],
  ["backup_files_total", "Files seen.", ["new", "same", "changed", "gone"].map((kind) => `,kind="${kind}"`)],
  [
    "backup_phase_seconds",
    "By phase.",
    ["scan", "read", "send", "sync", "trim"].map((phase) => `,phase="${phase}"`),
  ],
];

const groups = Number(process.argv[2] ?? 10_000);
const region = regionId(process.argv[3] ?? "");
let seed = 1;
const store = new TestStore();

function random(): number {
  seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
  return seed / 0x7fffffff;
}

function push(n: number): void {
  const instance = `host-${String(n).padStart(6, "0")}.example.com:9100`;
  const job = `batch_${n % 50}`;
  const families = FAMILIES.map(([name, help, extra]): FamilyInTest => {
    const lines = extra.map(
      (label) => `${name}{instance="${instance}",job="${job}"${label}} ${(random() * 1e5).toFixed(3)}\n`,
    );
    // As a store would hand it out: one flat string.
    return {
      name,
      help,
      type: "gauge",
      ...(region && { region }),
      metricCount: lines.length,
      text: Buffer.from(lines.join("")).toString("latin1"),
    };
  });
  store.put({ instance, job }, families, {
    pushedAtMicros: 1_700_000_000_000_000 + Math.floor(random() * 1e12),
  });
}

function pushSome(count: number): void {
  for (let i = 0; i < count; i++) push(count === groups ? i : Math.floor(random() * groups));
}

async function scrape(view: View, request: RenderRequest): Promise<{ ms: number; bytes: number }> {
  const begun = performance.now();
  const pieces = await (await view.sync()).render(request);
  return { ms: performance.now() - begun, bytes: pieces.reduce((sum, piece) => sum + piece.length, 0) };
}

async function report(
  what: string,
  request: RenderRequest,
  options: { changed: number; runs: number },
): Promise<void> {
  const view = new View(store.feed, { pageSize: groups, region }); // the test store takes long for each page
  const first = await scrape(view, request);
  const times: number[] = [];
  for (let i = 0; i < options.runs; i++) {
    pushSome(options.changed);
    times.push((await scrape(view, request)).ms);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(share * (times.length - 1))]?.toFixed(1);
  console.log(
    `${what}: first ${first.ms.toFixed(0)} ms, ${options.changed} changed: best ${at(0)} ms, median ${at(0.5)} ms, 90 % ${at(0.9)} ms, ` +
      `${(first.bytes / 1e6).toFixed(2)} MB, RSS ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`,
  );
}

pushSome(groups);
const few = Math.ceil(groups / 100);
for (let round = 0; round < 2; round++) {
  await report("plain", PLAIN, { changed: few, runs: 100 });
  await report("gzip", GZIP, { changed: few, runs: 100 });
  await report("plain", PLAIN, { changed: groups, runs: 5 });
  await report("gzip", GZIP, { changed: groups, runs: 5 });
}
await report("protobuf", PROTOBUF, { changed: few, runs: 10 });
const view = new View(store.feed);
const packed = Buffer.concat(await (await view.sync()).render(GZIP));
const whole = gzipSync(gunzipSync(packed), { level: 6 }).length;
console.log(`gzip is ${(packed.length / whole).toFixed(2)} times as long as gzip -6 of the whole`);
