import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** What went over the wire: the head of the first request, and the status of every answer but 100. */
export interface Exchange {
  readonly method: string;
  readonly headers: Headers;
  readonly statuses: readonly number[];
}

/** Stands in front of a server, passes every byte on as it comes, and keeps a copy. */
export interface Wire extends AsyncDisposable {
  readonly url: string;
  /** What has passed since the last call; undefined when there was no request. For one request after the other. */
  take(): Exchange | undefined;
}

export async function startWire(target: string): Promise<Wire> {
  const { hostname, port } = new URL(target);
  let [asked, answered]: [Buffer[], Buffer[]] = [[], []];
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    const gateway = connect({ host: hostname, port: Number(port), noDelay: true });
    for (const socket of [client, gateway]) {
      open.add(socket);
      socket.on("close", () => open.delete(socket));
      socket.on("error", () => {
        client.destroy();
        gateway.destroy();
      });
    }
    client.on("data", (bytes) => asked.push(bytes));
    gateway.on("data", (bytes) => answered.push(bytes));
    client.pipe(gateway).pipe(client);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    take() {
      const exchange = asked.length === 0 ? undefined : read(Buffer.concat(asked), Buffer.concat(answered));
      [asked, answered] = [[], []];
      return exchange;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function read(asked: Buffer, answered: Buffer): Exchange {
  const end = asked.indexOf("\r\n\r\n");
  const [requestLine = "", ...lines] = asked.subarray(0, end).toString("latin1").split("\r\n");
  const statuses = [...answered.toString("latin1").matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, code]) =>
    Number(code),
  );
  return {
    method: requestLine.split(" ")[0] ?? "",
    headers: new Headers(
      lines.map((line): [string, string] => [line.split(":")[0] ?? "", line.slice(line.indexOf(":") + 1)]),
    ),
    statuses: statuses.filter((status) => status !== 100),
  };
}
