/** Replaces all metrics of the group. */
export function pushCommand(url: string): string {
  return `echo 'some_metric 42' | ${curl(url, "-X PUT --data-binary @-")}`;
}

/** Replaces only the families that are pushed. */
export function mergeCommand(url: string): string {
  return `echo 'some_metric 42' | ${curl(url, "--data-binary @-")}`;
}

export function deleteCommand(url: string): string {
  return curl(url, "-X DELETE");
}

/** `--globoff` only where curl would take the address for a pattern, as with IPv6. */
function curl(url: string, options: string): string {
  const globbing = /[[\]{}]/.test(url) ? "--globoff " : "";
  return `curl ${globbing}${options} ${shellQuoted(url)}`;
}

/** One word for a POSIX shell, whatever is in it. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
