import { isDeepStrictEqual } from "node:util";
import type { Expectation, Step } from "./case.ts";
import type { Answer } from "./http.ts";
import type { Observation, ObserveOptions } from "./observe.ts";
import type { ComparedServer } from "./server.ts";

/** What happened when a sequence of requests was sent to a server. */
export interface Outcome {
  readonly answers: readonly Answer[];
  readonly observation: Observation;
}

/** Fails with the differences as they are: a diff against nothing would only hide them. */
export function expectNone(differences: readonly string[]): void {
  if (differences.length > 0) throw new Error(differences.join("\n"));
}

/** Sends the steps one after the other and looks at the result. */
export async function play(
  server: ComparedServer,
  steps: readonly Step[],
  options: ObserveOptions = {},
): Promise<Outcome> {
  const answers: Answer[] = [];
  for (const step of steps) answers.push(await server.send(step));
  return { answers, observation: await server.observe(options) };
}

/** True for the answer of a push that the reference read and then refused, after which it may be broken. */
export const wasRefused = (answer: Answer) =>
  answer.status === 400 && answer.body.includes("invalid or inconsistent");

/** Where the answers differ, one line each. */
export function compareAnswers(
  steps: readonly Step[],
  theirs: readonly Answer[],
  ours: readonly Answer[],
  options: { readonly bodies: boolean },
): string[] {
  const found: string[] = [];
  for (const [index, their] of theirs.entries()) {
    const our = ours[index];
    const step = steps[index];
    if (our === undefined || step === undefined) throw new Error("the sequences have different lengths");
    const at = `step ${index + 1} ${step.method} ${step.path}`;
    if (their.status !== our.status) {
      found.push(
        `${at}: status ${their.status} by the reference, ${our.status} here (${text(their)} | ${text(our)})`,
      );
      continue;
    }
    if (!options.bodies) continue;
    for (const name of step.compareHeaders ?? []) {
      const [theirValue, ourValue] = [their.headers.get(name), our.headers.get(name)];
      // We send it with everything that has a body, and it means nothing to what is no browser.
      const isOurs = name === "x-content-type-options" && theirValue === undefined && ourValue === "nosniff";
      if (theirValue !== ourValue && !isOurs)
        found.push(`${at}: ${name} ${theirValue} by the reference, ${ourValue} here`);
    }
    const compared = their.status >= 400 || step.compareBody === true;
    if (compared && !agree(their, our)) found.push(`${at}: says ${text(their)}, here ${text(our)}`);
  }
  return found;
}

const text = (answer: Answer) => JSON.stringify(answer.body.toString().slice(0, 300));

function agree(their: Answer, our: Answer): boolean {
  const theirErrors = errorsOf(their.body.toString());
  const ourErrors = errorsOf(our.body.toString());
  return ourErrors.length > 0 && ourErrors.every((error) => theirErrors.some((their) => says(error, their)));
}

/** We may add an explanation at the end. */
const says = (ours: string, theirs: string) =>
  ours === theirs || /^[:,] /.test(ours.replace(theirs.trimEnd(), ""));

/**
 * The reasons in a refusal; the reference lists all it finds in random order, we may name one only. The labels of a
 * series are printed differently by each version of protobuf, so they are left out.
 */
function errorsOf(body: string): string[] {
  const [, prefix = "", list] = /^(.*?)\d+ error\(s\) occurred:\n(.*)$/s.exec(body) ?? [];
  const errors =
    list === undefined
      ? [body]
      : list
          .trimEnd()
          .split("\n")
          .map((line) => `${prefix}${line.slice(2)}\n`);
  return errors.map(withoutChance);
}

/** Which of two metrics that contradict each other is blamed depends on the order in which they are found. */
function withoutChance(error: string): string {
  return error
    .replace(/ \{.*\} (?=is not|was collected|has |must not)/s, " {…} ")
    .replace(/is not a [A-Z_]+/, "is not a TYPE")
    .replace(/^proto: .*\n/, "proto: …\n")
    .replace(
      /collected metric named (".*?") collides with previously collected \w+ named (".*?")/,
      "$1 collides with $2",
    )
    .replace(
      /collected histogram(?: or summary)? named (".*?") collides with previously collected metric named (".*?")/,
      "$2 collides with $1",
    );
}

/** Where the states differ, one line each. */
export function compareObservations(theirs: Observation, ours: Observation): string[] {
  return [
    ...compareMaps("family", theirs.families, ours.families),
    ...compareMaps("group", theirs.groups, ours.groups),
    ...compareMaps("family of group", theirs.groupFamilies, ours.groupFamilies),
    ...compareMaps("protobuf family", theirs.protobuf, ours.protobuf),
  ];
}

function compareMaps(
  kind: string,
  theirs: ReadonlyMap<string, unknown>,
  ours: ReadonlyMap<string, unknown>,
): string[] {
  const found: string[] = [];
  for (const name of new Set([...theirs.keys(), ...ours.keys()])) {
    const [their, our] = [theirs.get(name), ours.get(name)];
    if (isDeepStrictEqual(their, our)) continue;
    found.push(`${kind} ${name}\n  reference: ${JSON.stringify(their)}\n  here:      ${JSON.stringify(our)}`);
  }
  return found;
}

/** Where an outcome is not what is expected of it, one line each. */
export function compareExpectation(expected: Expectation, outcome: Outcome): string[] {
  const found: string[] = [];
  const statuses = outcome.answers.map((answer) => answer.status);
  if (!isDeepStrictEqual(statuses, expected.statuses)) {
    found.push(`statuses ${statuses}, expected ${expected.statuses}: ${outcome.answers.map(text).join(" ")}`);
  }
  const last = outcome.answers.at(-1)?.body.toString() ?? "";
  if (expected.lastBody !== undefined && !last.includes(expected.lastBody)) {
    found.push(`the last answer ${JSON.stringify(last)} lacks ${JSON.stringify(expected.lastBody)}`);
  }
  if (expected.scrape !== undefined) found.push(...compareScrape(expected.scrape, outcome.observation));
  if (expected.groups !== undefined) {
    const groups = [...outcome.observation.groups.values()].map(({ labels, lastPushSuccessful }) => {
      const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
      return `{${pairs.join(",")}}${lastPushSuccessful ? "" : " failed"}`;
    });
    if (!isDeepStrictEqual(groups.sort(), [...expected.groups].sort())) {
      found.push(`groups ${groups.join(" ")}, expected ${expected.groups.join(" ")}`);
    }
  }
  return found;
}

function compareScrape(expected: readonly string[], observation: Observation): string[] {
  const families = [...observation.families.values()];
  const samples = families
    .filter(({ name }) => !/^push_(failure_)?time_seconds$/.test(name))
    .flatMap((f) => f.samples);
  const headers = families.flatMap(({ name, help, type }) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
  ]);
  const wantedHeaders = expected.filter((line) => line.startsWith("#"));
  const wanted = expected.filter((line) => !line.startsWith("#")).sort();
  const found = wantedHeaders
    .filter((line) => !headers.includes(line))
    .map((line) => `the scrape lacks ${line}`);
  if (!isDeepStrictEqual(samples.sort(), wanted)) {
    found.push(`the scrape has\n  ${samples.join("\n  ")}\nexpected\n  ${wanted.join("\n  ")}`);
  }
  return found;
}
