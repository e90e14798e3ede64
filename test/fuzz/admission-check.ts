import { decodeMetrics, type Family, familyHeader, LimitExceeded, parseText } from "@pushfleet/exposition";
import {
  AdmissionError,
  type AdmittedFamily,
  admit,
  createAdmission,
  type PathLabels,
  parseGroupPath,
} from "@pushfleet/groups";
import { require, requireSame } from "./target.ts";

/** Of groups that differ in what admission heeds: names before and after those of bodies, empty values, UTF-8. */
const paths = ["/job/a", "/job/b/instance/i/x/1", "/job/c/a//U__my_2e_name/%C3%A4"] as const;

/**
 * Checks admission of families that a parser gave, and that what comes of it can be scraped: a memory changes nothing,
 * what is printed parses again, and when it is pushed once more it is printed as before.
 */
export function createAdmissionCheck(): (families: readonly Family[]) => void {
  const remembering = createAdmission();
  const groups = paths.map((path) => parseGroupPath(path, { names: "utf8" }));
  return (families) => {
    for (const labels of groups) {
      const admitted = admittedOf(() => admit(families, labels));
      const known = admittedOf(() => remembering(families, labels));
      requireSame(described(known), described(admitted), "admission with a memory and without");
      if (Array.isArray(admitted)) requirePrintable(admitted, labels);
    }
  };
}

function requirePrintable(admitted: readonly AdmittedFamily[], labels: PathLabels): void {
  const textual = admitted.filter(({ proto }) => proto === undefined);
  const printed = printedText(textual);
  const again = parseText(Buffer.from(printed), { names: "utf8" });
  require(again.length === textual.length, "not as many families parse as were printed");
  requireSame(printedText(admit(again, labels)), printed, "what is printed and what is printed of that");
  for (const { name, type, help, text, proto, seriesCount } of admitted) {
    require(text.split("\n").length - 1 === seriesCount, "series are miscounted");
    if (proto === undefined) continue;
    const family = { name, type, help, metrics: decodeMetrics(proto) };
    const [once, ...others] = admit([family], labels);
    require(once !== undefined && others.length === 0, "what is stored beside the text is another family");
    requireSame(once?.text ?? "", text, "the text and what is stored beside it");
  }
}

function printedText(admitted: readonly AdmittedFamily[]): string {
  return admitted
    .map(({ text, ...family }) => {
      // Text cannot say that a help begins with blanks, and nothing reads help from it.
      const help = family.help.replace(/^[ \t]+/, "");
      return familyHeader({ ...family, help }) + text;
    })
    .join("");
}

function admittedOf(admission: () => AdmittedFamily[]): AdmittedFamily[] | string {
  try {
    return admission();
  } catch (error) {
    if (error instanceof AdmissionError || error instanceof LimitExceeded) return error.message;
    throw error;
  }
}

function described(admitted: AdmittedFamily[] | string): string {
  if (typeof admitted === "string") return admitted;
  return admitted
    .map(({ name, type, help, text, proto, seriesCount, metrics, unprinted }) =>
      [
        JSON.stringify([name, type, help, seriesCount, unprinted]),
        text,
        proto === undefined ? "" : Buffer.from(proto).toString("latin1"),
        JSON.stringify(Array.from(metrics, ({ labels, identity }) => [labels, identity])),
      ].join("\n"),
    )
    .join("\n");
}
