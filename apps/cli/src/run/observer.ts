import { pipeline } from "node:stream/promises";
import { setTimeout as delay, setImmediate } from "node:timers/promises";
import type { Context } from "../context.ts";
import { labelsOf } from "../grouping.ts";
import type { FamilyText } from "../spool/spooled-push.ts";
import type { Child, Outcome } from "./child.ts";
import type { RunOptions } from "./command.ts";
import { endMetrics } from "./job-metrics.ts";
import { MetricLines } from "./metric-lines.ts";
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
  readonly #reporter: Reporter;

  static async start(child: Child, given: ObserverOptions): Promise<Observer> {
    const { options, startedAtMs, warn, context } = given;
    const output = child.stdout === null ? undefined : capture(child.stdout, options, context);
    const resources = options.resources && child.pid !== undefined ? new ResourceWatch(child.pid) : undefined;
    const labels = labelsOf(options);
    // After the others, who would miss a short command otherwise.
    const { Reporter } = await import("./reporter.ts");
    const reporter = new Reporter({ options, labels, startedAtMs, warn }, context);
    return new Observer(given, { output, resources, reporter });
  }

  private constructor(
    given: ObserverOptions,
    parts: {
      readonly output: CapturedOutput | undefined;
      readonly resources: ResourceWatch | undefined;
      readonly reporter: Reporter;
    },
  ) {
    this.#given = given;
    this.#output = parts.output;
    this.#resources = parts.resources;
    this.#reporter = parts.reporter;
  }

  /** To be called once the command has ended. The signal says when it has to be over. */
  async finish({ exitCode, endedAtMs, tookMs }: Outcome, signal: AbortSignal): Promise<void> {
    await using reporter = this.#reporter;
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
    const printed = await this.#output?.lines();
    const families = [
      ...(written === undefined ? [] : familiesOf(written, { source: options["metrics-file"], warn })),
      ...(printed === undefined ? [] : familiesOf(printed.join("\n"), { source: "stdout", warn })),
    ];
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

interface CapturedOutput {
  /** To be called once the command has ended. */
  lines(): Promise<readonly string[]>;
}

/** What a command leaves running may keep its output open for ever. What the command itself has written is there at once. */
const longestDrainMs = 1_000;

/** Passes the output on, but for the lines with metrics. */
function capture(
  stdout: NonNullable<Child["stdout"]>,
  options: RunOptions,
  context: Context,
): CapturedOutput {
  const metricLines = new MetricLines(options["metrics-from-stdout"]);
  // When nobody reads our output any more, the command gets to know by its own.
  const passed = pipeline(stdout, metricLines, context.stdout, { end: false }).catch(() => {});
  return {
    async lines() {
      const isOver = delay(Math.min(longestDrainMs, options.timeout / 2), undefined, { ref: false });
      // After a timer that is late, what could have been read by then is read first.
      await Promise.race([passed, isOver.then(() => setImmediate()).then(() => setImmediate())]);
      stdout.destroy();
      return metricLines.lines;
    },
  };
}
