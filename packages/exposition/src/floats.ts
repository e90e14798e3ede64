/** What a number may look like besides the special values: Go's decimal literals without underscores. */
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;

/**
 * The value as the text format writes it: Go's strconv.FormatFloat(value, 'g', -1, 64), the fewest digits that read
 * back as the same number, with an exponent below 1e-4 and from 1e+06 on, and a negative zero written as `0`.
 */
export function formatFloat(value: number): string {
  const size = Math.abs(value);
  // Within these bounds JavaScript writes the same digits without an exponent too.
  if ((size >= 1e-4 && size < 1e6) || size === 0) return String(value);
  if (Number.isNaN(value)) return "NaN";
  if (size === Infinity) return value > 0 ? "+Inf" : "-Inf";

  // "1.5e+6", where Go wants two digits of exponent.
  const text = value.toExponential();
  const isOneDigit = text.charCodeAt(text.length - 2) < 0x30;
  return isOneDigit ? `${text.slice(0, -1)}0${text.slice(-1)}` : text;
}

/**
 * Reads a number as prometheus/common does: Go's strconv.ParseFloat without hexadecimal and underscores.
 * `undefined` when it is none, or too large for a float.
 */
export function parseFloatText(text: string): number | undefined {
  if (DECIMAL.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : undefined;
  }
  const infinite = INFINITE.exec(text);
  if (infinite !== null) return infinite[1] === "-" ? -Infinity : Infinity;
  // Unlike infinity, Go's NaN takes no sign.
  return text.length === 3 && text.toLowerCase() === "nan" ? Number.NaN : undefined;
}
