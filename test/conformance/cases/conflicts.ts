import { type ConformanceCase, del, post, put, request, type Step } from "../case.ts";

const SUMMARY = "# TYPE x summary\nx_sum 1\nx_count 2\n";
const HISTOGRAM = '# TYPE x histogram\nx_bucket{le="1"} 1\nx_sum 1\nx_count 2\n';
const GAUGE = "# TYPE x gauge\nx 1\n";
const suffixed = (suffix: string, type = "gauge") => `# TYPE x${suffix} ${type}\nx${suffix} 1\n`;

/** Pushes one body to each of two groups, in this order. */
const pair = (name: string, first: string, second: string): ConformanceCase => ({
  name,
  steps: [post("/job/a", first), post("/job/b", second)],
});

const suffixCases = ["_count", "_sum", "_bucket", "_total", "_created"].flatMap((suffix) => [
  pair(`x${suffix} against a summary x`, SUMMARY, suffixed(suffix)),
  pair(`a summary x against x${suffix}`, suffixed(suffix), SUMMARY),
  pair(`x${suffix} against a histogram x`, HISTOGRAM, suffixed(suffix)),
  pair(`a histogram x against x${suffix}`, suffixed(suffix), HISTOGRAM),
  pair(`x${suffix} against a gauge x`, GAUGE, suffixed(suffix)),
  { name: `x${suffix} with a summary x in one body`, steps: [post("/job/a", SUMMARY + suffixed(suffix))] },
  {
    name: `x${suffix} before a histogram x in one body`,
    steps: [post("/job/a", suffixed(suffix) + HISTOGRAM)],
  },
]);

const refusedKeepsServing = (name: string, first: Step, second: Step): ConformanceCase => ({
  name,
  steps: [first, second, post("/job/z", "other 1\n")],
});

