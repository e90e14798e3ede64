import { Checkbox } from "@mantine/core";
import { useApi } from "../api/api-context.tsx";
import type { Job } from "../api/types.ts";
import { FailureAlert } from "../app/failure-alert.tsx";
import { Page } from "../app/page.tsx";
import { useSearchParameters } from "../app/search-parameters.ts";
import { ListCount } from "../list/list-count.tsx";
import { usePagedList } from "../list/paged-list.ts";
import { SearchBox } from "../list/search-box.tsx";
import { VirtualTable } from "../list/virtual-table.tsx";
import { jobColumns } from "./job-columns.tsx";
import { type JobFilters, jobQuery, jobsSortedBy, readJobFilters, writeJobFilters } from "./job-filters.ts";
import "./jobs.css";

const PAGE_SIZE = "200";

/** Every job with its groups rolled up. */
export function JobsPage() {
  const api = useApi();
  const [parameters, setParameters] = useSearchParameters();
  const filters = readJobFilters(parameters);
  const change = (changes: Partial<JobFilters>, options = { replace: false }) =>
    setParameters(writeJobFilters({ ...filters, ...changes }), options);
  const query = jobQuery(filters);
  const list = usePagedList<Job>({
    queryKey: ["jobs", query],
    read: async (cursor, signal) => {
      const search = new URLSearchParams([...query, ["limit", PAGE_SIZE]]);
      if (cursor !== null) search.set("cursor", cursor);
      const { jobs, matched, total, next_cursor, change } = await api.jobs(search, signal);
      return { rows: jobs, matched, total, nextCursor: next_cursor, change };
    },
    idOf: nameOf,
  });
  const isEmpty = list.counts !== undefined && list.rows.length === 0;

  return (
    <Page title="Jobs" fills aside={<ListCount list={list} noun="job" />}>
      <search className="filter-bar" aria-label="Filter the jobs">
        <SearchBox
          label="Search jobs"
          placeholder="backup …"
          value={filters.search}
          onSearch={(search) => change({ search }, { replace: true })}
        />
        <Checkbox
          className="inline-filter"
          size="xs"
          label="Failing only"
          checked={filters.failing}
          onChange={(event) => change({ failing: event.currentTarget.checked })}
        />
      </search>
      {list.error === null ? null : <FailureAlert error={list.error} onRetry={list.refresh} />}
      {isEmpty ? (
        <p className="empty-list">
          {list.counts?.total === 0 ? "Nothing has been pushed yet." : "No job passes the filters."}
        </p>
      ) : (
        <VirtualTable
          label="Jobs"
          list={list}
          idOf={nameOf}
          nameOf={nameOf}
          columns={jobColumns}
          sorting={filters}
          onSort={(sort) => change(jobsSortedBy(filters, sort))}
        />
      )}
    </Page>
  );
}

function nameOf({ job }: Job): string {
  return job;
}
