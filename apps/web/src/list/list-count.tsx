import { useState } from "react";
import { counted, formatCount } from "../format/quantity.ts";
import type { PagedList } from "./paged-list.ts";

/** `12 of 20,000 groups`. Read out when other filters have been set, but not with each change of a live list. */
export function ListCount({
  list: { counts, isOutdated },
  noun,
}: {
  readonly list: Pick<PagedList<unknown>, "counts" | "isOutdated">;
  /** In the singular. */
  readonly noun: string;
}) {
  const [announced, setAnnounced] = useState("");
  const [wasOutdated, setWasOutdated] = useState(false);
  const text = counts === undefined ? "" : textOf(counts, noun);
  if (isOutdated !== wasOutdated) {
    setWasOutdated(isOutdated);
    if (!isOutdated) setAnnounced(text);
  }
  return (
    <>
      <p className="list-count dimmed">{text}</p>
      <p className="visually-hidden" role="status">
        {announced}
      </p>
    </>
  );
}

function textOf(
  { matched, total }: { readonly matched: number; readonly total: number },
  noun: string,
): string {
  const all = counted(total, noun);
  return matched === total ? all : `${formatCount(matched)} of ${all}`;
}
