import { Button } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { useApi } from "../api/api-context.tsx";
import { ApiFailure } from "../api/failure.ts";
import { FailureAlert } from "../app/failure-alert.tsx";
import { Page } from "../app/page.tsx";
import { DeleteDialog } from "../groups/delete-dialog.tsx";
import type { DeletionTarget } from "../groups/deletion.ts";
import { useChanges } from "../live/live-context.tsx";
import { Families } from "./families.tsx";
import { GroupCommands } from "./group-commands.tsx";
import { GroupSummary } from "./group-summary.tsx";
import "./group.css";

// biome-ignore lint/style/noDefaultExport: React.lazy takes a module's default export.
export default function GroupPage({ id }: { readonly id: string }) {
  const api = useApi();
  const [, navigate] = useLocation();
  const [target, setTarget] = useState<DeletionTarget>();
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["group", id],
    queryFn: ({ signal }) => api.group(id, signal),
    // One comes back to see what is new.
    staleTime: 0,
    gcTime: 0,
  });
  useChanges(({ ids }) => {
    if (!isFetching && (ids === null || ids.has(id))) void refetch();
  });

  const isGone = error instanceof ApiFailure && error.code === "not_found";
  if (isGone) return <GoneGroup />;
  return (
    <Page
      title={data === undefined ? "Group" : `Group of ${data.labels["job"] ?? ""}`}
      aside={
        data === undefined ? null : (
          <Button
            className="delete-button"
            size="compact-sm"
            color="red"
            variant="outline"
            classNames={{ root: "danger-button" }}
            leftSection={<IconTrash size={14} aria-hidden="true" />}
            onClick={() => setTarget({ kind: "groups", groups: [data] })}
          >
            Delete this group …
          </Button>
        )
      }
    >
      {error === null ? null : <FailureAlert error={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        error === null && <p className="dimmed">Loading …</p>
      ) : (
        <>
          <GroupSummary group={data} />
          <GroupCommands pushPath={data.push_path} />
          <Families group={data} />
        </>
      )}
      <DeleteDialog
        target={target}
        onClose={() => setTarget(undefined)}
        onDeleted={() => navigate("/groups", { replace: true })}
      />
    </Page>
  );
}

function GoneGroup() {
  return (
    <Page title="There is no such group">
      <p>
        It was deleted, its time to live is over, or it never was. See <Link href="/groups">all groups</Link>.
      </p>
    </Page>
  );
}
