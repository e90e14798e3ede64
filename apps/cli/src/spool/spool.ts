import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, rmdir, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { groupPath } from "@pushfleet/client";
import { composed, type SpooledPush } from "./spooled-push.ts";

/**
 * Pushes that wait on disk, shared by any number of processes. No operation needs a lock that a killed process could leave:
 *
 *   pending/GROUP/TIME-ID.json   waits; TIME orders the pushes of a group, also when the clock has gone back
 *   sending/GROUP/…              is being delivered by one process: it has renamed the directory
 *   new/ID                       is being written, or removed
 *
 * A rename onto a directory that holds something fails, so the pushes of a group are delivered by one process at a time, all
 * that wait together, and none that is older can arrive after a newer one. The modification time of a directory in `sending`
 * lies ahead: it says until when the claim is good. What a killed process had claimed is taken back after that, so a
 * push may be delivered twice, but is not lost. What could not be delivered is synced to the disk; before that, a power cut may
 * tear it, and what is torn is dropped.
 */
export class Spool {
  readonly directory: string;
  readonly #limits: SpoolLimits;

  /** @param gateways Their URLs without credentials: what waits for others is not for these. */
  constructor(root: string, gateways: readonly string[], limits: SpoolLimits = usualLimits) {
    this.directory = join(root, idOf([...gateways].sort().join("\n")));
    this.#limits = limits;
  }

  /** Keeps the push; resolves to the key of its group. When there are too many groups, the oldest are dropped. */
  async add(push: SpooledPush): Promise<string> {
    const key = this.keyOf(push.labels);
    const name = `${String(await this.#timeOf(key, push)).padStart(15, "0")}-${randomId()}.json`;
    await this.#write(key, name, push, { flush: false });
    await this.#dropOldest();
    await this.#dropLeftovers();
    return key;
  }

  /** What the group of these labels is called here. */
  keyOf(labels: SpooledPush["labels"]): string {
    return idOf(groupPath(labels));
  }

  /** The keys of the groups of which something waits, in no order. */
  async keys(): Promise<readonly string[]> {
    const [pending, sending] = await Promise.all([
      entriesOf(join(this.directory, "pending")),
      entriesOf(join(this.directory, "sending")),
    ]);
    return [...new Set([...pending, ...sending])];
  }

  /** What waits of a group, whether or not it is being delivered, oldest first. */
  async waiting(key: string): Promise<readonly SpooledPush[]> {
    const directories = [this.#sending(key), this.#pending(key)];
    const read = await Promise.all(directories.map(async (one) => readPushes(one, await pushesIn(one))));
    return read.flat().map(({ push }) => push);
  }

  /**
   * Takes all pushes of the group for delivery, for so many milliseconds, a minute at most. "none" when nothing waits, "busy"
   * when another process delivers pushes of this group.
   */
  async claim(key: string, { forMs }: { readonly forMs: number }): Promise<Claim | "none" | "busy"> {
    const [pending, sending] = [this.#pending(key), this.#sending(key)];
    await this.#takeBackAbandoned(key);
    const until = new Date(Date.now() + forMs);
    try {
      // Again after the rename, because an addition in between sets the time. Until then the grace protects the claim.
      await utimes(pending, until, until);
      await mkdir(join(this.directory, "sending"), directoryMode);
      await rename(pending, sending);
      await utimes(sending, until, until);
    } catch (error) {
      if (isNowhere(error)) return "none";
      if (hasCode(error, "ENOTEMPTY") || hasCode(error, "EEXIST")) return "busy";
      throw error;
    }
    const names = await pushesIn(sending);
    const read = (await readPushes(sending, names)).filter(
      ({ push: { atMs } }) => Date.now() - atMs <= this.#limits.maxAgeMs,
    );
    const settle = () => this.#settle(key, new Set(names));
    const [first, ...rest] = read;
    if (first === undefined) {
      await settle();
      return "none";
    }
    const push = composed([first.push, ...rest.map((later) => later.push)]);
    const { name } = rest.at(-1) ?? first;
    return {
      push,
      settle,
      giveBack: async () => {
        // By the name of the latest in it: before what came meanwhile.
        await this.#write(key, name, push, { flush: true });
        await settle();
      },
    };
  }

  #pending(key: string): string {
    return join(this.directory, "pending", key);
  }

  #sending(key: string): string {
    return join(this.directory, "sending", key);
  }

