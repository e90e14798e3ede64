/**
 * Where a series could also be held. All labels of a group are on all its series, so a series can only be in a group
 * whose labels are among its own; and of all groups with the same label *names* (one shape) that is exactly one. With a
 * handful of shapes in use, a handful of look-ups finds every possible duplicate.
 */
import type { Label } from "@pushfleet/exposition";
import {
  type AdmittedFamily,
  type AdmittedMetric,
  type AdmittedMetrics,
  type Group,
  type GroupId,
  groupOf,
} from "@pushfleet/groups";

/** The label names of a group, in the order of `Group.labels`. */
export type Shape = readonly string[];

/** Text that is equal for equal shapes, for use as a key. `parseShapeKey` is its inverse. */
export function shapeKey(labels: readonly Label[]): string {
  return JSON.stringify(labels.map(([name]) => name));
}

export function parseShapeKey(key: string): Shape {
  return JSON.parse(key) as Shape; // made by shapeKey
}

/** What is asked of a family. */
type WithMetrics = Pick<AdmittedFamily, "metrics">;

/** Another group that may hold some of the pushed series, and which. */
export interface RivalGroup<Family extends WithMetrics = AdmittedFamily> {
  readonly group: Group;
  readonly families: readonly RivalFamily<Family>[];
}

interface RivalFamily<Family extends WithMetrics> {
  readonly family: Family;
  /** Those of `family.metrics` that the rival group could hold. Never empty. */
  readonly metrics: AdmittedMetrics;
}

/**
 * The groups of the given shapes, other than `group` itself, that could hold one of the series pushed to `group`,
 * whether or not they exist. Costs one group id per shape whose names `group` has itself, and for other shapes one per
 * distinct set of values among the pushed series.
 */
export function rivalGroups<Family extends WithMetrics>(
  group: Group,
  families: readonly Family[],
  shapes: Iterable<Shape>,
): Map<GroupId, RivalGroup<Family>> {
  const rivals = new Map<GroupId, RivalGroup<Family>>();
  for (const shape of shapes) {
    if (isShapeOf(group, shape)) continue;
    const own = project(group.labels, shape);
    if (own === undefined) {
      addRivalsOfSeries(rivals, families, shape);
    } else {
      addRivalOfGroup(rivals, families, groupOf(own));
    }
  }
  return rivals;
}

function isShapeOf({ labels }: Group, shape: Shape): boolean {
  if (shape.length !== labels.length) return false;
  for (let i = 0; i < shape.length; i++) if (labels[i]?.[0] !== shape[i]) return false;
  return true;
}

/** All pushed series carry the labels of the pushing group, so one rival may hold any of them. */
function addRivalOfGroup<Family extends WithMetrics>(
  rivals: Map<GroupId, RivalGroup<Family>>,
  families: readonly Family[],
  group: Group,
): void {
  const held = families.filter(({ metrics }) => metrics.length > 0);
  rivals.set(group.id, { group, families: held.map((family) => ({ family, metrics: family.metrics })) });
}

function addRivalsOfSeries<Family extends WithMetrics>(
  rivals: Map<GroupId, RivalGroup<Family>>,
  families: readonly Family[],
  shape: Shape,
): void {
  /** By the values of the shape's labels, so that a group id is computed once for all its series. */
  const found = new Map<
    string,
    { group: Group; families: { family: Family; metrics: AdmittedMetric[] }[] }
  >();
  for (const family of families) {
    for (const metric of family.metrics) {
      const labels = project(metric.labels, shape);
      if (labels === undefined) continue;
      const values = JSON.stringify(labels);
      let rival = found.get(values);
      if (rival === undefined) {
        rival = { group: groupOf(labels), families: [] };
        found.set(values, rival);
        rivals.set(rival.group.id, rival);
      }
      const last = rival.families.at(-1);
      if (last?.family === family) last.metrics.push(metric);
      else rival.families.push({ family, metrics: [metric] });
    }
  }
}

/** The labels named by the shape, or undefined when one is missing. Both are sorted alike. */
function project(labels: readonly Label[], shape: Shape): readonly Label[] | undefined {
  if (shape.length > labels.length) return undefined;
  const projected: Label[] = [];
  for (const label of labels) {
    if (label[0] === shape[projected.length]) projected.push(label);
  }
  return projected.length === shape.length ? projected : undefined;
}
