import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface Request {
  /** From the request line on, without line ends. */
  readonly head: readonly string[];
  readonly body: Buffer;
  /** The body is sent once the server has said 100 Continue, and not at all when it answers at once. */
  readonly expectsContinue?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Sends the bytes of a request as they are, over a connection of its own. Rejects when no answer comes within ten seconds. */
export async function send(url: string, { head, body, expectsContinue = false }: Request): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), timeout: 10_000 });
  socket.once("timeout", () => socket.destroy(new Error(`no answer to ${head[0]}`)));
  try {
    await once(socket, "connect");
    const answers = readAnswers(socket);
    socket.write(`${head.join("\r\n")}\r\n\r\n`);
    if (expectsContinue) {
      const first = await next(answers);
      if (first.status !== 100) return first;
    }
    socket.write(body);
    return await next(answers);
  } finally {
    socket.destroy();
  }
}

async function next(answers: AsyncIterator<Answer>): Promise<Answer> {
  const { value, done } = await answers.next();
  if (done === true) throw new Error("the server has closed the connection");
  return value;
}

async function* readAnswers(socket: Socket): AsyncGenerator<Answer> {
  let read = Buffer.alloc(0);
  for await (const bytes of socket) {
    read = Buffer.concat([read, bytes]);
    for (;;) {
      const end = read.indexOf("\r\n\r\n");
      if (end === -1) break;
      const head = read.subarray(0, end).toString("latin1");
      const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      const bodyStart = end + 4;
      if (read.length < bodyStart + length) break;
      const body = read.subarray(bodyStart, bodyStart + length);
      yield { status: Number(head.split(" ")[1]), text: body.toString() };
      read = read.subarray(bodyStart + length);
    }
  }
}

/** What the client tells of an answer; undefined of a good one. */
export function complaint({ status, text }: Answer): string | undefined {
  return status >= 200 && status < 300 ? undefined : `${status} ${text.trim()}`;
}

export function basicAuthorization(login: string): string {
  return `Authorization: Basic ${Buffer.from(login).toString("base64")}`;
}
