import { Button, Modal, Progress, Group as Row } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../api/api-context.tsx";
import { FailureAlert } from "../app/failure-alert.tsx";
import { failureTitle, isDenial } from "../app/failure-title.ts";
import { counted, formatCount } from "../format/quantity.ts";
import { type DeletionResult, type DeletionTarget, deleteEach } from "./deletion.ts";
import { GroupLabels } from "./group-labels.tsx";

/** Tells how many groups would go, and deletes them once that is confirmed: never more than were told. */
export function DeleteDialog({
  target,
  onClose,
  onDeleted,
}: {
  readonly target: DeletionTarget | undefined;
  readonly onClose: () => void;
  readonly onDeleted: () => void;
}) {
  return (
    <Modal
      opened={target !== undefined}
      onClose={onClose}
      title={target?.kind === "selector" ? "Delete all that match" : "Delete groups"}
      closeButtonProps={{ "aria-label": "Close" }}
      classNames={{ title: "dialog-title" }}
      // Mantine's header element would be a second banner of the page.
      attributes={{ header: { role: "presentation" } }}
      size="lg"
      centered
    >
      {target === undefined ? null : <Confirmation target={target} onClose={onClose} onDeleted={onDeleted} />}
    </Modal>
  );
}

function Confirmation({
  target,
  onClose,
  onDeleted,
}: {
  readonly target: DeletionTarget;
  readonly onClose: () => void;
  readonly onDeleted: () => void;
}) {
  const api = useApi();
  const [done, setDone] = useState(0);
  const dryRun = useQuery({
    queryKey: ["dry-run", target],
    queryFn: ({ signal }) =>
      target.kind === "groups" ? target.groups.length : api.countMatching(target.selector, signal),
    gcTime: 0,
  });
  const count = dryRun.data;
  const deletion = useMutation({
    mutationFn: async (max: number): Promise<DeletionResult> => {
      if (target.kind === "groups") return deleteEach(api, target.groups, setDone);
      const { deleted } = await api.deleteMatching(target.selector, max);
      return { deleted, errors: [] };
    },
    onSuccess: (result) => {
      notify(result);
      if (result.deleted > 0 || result.errors.length === 0) onDeleted();
      onClose();
    },
    // More may match by now than were told: they are counted again.
    onError: () => void dryRun.refetch(),
  });

  return (
    <div className="delete-dialog">
      <Subject target={target} />
      <p role="status">
        {count === undefined ? (dryRun.error === null ? "Counting …" : "") : questionFor(target, count)}
      </p>
      {dryRun.error === null ? null : (
        <FailureAlert error={dryRun.error} doing="delete" onRetry={() => void dryRun.refetch()} />
      )}
      {deletion.error === null ? null : <FailureAlert error={deletion.error} doing="delete" />}
      {deletion.isPending && target.kind === "groups" && target.groups.length > 1 ? (
        <Progress value={(100 * done) / target.groups.length} aria-label="Groups deleted" />
      ) : null}
      <Row justify="flex-end" gap="xs">
        <Button variant="default" size="sm" data-autofocus onClick={onClose}>
          {deletion.isPending ? "Close" : "Cancel"}
        </Button>
        <Button
          color="red.9"
          size="sm"
          loading={deletion.isPending}
          disabled={count === undefined || count === 0}
          onClick={() => deletion.mutate(count ?? 0)}
        >
          {count === undefined ? "Delete" : `Delete ${counted(count, "group")}`}
        </Button>
      </Row>
    </div>
  );
}

const SHOWN = 8;

function Subject({ target }: { readonly target: DeletionTarget }) {
  if (target.kind === "selector") {
    return (
      <p>
        All groups that match <code>{target.selector}</code>. The search and the other filters do not count
        here.
      </p>
    );
  }
  const more = target.groups.length - SHOWN;
  return (
    <ul className="delete-list">
      {target.groups.slice(0, SHOWN).map(({ id, labels }) => (
        <li key={id}>
          <GroupLabels labels={labels} wraps />
        </li>
      ))}
      {more > 0 ? <li>and {formatCount(more)} more</li> : null}
    </ul>
  );
}

function questionFor(target: DeletionTarget, count: number): string {
  if (count === 0) return "No group matches: there is nothing to delete.";
  const them = count === 1 ? "it" : "them";
  const pushed =
    target.kind === "selector"
      ? " One that is pushed meanwhile stays."
      : ` The next push brings ${them} back.`;
  return `${counted(count, "group")} will be deleted, with all metrics in ${them}. This cannot be undone.${pushed}`;
}

const closeButtonProps = { "aria-label": "Dismiss" };

function notify({ deleted, errors }: DeletionResult): void {
  if (deleted > 0 || errors.length === 0) {
    notifications.show({
      color: "green",
      title: "Deleted",
      closeButtonProps,
      message: `${counted(deleted, "group")} deleted.`,
    });
  }
  const [first] = errors;
  if (first !== undefined) {
    const groups = counted(errors.length, "group");
    notifications.show({
      color: "red",
      title: isDenial(first) ? failureTitle(first, `delete ${groups}`) : `${groups} could not be deleted`,
      message: first.message,
      autoClose: false,
      closeButtonProps,
    });
  }
}
