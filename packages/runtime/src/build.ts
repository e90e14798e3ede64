/** What this program is, for `--version`, `pushgateway_build_info` and the status API. */
export interface Build {
  readonly version: string;
  /** The commit it was built from, where whoever packaged it said so. */
  readonly revision: string;
  readonly branch: string;
}

/** Version from the package, revision and branch from the variables that a container build sets. */
export function describeBuild(version: string, env: Readonly<Record<string, string | undefined>>): Build {
  return {
    version,
    revision: env["PUSHFLEET_REVISION"] ?? "unknown",
    branch: env["PUSHFLEET_BRANCH"] ?? "unknown",
  };
}
