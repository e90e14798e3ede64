import { useCallback, useMemo, useState } from "react";
import type { Group } from "../api/types.ts";
import type { Selection } from "../list/column.ts";

interface TickedGroups {
  readonly groups: readonly Group[];
  readonly selection: Selection<Group>;
  readonly clear: () => void;
}

/** The groups that are ticked among the rows; none any more when `list` becomes another. */
export function useTickedGroups(rows: readonly Group[], list: string): TickedGroups {
  const [ticked, setTicked] = useState<ReadonlyMap<string, Group>>(new Map());
  const [known, setKnown] = useState(list);
  if (known !== list) {
    setKnown(list);
    setTicked(new Map());
  }
  const clear = useCallback(() => setTicked(new Map()), []);
  const toggle = useCallback(
    (group: Group) =>
      setTicked((before) => {
        const after = new Map(before);
        if (!after.delete(group.id)) after.set(group.id, group);
        return after;
      }),
    [],
  );
  const toggleAll = () =>
    setTicked((before) =>
      rows.every(({ id }) => before.has(id)) ? new Map() : new Map(rows.map((group) => [group.id, group])),
    );
  const ids = useMemo(() => new Set(ticked.keys()), [ticked]);
  return { groups: [...ticked.values()], selection: { ids, toggle, toggleAll }, clear };
}
