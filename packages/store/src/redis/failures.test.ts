import { describe, expect, test } from "vitest";
import { failureText, isConsequence, isTemporary, needsOtherSettings, startFailureText } from "./failures.ts";

test("of an error of OpenSSL the reason is told, in one line", () => {
  const full =
    "406DAC8A447F0000:error:0A000418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca:../deps/x.c:918:SSL alert number 48\n";
  expect(failureText(new Error(full))).toBe("tlsv1 alert unknown ca");
  expect(failureText(new Error(`failed to connect to sentinel a:1 because ${full}`))).toBe(
    "failed to connect to sentinel a:1 because tlsv1 alert unknown ca",
  );
  expect(failureText("text")).toBe("text");
});

describe("whether waiting helps", () => {
  test.each([
    ["READONLY You can't write against a read only replica.", { isTemporary: true, inVain: false }],
    ["LOADING Redis is loading the dataset in memory", { isTemporary: true, inVain: false }],
    ["NOPERM this user has no permissions to run the 'hset' command", { isTemporary: true, inVain: true }],
    ["ERR The user executing the script can't run this command", { isTemporary: true, inVain: true }],
    ["ERR ACL failure in script: User a has no permissions", { isTemporary: true, inVain: true }],
    ["ERR DB index is out of range", { isTemporary: false, inVain: true }],
    ["ERR wrong number of arguments", { isTemporary: false, inVain: false }],
    ["connect ECONNREFUSED 127.0.0.1:1", { isTemporary: false, inVain: false }],
    ["self-signed certificate in certificate chain", { isTemporary: false, inVain: true }],
  ])("%s", (message, expected) => {
    const error = new Error(message);
    expect({ isTemporary: isTemporary(error), inVain: needsOtherSettings(error) }).toEqual(expected);
  });
});

test("errors that follow from others are told apart", () => {
  expect(
    isConsequence(new Error("All sentinels are unreachable. Retrying from scratch after 10ms.")),
  ).toBeTrue();
  expect(isConsequence(new Error("no primary within 15 s"))).toBeTrue();
  expect(isConsequence(new Error("connect ECONNREFUSED"))).toBeFalse();
});

test("what may be the reason is guessed for a first connection only", () => {
  const reset = new Error("read ECONNRESET");
  expect(startFailureText(reset)).toBe("read ECONNRESET");
  expect(startFailureText(reset, "plain")).toEndWith("(perhaps it speaks TLS: see --redis.tls)");
  expect(startFailureText(reset, "tls")).toEndWith("(perhaps it wants another --redis.tls-cert-file)");
});

test("Sentinels have options of their own", () => {
  const sentinel = new Error("failed to connect to sentinel a:26379 because WRONGPASS invalid");
  expect(startFailureText(sentinel)).toInclude("--redis.sentinel-password-file");
  expect(startFailureText(new Error("WRONGPASS invalid"))).toInclude("--redis.password-file");
});
