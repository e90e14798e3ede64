/** A certificate authority of a test's own, made by openssl when the test runs: no key outlives it. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface Authority {
  readonly caFile: string;
  /** `names` are what the certificate is for, as in `IP:127.0.0.1,DNS:localhost`. */
  issue(names: string): Promise<CertificateFiles>;
}

const run = promisify(execFile);

/** Its files go to `directory`, which is the caller's to remove; several may share one under different names. */
export async function createAuthority(directory: string, name: string): Promise<Authority> {
  const own = files(directory, name);
  await make(own, [`-subj=/CN=${name}`]);
  let issued = 0;
  return {
    caFile: own.certFile,
    async issue(names) {
      const pair = files(directory, `${name}-${++issued}`);
      await make(pair, [
        `-subj=/CN=signed by ${name}`,
        `-CA=${own.certFile}`,
        `-CAkey=${own.keyFile}`,
        "-addext=basicConstraints=critical,CA:FALSE",
        `-addext=subjectAltName=${names}`,
      ]);
      return pair;
    },
  };
}

function files(directory: string, name: string): CertificateFiles {
  return { certFile: join(directory, `${name}.crt`), keyFile: join(directory, `${name}.key`) };
}

async function make({ certFile, keyFile }: CertificateFiles, rest: readonly string[]): Promise<void> {
  const options = [
    ["-newkey", "ec"],
    ["-pkeyopt", "ec_paramgen_curve:P-256"],
    ["-noenc"],
    ["-days", "2"],
    ["-keyout", keyFile],
    ["-out", certFile],
    ...rest.map((option) => option.split(/=(.*)/s, 2)),
  ];
  await run("openssl", ["req", "-x509", ...options.flat()]);
}
