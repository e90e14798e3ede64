/** A test of ours: the file, from the root of the repository, and words of its name as they stand there. */
export interface Cover {
  readonly file: string;
  readonly name: string;
}

const cases = (topic: string, ...names: readonly string[]): Cover[] =>
  names.map((name) => ({ file: `test/conformance/cases/${topic}.ts`, name }));
const additions = (...names: readonly string[]): Cover[] =>
  names.map((name) => ({ file: "test/conformance/additions.test.ts", name }));
const contract = (...names: readonly string[]): Cover[] =>
  names.map((name) => ({ file: "packages/store/src/contract/mutations.ts", name }));

/**
 * Every test of Pushgateway 1.11 (`go test ./...` there) and what it asserts, with the tests that assert it here. Those in
 * `cases` run against a real Pushgateway too. Its tests of web page prefixes have their like in the route prefixes.
 */
export const upstreamTests: Readonly<Record<string, readonly Cover[]>> = {
  "TestHealthyReady: both answer 200": cases("status", '"/-/healthy", "GET"', '"/-/ready", "GET"'),

  "TestPush: no job is 400 and stores nothing": cases("paths", "an empty job is refused, not redirected"),
  "TestPush: a job alone with an empty body": cases("sequences", "POST of an empty body to nothing"),
  "TestPush: junk is 400": cases("text", 'junk: "blablabla'),
  "TestPush: text with an instance": cases("sequences", "grouping labels override the body's"),
  "TestPush: an error of the store is 400": cases("conflicts", "another type in another group"),
  "TestPush: base64 job and instance": cases("paths", "base64 job and label"),
  "TestPush: no instance": cases("paths", "job alone"),
  "TestPush: a timestamp reaches the store": cases(
    "sequences",
    "a timestamp fails the push and makes the group",
  ),
  "TestPush: delimited protobuf": cases("protobuf", "several families"),
  "TestPush: a native float histogram": additions(
    "gives native histograms to a protobuf scrape as they were pushed",
  ),

  "TestPushUTF8: text": cases("additions", "UTF-8 names in text and path"),
  "TestPushUTF8: base64": cases("additions", "UTF-8 names in text with a base64 path"),
  "TestPushUTF8: protobuf": cases("additions", "UTF-8 names in protobuf"),

  "TestDelete: no job is 400": cases("sequences", "DELETE without a job"),
  "TestDelete: job, and job and instance": cases(
    "sequences",
    '"DELETE"',
    "DELETE by job alone leaves the instances",
  ),
  "TestDelete: base64": cases("paths", "delete by the path job/a/"),
  TestDeleteUTF8: cases("additions", "delete by UTF-8 label names"),

  "TestSplitLabels: regular labels": cases("paths", "several labels"),
  "TestSplitLabels: an invalid name": cases("paths", "a label name with an equals sign"),
  "TestSplitLabels: a reserved name": cases("paths", "a reserved label name"),
  "TestSplitLabels: an unencoded slash": cases("paths", "odd number of components, three"),
  "TestSplitLabels: base64 first": cases("paths", "base64 first, plain last"),
  "TestSplitLabels: base64 last": cases("paths", "base64 label"),
  "TestSplitLabels: base64 with padding": cases("paths", "base64 job with too much padding"),
  "TestSplitLabels: bad base64": cases("paths", "base64 label with a dot"),
  "TestSplitLabels: U__ in legacy mode": cases("paths", "a U__ name in legacy mode is a plain name"),
  TestSplitLabelsUTF8: cases(
    "additions",
    "UTF-8 names in text and path",
    "UTF-8 names in text with a base64 path",
  ),

  "TestWipeMetricStore: 202, every group goes": [
    ...cases("sequences", '"wipe"'),
    ...contract("wipe removes everything, says how much it was, and frees all names"),
  ],
  TestRoutePrefixForStatic: additions("%s moves every route"),
  TestPathPrefixPresenceInPage: additions("%s moves every route"),

  "TestGetMetricFamilies: one family of three groups, empty groups": [
    ...cases("sequences", "a histogram in several groups", "PUT of nothing empties the group"),
  ],
  "TestAddDeletePersistRestore: add, overwrite, empty summary": [
    ...cases("sequences", "POST replaces whole families"),
    ...cases("protobuf", "an empty summary"),
  ],
  "TestAddDeletePersistRestore: a restart restores all, times too; draining on shutdown": additions(
    "a persistence file brings everything back after a restart, deletes too",
  ),
  "TestAddDeletePersistRestore: deletes; by job alone removes nothing": cases(
    "sequences",
    "DELETE by job alone leaves the instances",
  ),
  "TestAddDeletePersistRestore: nothing empty is left of a deleted group": contract(
    "a deleted group starts anew",
  ),
  "TestAddDeletePersistRestore: a metric without labels gets the group's": cases("paths", "job and instance"),
  TestNoPersistence: additions("without a persistence file a restart starts empty"),
  TestRejectTimestamps: cases("sequences", "a timestamp fails the push and makes the group"),
  "TestRejectInconsistentPush: a type of the gateway's own": cases(
    "conflicts",
    "the gateway's own family in",
  ),
  "TestRejectInconsistentPush: a series of another group": cases(
    "conflicts",
    "the same series from a group with fewer labels",
  ),
  "TestRejectInconsistentPush: the failure time stays after success": cases(
    "sequences",
    "the failure time stays after success",
  ),
  "TestSanitizeLabels: the body's labels are overridden": cases(
    "sequences",
    "grouping labels override the body's",
  ),
  "TestSanitizeLabels: an empty instance is added": cases(
    "sequences",
    "the body's instance stays without one in the path",
  ),
  "TestReplace: a failed push first": cases("sequences", "the failure time stays after success"),
  "TestReplace: PUT replaces": cases("sequences", "PUT drops the other families"),
  "TestReplace: a failed PUT keeps what was there": cases("sequences", "a timestamp fails a replace"),
  "TestReplace: an empty PUT leaves the times": cases("sequences", "PUT of nothing empties the group"),
  TestGetMetricFamiliesMap: cases("sequences", "a batch job's life"),
  TestHelpStringFix: cases(
    "conflicts",
    "a family the process itself has",
    "another help in another group is no conflict",
  ),
  TestGroupingKeyForLabels: cases("paths", "the order of labels makes no other group"),

  TestStatusAPI: additions("shows the flags in the status API"),
  "TestMetricsAPI: empty": cases("additions", "the empty list of groups"),
  "TestMetricsAPI: summaries, classic and native histograms": additions(
    "shows histograms in the API as upstream's api_test.go expects",
  ),
};
