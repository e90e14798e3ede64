import type { Chance } from "../conformance/random.ts";

/** A part of the product that takes what strangers send, and what must be so whatever they send. */
export interface Target {
  readonly name: string;
  /** What the part may throw: it refused the input. Everything else is a crash. */
  readonly refusals: readonly ErrorClass[];
  /** Words that mean something to the part, for mutations. */
  readonly words: readonly string[];
  /** Inputs to begin with; the corpus's files come on top. */
  seeds(): readonly Buffer[];
  /** An input made from scratch that gets deeper than mutations of bytes do. */
  readonly generate?: (chance: Chance) => Buffer;
  /** Makes what a mutation broke right again, such as a checksum, so that not all inputs end there. */
  readonly repair?: (input: Buffer) => Buffer;
  /** Bytes that the part is ever given, where something in front of it sees to that. */
  readonly longest?: number;
  /** Inputs after which a session ends and another begins. */
  readonly sessionLength: number;
  open(): Session | Promise<Session>;
}

/** Bytes that the HTTP server takes of a request before its body. */
export const longestHead = 16_384;

/** A run of inputs that share a state, as requests to one process do. Fresh sessions are all the same. */
export interface Session {
  /** Gives the input to the product, which is what is timed. Throws what the product throws. */
  take(input: Buffer): Check | Promise<Check>;
  /** What must be so after a refusal. */
  readonly refused?: (error: Error, input: Buffer) => void | Promise<void>;
  /** Checked when the session ends well. */
  readonly finish?: Check;
  readonly close?: () => Promise<void>;
}

/** Throws when something is not as it must be. */
export type Check = () => void | Promise<void>;

// Any constructor of errors, whatever it takes.
type ErrorClass = abstract new (...args: never[]) => Error;

/** The product took an input and did something wrong with it. */
export class Violation extends Error {
  override readonly name = "Violation";
}

/** Throws Violation unless the texts are the same. */
export function requireSame(got: string, wanted: string, what: string): void {
  if (got === wanted) return;
  let at = 0;
  while (got[at] === wanted[at]) at++;
  const around = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 30), at + 30));
  throw new Violation(`${what} differ: ${around(got)} instead of ${around(wanted)}`);
}

export function require(condition: boolean, what: string): void {
  if (!condition) throw new Violation(what);
}
