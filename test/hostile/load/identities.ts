import { createHash } from "node:crypto";
import { hashes } from "../../tls/password-hashes.ts";

const tokens = {
  "nightly-backup": "token-of-nightly-backup",
  prometheus: "token-of-prometheus",
  intruder: "token-of-intruder",
} as const;

/** What each sends as `Authorization`. */
export function authorizationOf(identity: keyof typeof tokens): string {
  return `Bearer ${tokens[identity]}`;
}

const hashOf = (identity: keyof typeof tokens) => createHash("sha256").update(tokens[identity]).digest("hex");

/** What the flood of groups and series runs into, which would take too long with the defaults. */
const floodLimits = { "job.max-groups": 5_000, "group.max-series": 20_000 } as const;

/**
 * A normal job, who scrapes, and somebody with the right to push whose programs do the worst they can: its own jobs, with
 * the default limits but for those of the flood. All that is stored counts for memory, so how much that is must be bounded.
 */
export const config = `access:
  identities:
    - name: nightly-backup
      token_sha256: [${hashOf("nightly-backup")}]
      allow: [{ roles: [push], match: '{job="nightly-backup"}' }]
    - name: prometheus
      token_sha256: [${hashOf("prometheus")}]
      allow: [{ roles: [scrape] }]
    - name: intruder
      token_sha256: [${hashOf("intruder")}]
      allow: [{ roles: [push, scrape], match: '{job=~"hostile-.*"}' }]
limits:
  rules:
    - match: '{job="hostile-flood"}'
      identity: intruder
      job.max-groups: ${floodLimits["job.max-groups"]}
      group.max-series: ${floodLimits["group.max-series"]}
`;

/** Users whose passwords take the gateway some 80 ms each to check. */
export const webConfig = `basic_auth_users:
  alice: ${hashes["of alice"]}
`;
