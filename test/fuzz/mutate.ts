import type { Chance } from "../conformance/random.ts";

/** What mutations are made of. */
export interface Material {
  readonly words: readonly string[];
  /** Never empty. */
  readonly pool: readonly Buffer[];
}

type Mutation = (input: Buffer, chance: Chance, material: Material) => Buffer;

/** Longer inputs are cut, as what they find a shorter one finds too, and sooner. */
const longest = 4_096;

/** Of a stretched input. */
const stretchedLength = 150_000;

/** Changes an input at one to three places. */
export function mutate(input: Buffer, chance: Chance, material: Material): Buffer {
  let mutant = input;
  for (let times = chance.pick([1, 1, 1, 2, 3]); times > 0; times--)
    mutant = chance.pick(mutations)(mutant, chance, material);
  return mutant.subarray(0, longest);
}

/** Repeats a piece of the input until it is long: what takes quadratic time shows only so. */
export function stretch(input: Buffer, chance: Chance, { words }: Material): Buffer {
  const range = rangeOf(input, chance);
  const word = Buffer.from(words[chance.int(0, words.length - 1)] ?? "");
  const piece = chance.flip(0.5) || range.end === range.start ? word : input.subarray(range.start, range.end);
  if (piece.length === 0) return input;
  const times = Math.ceil(stretchedLength / piece.length);
  return splice(input, { ...range, end: range.start }, Buffer.alloc(times * piece.length, piece));
}

const flipBit: Mutation = (input, chance) => {
  if (input.length === 0) return input;
  const mutant = Buffer.from(input);
  const at = chance.int(0, input.length - 1);
  mutant[at] = (mutant[at] ?? 0) ^ (1 << chance.int(0, 7));
  return mutant;
};

/** Ends of ranges, and what means something in text. */
const tellingBytes = [
  0, 1, 9, 10, 13, 32, 34, 35, 37, 39, 44, 47, 48, 57, 58, 61, 92, 95, 123, 125, 127, 128, 192, 254, 255,
] as const;

const setByte: Mutation = (input, chance) => {
  if (input.length === 0) return input;
  const mutant = Buffer.from(input);
  mutant[chance.int(0, input.length - 1)] = chance.flip(0.5) ? chance.pick(tellingBytes) : chance.int(0, 255);
  return mutant;
};

const insertBytes: Mutation = (input, chance) => {
  const bytes = Array.from({ length: chance.int(1, 4) }, () => chance.int(0, 255));
  return insert(input, chance, Buffer.from(bytes));
};

const insertWord: Mutation = (input, chance, { words }) =>
  insert(input, chance, Buffer.from(words[chance.int(0, words.length - 1)] ?? ""));

const remove: Mutation = (input, chance) => splice(input, rangeOf(input, chance), Buffer.of());

const truncate: Mutation = (input, chance) => input.subarray(0, chance.int(0, input.length));

const repeat: Mutation = (input, chance) => {
  const range = rangeOf(input, chance);
  const piece = input.subarray(range.start, range.end);
  return splice(input, { ...range, end: range.start }, Buffer.alloc(piece.length * chance.int(1, 3), piece));
};

const takeFromOther: Mutation = (input, chance, { pool }) => {
  const other = pool[chance.int(0, pool.length - 1)] ?? input;
  const from = rangeOf(other, chance);
  const to = chance.flip(0.5) ? rangeOf(input, chance) : { start: input.length, end: input.length };
  return splice(input, to, other.subarray(from.start, from.end));
};

const joinOther: Mutation = (input, chance, { pool }) => {
  const other = pool[chance.int(0, pool.length - 1)] ?? input;
  const cut = input.subarray(0, chance.int(0, input.length));
  return Buffer.concat([cut, other.subarray(chance.int(0, other.length))]);
};

const swapLines: Mutation = (input, chance) => {
  const lines = input.toString("latin1").split("\n");
  const [a, b] = [chance.int(0, lines.length - 1), chance.int(0, lines.length - 1)];
  [lines[a], lines[b]] = [lines[b] ?? "", lines[a] ?? ""];
  return Buffer.from(lines.join("\n"), "latin1");
};

const numbers = [
  "0",
  "-1",
  "1e400",
  "1e-400",
  "9007199254740993",
  "18446744073709551616",
  "-9223372036854775809",
  "NaN",
  "+Inf",
  "-0",
  "0x10",
  "1_0",
  "999999999999999999999999999999",
  "٣",
] as const;

const changeNumber: Mutation = (input, chance) => {
  const text = input.toString("latin1");
  const found = [...text.matchAll(/\d+(?:\.\d+)?/g)];
  const one = found[chance.int(0, found.length - 1)];
  if (one === undefined) return input;
  const range = { start: one.index, end: one.index + one[0].length };
  return splice(input, range, Buffer.from(chance.pick(numbers)));
};

const mutations = [
  flipBit,
  setByte,
  insertBytes,
  insertWord,
  insertWord,
  remove,
  truncate,
  repeat,
  takeFromOther,
  takeFromOther,
  joinOther,
  swapLines,
  changeNumber,
] as const;

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Mostly a short piece of the input, sometimes any. */
function rangeOf(input: Buffer, chance: Chance): Range {
  const start = chance.int(0, input.length);
  const most = chance.flip(0.8) ? Math.min(input.length, start + 16) : input.length;
  return { start, end: chance.int(start, most) };
}

function insert(input: Buffer, chance: Chance, piece: Buffer): Buffer {
  const at = chance.int(0, input.length);
  return splice(input, { start: at, end: at }, piece);
}

function splice(input: Buffer, { start, end }: Range, piece: Buffer): Buffer {
  return Buffer.concat([input.subarray(0, start), piece, input.subarray(end)]);
}
