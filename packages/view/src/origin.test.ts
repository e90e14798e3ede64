import { gunzipSync } from "node:zlib";
import { decodeProtobuf, encodeMetrics, type Metric, metricText } from "@pushfleet/exposition";
import type { RegionId } from "@pushfleet/store";
import { expect, test } from "vitest";
import type { RenderRequest } from "./listing.ts";
import { bodyOf, TestStore } from "./test-store.ts";
import { View } from "./view.ts";

const [eu, us] = ["eu" as RegionId, "us" as RegionId];
const plain: RenderRequest = { encoding: "text", escaping: "allow-utf-8", gzip: false };

test("each series tells where its family was pushed, the push times where the group was", async () => {
  const store = new TestStore();
  store.put(
    { job: "a", zone: "1" },
    [
      { name: "m", type: "gauge", region: eu, text: 'm{instance="",job="a",zone="1"} 1\n' },
      {
        name: "s",
        type: "summary",
        region: us,
        text: 's{job="a",zone="1",quantile="0.5"} 1\ns_sum{job="a",zone="1"} 1\ns_count{job="a",zone="1"} 1\n',
      },
    ],
    { pushedRegion: us },
  );
  store.put({ job: "b" }, [], { pushedAtMicros: 0 });
  const view = new View(store.feed, { region: eu, originLabel: "region" });
  const snapshot = await view.sync();
  const text = (await bodyOf(snapshot.render(plain))).toString();
  expect(text.replaceAll(/^#.*\n/gm, "")).toBe(`m{instance="",job="a",region="eu",zone="1"} 1
push_failure_time_seconds{instance="",job="a",region="us",zone="1"} 0
push_failure_time_seconds{instance="",job="b"} 0
push_time_seconds{instance="",job="a",region="us",zone="1"} 1.7e+09
push_time_seconds{instance="",job="b"} 0
s{job="a",region="us",zone="1",quantile="0.5"} 1
s_sum{job="a",region="us",zone="1"} 1
s_count{job="a",region="us",zone="1"} 1
`);
  expect(gunzipSync(await bodyOf(snapshot.render({ ...plain, gzip: true }))).toString()).toBe(text);
  const told = decodeProtobuf(await bodyOf(snapshot.render({ ...plain, encoding: "protobuf" })));
  expect(told.flatMap(({ metrics }) => metrics.map(({ labels }) => new Map(labels).get("region")))).toEqual([
    "eu",
    "us",
    undefined,
    "us",
    undefined,
    "us",
  ]);
});

test("native histograms get it in their protobuf", async () => {
  const store = new TestStore();
  const metric: Metric = {
    labels: [
      ["instance", ""],
      ["job", "a"],
    ],
    data: {
      kind: "histogram",
      count: 2,
      sum: 3,
      buckets: [],
      native: {
        isFloat: false,
        schema: 1,
        zeroThreshold: 0,
        zeroCount: 0,
        negativeSpans: [],
        negativeDeltas: [],
        negativeCounts: [],
        positiveSpans: [{ offset: 0, length: 1 }],
        positiveDeltas: [2],
        positiveCounts: [],
      },
    },
  };
  const text = metricText("h", metric.labels, metric.data);
  const proto = encodeMetrics("histogram", [metric]);
  store.put({ job: "a" }, [{ name: "h", type: "histogram", region: us, text, proto }]);
  const snapshot = await new View(store.feed, { originLabel: "region" }).sync();
  const [h] = decodeProtobuf(await bodyOf(snapshot.render({ ...plain, encoding: "protobuf" })));
  expect(h?.metrics).toEqual([{ ...metric, labels: [...metric.labels, ["region", "us"]] }]);
});

test("pushed labels of the name are kept under others, so that no two series become one", async () => {
  const store = new TestStore();
  const text = ['exported_region="1",job="a"', 'job="a",region="1"', 'job="a",my_region="1"', 'job="a"']
    .map((labels) => `m{${labels}} 1\n`)
    .join("");
  store.put({ job: "a" }, [{ name: "m", region: eu, text }]);
  const snapshot = await new View(store.feed, { region: eu, originLabel: "region" }).sync();
  const lines = (await bodyOf(snapshot.render(plain))).toString().split("\n");
  expect(lines.filter((line) => line.startsWith("m{"))).toEqual([
    'm{exported_exported_region="1",job="a",region="eu"} 1',
    'm{exported_region="1",job="a",region="eu"} 1',
    'm{job="a",my_region="1",region="eu"} 1',
    'm{job="a",region="eu"} 1',
  ]);
});

test("what is hidden and what the API reads is as it is without the label", async () => {
  const store = new TestStore();
  const m = (region: RegionId, pushedAtMicros: number) => ({
    name: "m",
    region,
    pushedAtMicros,
    text: 'm{instance="i",job="a"} 1\n',
  });
  store.put({ job: "a", instance: "i" }, [m(eu, 10)]);
  const younger = store.put({ job: "a" }, [m(us, 20)]);
  const [with_, without] = [
    await new View(store.feed, { region: eu, originLabel: "region" }).sync(),
    await new View(store.feed, { region: eu }).sync(),
  ];
  expect(with_.hidden.of(younger)).toEqual(without.hidden.of(younger));
  expect(with_.hidden.count).toBe(1);
  expect((await bodyOf(with_.render(plain))).toString().match(/^m\{/gm)).toHaveLength(1);
  expect([...with_.groups()]).toEqual([...without.groups()]);
});

test("a family that is pushed again elsewhere, with the same lines, tells the new region", async () => {
  const store = new TestStore();
  const view = new View(store.feed, { region: eu, originLabel: "region" });
  const lines = async () => {
    const text = (await bodyOf((await view.sync()).render(plain))).toString();
    return text.split("\n").filter((line) => line.startsWith("m{"));
  };
  const put = (region: RegionId) =>
    store.put({ job: "a" }, [{ name: "m", region, text: 'm{job="a"} 1\n' }], { pushedRegion: region });
  put(eu);
  expect(await lines()).toEqual(['m{job="a",region="eu"} 1']);
  put(us);
  expect(await lines()).toEqual(['m{job="a",region="us"} 1']);
});
