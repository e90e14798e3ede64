/** What a scrape shows of pushed families, in a form that can be compared between servers. */
export interface ScrapedFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  /** Sample lines without labels of empty value, sorted; the value of a push time is only `0` or `set`. */
  readonly samples: readonly string[];
}

/** Families that belong to the servers themselves and cannot agree. */
export const OWN_FAMILY = /^(go|process|promhttp|pushgateway|pushfleet|nodejs)_/;
const PUSH_TIME = /^push_(failure_)?time_seconds$/;

export interface ScrapeOptions {
  /** The group of this job is the test's own tool and left out. */
  readonly withoutJob?: string;
  /** Keep what was pushed into families that servers have too, such as `go_goroutines`: what has a job. */
  readonly keepOwn?: boolean;
}

/**
 * Reads text 0.0.4. Throws where a strict reader could complain: a sample outside its family, a family twice or out of
 * order, a series twice, no final line feed. It knows only what servers write, not all of the format.
 */
export function readScrape(text: string, options: ScrapeOptions = {}): Map<string, ScrapedFamily> {
  if (text !== "" && !text.endsWith("\n")) throw new Error("the scrape does not end with a line feed");
  const families = new Map<string, { name: string; help: string; type: string; samples: string[] }>();
  const series = new Set<string>();
  let previous = "";
  let pendingHelp: { name: string; help: string } | undefined;
  let family: { name: string; help: string; type: string; samples: string[] } | undefined;

  for (const line of text.split("\n")) {
    if (line === "") continue;
    const [, keyword, name, rest] = /^# (HELP|TYPE) ("(?:[^"\\]|\\.)*"|\S+) (.*)$/.exec(line) ?? [];
    if (keyword === "HELP" && name !== undefined) {
      if (pendingHelp !== undefined) throw new Error(`HELP without TYPE before: ${line}`);
      pendingHelp = { name, help: rest ?? "" };
    } else if (keyword === "TYPE" && name !== undefined) {
      if (pendingHelp !== undefined && pendingHelp.name !== name)
        throw new Error(`HELP of another family: ${line}`);
      if (families.has(name)) throw new Error(`family twice: ${line}`);
      // Our own families stand behind the pushed ones.
      if (!OWN_FAMILY.test(name)) {
        if (unquoted(name) < previous) throw new Error(`family out of order: ${line}`);
        previous = unquoted(name);
      }
      family = { name, help: pendingHelp?.help ?? "", type: rest ?? "", samples: [] };
      families.set(name, family);
      pendingHelp = undefined;
    } else if (family === undefined || pendingHelp !== undefined || !belongsTo(line, family)) {
      throw new Error(`sample outside its family: ${line}`);
    } else {
      const sample = readSample(line);
      const identity = `${sample.name}{${sample.labels.join(",")}}`;
      if (series.has(identity)) throw new Error(`series twice: ${line}`);
      series.add(identity);
      if (options.withoutJob !== undefined && sample.labels.includes(`job="${options.withoutJob}"`)) continue;
      if (OWN_FAMILY.test(family.name) && !sample.labels.some((label) => label.startsWith("job="))) continue;
      const value = PUSH_TIME.test(family.name) && sample.value !== "0" ? "set" : sample.value;
      family.samples.push(`${sample.labels.length === 0 ? sample.name : identity} ${value}`);
    }
  }

  const pushed = new Map<string, ScrapedFamily>();
  for (const [name, read] of families) {
    if ((OWN_FAMILY.test(name) && options.keepOwn !== true) || read.samples.length === 0) continue;
    pushed.set(name, { ...read, samples: read.samples.sort() });
  }
  return pushed;
}

const unquoted = (name: string) => (name.startsWith('"') ? name.slice(1, -1) : name);

function belongsTo(line: string, family: { name: string; type: string }): boolean {
  const quoted = family.name.startsWith('"');
  const base = quoted ? `{${family.name.slice(0, -1)}` : family.name;
  const end = quoted ? '"' : "";
  const suffixes =
    family.type === "summary"
      ? ["", "_sum", "_count"]
      : /histogram/.test(family.type)
        ? ["_bucket", "_sum", "_count"]
        : [""];
  return suffixes.some((suffix) => {
    const start = base + suffix + end;
    return line.startsWith(start) && /^[ {,}]/.test(line.slice(start.length));
  });
}

/** Splits `name{a="b"} 1`; labels keep their order and escapes, labels with an empty value are left out. */
function readSample(line: string): { name: string; labels: string[]; value: string } {
  const match = /^([^{ ]*)(?:\{((?:"(?:[^"\\]|\\.)*"|[^"}])*)\})? (\S+)$/.exec(line);
  if (match === null) throw new Error(`not a sample: ${line}`);
  const [, name = "", braces = "", value = ""] = match;
  const labels = braces.match(/(?:[^",]|"(?:[^"\\]|\\.)*")+/g) ?? [];
  return { name, labels: labels.filter((label) => !label.endsWith('=""')), value };
}
