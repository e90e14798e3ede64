import type { Label } from "@pushfleet/exposition";
import type { Preparation } from "./installation.ts";

/** What is done with a group of a gateway. */
export interface Command {
  /** PUT, POST, DELETE. */
  readonly operation: "push" | "add" | "delete";
  /** Which of expositions/ is pushed. */
  readonly metrics: "all" | "gauge";
  /** Of the gateway, without a path. */
  readonly url: string;
  /** `user:password`. */
  readonly login?: string | undefined;
  readonly compression?: "gzip" | undefined;
  /** The job first. */
  readonly labels: readonly Label[];
}

/** A client library in use. */
export interface Pusher extends AsyncDisposable {
  /** What the client says that went wrong; undefined when it believes that all is well. Rejects when it cannot even say that. */
  send(command: Command): Promise<string | undefined>;
}

/** What is tried with each client: a column of the table. */
export const trials = [
  "push",
  "add",
  "delete",
  "gzip",
  "slash",
  "empty",
  "unicode",
  "space",
  "reserved",
  "login",
] as const;

export type Trial = (typeof trials)[number];

/** A client library, a row of the table. */
export interface Client {
  /** Short, without blanks. */
  readonly id: string;
  /** As docs/clients.md has it, with the version. */
  readonly name: string;
  /** What it has no way to do, and why. */
  readonly cannot?: Partial<Record<Trial, string>>;
  /** What it cannot push. */
  readonly lacks?: readonly ("histogram" | "summary" | "quantiles")[];
  /**
   * Values go into the path as they are, so who uses the client has to escape them, as by encodeURIComponent. What it makes of
   * a slash that was forgotten: it says so itself, or the gateway does.
   */
  readonly unescaped?: { readonly slashRefusedBy: "client" | "gateway" };
  /** With each counter, summary and histogram it pushes a gauge that tells since when it counts. */
  readonly pushesCreationTimes?: true;
  /** What the gateway gets for a blank in a value; absent = a blank. */
  readonly space?: "+";
  /** Installs it where it is not yet. Rejects when that fails. */
  prepare(): Promise<Preparation>;
}
