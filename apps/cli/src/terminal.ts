import type { Writable } from "node:stream";
import { styleText } from "node:util";

/** Where a command writes: perhaps a terminal. */
export type Terminal = Writable & { readonly isTTY?: boolean; readonly columns?: number };

type Style = "bold" | "dim" | "red" | "yellow" | "green";

/** Colours a text. */
export type Paint = (style: Style, text: string) => string;

/** Colours only on a terminal, and not with NO_COLOR or when switched off. */
export function paintFor(stream: Terminal, { color }: { readonly color: boolean }): Paint {
  return color ? (style, text) => styleText(style, text, { stream }) : (_, text) => text;
}

export interface Column<T> {
  readonly title: string;
  readonly align?: "left" | "right";
  text(row: T): string;
  /** How the text is to look. */
  style?(row: T): Style | undefined;
}

/** The lines of a table, columns as wide as they have to be. */
export function table<T>(columns: readonly Column<T>[], rows: readonly T[], paint: Paint): string {
  const widths = columns.map(({ title, text }) =>
    rows.reduce((width, row) => Math.max(width, text(row).length), title.length),
  );
  const line = (cell: (column: Column<T>, width: number, isLast: boolean) => string) =>
    columns
      .map((column, i) => cell(column, widths[i] ?? 0, i === columns.length - 1))
      .join("  ")
      .trimEnd();
  const padded = (text: string, { align }: Column<T>, width: number, isLast: boolean) => {
    if (align === "right") return text.padStart(width);
    return isLast ? text : text.padEnd(width);
  };
  const head = line((column, width, isLast) => paint("bold", padded(column.title, column, width, isLast)));
  const body = rows.map((row) =>
    line((column, width, isLast) => {
      const text = padded(column.text(row), column, width, isLast);
      const style = column.style?.(row);
      return style === undefined ? text : paint(style, text);
    }),
  );
  return [head, ...body].map((one) => `${one}\n`).join("");
}

/** A text from elsewhere without anything that a terminal would take for a command. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => {
    const point = character.codePointAt(0) ?? 0;
    return `\\u{${point.toString(16)}}`;
  });
}

/** A span of time in its two largest units: `45s`, `3m 20s`, `2d 4h`. */
export function span(seconds: number): string {
  const units = [
    ["d", 86_400],
    ["h", 3_600],
    ["m", 60],
    ["s", 1],
  ] as const;
  const whole = Math.max(0, Math.floor(seconds));
  const first = units.findIndex(([, size]) => whole >= size);
  if (first === -1) return "0s";
  let rest = whole;
  return units
    .slice(first, first + 2)
    .flatMap(([unit, size]) => {
      const count = Math.floor(rest / size);
      rest -= count * size;
      return count === 0 ? [] : [`${count}${unit}`];
    })
    .join(" ");
}
