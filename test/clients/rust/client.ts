import { cp } from "node:fs/promises";
import { join } from "node:path";
import { installDebianPackages } from "../../support/debian.ts";
import type { Client } from "../client.ts";
import { cache, installed, isThere, run } from "../installation.ts";
import { startProgram } from "../program.ts";

export const rust: Client = {
  id: "rust",
  name: "Rust prometheus 0.14.0",
  cannot: { delete: "it has no deletion", gzip: "it does not compress" },
  lacks: ["summary"],
  unescaped: { slashRefusedBy: "client" },
  async prepare() {
    if (!(await isThere("cargo", "--version"))) return { kind: "missing", reason: "there is no cargo" };
    // For the TLS of its HTTP client.
    const hasOpenssl = () => isThere("pkg-config", "--exists", "openssl");
    if (!(await hasOpenssl())) installDebianPackages(["libssl-dev", "pkg-config"]);
    if (!(await hasOpenssl()))
      return { kind: "missing", reason: "apt-get install libssl-dev pkg-config is left to root" };
    const folder = await installed("rust", async (made) => {
      // What the libraries compile to outlives a change of the program.
      await run("cargo", ["build", "--quiet", `--target-dir=${join(cache, "cargo")}`], made);
      await cp(join(cache, "cargo", "debug", "push"), join(made, "push"));
    });
    return { kind: "ready", start: () => startProgram(join(folder, "push"), []) };
  },
};
