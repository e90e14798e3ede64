import type { IncomingMessage } from "node:http";
import type { GatewayEvent } from "./answers.ts";
import { ClientError } from "./client-error.ts";

/** A gateway says something every 15 s; after a silence of this length the connection counts as lost. */
const longestSilenceMs = 45_000;

/** The events of a stream, as they come. Kinds that are unknown here are left out. */
export async function* readEvents(
  stream: IncomingMessage,
  { path, signal }: { readonly path: string; readonly signal: AbortSignal | undefined },
): AsyncGenerator<GatewayEvent> {
  stream.setEncoding("utf8");
  stream.setTimeout(longestSilenceMs, () => stream.destroy(new Error("nothing came any more")));
  let rest = "";
  try {
    // Leaving the loop destroys the stream.
    for await (const chunk of stream) {
      const blocks = `${rest}${chunk}`.split("\n\n");
      rest = blocks.pop() ?? "";
      yield* blocks.flatMap(eventsOf);
    }
  } catch (error) {
    if (error instanceof ClientError) throw error;
    if (signal?.aborted === true)
      throw new ClientError("aborted", `GET ${path} was given up`, { cause: signal.reason });
    throw new ClientError("unreachable", `the connection of GET ${path} broke off`, { cause: error });
  }
}

function eventsOf(block: string): readonly GatewayEvent[] {
  const field = (name: string) =>
    block
      .split("\n")
      .filter((line) => line.startsWith(`${name}:`))
      .map((line) => line.slice(name.length + 1).trim())
      .join("\n");
  const event = field("event");
  if (event !== "change" && event !== "store") return [];
  try {
    return [{ event, data: JSON.parse(field("data")) } as GatewayEvent]; // As openapi.yaml promises.
  } catch (cause) {
    throw new ClientError("bad-answer", "an event is not what a gateway sends", { cause });
  }
}
