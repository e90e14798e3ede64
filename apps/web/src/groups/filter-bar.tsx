import { Button, Checkbox } from "@mantine/core";
import { IconFilter } from "@tabler/icons-react";
import { useId } from "react";
import { isDuration } from "../format/duration.ts";
import { CommittedInput } from "../list/committed-input.tsx";
import { SearchBox } from "../list/search-box.tsx";
import { type GroupFilters, isFiltered, withoutFilters } from "./group-filters.ts";

const durations = ["1m", "5m", "15m", "1h", "6h", "1d", "7d"];

/** Everything that narrows the list of groups. */
export function FilterBar({
  filters,
  selectorError,
  onChange,
}: {
  readonly filters: GroupFilters;
  /** What the API says against the selector. */
  readonly selectorError: string | undefined;
  readonly onChange: (changes: Partial<GroupFilters>, options?: { readonly replace: boolean }) => void;
}) {
  const suggestions = useId();
  return (
    <search className="filter-bar" aria-label="Filter the groups">
      <SearchBox
        label="Search labels"
        placeholder="backup db-1 …"
        value={filters.search}
        onSearch={(search) => onChange({ search }, { replace: true })}
      />
      <CommittedInput
        className="grows"
        label="Selector"
        placeholder='{job=~"etl-.*", instance!=""}'
        icon={<IconFilter size={14} aria-hidden="true" />}
        value={filters.match}
        error={selectorError}
        onCommit={(match) => onChange({ match })}
      />
      <CommittedInput
        className="duration"
        label="No push for"
        placeholder="any time"
        suggestions={suggestions}
        value={filters.stale}
        error={durationError(filters.stale)}
        onCommit={(stale) => onChange({ stale })}
      />
      <CommittedInput
        className="duration"
        label="Expires within"
        placeholder="any time"
        suggestions={suggestions}
        value={filters.expiring}
        error={durationError(filters.expiring)}
        onCommit={(expiring) => onChange({ expiring })}
      />
      <datalist id={suggestions}>
        {durations.map((duration) => (
          <option key={duration} value={duration} />
        ))}
      </datalist>
      <Checkbox
        className="inline-filter"
        size="xs"
        label="Failing only"
        checked={filters.failed}
        onChange={(event) => onChange({ failed: event.currentTarget.checked })}
      />
      {isFiltered(filters) ? (
        <Button
          className="inline-filter"
          size="compact-xs"
          variant="default"
          onClick={() => onChange(withoutFilters(filters))}
        >
          Clear filters
        </Button>
      ) : null}
    </search>
  );
}

function durationError(text: string): string | undefined {
  return text === "" || isDuration(text) ? undefined : "Write it like 90s, 1h30m or 7d.";
}
