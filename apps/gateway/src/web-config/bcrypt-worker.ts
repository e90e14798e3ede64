/** The thread of `BcryptThread`: compares one password with one hash for each message. */
import { constants, setPriority } from "node:os";
import { parentPort } from "node:worker_threads";
import { compareSync } from "bcryptjs";
import type { Comparison } from "./bcrypt-thread.ts";

// On Linux that is this thread alone. Whoever guesses passwords must not slow down who has one.
if (process.platform === "linux") setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

const port = parentPort;
port?.on("message", ({ password, hash }: Comparison) => port.postMessage(compareSync(password, hash)));
