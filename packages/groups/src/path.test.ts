import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PathError, parseGroupPath } from "./path.ts";

const legacy = (path: string) => parseGroupPath(path, { names: "legacy" });
const utf8 = (path: string) => parseGroupPath(path, { names: "utf8" });

function refusal(path: string, parse = legacy): PathError {
  try {
    parse(path);
  } catch (error) {
    if (error instanceof PathError) return error;
    throw error;
  }
  throw new Error(`${path} was accepted`);
}

describe("the grouping key in a path", () => {
  test.each([
    ["/job/a", [["job", "a"]]],
    ["/job/a/", [["job", "a"]]],
    [
      "/job/a/instance/b",
      [
        ["job", "a"],
        ["instance", "b"],
      ],
    ],
    [
      "/job@base64/Zm9vL2Jhcg/instance@base64/YS9i",
      [
        ["job", "foo/bar"],
        ["instance", "a/b"],
      ],
    ],
    [
      "/job@base64/Zm9vL2Jhcg==/instance@base64/%3D",
      [
        ["job", "foo/bar"],
        ["instance", ""],
      ],
    ],
    ["/job%40base64/Zm9v", [["job", "foo"]]],
    ["/%6Aob/a", [["job", "a"]]],
  ])("%s", (path, labels) => {
    expect(legacy(path)).toEqual(labels);
  });

  test("keeps an encoded slash inside its value", () => {
    expect(legacy("/job/a%2Fb/c/d")).toEqual([
      ["job", "a/b"],
      ["c", "d"],
    ]);
  });

  test("leaves a plus sign as it is, and decodes %20 and %2B", () => {
    expect(legacy("/job/a+b%20c%2Bd")).toEqual([["job", "a+b c+d"]]);
  });

  test("reads an empty segment after a name as an empty value, at the end and in between", () => {
    expect(legacy("/job/a/instance/")).toEqual([
      ["job", "a"],
      ["instance", ""],
    ]);
    expect(legacy("/job/a/instance//x/y")).toEqual([
      ["job", "a"],
      ["instance", ""],
      ["x", "y"],
    ]);
  });

  test("lets the first job win, and of other names the last", () => {
    expect(legacy("/job/j1/job/j2/x/1/x/2")).toEqual([
      ["job", "j1"],
      ["x", "2"],
    ]);
  });

  test("may hold any valid UTF-8, NUL included", () => {
    expect(legacy("/job/%00%C3%BC%F0%9F%98%80%EF%BB%BF")).toEqual([["job", "\0ü\u{1f600}\ufeff"]]);
    expect(legacy("/job@base64/77u_w7w")).toEqual([["job", "\ufeffü"]]);
  });

  test("may hold names and values of Object.prototype", () => {
    expect(legacy("/job/__proto__/constructor/toString/toString/__proto__")).toEqual([
      ["job", "__proto__"],
      ["constructor", "toString"],
      ["toString", "__proto__"],
    ]);
  });

  test("takes U__ names literally unless names are UTF-8", () => {
    const path = "/job/a/U__label_2e_name2@base64/bGFiZWwvdmFsdWUy";
    expect(legacy(path)[1]).toEqual(["U__label_2e_name2", "label/value2"]);
    expect(utf8(path)[1]).toEqual(["label.name2", "label/value2"]);
  });

  test("with UTF-8 names takes any name, escaped or not, and leaves an invalid escape as it is", () => {
    expect(utf8("/job/a/foo-bar/1/%C3%BC/2/U__a_zz_b/3/U__job/4")).toEqual([
      ["job", "a"],
      ["foo-bar", "1"],
      ["ü", "2"],
      ["U__a_zz_b", "3"],
    ]);
  });
});

