import { PROTOBUF } from "../../conformance/protobuf.ts";
import type { Chance } from "../../conformance/random.ts";
import { randomSequence } from "../../conformance/random.ts";
import { requestText } from "../request-text.ts";
import { flags, RequestRefused, requireNoErrors, taken } from "../requests.ts";
import { checkScrape, checkWithPromtool } from "../scrape-check.ts";
import type { Check, Session, Target } from "../target.ts";
import { openWireGateway } from "../wire-gateway.ts";
import { randomFamilies } from "../wire-soup.ts";
import { tellingNames, tellingTexts } from "../words.ts";

/** A scrape is checked after so many requests. */
const scrapeEvery = 20;

/** Requests to a whole gateway, few groups and families among them so that they meet; then scrapes in all forms. */
export const gateway: Target = {
  name: "gateway",
  refusals: [RequestRefused],
  words: [
    ...tellingNames,
    ...tellingTexts,
    "PUT /metrics/job/a",
    "POST /metrics/job/a/x/1",
    "DELETE /metrics/job/a",
    "?ttl=1h",
    "?scope=all",
    "Content-Encoding: gzip\n",
    "Content-Encoding: snappy\n",
    `Content-Type: ${PROTOBUF}\n`,
    "Transfer-Encoding: chunked\n",
    "Expect: 100-continue\n",
    "# TYPE x histogram\n",
    'x_bucket{le="1"} 1\n',
    "x_count 1\n",
  ],
  sessionLength: 200,
  seeds: () => [
    requestText(
      "PUT /metrics/job/a/U__my_2e_name/1",
      {},
      '{"my.name","my.label"="1"} 1\nmy_name{my_label="1"} 1\n',
    ),
    requestText("POST /metrics/job@base64/YQ", {}, "# TYPE h histogram\nh_count 1\n"),
    requestText("DELETE /metrics/job/a?scope=all"),
    requestText("GET /metrics", { Accept: PROTOBUF, "Accept-Encoding": "gzip" }),
    requestText("GET /api/v1/groups?match[]={job=~%22a.*%22}&sort=job"),
  ],
  generate: randomRequest,
  open: openSession,
};

async function openSession(): Promise<Session> {
  const opened = await openWireGateway(flags);
  let requests = 0;
  const checkView = async () => checkScrape(await opened.context.readings.all.view.sync());
  const checkNowAndThen = async () => {
    requireNoErrors(opened);
    if (++requests % scrapeEvery === 0) await checkView();
  };
  return {
    async take(input): Promise<Check> {
      await taken(opened, input);
      return checkNowAndThen;
    },
    refused: checkNowAndThen,
    async finish() {
      await checkView();
      if (requests >= gateway.sessionLength)
        await checkWithPromtool(await opened.context.readings.all.view.sync());
    },
    close: async () => opened[Symbol.asyncDispose](),
  };
}

function randomRequest(chance: Chance): Buffer {
  if (chance.flip(0.4)) {
    const path = chance.pick(["a", "a/x/1", "a/instance/i", "b", "b/U__my_2e_name/1"]);
    return requestText(
      `${chance.pick(["PUT", "POST"])} /metrics/job/${path}`,
      { "Content-Type": PROTOBUF },
      randomFamilies(chance),
    );
  }
  const [step] = randomSequence(chance);
  return requestText(`${step?.method ?? "GET"} ${step?.path ?? "/metrics"}`, {}, step?.body ?? "");
}
