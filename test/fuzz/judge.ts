import { type Check, type Session, type Target, Violation } from "./target.ts";

/** What became of an input. */
export type Verdict = Passed | Failed;

interface Passed {
  readonly kind: "accepted" | "refused";
  /** Equal for outcomes of the same kind: a refusal's message without what it quotes. */
  readonly label: string;
  readonly ms: number;
}

export interface Failed {
  readonly kind: FailureKind;
  readonly label: string;
  readonly message: string;
}

type FailureKind = "crash" | "wrong" | "slow" | "polluted";

/** No input may take longer: so many milliseconds for each so many bytes, and for shorter ones too. */
const slow = { ms: 100, bytes: 100_000 } as const;

/** Milliseconds for each 100 kB; inputs that are shorter count as that long. */
export function msPer100kB(ms: number, { length }: Buffer): number {
  return ms / Math.max(1, length / slow.bytes);
}

function isSlow(ms: number, input: Buffer): boolean {
  return msPer100kB(ms, input) > slow.ms;
}

export function hasFailed(verdict: Verdict): verdict is Failed {
  return verdict.kind !== "accepted" && verdict.kind !== "refused";
}

/** Gives one input to the session and looks at what comes of it. Never throws. */
export async function judge(target: Target, session: Session, input: Buffer): Promise<Verdict> {
  let kind: Passed["kind"] = "accepted";
  let label = "";
  let check: Check | undefined;
  const start = process.threadCpuUsage();
  let ms = 0;
  try {
    const taken = session.take(input);
    check = taken instanceof Promise ? await taken : taken;
    ms = cpuMs(start);
  } catch (error) {
    ms = cpuMs(start);
    if (!(error instanceof Error) || !target.refusals.some((refusal) => error instanceof refusal))
      return failure(error);
    kind = "refused";
    label = labelOf(error);
    check = () => session.refused?.(error, input);
  }
  if (isSlow(ms, input))
    return { kind: "slow", label: "slow", message: `${ms.toFixed(0)} ms for ${input.length} bytes` };
  return (await failureOf(check)) ?? { kind, label, ms };
}

/** Milliseconds that the thread has worked since then: a busy machine makes everything slow, but nothing more work. */
function cpuMs(start: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1000;
}

/** What is wrong by the check, or with what all objects inherit from. */
export async function failureOf(check: Check | undefined): Promise<Failed | undefined> {
  try {
    const checking = check?.();
    if (checking instanceof Promise) await checking;
  } catch (error) {
    return failure(error);
  }
  const added = firstInherited();
  if (added === undefined) return undefined;
  Reflect.deleteProperty(Object.prototype, added);
  return { kind: "polluted", label: "polluted", message: `every object has got a property ${added}` };
}

function failure(error: unknown): Failed {
  if (error instanceof Violation) return { kind: "wrong", label: labelOf(error), message: error.message };
  const message = error instanceof Error ? (error.stack ?? error.message) : `threw ${String(error)}`;
  return { kind: "crash", label: error instanceof Error ? labelOf(error) : "thrown", message };
}

/** The first words of a message, without what it quotes: mostly the same for the same reason. */
function labelOf({ name, message }: Error): string {
  const unquoted = message.slice(0, 200).replaceAll(/"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?/g, "");
  return [name, ...(unquoted.match(/[a-z]{3,}/gi) ?? []).slice(0, 8)].join(" ");
}

/** The name of an enumerable property of all objects, of which there must be none. */
function firstInherited(): string | undefined {
  for (const name in {}) return name;
  return undefined;
}
