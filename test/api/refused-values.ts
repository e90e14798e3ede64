/** Values, each with the beginning of the reason that follows the parameter's name. */
type Refused = readonly (readonly [value: string, reason: string])[];

const cursor = (content: unknown) => Buffer.from(JSON.stringify(content)).toString("base64url");

const wholeNumber: Refused = [
  "",
  "0",
  "-1",
  "+1",
  " 1",
  "1.5",
  "1e2",
  "0x10",
  "NaN",
  "Infinity",
  "9".repeat(400),
].map((value) => [value, "must be a whole number from 1 to "]);
const flag: Refused = ["", "yes", "1", "True", "true ", "null"].map((value) => [
  value,
  "must be true or false, got ",
]);
const duration: Refused = [
  ...["", "1x", "-1", "+1", "1.", ".5", "1e3", "1.5h", "5m1h", "1h1h", "1h ", "NaN", "Infinity"].map(
    (value) => [value, "must be a duration such as "] as const,
  ),
  ["300y", "is too long a duration"],
];
const region: Refused = ["", "EU", "1eu", "eu_west", "eu.", "-eu", "e".repeat(33), "eu west"].map((value) => [
  value,
  "must be a region such as eu-west",
]);
const order: Refused = ["", "up", "ASC", "asc,desc"].map((value) => [
  value,
  "must be one of asc, desc, got ",
]);
const search: Refused = [["ä".repeat(1_001), "is longer than 1000 characters"]];
const sortOf = (first: string, ...others: readonly string[]): Refused =>
  ["", "age", "JOB", ...others].map((value) => [value, `must be one of ${first}, `]);
const cursorOf = (list: string, sort: string, direction: string): Refused => [
  ...[
    "nonsense",
    "\u0000",
    cursor(null),
    cursor({}),
    cursor([list, sort, direction]),
    cursor([list, sort, direction, 1]),
  ].map((value) => [value, "not a cursor; "] as const),
  [cursor([list, "series", direction, "1"]), "belongs to another list, sort or order"],
  [cursor([list, sort, direction === "asc" ? "desc" : "asc", "1"]), "belongs to another list, sort or order"],
  [cursor(["other", sort, direction, "1"]), "belongs to another list, sort or order"],
  ["A".repeat(5_001), "is longer than 5000 characters"],
];
const selector: Refused = [
  ["", ": expected a label matcher, got the end"],
  ["{", "{: expected a label name, got the end"],
  ["{job=}", "{job=}: expected a value in quotes"],
  ["{job=a}", "{job=a}: expected a value in quotes"],
  ["{job=“a”}", "{job=“a”}: expected a value in quotes"],
  ['{job="a}', '{job="a}: '],
  ['{job="a\\x"}', '{job="a\\x"}: '],
  ['{job=="a"}', '{job=="a"}: expected a value in quotes'],
  ['{="a"}', '{="a"}: expected a label name'],
  ['{1="a"}', '{1="a"}: expected a label name'],
  ['{job="a"} or {job="b"}', '{job="a"} or {job="b"}: expected nothing after the matchers'],
  ['up{job="a"}', 'up{job="a"}: '],
  // Regular expressions of other engines, and ones that are none.
  ...["(", "[z-a]", "a**", "(?=a)", "(?<!a)b", "(a)\\\\1", "a{1001}", "(?>a)", "a++"].map(
    (regex) => [`{job=~"${regex}"}`, `{job=~"${regex}"}: error parsing regexp: `] as const,
  ),
];
const narrowSelector: Refused = [
  ...selector,
  ...["{}", '{job=~".*"}', '{job!="a"}', '{absent=""}', '{job!~"a|b"}'].map(
    (value) => [value, `${value} may match everything`] as const,
  ),
];
const id: Refused = [
  "x",
  "A".repeat(21),
  "A".repeat(23),
  `${"A".repeat(21)}!`,
  `${"A".repeat(21)}%2F`,
  "%20",
  "..%2F",
].map((value) => [value, '"']);

/** What each parameter of the API does not take, by operation, e.g. `get /groups`. */
export const refusedValues: Readonly<Record<string, Readonly<Record<string, Refused>>>> = {
  "get /groups": {
    "match[]": selector,
    search,
    failed: flag,
    stale: duration,
    expiring: duration,
    region,
    sort: sortOf("last_push", "name", "groups"),
    order,
    limit: [...wholeNumber, ["1001", "must be a whole number from 1 to 1000, got "]],
    cursor: cursorOf("groups", "last_push", "desc"),
  },
  "delete /groups": {
    "match[]": narrowSelector,
    dry_run: flag,
    max: [...wholeNumber, ["1000001", "must be a whole number from 1 to 1000000, got "]],
  },
  "get /groups/{id}": { id },
  "get /jobs": {
    search,
    failing: flag,
    sort: sortOf("job", "expiry", "failure"),
    order,
    limit: [...wholeNumber, ["1001", "must be a whole number from 1 to 1000, got "]],
    cursor: cursorOf("jobs", "job", "asc"),
  },
};
