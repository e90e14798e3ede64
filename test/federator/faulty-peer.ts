import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";

/** What stands between a federator and the gateways of a peer, and does to requests what a test wants. */
export interface FaultyPeer extends AsyncDisposable {
  readonly url: string;
  /** What becomes of each request from now on; default: it passes. */
  behave(behaviour: Behaviour): void;
  /** Of each request that came so far: its path, bytes of its body, and what became of it. */
  readonly requests: readonly SeenRequest[];
}

interface SeenRequest {
  readonly path: string;
  readonly bytes: number;
  readonly fate: Fate;
}

type Fate =
  | "pass"
  /** The request arrives and takes effect, and the answer ends in the middle. */
  | "cut-answer"
  /** The request takes effect, and the answer tells of one state less. */
  | "wrong-count"
  /** Half of the body arrives. */
  | "cut-request"
  /** No answer ever. */
  | "hang"
  | "unavailable"
  /** As a proxy before the gateways does. */
  | "too-large"
  /** Long after it was asked. */
  | "slow";

type Behaviour = (seen: { readonly path: string; readonly bytes: number }) => Fate;

export async function startFaultyPeer(target: string): Promise<FaultyPeer> {
  let behave: Behaviour = () => "pass";
  const requests: SeenRequest[] = [];
  const server = createServer((asked, answer) => {
    void readAll(asked).then((body) => {
      const path = asked.url ?? "";
      const fate = behave({ path, bytes: body.length });
      requests.push({ path, bytes: body.length, fate });
      meet(fate, { asked, body, answer, target });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    behave(behaviour) {
      behave = behaviour;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

interface Meeting {
  readonly asked: IncomingMessage;
  readonly body: Buffer;
  readonly answer: ServerResponse;
  readonly target: string;
}

function meet(fate: Fate, { asked, body, answer, target }: Meeting): void {
  if (fate === "hang") return;
  if (fate === "unavailable") return void answer.writeHead(503).end("later");
  if (fate === "too-large") return void answer.writeHead(413).end("too large");
  if (fate === "slow") return void setTimeout(() => meet("pass", { asked, body, answer, target }), 2_500);
  const sent = fate === "cut-request" ? body.subarray(0, body.length / 2) : body;
  const headers = { ...asked.headers, "content-length": String(sent.length) };
  const passed = request(
    `${target}${asked.url}`,
    { method: asked.method ?? "GET", headers, agent: false },
    (reply) => {
      void readAll(reply).then((whole) => {
        const text = fate === "wrong-count" ? oneLess(whole) : whole;
        answer.writeHead(reply.statusCode ?? 500, {
          ...reply.headers,
          "content-length": String(text.length),
        });
        if (fate !== "cut-answer") return void answer.end(text);
        answer.write(text.subarray(0, text.length / 2), () => answer.socket?.destroy());
      });
    },
  );
  passed.on("error", () => answer.socket?.destroy());
  passed.end(sent);
}

function oneLess(text: Buffer): Buffer {
  return Buffer.from(
    text.toString().replace(/"merged":(\d+)/, (_, merged: string) => `"merged":${Number(merged) - 1}`),
  );
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk); // what streams of HTTP have
  return Buffer.concat(chunks);
}
