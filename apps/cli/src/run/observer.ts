import type { Context } from "../context.ts";
import { labelsOf } from "../grouping.ts";
import type { FamilyText } from "../spool/spooled-push.ts";
import { CapturedOutput } from "./captured-output.ts";
import type { Child, Outcome } from "./child.ts";
import type { RunOptions } from "./command.ts";
import { endMetrics } from "./job-metrics.ts";
import type { MetricsFile } from "./metrics-file.ts";
import type { Reporter } from "./reporter.ts";
import { ResourceWatch } from "./resources.ts";

interface ObserverOptions {
  readonly options: RunOptions;
  readonly startedAtMs: number;
  /** Undefined when there is to be none. */
  readonly metricsFile: MetricsFile | undefined;
  readonly warn: (message: string) => void;
  readonly context: Context;
}

/** Looks on while a command runs, and reports what it saw. */
export class Observer {
  readonly #given: ObserverOptions;
  readonly #output: CapturedOutput | undefined;
  readonly #resources: ResourceWatch | undefined;
  /** Rejects when the settings are broken. */
  readonly #reporter: Promise<Reporter>;

  constructor({ pid, stdout }: Child, given: ObserverOptions) {
    const { options, startedAtMs, warn, context } = given;
    this.#given = given;
    this.#output =
      stdout === null
        ? undefined
        : new CapturedOutput(stdout, context.stdout, options["metrics-from-stdout"]);
    this.#resources = options.resources && pid !== undefined ? new ResourceWatch(pid) : undefined;
    // After the others, who would miss a short command otherwise.
    this.#reporter = import("./reporter.ts").then(
      ({ Reporter }) => new Reporter({ options, labels: labelsOf(options), startedAtMs, warn }, context),
    );
    this.#reporter.catch(() => {}); // It is told when the command has ended.
  }

  /**
   * To be called once the command has ended. Resolves when its output has passed, however slowly that is read, or when the signal
   * aborts. What the command has left running is waited for so many milliseconds.
   */
  async outputPassed(limits: { readonly forOthersMs: number; readonly signal: AbortSignal }): Promise<void> {
    await this.#output?.passed(limits);
  }

  /** To be called after that. The signal says when it has to be over. */
  async finish({ exitCode, endedAtMs, tookMs }: Outcome, signal: AbortSignal): Promise<void> {
    await using reporter = await this.#reporter;
    const { options, startedAtMs } = this.#given;
    const usage = this.#resources?.end();
    const jobs = endMetrics({ startedAtMs, endedAtMs, tookMs, exitCode, usage });
    const custom = await this.#customMetrics(jobs);
    const hasCustom = options["metrics-file"] !== "" || options["metrics-from-stdout"] !== "";
    await reporter.finish(
      {
        labels: labelsOf(options),
        mode: hasCustom && exitCode === 0 && !options.merge ? "replace" : "merge",
        ttlMs: options.ttl,
        atMs: endedAtMs,
        families: [...jobs, ...custom],
      },
      { timeoutMs: options.timeout, signal },
    );
  }

  /** What the command itself has measured; ours win over families of the same names. */
  async #customMetrics(jobs: readonly FamilyText[]): Promise<readonly FamilyText[]> {
    const { options, metricsFile, warn } = this.#given;
    if (metricsFile === undefined && this.#output === undefined) return [];
    const { familiesOf } = await import("./custom-metrics.ts");
    const written = await metricsFile?.read().catch((error: unknown) => {
      warn(`--metrics-file: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    });
    const printed = this.#output?.metricLines;
    const families = [
      ...(written === undefined ? [] : familiesOf(written, { source: options["metrics-file"], warn })),
      ...(printed === undefined ? [] : familiesOf(printed.lines.join("\n"), { source: "stdout", warn })),
    ];
    if (printed !== undefined && printed.dropped > 0)
      warn(
        `stdout: lines with metrics are left out, because they are too long or too many: ${printed.dropped}`,
      );
    const ours = new Set(jobs.map(({ name }) => name));
    const theirs = new Map(families.map((family) => [family.name, family]));
    for (const name of theirs.keys()) {
      if (!ours.has(name)) continue;
      warn(`${name} of the command is left out: it is told by "run"`);
      theirs.delete(name);
    }
    return [...theirs.values()];
  }
}
