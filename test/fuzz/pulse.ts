import type { Target } from "./target.ts";

/**
 * Shows other threads which input a thread works on, and that it goes on: a thread that hangs can tell nobody itself.
 */
export class Pulse {
  readonly memory: SharedArrayBuffer;
  readonly #head: Int32Array;
  readonly #input: Buffer;

  constructor(memory = new SharedArrayBuffer(headBytes + longestShown)) {
    this.memory = memory;
    this.#head = new Int32Array(memory, 0, headBytes / 4);
    this.#input = Buffer.from(memory, headBytes);
  }

  /** The same target, which shows each input before it takes it. */
  watch(target: Target): Target {
    return {
      ...target,
      open: async () => {
        const session = await target.open();
        const take = (input: Buffer) => {
          this.#beat(input);
          return session.take(input);
        };
        return { ...session, take };
      },
    };
  }

  #beat(input: Buffer): void {
    Atomics.store(this.#head, 1, Math.min(input.length, longestShown));
    input.copy(this.#input);
    Atomics.add(this.#head, 0, 1);
  }

  /** Another number after each beat. */
  get beats(): number {
    return Atomics.load(this.#head, 0);
  }

  /** A copy. */
  get input(): Buffer {
    return Buffer.from(this.#input.subarray(0, Atomics.load(this.#head, 1)));
  }
}

const headBytes = 8;
const longestShown = 1_048_576;