  #new(): string {
    return join(this.directory, "new", randomId());
  }

  /** That of the push, or when what waits seems to come from the future, because the clock has gone back since, just after that. */
  async #timeOf(key: string, { atMs }: SpooledPush): Promise<number> {
    const names = [...(await pushesIn(this.#sending(key))), ...(await pushesIn(this.#pending(key)))];
    const latest = names.reduce((time, name) => Math.max(time, Number.parseInt(name, 10)), 0);
    return latest > Date.now() ? latest + 1 : atMs;
  }

  async #write(
    key: string,
    name: string,
    push: SpooledPush,
    { flush }: { readonly flush: boolean },
  ): Promise<void> {
    const written = this.#new();
    await mkdir(dirname(written), directoryMode);
    try {
      await writeFile(written, JSON.stringify(push), { mode: 0o600, flush });
    } catch (error) {
      await rm(written, { force: true }); // A full disk is not to be filled further.
      throw error;
    }
    await this.#moveToPending(written, key, name);
  }

  /** Removes what was claimed: in one step, because a directory of which something is missing would look abandoned. */
  async #settle(key: string, claimed: ReadonlySet<string>): Promise<void> {
    const used = this.#new();
    await ignoreMissing(rename(this.#sending(key), used));
    // What got in while it was claimed, or after others took the claim for abandoned, is not ours to remove.
    for (const name of await pushesIn(used))
      if (!claimed.has(name)) await this.#moveToPending(join(used, name), key, name);
    await rm(used, { recursive: true, force: true });
  }

  /** Nothing when somebody else has moved it. */
  async #moveToPending(file: string, key: string, name: string): Promise<void> {
    for (;;) {
      try {
        await mkdir(this.#pending(key), directoryMode);
        return await rename(file, join(this.#pending(key), name));
      } catch (error) {
        // The directory is gone as soon as somebody claims it.
        if (!isMissing(error)) throw error;
        if (!(await exists(file))) return;
      }
    }
  }

  /** File by file: when several processes do it at once, each file is moved once, and a new claim loses nothing. */
  async #takeBackAbandoned(key: string): Promise<void> {
    const sending = this.#sending(key);
    const claim = await stat(sending).catch(() => undefined);
    if (claim === undefined) return;
    const leftMs = claim.mtimeMs - Date.now();
    // One that seems to be good for longer than any is was made before the clock went back.
    if (leftMs > -graceMs && leftMs <= longestClaimMs + graceMs) return;
    for (const name of await entriesOf(sending)) await this.#moveToPending(join(sending, name), key, name);
    await removeEmpty(sending);
  }

  async #dropOldest(): Promise<void> {
    const pending = join(this.directory, "pending");
    const keys = await entriesOf(pending);
    if (keys.length <= this.#limits.maxGroups) return;
    const dated = await Promise.all(
      keys.map(async (key) => ({
        key,
        newest: (await entriesOf(join(pending, key))).toSorted().at(-1) ?? "",
      })),
    );
    const surplus = dated
      .toSorted((a, b) => (a.newest < b.newest ? -1 : 1))
      .slice(0, -this.#limits.maxGroups);
    for (const { key } of surplus) await rm(join(pending, key), { recursive: true, force: true });
  }

  /** What killed processes were writing or removing. */
  async #dropLeftovers(): Promise<void> {
    const directory = join(this.directory, "new");
    for (const path of (await entriesOf(directory)).map((name) => join(directory, name))) {
      const found = await stat(path).catch(() => undefined);
      if (found !== undefined && Date.now() - found.mtimeMs > leftoverMs)
        await rm(path, { recursive: true, force: true });
    }
  }
}

export interface Claim {
  /** Everything that waited, in one. */
  readonly push: SpooledPush;
  /** It was delivered, or is not to be. */
  settle(): Promise<void>;
  /** It was not delivered: it waits again. */
  giveBack(): Promise<void>;
}

export interface SpoolLimits {
  readonly maxGroups: number;
  readonly maxAgeMs: number;
}

/** How much longer than its time a claim counts: who made it may be late to end. */
const graceMs = 5_000;
const longestClaimMs = 60_000;
/** Nobody writes a file for so long. */
const leftoverMs = 3_600_000;

const usualLimits: SpoolLimits = { maxGroups: 1_000, maxAgeMs: 7 * 86_400_000 };

/** Metrics may say more than everybody is to know. */
const directoryMode = { recursive: true, mode: 0o700 } as const;

function idOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}

function randomId(): string {
  return randomBytes(6).toString("hex");
}

/** The names of the pushes in a directory, oldest first. */
async function pushesIn(directory: string): Promise<readonly string[]> {
  return (await entriesOf(directory)).filter((name) => name.endsWith(".json")).toSorted();
}

interface NamedPush {
  readonly name: string;
  readonly push: SpooledPush;
}

/** Without what is torn. */
async function readPushes(directory: string, names: readonly string[]): Promise<readonly NamedPush[]> {
  const read = names.map(async (name): Promise<readonly NamedPush[]> => {
    try {
      const push = JSON.parse(await readFile(join(directory, name), "utf8")) as SpooledPush; // Written above.
      return [{ name, push }];
    } catch {
      return [];
    }
  });
  return (await Promise.all(read)).flat();
}

async function entriesOf(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isNowhere(error)) return [];
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** Not when somebody else has just done it, or put something there. */
async function removeEmpty(directory: string): Promise<void> {
  await rmdir(directory).catch((error: unknown) => {
    if (!isMissing(error) && !hasCode(error, "ENOTEMPTY") && !hasCode(error, "EEXIST")) throw error;
  });
}

async function ignoreMissing(action: Promise<unknown>): Promise<void> {
  await action.catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}

function isMissing(error: unknown): boolean {
  return hasCode(error, "ENOENT");
}

/** Nothing is there, or can ever have been. */
function isNowhere(error: unknown): boolean {
  return isMissing(error) || hasCode(error, "ENOTDIR");
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
