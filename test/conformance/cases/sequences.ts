import { type ConformanceCase, del, post, put, request } from "../case.ts";

const FAIL = "m 1 1000\n";

export const sequenceCases: readonly ConformanceCase[] = [
  {
    name: "POST keeps the other families",
    steps: [post("/job/a", "m 1\nn 1\n"), post("/job/a", "n 2\no 2\n")],
  },
  {
    name: "PUT drops the other families",
    steps: [post("/job/a", "m 1\nn 1\n"), put("/job/a", "n 2\no 2\n")],
  },
  {
    name: "POST replaces whole families",
    steps: [post("/job/a", 'm{x="1"} 1\nm{x="2"} 1\n'), post("/job/a", 'm{x="2"} 2\n')],
  },
  {
    name: "PUT to one group leaves the others",
    steps: [put("/job/a", "m 1\n"), put("/job/b", "m 2\n"), put("/job/a", "n 1\n")],
  },
  { name: "POST of nothing to nothing", steps: [post("/job/a")] },
  { name: "POST of an empty body to nothing", steps: [post("/job/a", "")] },
  { name: "POST of nothing to a group", steps: [post("/job/a", "m 1\n"), post("/job/a", "")] },
  { name: "PUT of nothing to nothing", steps: [put("/job/a", "")] },
  { name: "PUT of nothing empties the group", steps: [put("/job/a", "m 1\n"), put("/job/a", "")] },
  {
    name: "PUT of comments empties the group",
    steps: [put("/job/a", "m 1\n"), put("/job/a", "# TYPE m gauge\n")],
  },
  { name: "PUT of nothing after a failure keeps its time", steps: [put("/job/a", FAIL), put("/job/a", "")] },
  { name: "DELETE of nothing", steps: [del("/job/a")] },
  { name: "DELETE", steps: [post("/job/a", "m 1\n"), post("/job/b", "m 1\n"), del("/job/a")] },
  { name: "DELETE twice", steps: [post("/job/a", "m 1\n"), del("/job/a"), del("/job/a")] },
  {
    name: "DELETE with a body",
    steps: [post("/job/a", "m 1\n"), request("DELETE", "/metrics/job/a", { body: "junk" })],
  },
  {
    name: "DELETE drops the failure time",
    steps: [put("/job/a", FAIL), del("/job/a"), put("/job/a", "m 1\n")],
  },
  { name: "DELETE of a failed group", steps: [put("/job/a", FAIL), del("/job/a")] },
  {
    name: "DELETE by job alone leaves the instances",
    steps: [
      post("/job/a/instance/1", "m 1\n"),
      post("/job/a/instance/2", "m 1\n"),
      post("/job/a", "n 1\n"),
      del("/job/a"),
    ],
  },
  {
    name: "DELETE by more labels leaves the job",
    steps: [post("/job/a", "m 1\n"), del("/job/a/instance/1")],
  },
  {
    name: "DELETE without a job",
    steps: [post("/job/a", "m 1\n"), del(""), del("/job"), del("/instance/x")],
  },
  {
    name: "a push after a DELETE starts anew",
    steps: [post("/job/a", "m 1\nn 1\n"), del("/job/a"), post("/job/a", "n 2\n")],
  },
  { name: "a timestamp fails the push and makes the group", steps: [post("/job/a", FAIL)] },
  { name: "a timestamp fails a replace", steps: [put("/job/a", "m 1\n"), put("/job/a", FAIL)] },
  { name: "the failure time stays after success", steps: [put("/job/a", FAIL), put("/job/a", "m 1\n")] },
  {
    name: "fail, succeed, fail, succeed",
    steps: [put("/job/a", FAIL), post("/job/a", "m 1\n"), post("/job/a", FAIL), post("/job/a", "n 1\n")],
  },
  { name: "a body that cannot be read touches no group", steps: [post("/job/a", "junk\n")] },
  {
    name: "a body that cannot be read leaves its group",
    steps: [post("/job/a", "m 1\n"), put("/job/a", "junk\n")],
  },
  {
    name: "a body that breaks off leaves its group",
    steps: [post("/job/a", "m 1\n"), put("/job/a", "m 2\nn 3")],
  },
  {
    name: "a path that cannot be read touches no group",
    steps: [post("/job/a", "m 1\n"), put("/job/a/x", "m 2\n")],
  },
  {
    name: "grouping labels override the body's",
    steps: [post("/job/a/instance/i", 'm{job="x",instance="y",z="1"} 1\n')],
  },
  {
    name: "the body's instance stays without one in the path",
    steps: [post("/job/a", 'm{instance="y"} 1\nm 2\n')],
  },
  { name: "the body's empty instance", steps: [post("/job/a", 'm{instance=""} 1\n')] },
  {
    name: "the body's empty instance with one in the path",
    steps: [post("/job/a/instance/i", 'm{instance=""} 1\n')],
  },
  { name: "labels that become equal by the path", steps: [post("/job/a/x/1", 'm{x="2"} 1\nm{x="3"} 1\n')] },
  { name: "a label of the body equal to the path's", steps: [post("/job/a/x/1", 'm{x="1",job="a"} 1\n')] },
  {
    name: "a grouping label called le",
    steps: [
      post("/job/a/le/1", '# TYPE h histogram\nh_bucket{le="2"} 1\nh_count 1\n'),
      post("/job/b", "m 1\n"),
    ],
    difference: {
      id: "le-on-histograms",
      ours: {
        statuses: [400, 200],
        scrape: ['m{job="b"} 1'],
        groups: ['{job="a",le="1"} failed', '{job="b"}'],
      },
    },
  },
  {
    name: "a grouping label called quantile, gauge",
    steps: [post("/job/a/quantile/1", "# TYPE m gauge\nm 1\n")],
  },
  {
    name: "a grouping label called quantile, summary",
    steps: [post("/job/a/quantile/1", "# TYPE s summary\ns_count 1\n")],
  },
  { name: "a pushed push_time_seconds", steps: [post("/job/a", "push_time_seconds 5\nm 1\n")] },
  {
    name: "a pushed push_time_seconds of another type",
    steps: [post("/job/a", "# TYPE push_time_seconds counter\npush_time_seconds 5\n")],
  },
  { name: "a pushed push_time_seconds with labels", steps: [post("/job/a", 'push_time_seconds{x="1"} 5\n')] },
  {
    name: "the gateway's own scrape cannot be pushed back",
    steps: [post("/job/a", "# TYPE push_time_seconds gauge\npush_time_seconds 1 1000\n")],
  },
  {
    name: "a pushed push_failure_time_seconds",
    steps: [post("/job/a", "push_failure_time_seconds 6\n"), post("/job/a", "push_failure_time_seconds 6\n")],
    difference: {
      id: "push-times-owned",
      ours: { statuses: [200, 200], scrape: ["# TYPE push_failure_time_seconds gauge"] },
    },
  },
  {
    name: "wipe",
    steps: [
      post("/job/a", "m 1\n"),
      post("/job/b", FAIL),
      request("PUT", "/api/v1/admin/wipe"),
      post("/job/c", "m 1\n"),
    ],
  },
  { name: "wipe of nothing", steps: [request("PUT", "/api/v1/admin/wipe", { body: "ignored" })] },
  {
    name: "wipe by POST",
    steps: [post("/job/a", "m 1\n"), request("POST", "/api/v1/admin/wipe", { compareHeaders: ["allow"] })],
  },
  {
    name: "many groups of one job",
    steps: Array.from({ length: 20 }, (_, i) =>
      post(`/job/a/instance/${i}`, `m ${i}\n# TYPE c counter\nc ${i * 1e5}\n`),
    ),
  },
  {
    name: "a histogram in several groups",
    steps: ["a", "b", "c"].map((job) =>
      post(
        `/job/${job}`,
        '# HELP h Help.\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 3\nh_sum 4\nh_count 3\n',
      ),
    ),
  },
  {
    name: "a batch job's life",
    steps: [
      put(
        "/job/backup/instance/db-1",
        "# HELP backup_size_bytes Size.\n# TYPE backup_size_bytes gauge\nbackup_size_bytes 1e9\n",
      ),
      put(
        "/job/backup/instance/db-2",
        "# HELP backup_size_bytes Size.\n# TYPE backup_size_bytes gauge\nbackup_size_bytes 2e9\n",
      ),
      put("/job/backup/instance/db-1", "# TYPE backup_size_bytes counter\nbackup_size_bytes 3e9\n"),
      post("/job/backup/instance/db-1", "# TYPE backup_ok gauge\nbackup_ok 1\n"),
      del("/job/backup/instance/db-2"),
    ],
  },
];
