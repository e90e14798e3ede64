import { ClientError } from "@pushfleet/client";

/** Whether the call failed of something that may be over later: whoever goes on for long tries again. */
export function isOutage(error: unknown): error is ClientError {
  return (
    error instanceof ClientError &&
    (error.code === "unreachable" || error.code === "timeout" || error.code === "unavailable")
  );
}
