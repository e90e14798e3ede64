/** The thread of `BcryptThread`: compares one password with one hash for each message. */
import { parentPort } from "node:worker_threads";
import { compareSync } from "bcryptjs";
import type { Comparison } from "./bcrypt-thread.ts";

const port = parentPort;
port?.on("message", ({ password, hash }: Comparison) => port.postMessage(compareSync(password, hash)));