export const conflictCases: readonly ConformanceCase[] = [
  ...suffixCases,
  pair("another type in another group", "# TYPE m gauge\nm 1\n", "# TYPE m counter\nm 1\n"),
  pair("untyped against a gauge", "# TYPE m gauge\nm 1\n", "m 1\n"),
  pair("a gauge against untyped", "m 1\n", "# TYPE m gauge\nm 1\n"),
  pair("a histogram against a summary", SUMMARY, HISTOGRAM),
  pair("a summary against a gauge", GAUGE, SUMMARY),
  pair(
    "a summary named x_count against a summary x",
    SUMMARY,
    "# TYPE x_count summary\nx_count_sum 1\nx_count_count 1\n",
  ),
  pair("the same type is no conflict", GAUGE, GAUGE),
  {
    name: "another type in the same group replaces",
    steps: [post("/job/a", GAUGE), post("/job/a", "# TYPE x counter\nx 2\n")],
  },
  {
    name: "another type in the same group while a second holds it",
    steps: [post("/job/a", GAUGE), post("/job/b", GAUGE), post("/job/a", "# TYPE x counter\nx 2\n")],
  },
  {
    name: "the last holder may change the type after a delete",
    steps: [post("/job/a", GAUGE), post("/job/b", GAUGE), del("/job/b"), post("/job/a", SUMMARY)],
  },
  {
    name: "the last holder may change the type after a replace",
    steps: [
      post("/job/a", GAUGE),
      post("/job/b", GAUGE),
      put("/job/b", "other 1\n"),
      post("/job/a", HISTOGRAM),
    ],
  },
  {
    name: "a suffix is free after its summary was deleted",
    steps: [post("/job/a", SUMMARY), del("/job/a"), post("/job/b", suffixed("_count"))],
  },
  {
    name: "a suffix of a summary in the same group, merged",
    steps: [post("/job/a", SUMMARY), post("/job/a", suffixed("_count"))],
  },
  {
    name: "a suffix of a summary in the same group, replaced",
    steps: [post("/job/a", SUMMARY), put("/job/a", suffixed("_count"))],
  },
  {
    name: "a summary changes to a gauge and its suffix comes along",
    steps: [post("/job/a", SUMMARY), post("/job/a", GAUGE + suffixed("_count"))],
  },
  refusedKeepsServing(
    "the same series from a group with fewer labels",
    post("/job/a/instance/i", "m 1\n"),
    post("/job/a", 'm{instance="i"} 2\n'),
  ),
  refusedKeepsServing(
    "the same series from a group with more labels",
    post("/job/a", 'm{instance="i"} 1\n'),
    post("/job/a/instance/i", "m 2\n"),
  ),
  refusedKeepsServing(
    "the same series from groups with different labels",
    post("/job/a/x/1", 'm{y="2"} 1\n'),
    post("/job/a/y/2", 'm{x="1"} 2\n'),
  ),
  refusedKeepsServing(
    "nearly the same series",
    post("/job/a/x/1", 'm{y="2"} 1\n'),
    post("/job/a/y/2", 'm{x="2"} 2\n'),
  ),
  refusedKeepsServing(
    "one of many series collides",
    post("/job/a/x/1", 'm{y="2"} 1\nm{y="3"} 1\nm{y="4"} 1\n'),
    post("/job/a/y/3", 'm{x="0"} 2\nm{x="1"} 2\nm{x="2"} 2\nn 1\n'),
  ),
  refusedKeepsServing(
    "the same histogram",
    post("/job/a/x/1", HISTOGRAM),
    post("/job/a", '# TYPE x histogram\nx_count{x="1"} 7\n'),
  ),
  refusedKeepsServing(
    "the same summary",
    post("/job/a/x/1", SUMMARY),
    post("/job/a", '# TYPE x summary\nx{x="1",quantile="0.5"} 7\n'),
  ),
  {
    name: "a collision is over once the other series is gone",
    steps: [
      post("/job/a/x/1", "m 1\n"),
      post("/job/a", 'm{x="1"} 2\n'),
      del("/job/a/x/1"),
      post("/job/a", 'm{x="1"} 2\n'),
    ],
  },
  {
    name: "a collision is over once the other family is replaced",
    steps: [post("/job/a/x/1", "m 1\n"), post("/job/a/x/1", 'm{y="2"} 1\n'), post("/job/a", 'm{x="1"} 2\n')],
  },
  {
    name: "a refused push changes nothing of its group",
    steps: [
      post("/job/a", "m 1\nkept 1\n"),
      post("/job/b", "# TYPE n gauge\nn 1\n"),
      post("/job/a", "m 2\n# TYPE n counter\nn 1\nnew 1\n"),
    ],
  },
  {
    name: "a refused replace changes nothing of its group",
    steps: [post("/job/a", "m 1\n"), post("/job/b", GAUGE), put("/job/a", `m 2\n${SUMMARY}`)],
  },
  {
    name: "several reasons at once",
    steps: [post("/job/a", GAUGE), post("/job/b", `${SUMMARY}m{a="1"} 1\nm{a="1"} 2\n`)],
  },
  {
    name: "one of several reasons is told",
    steps: [post("/job/a", 'm{a="1"} 1\nm{a="1"} 2\nm{a="2"} 1\nm{a="2"} 2\n')],
    difference: {
      id: "error-texts",
      theirs: { statuses: [400], lastBody: "existing metrics: 2 error(s) occurred:\n* collected metric " },
      ours: { statuses: [400], lastBody: 'existing metrics: collected metric "m" {' },
    },
  },
  {
    name: "the order of series of two groups",
    steps: [post("/job/b", 'm{a="1"} 1\nm 2\n'), post("/job/a/x/1", "m 3\n"), request("GET", "/metrics")],
    difference: {
      id: "series-order",
      theirs: {
        statuses: [200, 200, 200],
        lastBody:
          'm{instance="",job="b"} 2\nm{instance="",job="a",x="1"} 3\nm{a="1",instance="",job="b"} 1\n',
      },
      ours: {
        statuses: [200, 200, 200],
        lastBody:
          'm{instance="",job="a",x="1"} 3\nm{instance="",job="b"} 2\nm{a="1",instance="",job="b"} 1\n',
      },
    },
  },
  {
    name: "the newest help wins",
    steps: [post("/job/a", "# HELP m Old.\nm 1\n"), post("/job/a", "# HELP m New.\nm 1\n")],
  },
  {
    name: "another help in another group is no conflict",
    steps: [
      post("/job/a", "# HELP m One.\nm 1\n"),
      post("/job/b", "# HELP m Two.\nm 1\n"),
      post("/job/c", "# HELP m Three.\nm 1\n"),
    ],
    difference: {
      id: "help-conflicts",
      // It answers with any of the three, so there is nothing to expect of it.
      theirs: { statuses: [200, 200, 200] },
      ours: {
        statuses: [200, 200, 200],
        scrape: ["# HELP m One.", 'm{job="a"} 1', 'm{job="b"} 1', 'm{job="c"} 1'],
      },
    },
  },
  {
    name: "a family the process itself has, of another type",
    steps: [post("/job/a", "go_goroutines 1\n")],
    difference: {
      id: "own-process-metrics",
      theirs: { statuses: [400], groups: ['{job="a"} failed'] },
      ours: { statuses: [200], scrape: ['go_goroutines{job="a"} 1'], groups: ['{job="a"}'] },
    },
  },
  {
    name: "a family the process itself has",
    steps: [
      post("/job/a", "# HELP go_goroutines Mine.\n# TYPE go_goroutines gauge\ngo_goroutines 1\n"),
      request("GET", "/metrics"),
    ],
    difference: {
      id: "own-process-metrics",
      theirs: {
        statuses: [200, 200],
        lastBody: "# HELP go_goroutines Number of goroutines that currently exist.\n",
      },
      ours: {
        statuses: [200, 200],
        scrape: ["# HELP go_goroutines Mine.", "# TYPE go_goroutines gauge", 'go_goroutines{job="a"} 1'],
      },
    },
  },
  {
    name: "the process metrics every client library pushes",
    steps: [
      post("/job/a", "# TYPE process_cpu_seconds_total gauge\nprocess_cpu_seconds_total 1.5\n"),
      post("/job/b", "# TYPE nodejs_version_info gauge\nnodejs_version_info 1\n"),
    ],
    difference: {
      id: "own-process-metrics",
      theirs: { statuses: [400, 200] },
      ours: {
        statuses: [200, 200],
        scrape: ['process_cpu_seconds_total{job="a"} 1.5', 'nodejs_version_info{job="b"} 1'],
      },
    },
  },
  {
    name: "the gateway's own metrics have a page of their own",
    steps: [request("GET", "/-/metrics")],
    difference: { id: "own-metrics-page", ours: { statuses: [200], lastBody: "\npushgateway_build_info{" } },
  },
  ...[
    "# TYPE pushgateway_build_info gauge\npushgateway_build_info 1\n",
    "# TYPE pushgateway_http_requests_total counter\npushgateway_http_requests_total 1\n",
  ].map(
    (body): ConformanceCase => ({
      name: `the gateway's own family in ${JSON.stringify(body)}`,
      steps: [post("/job/a", body)],
      difference: { id: "own-families", ours: { statuses: [400], scrape: [] } },
    }),
  ),
  {
    name: "a family of a name kept for this gateway",
    steps: [post("/job/a", "pushfleet_something 1\n")],
    difference: { id: "own-families", ours: { statuses: [400], scrape: [] } },
  },
];
