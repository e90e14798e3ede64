import { Alert } from "@mantine/core";
import { IconClockExclamation } from "@tabler/icons-react";
import { useViewAge } from "../clock/clock-context.tsx";
import { formatDuration } from "../format/duration.ts";

/** Says so when the gateway shows the last state it knows because the store does not answer. */
export function StaleBanner() {
  const seconds = useViewAge();
  if (seconds === 0) return null;
  return (
    <Alert
      color="yellow"
      radius={0}
      icon={<IconClockExclamation aria-hidden="true" />}
      title={`The store is unavailable: this is its state of ${formatDuration(seconds)} ago`}
      classNames={{ message: "alert-text", title: "alert-text" }}
    >
      Pushes wait or are refused until it answers again. Scrapes get the same last known state.
    </Alert>
  );
}
