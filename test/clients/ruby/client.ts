import { fileURLToPath } from "node:url";
import { installDebianPackages } from "../../support/debian.ts";
import type { Client } from "../client.ts";
import { isThere } from "../installation.ts";
import { startProgram } from "../program.ts";

export const ruby: Client = {
  id: "ruby",
  name: "Ruby prometheus-client-mmap 0.16.2",
  cannot: {
    gzip: "it does not compress",
    empty: "it leaves out an empty instance, and knows no other label",
  },
  lacks: ["histogram", "summary"],
  async prepare() {
    const isComplete = () =>
      isThere("ruby", "-e", 'require "prometheus/client"; require "prometheus/client/push"');
    if (!(await isComplete())) installDebianPackages(["ruby", "ruby-prometheus-client-mmap"]);
    if (!(await isComplete()))
      return { kind: "missing", reason: "apt-get install ruby ruby-prometheus-client-mmap is left to root" };
    return {
      kind: "ready",
      start: () => startProgram("ruby", [fileURLToPath(new URL("push.rb", import.meta.url))]),
    };
  },
};
