import { buildGo, whyNoGo } from "../../support/go/build.ts";
import type { Client } from "../client.ts";
import { copied } from "../installation.ts";
import { startProgram } from "../program.ts";

export const go = [inFormat("protobuf"), inFormat("text")];

function inFormat(format: "protobuf" | "text"): Client {
  return {
    id: `go-${format}`,
    name: `Go client_golang 1.23.2, ${format}`,
    cannot: { gzip: "it does not compress" },
    space: "+",
    async prepare() {
      const reason = whyNoGo();
      if (reason !== undefined) return { kind: "missing", reason };
      // Go keeps what it has built itself.
      const program = await buildGo(await copied("go"));
      return { kind: "ready", start: () => startProgram(program, [format]) };
    },
  };
}
