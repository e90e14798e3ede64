/** What one push may bring at most, by real gateways in every form of a body. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FAMILY_TYPE, families, labels } from "../conformance/protobuf.ts";
import { startGateway } from "../support/gateway.ts";
import type { HttpServer } from "../support/reference.ts";
import { forms, push, refusals, scrapedSeries } from "./client.ts";

const flags = [
  "--push.max-body-size=2KiB",
  "--push.max-families=3",
  "--push.max-series=6",
  "--push.max-labels=4",
  "--push.max-metric-name-length=20",
  "--push.max-help-length=30",
  "--push.max-label-name-length=10",
  "--push.max-label-value-length=40",
];

interface Sample {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Gauges, each sample with the value 1, in both formats. */
function bodies(samples: readonly Sample[], help = "") {
  const names = [...new Set(samples.map(({ name }) => name))];
  const ofName = (name: string) => samples.filter((sample) => sample.name === name);
  const line = ({ name, labels: own = {} }: Sample) =>
    `${name}{${Object.entries(own).map(([label, value]) => `${label}="${value}"`)}} 1\n`;
  const text = names
    .map(
      (name) =>
        `${help === "" ? "" : `# HELP ${name} ${help}\n`}# TYPE ${name} gauge\n${ofName(name).map(line).join("")}`,
    )
    .join("");
  const messages = names.map((name) => ({
    name,
    help,
    type: FAMILY_TYPE.gauge,
    metric: ofName(name).map(({ labels: own = {} }) => ({
      label: labels(...Object.entries(own)),
      gauge: { value: 1 },
    })),
  }));
  return { text: Buffer.from(text), protobuf: families(...messages) };
}

const numbered = (count: number, sample: (i: number) => Sample) =>
  Array.from({ length: count }, (_, i) => sample(i));
const series = (count: number) => numbered(count, (i) => ({ name: "m", labels: { n: `${i}` } }));
const withLabels = (count: number) => [
  { name: "m", labels: Object.fromEntries(Array.from({ length: count }, (_, i) => [`l${i}`, "v"])) },
];

/** What fits, what does not, and what is said then. */
const cases = [
  {
    limit: "push.max-families",
    fits: bodies(numbered(3, (i) => ({ name: `m${i}` }))),
    tooMuch: bodies(numbered(4, (i) => ({ name: `m${i}` }))),
    text: 'the push has more than 3 families, and "m3" is one too many',
  },
  {
    limit: "push.max-series",
    fits: bodies(series(6)),
    tooMuch: bodies(series(7)),
    text: 'the push has more than 6 series, and one of "m" is too many',
  },
  {
    // With the two of the group.
    limit: "push.max-labels",
    fits: bodies(withLabels(2)),
    tooMuch: bodies(withLabels(3)),
    text: 'a series of "m" has more than 4 labels',
  },
  {
    limit: "push.max-metric-name-length",
    fits: bodies([{ name: "m".repeat(20) }]),
    tooMuch: bodies([{ name: "m".repeat(21) }]),
    text: `the metric name "${"m".repeat(21)}" is longer than 20 bytes`,
  },
  {
    limit: "push.max-help-length",
    fits: bodies([{ name: "m" }], "h".repeat(30)),
    tooMuch: bodies([{ name: "m" }], "h".repeat(31)),
    text: 'the help of "m" is longer than 30 bytes',
  },
  {
    limit: "push.max-label-name-length",
    fits: bodies([{ name: "m", labels: { ["l".repeat(10)]: "v" } }]),
    tooMuch: bodies([{ name: "m", labels: { ["l".repeat(11)]: "v" } }]),
    text: `the label name "${"l".repeat(11)}" of "m" is longer than 10 bytes`,
  },
  {
    limit: "push.max-label-value-length",
    fits: bodies([{ name: "m", labels: { x: "v".repeat(40) } }]),
    tooMuch: bodies([{ name: "m", labels: { x: "v".repeat(41) } }]),
    text: 'the value of label "x" of "m" is longer than 40 bytes',
  },
] as const;