describe("a path that is no grouping key", () => {
  test.each([
    ["/job/", "job-required", "job name is required"],
    ["/job", "job-required", "job name is required"],
    ["/job//instance/x", "job-required", "job name is required"],
    ["/job@base64/=", "job-required", "job name is required"],
    ["/job@base64/%3D", "job-required", "job name is required"],
    [
      "/job@base64/Zm9v.b",
      "bad-base64",
      'invalid base64 encoding in job name "foo": illegal base64 data at input byte 4',
    ],
    [
      "/job@base64/__8.",
      "bad-base64",
      'invalid base64 encoding in job name "": illegal base64 data at input byte 3',
    ],
    [
      "/job/a/foo@base64/Zm9v.b",
      "bad-base64",
      'invalid base64 encoding for label foo="Zm9v.b": illegal base64 data at input byte 4',
    ],
    [
      "/job/a/foo@base64/a%2Bb%FF",
      "bad-base64",
      'invalid base64 encoding for label foo="a+b\\xff": illegal base64 data at input byte 1',
    ],
    ["/job/a/instance/x/y", "odd-components", 'odd number of components in label string "/instance/x/y"'],
    ["/job/a/instance", "odd-components", 'odd number of components in label string "/instance"'],
    ["/job/a/instance/x/", "odd-components", 'odd number of components in label string "/instance/x/"'],
    ["/job//x", "odd-components", 'odd number of components in label string "/x"'],
    ["/job/a/foo-bar/x", "bad-label-name", 'improper label name "foo-bar"'],
    ["/job/a/a=b/x", "bad-label-name", 'improper label name "a=b"'],
    ["/job/a/foo-bar@base64/x", "bad-label-name", 'improper label name "foo-bar"'],
    ["/job/a/__name__/x", "bad-label-name", 'improper label name "__name__"'],
    ["/job/a/__proto__/x", "bad-label-name", 'improper label name "__proto__"'],
    ["/job/a//x", "bad-label-name", 'improper label name ""'],
    ["/job/a/%FF/x", "bad-label-name", 'improper label name "\\xff"'],
    ["/job/%FF", "not-utf8", 'job name is not valid UTF-8: "\\xff"'],
    ["/job/a%C3", "not-utf8", 'job name is not valid UTF-8: "a\\xc3"'],
    ["/job@base64/_w", "not-utf8", 'job name is not valid UTF-8: "\\xff"'],
    ["/job/%ED%A0%80", "not-utf8", 'job name is not valid UTF-8: "\\xed\\xa0\\x80"'],
    ["/job/a/b/%FF", "not-utf8", 'value of label b is not valid UTF-8: "\\xff"'],
    ["/job/a%2", "bad-escape", 'invalid URL escape "%2"'],
    ["/job/a/b/%zz1", "bad-escape", 'invalid URL escape "%zz"'],
    ["/job/ü", "bad-escape", 'invalid character in URL path "ü"'],
    ["/instance/x/job/y", "not-a-group-path", 'the path of a group starts with "/job/"'],
    ["", "not-a-group-path", 'the path of a group starts with "/job/"'],
    ["/", "not-a-group-path", 'the path of a group starts with "/job/"'],
    ["job/a", "not-a-group-path", 'the path of a group starts with "/job/"'],
    ["/jobs/a", "not-a-group-path", 'the path of a group starts with "/job/"'],
  ])("%s is refused (%s)", (path, code, message) => {
    expect(refusal(path)).toMatchObject({ code, message });
  });

  test.each([
    ["/job/a/__name__/x", 'improper label name "__name__"'],
    ["/job/a/U______name/x", 'improper label name "U______name"'],
    ["/job/a/%FF/x", 'improper label name "\\xff"'],
    ["/job/a//x", 'improper label name ""'],
    ["/job/a/U__/x", 'improper label name "U__"'],
  ])("with UTF-8 names, %s is refused", (path, message) => {
    expect(refusal(path, utf8)).toMatchObject({ code: "bad-label-name", message });
  });
});

describe("whatever the path", () => {
  const values = fc.oneof(
    fc.constantFrom("", "/", "a/b", "%", "%2F", "=", "+", " ", "__proto__", "constructor", "."),
    fc.string({ unit: "grapheme" }),
  );
  const names = fc
    .stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/)
    .filter((name) => name !== "job" && !name.startsWith("__"));

  test("a correct client's way of writing labels, percent-encoded or base64, is read back", () => {
    const labels = fc.uniqueArray(fc.tuple(names, values, fc.boolean()), { selector: ([name]) => name });
    const jobs = fc.tuple(
      values.filter((job) => job !== ""),
      fc.boolean(),
    );
    fc.assert(
      fc.property(jobs, labels, ([job, jobAsBase64], others) => {
        const all: [string, string, boolean][] = [["job", job, jobAsBase64], ...others];
        const path = all.map(([name, value, asBase64]) =>
          asBase64
            ? `/${name}@base64/${Buffer.from(value).toString("base64url") || "="}`
            : `/${name}/${encodeURIComponent(value)}`,
        );
        expect(legacy(path.join(""))).toEqual(all.map(([name, value]) => [name, value]));
      }),
    );
  });

  test("nothing but PathError is thrown", () => {
    const piece = fc.oneof(
      fc.constantFrom("/", "/job/", "@base64", "%", "%2F", "%FF", "%C3%BC", "=", "__", "U__", "_2e_", "//"),
      fc.string({ unit: "binary" }),
      fc.string(),
    );
    const paths = fc.array(piece).map((pieces) => `/job/a${pieces.join("")}`);
    fc.assert(
      fc.property(
        fc.oneof(paths, fc.string({ unit: "binary" })),
        fc.constantFrom(legacy, utf8),
        (path, parse) => {
          try {
            const names = parse(path).map(([name]) => name);
            expect(names[0]).toBe("job");
            expect(new Set(names).size).toBe(names.length);
          } catch (error) {
            expect(error).toBeInstanceOf(PathError);
          }
        },
      ),
    );
  });

  test("reading it takes time in proportion to its length", () => {
    const padded = `/job@base64/${"=".repeat(200_000)}x`;
    const start = performance.now();
    expect(refusal(padded).code).toBe("bad-base64");
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
