import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Text of a self-signed certificate and its key, made by openssl. */
export function makePair(...options: readonly string[]): { readonly cert: string; readonly key: string } {
  const directory = mkdtempSync(join(tmpdir(), "pushfleet-pair-"));
  try {
    const [certFile, keyFile] = [join(directory, "cert"), join(directory, "key")];
    const kind = options.length > 0 ? options : ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
    const rest = ["-noenc", "-days", "2", "-subj", "/CN=test", "-keyout", keyFile, "-out", certFile];
    execFileSync("openssl", ["req", "-x509", ...kind, ...rest], { stdio: "ignore" });
    return { cert: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8") };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
