import { spawnSync } from "node:child_process";
import { gunzipSync } from "node:zlib";
import {
  decodeProtobuf,
  type EscapingScheme,
  familyHeader,
  metricText,
  parseText,
} from "@pushfleet/exposition";
import type { Snapshot } from "@pushfleet/view";
import { readFamilies } from "../conformance/protobuf.ts";
import { readScrape } from "../conformance/scrape.ts";
import { require, requireSame, Violation } from "./target.ts";

const schemes: readonly EscapingScheme[] = ["allow-utf-8", "underscores", "dots", "values"];

/**
 * Checks a scrape in all its forms: each parses again, by our own parser and by others that know nothing of it, has no family
 * and no series twice, and all forms say the same.
 */
export async function checkScrape(snapshot: Snapshot): Promise<void> {
  for (const escaping of schemes) {
    const form = async (encoding: "text" | "protobuf", gzip: boolean) =>
      Buffer.concat(await snapshot.render({ encoding, escaping, gzip }));
    const text = await form("text", false);
    requireSame(
      gunzipSync(await form("text", true)).toString(),
      text.toString(),
      `gzip and text (${escaping})`,
    );
    const protobuf = await form("protobuf", false);
    const unzipped = gunzipSync(await form("protobuf", true));
    require(Buffer.compare(unzipped, protobuf) === 0, `gzip and protobuf differ (${escaping})`);
    requireSame(textOf(protobuf), text.toString(), `protobuf and text (${escaping})`);
    requireExposition(text, escaping);
    strictly(() => readScrape(text.toString()));
    strictly(() => readFamilies(protobuf));
  }
}

/** What a text scrape of the protobuf one would be. */
function textOf(protobuf: Buffer): string {
  return decodeProtobuf(protobuf)
    .map(
      (family) =>
        familyHeader(family) +
        family.metrics.map(({ labels, data }) => metricText(family.name, labels, data)).join(""),
    )
    .join("");
}

function requireExposition(text: Buffer, escaping: EscapingScheme): void {
  const names = escaping === "allow-utf-8" ? "utf8" : "legacy";
  const families = parseText(text, { names });
  require(new Set(families.map(({ name }) => name)).size === families.length, `a family twice (${escaping})`);
  for (const { name, metrics } of families) {
    const series = metrics.map(({ labels }) =>
      JSON.stringify(labels.filter(([, value]) => value !== "").toSorted()),
    );
    require(new Set(series).size === series.length, `a series of ${name} twice (${escaping})`);
  }
}

function strictly(read: () => unknown): void {
  try {
    read();
  } catch (cause) {
    throw new Violation(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** By Prometheus' own parser, where promtool is installed. It starts a process, so it is for now and then. */
export async function checkWithPromtool(snapshot: Snapshot): Promise<void> {
  const input = Buffer.concat(
    await snapshot.render({ encoding: "text", escaping: "underscores", gzip: false }),
  );
  const { error, status, stderr } = spawnSync("promtool", ["check", "metrics"], { input });
  // 3 is about style.
  if (error === undefined)
    require(status === 0 || status === 3, `promtool: ${stderr.toString().slice(0, 300)}`);
}
