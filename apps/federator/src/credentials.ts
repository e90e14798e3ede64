import { readFileSync, statSync } from "node:fs";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { PeerRule } from "@pushfleet/config";

/** What to show to a peer, and whom to trust: as its files say now. */
export interface Credentials {
  /** "" = none. */
  readonly token: string;
  readonly agent: HttpAgent;
}

type CredentialFiles = Pick<PeerRule, "url" | "tokenFile" | "caFile" | "certFile" | "keyFile">;

/** To a peer, at a time: shipping, comparing, and one to spare. */
const maxSockets = 8;

/** The credentials for one peer, read again when a file has changed: certificates and tokens are renewed while we run. */
export class CredentialKeeper {
  readonly #files: CredentialFiles;
  #stamp = "";
  #current: Credentials | undefined;
  #retired: readonly HttpAgent[] = [];

  constructor(files: CredentialFiles) {
    this.#files = files;
  }

  /** Throws what reading a file throws. */
  current(): Credentials {
    const stamp = this.#stampNow();
    if (this.#current === undefined || stamp !== this.#stamp) {
      const next = this.#read();
      this.#retired = this.#retired.filter(isUsed);
      if (this.#current !== undefined) this.#retire(this.#current.agent);
      this.#current = next;
      this.#stamp = stamp;
    }
    return this.#current;
  }

  /** Cuts off what is under way. */
  close(): void {
    for (const agent of this.#retired) agent.destroy();
    this.#current?.agent.destroy();
  }

  /** Requests under way keep their connections, which are closed after them. */
  #retire(agent: HttpAgent): void {
    agent.maxFreeSockets = 0;
    for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
    if (isUsed(agent)) this.#retired = [...this.#retired, agent];
  }

  #stampNow(): string {
    const { tokenFile, caFile, certFile, keyFile } = this.#files;
    return [tokenFile, caFile, certFile, keyFile].map(stampOf).join(" ");
  }

  #read(): Credentials {
    const { url, tokenFile, caFile, certFile, keyFile } = this.#files;
    const token = textOf(tokenFile).trimEnd();
    const options = { keepAlive: true, maxSockets };
    if (!url.startsWith("https:")) return { token, agent: new HttpAgent(options) };
    const tls = {
      ...(caFile === "" ? {} : { ca: textOf(caFile) }),
      ...(certFile === "" ? {} : { cert: textOf(certFile), key: textOf(keyFile) }),
    };
    return { token, agent: new HttpsAgent({ ...options, ...tls }) };
  }
}

function isUsed({ sockets }: HttpAgent): boolean {
  return Object.keys(sockets).length > 0;
}

function textOf(file: string): string {
  return file === "" ? "" : readFileSync(file, "utf8");
}

function stampOf(file: string): string {
  if (file === "") return "";
  const { mtimeMs, size, ino } = statSync(file);
  return `${mtimeMs},${size},${ino}`;
}
