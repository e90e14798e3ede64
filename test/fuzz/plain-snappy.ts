/**
 * What a block of snappy says, read as format_description.txt has it, byte by byte and with no thought of speed; undefined when
 * it is damaged or says more than `maxBytes`.
 */
export function plainDecodeBlock(block: Uint8Array, maxBytes: number): Buffer | undefined {
  const bytes = [...block];
  const content: number[] = [];
  const number = (width: number): number | undefined => {
    const taken = bytes.splice(0, width);
    return taken.length < width ? undefined : taken.reduceRight((sum, byte) => sum * 256 + byte, 0);
  };

  let size = 0;
  for (let shift = 1; ; shift *= 128) {
    const byte = bytes.shift();
    if (byte === undefined || shift > 2 ** 28) return undefined;
    size += (byte & 0x7f) * shift;
    if (byte < 0x80) break;
  }
  if (size > maxBytes) return undefined;

  while (bytes.length > 0) {
    const tag = bytes.shift() ?? 0;
    const upper = tag >> 2;
    if (tag % 4 === 0) {
      const length = upper < 60 ? upper : number(upper - 59);
      if (length === undefined || length + 1 > bytes.length) return undefined;
      content.push(...bytes.splice(0, length + 1));
    } else {
      const low = number(tag % 4 === 1 ? 1 : tag % 4 === 2 ? 2 : 4);
      if (low === undefined) return undefined;
      const [offset, length] = tag % 4 === 1 ? [(tag >> 5) * 256 + low, (upper % 8) + 4] : [low, upper + 1];
      if (offset === 0 || offset > content.length) return undefined;
      for (let i = 0; i < length; i++) content.push(content[content.length - offset] ?? 0);
    }
    if (content.length > size) return undefined;
  }
  return content.length === size ? Buffer.from(content) : undefined;
}
