import { type ConformanceCase, del, post, put, request } from "../case.ts";

const BODY = "m 1\n";

/** Pushes one series to each path; the group it lands in shows on the scrape. */
const PATHS: Readonly<Record<string, string>> = {
  "job alone": "/job/a",
  "job and instance": "/job/a/instance/i",
  "several labels": "/job/a/x/1/y/2/z/3",
  "labels in another order": "/job/a/z/3/y/2/x/1",
  "trailing slash after the job": "/job/a/",
  "trailing slash after a label name is an empty value": "/job/a/x/",
  "odd number of components": "/job/a/x",
  "odd number of components, three": "/job/a/x/1/y",
  "no job value": "/job",
  "another first label": "/instance/x/job/y",
  "no labels at all": "",
  "a later job does not win": "/job/j1/job/b",
  "a repeated label: the last wins": "/job/a/x/1/x/2",
  "a label name with a dash": "/job/a/foo-bar/1",
  "a label name with a dot": "/job/a/foo.bar/1",
  "a label name with a colon": "/job/a/foo:bar/1",
  "a label name that starts with a digit": "/job/a/1x/1",
  "a label name with an equals sign": "/job/a/x/1/a=b/2",
  "a reserved label name": "/job/a/__x/1",
  "a label name of one underscore": "/job/a/_/1",
  "a reserved label name alone": "/job/a/__name__/m",
  "an empty label name": "/job/a/@base64/YQ",
  "upper-case label names": "/job/a/Instance/I",
  "a UTF-8 job": "/job/Bj%C3%B6rn",
  "a UTF-8 label value": "/job/a/x/%E6%97%A5%E6%9C%AC",
  "an emoji": "/job/%F0%9F%98%80",
  "a UTF-8 label name": "/job/a/%C3%A9/1",
  "a percent-encoded space": "/job/a%20b",
  "plus is literal": "/job/a+b",
  "a percent-encoded plus": "/job/a%2Bb",
  "a percent-encoded quote": "/job/a/x/%22quoted%22",
  "a percent-encoded backslash": "/job/a/x/back%5Cslash",
  "a percent-encoded line feed": "/job/a/x/two%0Alines",
  "a percent-encoded carriage return": "/job/a/x/two%0Dlines",
  "a tab": "/job/a/x/%09",
  "a NUL": "/job/a/x/%00",
  "braces and commas": "/job/a/x/%7Ba=1,b=2%7D",
  "percent-encoded label names": "/job/a/%78/1",
  "a question mark inside a value": "/job/a/x/%3F",
  "a query string is ignored": "/job/a?job=b&x=1",
  "an empty query string": "/job/a?",
  "a lower-case escape": "/job/a/x/%c3%b6",
  "a dot inside a value": "/job/a.b/x/1.2.3",
  "three dots as a value": "/job/...",
  "a tilde, colon and at sign": "/job/~a:b@c",
  "a long value": `/job/${"a".repeat(2000)}`,
  "names of object members": "/job/__proto__/constructor/toString",
  "base64 job": "/job@base64/dGVzdC9qb2I",
  "base64 job with padding": "/job@base64/dGVzdC9qb2I=",
  "base64 job with a percent-encoded padding": "/job@base64/dGVzdC9qb2I%3D",
  "base64 job with too much padding": "/job@base64/YWI====",
  "base64 label": "/job/a/x@base64/YS9i",
  "base64 first, plain last": "/job/a/x@base64/YS9i/y/2",
  "base64 job and label": "/job@base64/YS9i/x@base64/Yy9k",
  "base64 of UTF-8": "/job@base64/QmrDtnJu",
  "URL-safe alphabet": "/job/a/x@base64/fn5-Pz8_",
  "standard alphabet": "/job/a/x@base64/fn5+",
  "base64 label with a dot": "/job/a/x@base64/Zm9v.b",
  "base64 label of an impossible length": "/job/a/x@base64/Zm9vY",
  "base64 label with non-zero trailing bits": "/job/a/x@base64/YR",
  "base64 of nothing": "/job/a/x@base64/=",
  "base64 of nothing, padding escaped": "/job/a/x@base64/%3D",
  "base64 job of nothing": "/job@base64/=",
  "base64 label with a line feed in it": "/job/a/x@base64/YS9i%0A",
  "an odd suffix": "/job/a/x@base32/YS9i",
  "base64 suffix twice": "/job/a/x@base64@base64/YS9i",
  "a base64 label that repeats a plain one": "/job/a/x/1/x@base64/Mg",
  "a base64 job in place of a label": "/job/a/job@base64/Yg",
  "a U__ name in legacy mode is a plain name": "/job/a/U__label_2e_name2/1",
  "dots that end in a value": "/job/a/x/b..",
};

