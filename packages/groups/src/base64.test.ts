import { describe, expect, test } from "vitest";
import { decodeBase64Url } from "./base64.ts";

// Every expectation is what Go's base64.RawURLEncoding says of the input with trailing "=" cut off.
describe("base64url of a path", () => {
  test.each([
    ["", ""],
    ["=", ""],
    ["====", ""],
    ["Zm9v", "foo"],
    ["Zm9vYg", "foob"],
    ["Zm9vYg==", "foob"],
    ["Zm9vYh==", "foob"],
    ["Zm\n9v", "foo"],
    ["_-8", "\xff\xef"],
    ["bGFiZWwvdmFsdWUy==", "label/value2"],
  ])("%j decodes to %j", (encoded, bytes) => {
    expect(decodeBase64Url(encoded)).toEqual({ bytes });
  });

  test.each([
    ["Zm9v.b", "foo", 4],
    ["foo.bar", "", 3],
    ["!!!", "", 0],
    ["a", "", 0],
    ["Zm9vY", "foo", 4],
    ["Zm9v=Yg", "foo", 4],
    ["Z=m9v", "", 1],
    ["=Zm9v", "", 0],
    ["Zm9vY\n", "foo", 5],
    ["Zm9vY\r\n\n", "foo", 7],
    ["Zm9v+/", "foo", 4],
    ["Zm9vYmFyYmF6cXV4.", "foobarbazqux", 16],
    ["Zm9vYmFyYmF6cX.V4", "foobarbaz", 14],
    ["\xc3\xbc", "", 0],
    ["Zm9vYm\xc3\xbc", "foo", 6],
    ["Zm9vYmFyY\n.", "foobar", 10],
  ])("%j is illegal after %j, at byte %i", (encoded, bytes, illegalAt) => {
    expect(decodeBase64Url(encoded)).toEqual({ bytes, illegalAt });
  });
});
