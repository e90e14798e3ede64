import { requestText } from "../request-text.ts";
import { flags, requireNoErrors, taken } from "../requests.ts";
import { checkScrape } from "../scrape-check.ts";
import { type Check, require, type Session, type Target } from "../target.ts";
import { openWireGateway } from "../wire-gateway.ts";
import { tellingTexts } from "../words.ts";

/** Milliseconds that a connection waits for the rest of a request that does not come. */
const silenceMs = 20;

/** Raw bytes down a connection, with a sound request behind them. */
export const connections: Target = {
  name: "connections",
  refusals: [],
  words: [
    ...tellingTexts,
    "\r\n",
    "\r\n\r\n",
    "GET /metrics HTTP/1.1\r\n",
    "PUT /metrics/job/a HTTP/1.1\r\n",
    "HTTP/1.0",
    "HTTP/2.0",
    "Host: a\r\n",
    "Content-Length: 4\r\n",
    "Content-Length: +4\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: x, chunked\r\n",
    "Connection: keep-alive\r\n",
    "Connection: upgrade\r\nUpgrade: h2c\r\n",
    "4\r\nm 1\n\r\n0\r\n\r\n",
    "ffffffffffffffff\r\n",
    "m 1\n",
  ],
  sessionLength: 500,
  seeds: () =>
    [
      "PUT /metrics/job/a HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nm 1\n",
      "POST /metrics/job/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nm 1\n\r\n0\r\n\r\n",
      "GET /metrics HTTP/1.0\r\n\r\n",
      "GET http://other/api/v1/status HTTP/1.1\r\nHost: a\r\n\r\nDELETE /metrics/job/a HTTP/1.1\r\nHost: a\r\n\r\n",
      "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
    ].map((text) => Buffer.from(text)),
  open: openSession,
};

async function openSession(): Promise<Session> {
  const opened = await openWireGateway(flags);
  const last = Buffer.from("GET /-/healthy HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  return {
    async take(input): Promise<Check> {
      const answers = await opened.send(Buffer.concat([input, last]), silenceMs);
      return () => {
        require(!/^HTTP\/1\.1 5(?!03|05)/m.test(answers.toString("latin1")), "an answer says 5xx");
        requireNoErrors(opened);
      };
    },
    async finish() {
      await taken(opened, requestText("GET /-/healthy"));
      await checkScrape(await opened.context.readings.all.view.sync());
    },
    close: async () => opened[Symbol.asyncDispose](),
  };
}