let gateway: HttpServer;
beforeAll(async () => {
  gateway = await startGateway({ flags });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

describe.each(Object.entries(forms))("a push of %s", (form, { encode, headers }) => {
  const format = form.startsWith("text") ? "text" : "protobuf";

  test.each(cases)("keeps $limit or gets 413", async ({ limit, fits, tooMuch, text }) => {
    const send = (
      body: { readonly text: Uint8Array; readonly protobuf: Uint8Array },
      method: "PUT" | "POST",
    ) => push(gateway.url, "j/instance/i", encode(body[format]), { method, headers });
    expect(await send(fits, "PUT")).toMatchObject({ status: 200 });
    const before = await scrapedSeries(gateway.url);
    const counted = await refusals(gateway.url, limit);
    for (const method of ["PUT", "POST"] as const) {
      const answer = await send(tooMuch, method);
      expect(answer).toMatchObject({ status: 413, retryAfter: undefined });
      expect(answer.text).toInclude(text);
      expect(answer.text).toEndWith(`(limit --${limit})\n`);
    }
    expect(await refusals(gateway.url, limit)).toBe(counted + 2);
    expect(await scrapedSeries(gateway.url)).toEqual(before);
  });

  test("keeps push.max-body-size, compressed or not, or gets 413", async () => {
    const send = (body: Uint8Array) => push(gateway.url, "large", encode(body), { headers });
    const comment = (length: number) => Buffer.from(`n 1\n#${" ".repeat(length - 6)}\n`);
    if (format === "text") expect(await send(comment(2048))).toMatchObject({ status: 200 });
    expect(await send(format === "text" ? comment(2049) : Buffer.alloc(2049))).toMatchObject({
      status: 413,
      text: "the body is larger than 2048 bytes (limit --push.max-body-size)\n",
    });
  });
});

test("the labels of a group are limited too, whatever is pushed to it", async () => {
  const refused = async (path: string, limit: string) => {
    const answer = await push(gateway.url, path, "");
    expect(answer.status).toBe(413);
    expect(answer.text).toEndWith(`this group${limit}\n`);
  };
  expect(await push(gateway.url, "a/b/1/c/2/d/3", "")).toMatchObject({ status: 200 });
  const tooMany = await push(gateway.url, "a/b/1/c/2/d/3/e/4", "");
  expect(tooMany).toMatchObject({ status: 413 });
  expect(tooMany.text).toInclude("a series of this group has more than 4 labels");
  await refused(`a/${"b".repeat(11)}/1`, " is longer than 10 bytes (limit --push.max-label-name-length)");
  await refused("v".repeat(41), " is longer than 40 bytes (limit --push.max-label-value-length)");
});

test("a refused push is a failure of a group that is there, and makes none", async () => {
  const failures = async () => {
    const scrape = await (await fetch(`${gateway.url}/metrics`)).text();
    return scrape.split("\n").filter((line) => /^push_failure_.*"(?:there|missing)"\}/.test(line));
  };
  await push(gateway.url, "there");
  for (const job of ["there", "missing"]) {
    expect(await push(gateway.url, job, bodies(series(7)).text)).toMatchObject({ status: 413 });
    expect(await push(gateway.url, job, "m 1\n".repeat(2_000))).toMatchObject({ status: 413 });
  }
  expect(await failures()).toEqual([
    expect.stringMatching(/^push_failure_time_seconds\{instance="",job="there"\} 1\.\d+e\+09$/),
  ]);
});

test("without the consistency check a push that is too much is refused all the same", async () => {
  await using unchecked = await startGateway({ flags: [...flags, "--push.disable-consistency-check"] });
  expect(await push(unchecked.url, "a", "m 1 1\n")).toMatchObject({ status: 202 });
  expect(await push(unchecked.url, "a", bodies(series(7)).text)).toMatchObject({ status: 413 });
});

test("what the limits are is told by metrics and by the status API", async () => {
  const own = await (await fetch(`${gateway.url}/-/metrics`)).text();
  expect(own).toInclude('pushfleet_limit{limit="push.max-series"} 6\n');
  expect(own).toInclude('pushfleet_limit{limit="store.max-groups"} 1000000\n');
  expect(own).toInclude('pushfleet_limit_exceeded_total{limit="store.max-groups"} 0\n');
  const { data } = (await (await fetch(`${gateway.url}/api/v1/status`)).json()) as {
    data: { flags: Record<string, string> }; // the shape of the API
  };
  expect(data.flags).toMatchObject({
    "push.max-label-value-length": "40B",
    "push.max-body-size": "2KiB",
    "job.max-groups": "200000",
  });
});
