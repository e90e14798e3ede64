import { readRequest } from "./request-text.ts";
import { require, Violation } from "./target.ts";
import { type Answer, firstAnswer, type WireGateway } from "./wire-gateway.ts";

/** So few groups that their number is met as well. */
export const flags = [
  "--push.enable-utf8-names",
  "--job.max-groups=12",
  "--push.max-series=200",
  "--group.max-series=100",
  "--web.max-event-clients=1",
];

/** Milliseconds that an answer may take, far more than it does. */
const answerMs = 30_000;
/** The gateway answered 4xx. The message is what it said. */
export class RequestRefused extends Error {
  override readonly name = "RequestRefused";
}

/** Sends the request and returns its answer. Throws RequestRefused, and Violation when there is none that may be. */
export async function taken(opened: WireGateway, input: Buffer): Promise<Answer> {
  const answer = await ask(opened, input);
  if (answer === undefined) throw new Violation("no answer");
  const { status, body } = answer;
  if (status >= 500 && status !== 503)
    throw new Violation(`the answer is ${status}: ${opened.takeErrors()[0]}`);
  if (status >= 400) throw new RequestRefused(`${status} ${body.toString()}`);
  return answer;
}

/** The answer to one request; undefined when the connection ended without. */
async function ask(opened: WireGateway, input: Buffer): Promise<Answer | undefined> {
  const { method, url, headers, body } = readRequest(input);
  const {
    "content-length": _length,
    "transfer-encoding": _coding,
    connection: _connection,
    expect: _expect,
    ...rest
  } = headers;
  const lines = Object.entries({ host: "gateway:9091", ...rest }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const head = `${method} ${url} HTTP/1.1\r\n${lines.join("")}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n`;
  return firstAnswer(await opened.send(Buffer.concat([Buffer.from(head, "latin1"), body]), answerMs));
}

/** Throws Violation when the gateway has logged an error. */
export function requireNoErrors(opened: WireGateway): void {
  const errors = opened.takeErrors();
  require(errors.length === 0, `the log tells of an error: ${errors[0]}`);
}
