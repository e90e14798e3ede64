const grouped = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

/** `12,345` */
export function formatCount(count: number): string {
  return grouped.format(count);
}

/** `1 group`, `2,000 groups`; the plural is the singular with an s unless given. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** Decimal units, three digits: `999 B`, `1.23 kB`, `45.6 MB`. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  // From 999.5 on three digits would round up to a thousand, which the next unit says better.
  const power = bytes < 999.5 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes * 1.0005) / 3));
  return `${short.format(bytes / 1000 ** power)} ${units[power] ?? ""}`;
}

/** Three digits: `0`, `0.0333`, `12.5`, `1,230`. */
export function formatRate(rate: number): string {
  return rate >= 1000 ? grouped.format(Math.round(rate)) : short.format(rate);
}
