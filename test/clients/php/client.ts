import { fileURLToPath } from "node:url";
import { installDebianPackages } from "../../support/debian.ts";
import type { Client } from "../client.ts";
import { isThere } from "../installation.ts";
import { startProgram } from "../program.ts";

/** What PromPHP's library sends, by the HTTP library that it uses: Debian has no package of the former. */
export const php: Client = {
  id: "php",
  name: "PHP prometheus_push_gateway_php",
  cannot: { gzip: "it does not compress" },
  unescaped: { slashRefusedBy: "gateway" },
  async prepare() {
    const isComplete = () => isThere("php", "-r", 'require "GuzzleHttp/autoload.php"; curl_version();');
    if (!(await isComplete())) installDebianPackages(["php-cli", "php-curl", "php-guzzlehttp-guzzle"]);
    if (!(await isComplete()))
      return {
        kind: "missing",
        reason: "apt-get install php-cli php-curl php-guzzlehttp-guzzle is left to root",
      };
    const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
    return { kind: "ready", start: () => startProgram("php", [path("push.php"), path("../expositions")]) };
  },
};
