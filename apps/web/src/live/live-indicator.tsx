import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import type { LiveState } from "./change-feed.ts";
import { useChangeFeed, useLiveState } from "./live-context.tsx";
import "./live.css";

const words: Readonly<Record<LiveState, string>> = {
  connecting: "Connecting",
  live: "Live",
  polling: "Disconnected",
  paused: "Paused",
};

const explanations: Readonly<Record<LiveState, string>> = {
  connecting: "Waiting for the gateway's events.",
  live: "What is shown follows the changes as they happen.",
  polling: "The gateway's events do not arrive: pages are read again every 10 seconds.",
  paused: "What is shown stays as it is.",
};

/** Says how fresh the page keeps itself; a press pauses and resumes that. */
export function LiveIndicator() {
  const feed = useChangeFeed();
  const state = useLiveState();
  const isPaused = state === "paused";
  const action = isPaused ? "Resume updates" : "Pause updates";
  const Icon = isPaused ? IconPlayerPlay : IconPlayerPause;
  return (
    <button
      type="button"
      className="header-button live-indicator"
      data-state={state}
      title={`${explanations[state]} ${action}.`}
      onClick={() => (isPaused ? feed.resume() : feed.pause())}
    >
      <span className="live-dot" aria-hidden="true" />
      <span className="live-word" role="status">
        {words[state]}
      </span>
      <Icon size={14} aria-hidden="true" />
      <span className="visually-hidden">{action}</span>
    </button>
  );
}
