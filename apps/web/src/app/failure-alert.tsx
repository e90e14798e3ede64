import { Alert, Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { ApiFailure } from "../api/failure.ts";
import { failureTitle } from "./failure-title.ts";

/** Says what went wrong, in the API's own words where it has some, and what to do. */
export function FailureAlert({
  error,
  doing,
  onRetry,
}: {
  readonly error: Error;
  /** What the reader wanted, as it follows "to"; absent = to see it. */
  readonly doing?: string;
  readonly onRetry?: () => void;
}) {
  const code = error instanceof ApiFailure ? error.code : undefined;
  return (
    <Alert
      color="red"
      icon={<IconAlertTriangle aria-hidden="true" />}
      title={failureTitle(error, doing)}
      classNames={{ message: "alert-text", title: "alert-text" }}
    >
      <p className="alert-paragraph">{error.message}</p>
      {code === "unauthenticated" ? <SignIn /> : null}
      {code === "forbidden" ? (
        <p className="alert-paragraph">
          Who may do what is said by the gateway's access rules: ask whoever runs it for the role.
        </p>
      ) : null}
      {onRetry === undefined || code === "unauthenticated" ? null : (
        <Button size="compact-sm" variant="default" onClick={onRetry}>
          Try again
        </Button>
      )}
    </Alert>
  );
}

/** Browsers ask for a password when they load a page. */
function SignIn() {
  return (
    <>
      <p className="alert-paragraph">
        The gateway wants a user and a password, and the browser has none that are right. It asks for them
        when the page is loaded.
      </p>
      <Button size="compact-sm" variant="default" onClick={() => location.reload()}>
        Reload and sign in
      </Button>
    </>
  );
}
