import { type Client, type Trial, trials } from "./client.ts";
import { type TargetName, targetNames } from "./targets.ts";

type Outcome = "ok" | "FAILED" | "not run";

/** What came out, as a table of clients and trials. */
export class Matrix {
  readonly #clients: readonly Client[];
  readonly #outcomes = new Map<string, Outcome>();

  constructor(clients: readonly Client[]) {
    this.#clients = clients;
  }

  note(client: Client, trial: Trial, target: TargetName, outcome: Outcome): void {
    this.#outcomes.set(`${client.id} ${trial} ${target}`, outcome);
  }

  /** @param skipped The clients that this machine does not have, with the reasons: these stand under the table. */
  print(skipped: ReadonlyMap<Client, string>): string {
    const notes: string[] = [];
    const note = (text: string) => {
      if (!notes.includes(text)) notes.push(text);
      return `[${notes.indexOf(text) + 1}]`;
    };
    const rows = this.#clients.map((client) => {
      const reason = skipped.get(client);
      if (reason !== undefined) return [client.name, `skipped ${note(reason)}`];
      const cells = trials.map((trial) => {
        const cannot = client.cannot?.[trial];
        if (cannot !== undefined) return `– ${note(cannot)}`;
        return this.#cell(client, trial);
      });
      return [client.name, ...cells];
    });
    return [
      `Clients and what they did at: ${targetNames.join(", ")}`,
      align([["", ...trials], ...rows]),
      ...notes.map((text, index) => `[${index + 1}] ${text}`),
      "",
    ].join("\n");
  }

  /** One word where all targets agree. */
  #cell(client: Client, trial: Trial): string {
    const outcomes = targetNames.map(
      (target) => this.#outcomes.get(`${client.id} ${trial} ${target}`) ?? "not run",
    );
    return new Set(outcomes).size === 1 ? `${outcomes[0]}` : outcomes.join(" ");
  }
}

function align(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
