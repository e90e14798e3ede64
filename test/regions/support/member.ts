import type { HttpServer } from "../../support/reference.ts";

/** One process of a region; keeps its name and address when it is started anew. */
export interface Member extends AsyncDisposable {
  readonly name: string;
  readonly url: string;
  pid(): number;
  isRunning(): boolean;
  /** With SIGKILL; resolves when it is gone. Nothing happens when it does not run. */
  kill(): Promise<void>;
  /** After `kill`: resolves when it is ready. */
  start(): Promise<void>;
  /** All it has written since it was first started. */
  log(): string;
}

/** `start` starts the process, each time at the same address. */
export async function startMember(name: string, start: () => Promise<HttpServer>): Promise<Member> {
  let server = await start();
  let isRunning = true;
  let earlierLog = "";
  return {
    name,
    url: server.url,
    pid: () => server.process.pid,
    isRunning: () => isRunning,
    async kill() {
      isRunning = false;
      await server.process.stop("SIGKILL");
    },
    async start() {
      earlierLog += server.process.output();
      server = await start();
      isRunning = true;
    },
    log: () => earlierLog + server.process.output(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
