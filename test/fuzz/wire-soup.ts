import { FAMILY_TYPE, families, labels, type Message } from "../conformance/protobuf.ts";
import type { Chance } from "../conformance/random.ts";
import { tellingNames } from "./words.ts";

/** Families that a client could send, few names and labels of them, with numbers from all over. */
export function randomFamilies(chance: Chance): Buffer {
  return Buffer.from(families(...Array.from({ length: chance.int(1, 3) }, () => randomFamily(chance))));
}

const doubles = [0, 1, 1.5, -1, 1e300, 2 ** 53, NaN, Infinity, -Infinity, 5e-324, -0, 0.1] as const;
const whole = [0, 1, 3, 1_000_000, 2 ** 32, 2 ** 53, 2 ** 63, 2 ** 64 - 2 ** 11] as const;
const signed = [0, 1, -1, 5, -2_147_483_648, 2_147_483_647, 2 ** 53, -(2 ** 53)] as const;

function randomFamily(chance: Chance): Message {
  const type = chance.pick([
    "counter",
    "gauge",
    "summary",
    "untyped",
    "histogram",
    "gaugehistogram",
  ] as const);
  const metric = Array.from({ length: chance.int(1, 3) }, () => ({
    label: randomLabels(chance),
    [type === "gaugehistogram" ? "histogram" : type]: randomData(chance, type),
    ...(chance.flip(0.05) ? { timestamp_ms: chance.pick(whole) } : {}),
  }));
  const help = chance.pick(["", "Help.", "a\nb\\"] as const);
  return { name: chance.pick(["m", "h", "h_count", ...tellingNames]), help, type: FAMILY_TYPE[type], metric };
}

function randomLabels(chance: Chance): Message[] {
  const pairs = Array.from(
    { length: chance.int(0, 2) },
    () => [chance.pick(["a", "b", ...tellingNames]), chance.pick(["", "1", "2", "ä\n"] as const)] as const,
  );
  return labels(...pairs);
}

function randomData(chance: Chance, type: keyof typeof FAMILY_TYPE): Message {
  const some = <T>(make: () => T): T[] => Array.from({ length: chance.int(0, 3) }, make);
  const maybe = (fields: Message): Message => (chance.flip(0.3) ? fields : {});
  const exemplar = (): Message => ({
    label: randomLabels(chance),
    value: chance.pick(doubles),
    ...maybe({ timestamp: { seconds: chance.int(0, 9), nanos: chance.int(0, 999_999_999) } }),
  });
  const created = maybe({ created: { seconds: chance.int(0, 2 ** 31), nanos: chance.int(0, 999_999_999) } });
  const value = { value: chance.pick(doubles) };
  switch (type) {
    case "counter":
      return { ...value, ...created, ...maybe({ exemplar: exemplar() }) };
    case "gauge":
    case "untyped":
      return value;
    case "summary":
      return {
        sample_count: chance.pick(whole),
        sample_sum: chance.pick(doubles),
        quantile: some(() => ({ quantile: chance.pick(doubles), value: chance.pick(doubles) })),
        ...created,
      };
    case "histogram":
    case "gaugehistogram":
      return {
        sample_count: chance.pick(whole),
        sample_sum: chance.pick(doubles),
        ...maybe({ sample_count_float: chance.pick(doubles) }),
        bucket: some(() => ({
          cumulative_count: chance.pick(whole),
          upper_bound: chance.pick(doubles),
          ...maybe({ cumulative_count_float: chance.pick(doubles) }),
          ...maybe({ exemplar: exemplar() }),
        })),
        ...maybe({
          schema: chance.pick(signed),
          zero_threshold: chance.pick(doubles),
          zero_count: chance.pick(whole),
        }),
        ...maybe({ zero_count_float: chance.pick(doubles) }),
        ...maybe({ positive_span: some(() => ({ offset: chance.pick(signed), length: chance.int(0, 9) })) }),
        ...maybe({ positive_delta: some(() => chance.pick(signed)) }),
        ...maybe({ negative_count: some(() => chance.pick(doubles)) }),
        ...maybe({ exemplars: some(exemplar) }),
        ...created,
      };
  }
}

/** Delimited messages with any fields in them, nested, some of them too long, too short or never ended. */
export function wireSoup(chance: Chance): Buffer {
  const message = fields(chance, chance.pick([1, 2, 3, 4, 30]));
  return Buffer.concat([varint(chance, message.length), message]);
}

function fields(chance: Chance, depth: number): Buffer {
  return Buffer.concat(Array.from({ length: chance.int(0, depth > 4 ? 1 : 4) }, () => field(chance, depth)));
}

function field(chance: Chance, depth: number): Buffer {
  // Mostly those that messages have; names are 1.
  const number = chance.flip(0.9) ? chance.int(1, 17) : chance.int(0, 2 ** 29);
  const wireType = chance.pick([0, 1, 2, 2, 2, 3, 4, 5, 6]);
  const tag = varint(chance, number * 8 + wireType);
  switch (wireType) {
    case 0:
      return Buffer.concat([tag, varint(chance, chance.pick([0, 1, 127, 300, 2 ** 32, 2 ** 53 - 1]))]);
    case 1:
      return Buffer.concat([tag, randomBytes(chance, 8)]);
    case 2: {
      const content =
        depth > 1 && chance.flip(0.7) ? fields(chance, depth - 1) : randomBytes(chance, chance.int(0, 6));
      const isLie = chance.flip(0.05);
      const length = isLie ? chance.pick([0, 2 ** 31, 2 ** 32, content.length + 1]) : content.length;
      return Buffer.concat([tag, varint(chance, length), content]);
    }
    case 5:
      return Buffer.concat([tag, randomBytes(chance, 4)]);
    default:
      return tag;
  }
}

/** Sometimes longer than it need be, up to ten bytes and beyond. */
function varint(chance: Chance, value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  if (chance.flip(0.02)) {
    bytes[bytes.length - 1] = rest | 0x80;
    for (let more = chance.int(0, 9); more > 0; more--) bytes.push(0x80);
    bytes.push(0);
  }
  return Buffer.from(bytes);
}

function randomBytes(chance: Chance, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => chance.int(0, 255)));
}
