import { Component, type ReactNode } from "react";
import { FailureAlert } from "./failure-alert.tsx";

/** Shows an error of the page itself instead of nothing at all. */
export class Crash extends Component<{ readonly children: ReactNode }, { readonly error?: Error }> {
  override state: { readonly error?: Error } = {};

  static getDerivedStateFromError(error: unknown): { readonly error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return (
      <div className="page">
        <FailureAlert error={error} onRetry={() => location.reload()} />
      </div>
    );
  }
}
