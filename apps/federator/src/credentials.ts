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

  constructor(files: CredentialFiles) {
    this.#files = files;
  }

  /** Throws what reading a file throws. */
  current(): Credentials {
    const stamp = this.#stampNow();
    if (this.#current === undefined || stamp !== this.#stamp) {
      const next = this.#read();
      // Requests under way keep their connections.
      this.#current?.agent.destroy();
      this.#current = next;
      this.#stamp = stamp;
    }
    return this.#current;
  }

  close(): void {
    this.#current?.agent.destroy();
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

function textOf(file: string): string {
  return file === "" ? "" : readFileSync(file, "utf8");
}

function stampOf(file: string): string {
  if (file === "") return "";
  const { mtimeMs, size, ino } = statSync(file);
  return `${mtimeMs},${size},${ino}`;
}
