import type { Family, SeriesHead } from "@pushfleet/exposition";
import type { PathLabels } from "./path.ts";
import { PushGrouping } from "./push-grouping.ts";
import { type SeriesTemplate, seriesTemplate } from "./series-template.ts";

/**
 * Remembers, by the heads that a parser with a memory gives its metrics, how they are printed and that their labels are
 * admissible; and by the labels that a path reader gives, the grouping made of them. How a metric is printed depends only
 * on its family, its head and the *names* of the grouping labels, so what one group pushed serves all groups of its shape.
 *
 * A head has one template: what is remembered is as bounded as the memories of parser and path reader, and goes with them.
 * For paths of 90 characters a grouping takes 400 bytes, half as much as the path reader keeps.
 */
export class SeriesMemory {
  readonly #templates = new WeakMap<SeriesHead, SeriesTemplate>();
  readonly #groupings = new WeakMap<PathLabels, PushGrouping>();

  grouping(pathLabels: PathLabels): PushGrouping {
    let grouping = this.#groupings.get(pathLabels);
    if (grouping === undefined) {
      grouping = new PushGrouping(pathLabels);
      this.#groupings.set(pathLabels, grouping);
    }
    return grouping;
  }

  /** The template of a metric of the family; undefined when its labels need a closer look with each push. */
  template(family: Family, head: SeriesHead, grouping: PushGrouping): SeriesTemplate | undefined {
    const known = this.#templates.get(head);
    if (known !== undefined && known.shape === grouping.shape && known.family === family.name) return known;
    const template = seriesTemplate(family, head, grouping);
    if (template !== undefined) this.#templates.set(head, template);
    return template;
  }
}
