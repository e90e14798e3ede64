import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A TCP relay in front of a server, which can lose what passes between the server and some of its clients. */
export interface Relay extends AsyncDisposable {
  readonly port: number;
  /** Takes effect at once, on open connections and on new ones. */
  setCut(isCut: CutDecision): void;
}

export interface RelayOptions {
  /** Address to listen on, at a free port. */
  readonly host: string;
  readonly target: { readonly host: string; readonly port: number };
}

/**
 * Whether a partition lies between the server and the client with this address. Then no byte, and no end of a connection,
 * passes either way: each side waits for the other as when packets are dropped. What is still under way when the
 * partition ends arrives then, as TCP would send it again.
 */
type CutDecision = (clientHost: string) => boolean;

interface Link {
  readonly client: Socket;
  readonly server: Socket;
  joined: boolean;
}

export async function startRelay({ host, target }: RelayOptions): Promise<Relay> {
  const links = new Set<Link>();
  let isCut: CutDecision = () => false;
  const settle = (link: Link) => {
    const join = !isCut(link.client.remoteAddress ?? "");
    if (join === link.joined) return;
    link.joined = join;
    for (const [from, to] of [
      [link.client, link.server],
      [link.server, link.client],
    ] as const) {
      if (join) from.pipe(to);
      else from.unpipe(to);
    }
  };
  const listener = createServer({ noDelay: true, pauseOnConnect: true }, (client) => {
    const server = connect({ ...target, noDelay: true });
    const link: Link = { client, server, joined: false };
    links.add(link);
    const drop = () => {
      client.destroy();
      server.destroy();
      links.delete(link);
    };
    for (const socket of [client, server]) socket.on("error", drop).on("close", drop);
    settle(link);
  });
  listener.listen(0, host);
  await once(listener, "listening");
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");
  return {
    port: address.port,
    setCut(decision) {
      isCut = decision;
      for (const link of links) settle(link);
    },
    async [Symbol.asyncDispose]() {
      for (const { client, server } of links) {
        client.destroy();
        server.destroy();
      }
      listener.close();
      await once(listener, "close");
    },
  };
}
