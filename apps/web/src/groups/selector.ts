/** The selector that matches the groups with this label value, as PromQL writes it: `{job="a"}`. */
export function selectorOf(name: string, value: string): string {
  const shownName = /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) ? name : quoted(name);
  return `{${shownName}=${quoted(value)}}`;
}

function quoted(text: string): string {
  const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", '"': '\\"', "\n": "\\n" };
  return `"${text.replace(/[\\"\n]/g, (character) => escapes[character] ?? character)}"`;
}
