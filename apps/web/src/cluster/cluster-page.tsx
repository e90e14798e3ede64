import { Alert } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo } from "react";
import { useApi } from "../api/api-context.tsx";
import type { Cluster } from "../api/types.ts";
import { FailureAlert } from "../app/failure-alert.tsx";
import { Page } from "../app/page.tsx";
import { useLiveState } from "../live/live-context.tsx";
import { clusterParts, clusterProblems } from "./cluster-health.ts";
import { MemberTable } from "./member-table.tsx";
import { sumRates } from "./rates.ts";
import { RegionsCard } from "./regions-card.tsx";
import { StoreCard } from "./store-card.tsx";
import "./cluster.css";

const RateCharts = lazy(() => import("./rate-charts.tsx"));

/** Heartbeats come every five seconds. */
const REFETCH_MS = 5_000;

/** Whether the cluster is well. */
export function ClusterPage() {
  const api = useApi();
  const isPaused = useLiveState() === "paused";
  const { data, error, refetch } = useQuery({
    queryKey: ["cluster"],
    queryFn: ({ signal }) => api.cluster(signal),
    staleTime: 0,
    refetchInterval: isPaused ? false : REFETCH_MS,
  });
  return (
    <Page
      title="Cluster"
      aside={data === undefined ? null : <p className="dimmed list-count">{clusterParts(data)}</p>}
    >
      {error === null ? null : <FailureAlert error={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        error === null && <p className="dimmed">Loading …</p>
      ) : (
        <>
          <Health cluster={data} />
          <Charts cluster={data} />
          <MemberTable cluster={data} />
          <RegionsCard cluster={data} />
          <StoreCard store={data.store} />
        </>
      )}
    </Page>
  );
}

function Health({ cluster }: { readonly cluster: Cluster }) {
  const problems = clusterProblems(cluster);
  const isWell = problems.length === 0;
  const Icon = isWell ? IconCircleCheck : IconAlertTriangle;
  return (
    <Alert
      role="status"
      color={isWell ? "green" : "red"}
      icon={<Icon aria-hidden="true" />}
      title={isWell ? "The cluster is well" : "The cluster needs attention"}
      classNames={{ message: "alert-text", title: "alert-text" }}
    >
      {isWell ? (
        "All processes send their heartbeats, and the store answers."
      ) : (
        <ul className="problems">
          {problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      )}
    </Alert>
  );
}

function Charts({ cluster: { members } }: { readonly cluster: Cluster }) {
  const series = useMemo(() => sumRates(members.flatMap(({ rates }) => rates ?? [])), [members]);
  return (
    <section aria-label="Rates" className="charts">
      <Suspense fallback={<p className="dimmed">Loading …</p>}>
        <RateCharts series={series} />
      </Suspense>
    </section>
  );
}
