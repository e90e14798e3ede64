import { Button, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useDeferredValue, useMemo, useState } from "react";
import type { GroupDetail } from "../api/types.ts";
import { counted, formatCount } from "../format/quantity.ts";
import { FamilyCard } from "./family-card.tsx";
import { filterFamilies } from "./family-filter.ts";
import { withOwnLabels } from "./own-labels.ts";

const MANY_FAMILIES = 20;
const MANY_METRICS = 200;
/** Families shown at first, and by each press for more. */
const AT_ONCE = 50;

/** The metrics of a group, with a filter when they are many. */
export function Families({ group }: { readonly group: GroupDetail }) {
  const families = useMemo(() => withOwnLabels(group.metrics, group.labels), [group]);
  const [text, setText] = useState("");
  const [limit, setLimit] = useState(AT_ONCE);
  const words = useDeferredValue(text);
  const shown = useMemo(() => filterFamilies(families, words), [families, words]);
  const isMany =
    families.length > MANY_FAMILIES || families.some(({ metrics }) => metrics.length > MANY_METRICS);
  const hidden = shown.length - limit;
  return (
    <section aria-label="Metrics" className="families">
      <div className="page-head">
        <h2>Metrics</h2>
        <p className="dimmed list-count" role="status">
          {shown.length === families.length
            ? counted(families.length, "family", "families")
            : `${formatCount(shown.length)} of ${counted(families.length, "family", "families")}`}
        </p>
      </div>
      {isMany ? (
        <TextInput
          size="xs"
          type="search"
          label="Filter families, help and labels"
          leftSection={<IconSearch size={14} aria-hidden="true" />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      ) : null}
      {families.length === 0 ? <p className="card">This group has no metrics: only refused pushes.</p> : null}
      {shown.slice(0, limit).map((family) => (
        <FamilyCard key={family.name} family={family} />
      ))}
      {hidden <= 0 ? null : (
        <Button variant="default" size="sm" onClick={() => setLimit(limit + AT_ONCE)}>
          Show {formatCount(Math.min(hidden, AT_ONCE))} more families of {formatCount(shown.length)}
        </Button>
      )}
    </section>
  );
}
