import type { Family } from "../api/types.ts";

/**
 * The families in whose name or help all words occur, and of the others those metrics whose labels have the words that
 * the name and the help lack. Case does not matter.
 */
export function filterFamilies(families: readonly Family[], text: string): readonly Family[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return families;
  return families.flatMap((family) => {
    const heading = `${family.name} ${family.help ?? ""}`.toLowerCase();
    const missing = words.filter((word) => !heading.includes(word));
    if (missing.length === 0) return family;
    const metrics = family.metrics.filter(({ labels }) => {
      const shown = Object.entries(labels).flat().join(" ").toLowerCase();
      return missing.every((word) => shown.includes(word));
    });
    return metrics.length === 0 ? [] : { ...family, metrics };
  });
}
