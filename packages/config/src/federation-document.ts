import * as z from "zod";
import { type PeerAddress, peerUrl, regionName } from "./federation-options.ts";
import { parsedBy } from "./parsed-by.ts";

/** A peer as the config file has it: "" where it says nothing, and the option for all peers counts. */
export interface PeerRule extends PeerAddress {
  readonly tokenFile: string;
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** The list under `federation.peers`. */
export function peerRules() {
  const file = z.string().min(1, "must not be empty").nullish();
  const peer = z
    .strictObject({
      id: z.string().transform(parsedBy(regionName)),
      url: z.string().transform(parsedBy(peerUrl)),
      token_file: file,
      ca_file: file,
      cert_file: file,
      key_file: file,
    })
    .superRefine(({ cert_file, key_file }, context) => {
      if ((cert_file == null) === (key_file == null)) return;
      const [missing, given] = cert_file == null ? ["cert_file", "key_file"] : ["key_file", "cert_file"];
      context.addIssue({ code: "custom", path: [given], message: `needs a ${missing}` });
    })
    .transform(
      ({ id, url, token_file, ca_file, cert_file, key_file }): PeerRule => ({
        id,
        url,
        tokenFile: token_file ?? "",
        caFile: ca_file ?? "",
        certFile: cert_file ?? "",
        keyFile: key_file ?? "",
      }),
    );
  return z.array(peer).superRefine((peers, context) => {
    for (const [index, { id }] of peers.entries()) {
      if (peers.findIndex((other) => other.id === id) === index) continue;
      context.addIssue({
        code: "custom",
        path: [index, "id"],
        message: `names the region "${id}" once more`,
      });
    }
  });
}
