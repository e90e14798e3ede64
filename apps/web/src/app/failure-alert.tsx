import { Alert, Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { ApiFailure } from "../api/failure.ts";

/** Says what went wrong, in the API's own words where it has some. */
export function FailureAlert({ error, onRetry }: { readonly error: Error; readonly onRetry?: () => void }) {
  return (
    <Alert
      color="red"
      icon={<IconAlertTriangle aria-hidden="true" />}
      title={titleOf(error)}
      classNames={{ message: "alert-text", title: "alert-text" }}
    >
      <p className="alert-paragraph">{error.message}</p>
      {onRetry === undefined ? null : (
        <Button size="compact-sm" variant="default" onClick={onRetry}>
          Try again
        </Button>
      )}
    </Alert>
  );
}

function titleOf(error: Error): string {
  if (!(error instanceof ApiFailure)) return "Something went wrong on this page";
  switch (error.code) {
    case "unavailable":
      return "The store is unavailable, and what was last known of it is too old to show";
    case "unreachable":
      return "The gateway cannot be reached";
    case "not_found":
      return "Not found";
    case "bad_data":
      return "The gateway does not understand the request";
    case "too_many":
      return "Too much at once";
    case "method_not_allowed":
    case "internal":
    case "unreadable":
      return "The gateway could not answer";
    default:
      return error.code satisfies never;
  }
}
