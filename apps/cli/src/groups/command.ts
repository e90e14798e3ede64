import type { GroupFilter, GroupPage, GroupSummary } from "@pushfleet/client";
import { flag, list, oneOf, value } from "@pushfleet/config/option";
import { countFromOne, durationAboveZero, formatDuration, text } from "@pushfleet/config/values";
import { defineCommand } from "../command/command.ts";
import type { CommandOptions, OptionValues } from "../command/option.ts";
import { connect, connectionOptions, outputOptions } from "../connection.ts";
import { paintFor } from "../terminal.ts";
import { groupTable } from "./group-table.ts";

const groupsOptions = {
  match: list(text, [], {
    placeholder: "SELECTOR",
    help: "Only groups that this selector matches, as in PromQL. With several, any has to match.",
  }),
  search: value(text, "", {
    placeholder: "WORDS",
    help: "Only groups in whose labels all these words occur.",
  }),
  failed: flag(false, { help: "Only groups whose last push was refused." }),
  stale: duration("Only groups without a successful push for so long."),
  expiring: duration("Only groups that will be gone within so long."),
  sort: oneOf(["last_push", "failure", "job", "series", "bytes", "expiry"], "last_push", {
    help: "What to sort by. The latest and largest come first; with job and expiry, the first.",
  }),
  order: oneOf(["asc", "desc", "usual"], "usual", {
    placeholder: "asc|desc",
    format: (order) => (order === "usual" ? "" : order),
    help: "Sort upwards or downwards, whatever --sort has first.",
  }),
  limit: value(countFromOne, 100, { placeholder: "COUNT", help: "Show so many at most." }),
  watch: flag(false, { help: "Go on showing them as they change, until it is interrupted." }),
  ...outputOptions,
  ...connectionOptions,
} as const satisfies CommandOptions;

export type GroupsOptions = OptionValues<typeof groupsOptions>;

export const groupsCommand = defineCommand({
  name: "groups",
  summary: "list groups: how old, whether refused, how long they live",
  description: [
    "Lists the groups that pass all filters. Ages are by the clock of the store. With --json, one group a line, as docs/api.md has it.",
  ],
  operands: { kind: "none" },
  options: groupsOptions,
  examples: [
    { what: "which jobs are refused", command: "pushfleet groups --failed" },
    {
      what: "silent for a day, most silent first",
      command: "pushfleet groups --stale=1d --order=asc",
    },
    { what: "watch the backups", command: `pushfleet groups --match='{job="backup"}' --sort=job --watch` },
    {
      what: "for a script",
      command: "pushfleet groups --search=db-1 --json | jq -r .labels.job",
    },
  ],
  async run({ options }, context) {
    using client = await connect(options, context);
    const list = () => listed(client.groups(filterOf(options)), options.limit);
    if (options.watch) {
      const { watchGroups } = await import("./watch.ts");
      return watchGroups({ client, list, options, context });
    }
    const { groups, page } = await list();
    const paint = paintFor(context.stdout, options);
    context.stdout.write(options.json ? jsonLines(groups) : groupTable(groups, page, paint));
    return 0;
  },
});

export interface Listing {
  readonly groups: readonly GroupSummary[];
  /** The last that was read. */
  readonly page: GroupPage;
}

async function listed(pages: AsyncIterable<GroupPage>, limit: number): Promise<Listing> {
  const groups: GroupSummary[] = [];
  let last: GroupPage | undefined;
  for await (const page of pages) {
    groups.push(...page.groups);
    last = page;
    if (groups.length >= limit) break;
  }
  if (last === undefined) throw new Error("there is always a page");
  return { groups: groups.slice(0, limit), page: last };
}

function filterOf(options: GroupsOptions): GroupFilter {
  const { match, search, failed, stale, expiring, sort, order, limit } = options;
  return {
    match,
    search: search === "" ? undefined : search,
    failed,
    stale,
    expiring,
    sort,
    order: order === "usual" ? undefined : order,
    limit: Math.min(limit, largestPage),
  };
}

const largestPage = 1_000;

export function jsonLines(groups: readonly GroupSummary[]): string {
  return groups.map((group) => `${JSON.stringify(group)}\n`).join("");
}

/** As text, which is how the gateway reads it. */
function duration(help: string) {
  return value<string | undefined>((given) => formatDuration(durationAboveZero(given)), undefined, {
    placeholder: "DURATION",
    format: (given) => given ?? "",
    help,
  });
}
