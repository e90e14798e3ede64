/** Which metric and label names are allowed: the classic character set, or any non-empty UTF-8. */
export type NameScheme = "legacy" | "utf8";

/** How names outside the classic character set reach a scraper that asked for `escaping=…` in its Accept header. */
export type EscapingScheme = "allow-utf-8" | "underscores" | "dots" | "values";

const LEGACY_METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LEGACY_LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Marks a name escaped by the `values` scheme. */
const ESCAPED = "U__";
/**
 * What may follow the mark: `__` for an underscore, `_2e_` for a character. Upstream takes at most five hex digits,
 * so it cannot undo its own escape of U+100000 and above.
 */
const ESCAPED_REST = /^(?:[^_]|__|_[0-9a-f]{1,5}_)*$/i;

/** Whether the name needs no quotes in the text format: `[a-zA-Z_:][a-zA-Z0-9_:]*`. */
export function isLegacyMetricName(name: string): boolean {
  return LEGACY_METRIC_NAME.test(name);
}

/** Whether the label name needs no quotes in the text format: `[a-zA-Z_][a-zA-Z0-9_]*`. */
export function isLegacyLabelName(name: string): boolean {
  return LEGACY_LABEL_NAME.test(name);
}

/**
 * Turns a metric or label name into one of the classic character set (prometheus/common EscapeName). Colons stay, in
 * label names too. All but `dots` leave a name alone that needs no escaping; only `values` can be undone.
 */
export function escapeName(name: string, scheme: EscapingScheme): string {
  if (name === "") return name;
  switch (scheme) {
    case "allow-utf-8":
      return name;
    case "underscores":
      return isLegacyMetricName(name) ? name : escapeEach(name, () => "_", "_");
    case "dots":
      return escapeEach(name, (character) => (character === "." ? "_dot_" : "__"), "__");
    case "values":
      return isLegacyMetricName(name) ? name : ESCAPED + escapeEach(name, codePointEscape, "__");
  }
}

/** Undoes `escapeName(…, "values")`; a name that is not the result of it comes back as it is. */
export function unescapeName(name: string): string {
  if (!name.startsWith(ESCAPED)) return name;
  const rest = name.slice(ESCAPED.length);
  if (!ESCAPED_REST.test(rest)) return name;

  let isText = true;
  const unescaped = rest.replace(/__|_([0-9a-f]+)_/gi, (_, hex: string | undefined) => {
    if (hex === undefined) return "_";
    const point = Number.parseInt(hex, 16);
    if (isSurrogate(point)) isText = false;
    return String.fromCodePoint(point);
  });
  return isText ? unescaped : name;
}

function escapeEach(name: string, replace: (character: string) => string, underscore: string): string {
  let escaped = "";
  for (const character of name) {
    if (character === "_") escaped += underscore;
    // Only at the start a digit is out of place, so there the character is judged as a name of its own.
    else if (isLegacyMetricName(escaped === "" ? character : `_${character}`)) escaped += character;
    else escaped += replace(character);
  }
  return escaped;
}

function codePointEscape(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  return isSurrogate(point) ? "_FFFD_" : `_${point.toString(16)}_`;
}

function isSurrogate(point: number): boolean {
  return point >= 0xd800 && point <= 0xdfff;
}