export const pathCases: readonly ConformanceCase[] = [
  ...Object.entries(PATHS).map(([name, path]) => ({ name: `push: ${name}`, steps: [put(path, BODY)] })),
  ...["a", "x", "x/1/y", "foo-bar/1", "__x/1", "x@base64/YS9i", "x@base64/!"].map((rest) => ({
    name: `delete by the path job/a/${rest}`,
    steps: [post("/job/a/x/1", BODY), post("/job/a/x@base64/YS9i", BODY), del(`/job/a/${rest}`)],
  })),
  {
    name: "the order of labels makes no other group",
    steps: [post("/job/a/x/1/y/2", "m 1\n"), post("/job/a/y/2/x/1", "m 2\n")],
  },
  {
    name: "base64 makes no other group",
    steps: [post("/job/a/x/b", "m 1\n"), post("/job@base64/YQ/x@base64/Yg==", "m 2\n")],
  },
  {
    name: "percent-encoding makes no other group",
    steps: [post("/job/ab", "m 1\n"), post("/job/%61%62", "m 2\n")],
  },
  {
    name: "names of object members are names like any other",
    steps: [
      post("/job/constructor/toString/valueOf", 'hasOwnProperty{constructor="1",toString="x"} 1\n'),
      post("/job/__proto__", "constructor 1\ntoString 2\n__proto__ 3\n"),
      post("/job/prototype", '# TYPE valueOf gauge\nvalueOf{prototype="__proto__"} 3\n'),
    ],
  },
  {
    name: "an empty instance and none are one group",
    steps: [post("/job/a", "m 1\n"), post("/job/a/instance/", "m 2\n"), post("/job/b", "m 3\n")],
    difference: {
      id: "empty-label-values",
      ours: {
        statuses: [200, 200, 200],
        scrape: ['m{job="a"} 2', 'm{job="b"} 3'],
        groups: ['{job="a"}', '{job="b"}'],
      },
    },
  },
  {
    name: "an empty label and none are one group",
    steps: [put("/job/a", "m 1\n"), put("/job/a/x/", "n 2\n")],
    difference: {
      id: "empty-label-values",
      ours: { statuses: [200, 200], scrape: ['n{job="a"} 2'], groups: ['{job="a"}'] },
    },
  },
  {
    name: "deleting with an empty label deletes the group without it",
    steps: [put("/job/a", "m 1\n"), del("/job/a/x@base64/=")],
    difference: { id: "empty-label-values", ours: { statuses: [200, 202], scrape: [], groups: [] } },
  },
  {
    name: "a push that failed into an empty label keeps the scrape alive",
    steps: [post("/job/a", "m 1\n"), post("/job/a/instance/", "m 2 1000\n"), post("/job/b", "m 3\n")],
    difference: {
      id: "ghost-groups",
      ours: {
        statuses: [200, 400, 200],
        scrape: ['m{job="a"} 1', 'm{job="b"} 3'],
        groups: ['{job="a"} failed', '{job="b"}'],
      },
    },
  },
  {
    name: "a job that is not UTF-8 harms nobody",
    steps: [post("/job/%FF", BODY), post("/job/b", BODY)],
    difference: {
      id: "non-utf8-labels",
      ours: { statuses: [400, 200], scrape: ['m{job="b"} 1'], groups: ['{job="b"}'] },
    },
  },
  {
    name: "a label that is not UTF-8 harms nobody",
    steps: [post("/job/a/x@base64/_w", BODY), post("/job/b", BODY)],
    difference: {
      id: "non-utf8-labels",
      ours: { statuses: [400, 200], scrape: ['m{job="b"} 1'], groups: ['{job="b"}'] },
    },
  },
  {
    name: "an escaped slash stays in the value",
    steps: [post("/job/a%2Fb", BODY)],
    difference: {
      id: "escaped-slash",
      ours: { statuses: [200], scrape: ['m{job="a/b"} 1'], groups: ['{job="a/b"}'] },
    },
  },
  {
    name: "an escaped slash never makes a label",
    steps: [post("/job/a%2Fb/c/d%2Fe", BODY)],
    difference: {
      id: "escaped-slash",
      ours: { statuses: [200], scrape: ['m{c="d/e",job="a/b"} 1'], groups: ['{c="d/e",job="a/b"}'] },
    },
  },
  {
    name: "the words of the path have to be plain",
    steps: [post("/%6Aob/a", BODY)],
    difference: { id: "encoded-keywords", ours: { statuses: [404], groups: [] } },
  },
  {
    name: "broken percent-encoding",
    steps: [post("/job/a%zz", BODY)],
    difference: { id: "broken-percent-encoding", ours: { statuses: [400], scrape: [], groups: [] } },
  },
  {
    name: "percent-encoding that breaks off",
    steps: [post("/job/a/x/1%4", BODY)],
    difference: { id: "broken-percent-encoding", ours: { statuses: [400], scrape: [], groups: [] } },
  },
  {
    name: "two slashes are an empty value",
    steps: [post("/job/a/x//y/2", BODY)],
    difference: {
      id: "no-redirects",
      ours: { statuses: [200], scrape: ['m{job="a",y="2"} 1'], groups: ['{job="a",y="2"}'] },
    },
  },
  {
    name: "two slashes at the end are an empty value and a slash too many",
    steps: [put("/job/a/instance//", BODY)],
    difference: {
      id: "no-redirects",
      ours: { statuses: [400], lastBody: "odd number of components", groups: [] },
    },
  },
  {
    name: "an empty job is refused, not redirected",
    steps: [put("/job//x/1", BODY)],
    difference: {
      id: "no-redirects",
      ours: { statuses: [400], lastBody: "job name is required", groups: [] },
    },
  },
  {
    name: "two dots are a value like any other",
    steps: [put("/job/a/x/..", BODY)],
    difference: {
      id: "no-redirects",
      ours: { statuses: [200], scrape: ['m{job="a",x=".."} 1'], groups: ['{job="a",x=".."}'] },
    },
  },
  {
    name: "one dot is a value like any other",
    steps: [put("/job/.", BODY)],
    difference: {
      id: "no-redirects",
      ours: { statuses: [200], scrape: ['m{job="."} 1'], groups: ['{job="."}'] },
    },
  },
  {
    name: "a path without a job value is not found, not redirected",
    steps: [request("POST", "/metrics/job/", { body: BODY })],
    difference: {
      id: "no-redirects",
      ours: { statuses: [400], lastBody: "job name is required", groups: [] },
    },
  },
];

/** Of the reference only a process of its own survives these. */
export const deadlyPathCases: readonly ConformanceCase[] = [
  { name: "a base64 job that cannot be decoded", steps: [put("/job@base64/!!!", BODY)] },
];
