/**
 * Joins CRC-32 sums, so that a body made of many blocks gets its checksum from theirs. A CRC is a polynomial over GF(2)
 * modulo the CRC-32 polynomial (RFC 1952 §8); appending n bytes multiplies it by x^(8n). Same method as zlib's
 * crc32_combine_gen and crc32_combine_op. Polynomials are bit-reversed here: x^0 is the highest bit.
 */

/** The CRC-32 polynomial without its x^32. */
const POLYNOMIAL = 0xedb88320;
const ONE = 0x80000000;

/** x^(8·2^k) for k = 0, 1, 2 …: each is the square of the one before. 53 cover every safe integer. */
const BYTE_POWERS = squares(ONE >>> 8, 53);

/** What appending `byteLength` bytes multiplies a CRC by: keep it with the bytes, it is the dearer half of `appendCrc`. */
export function crcShift(byteLength: number): number {
  let shift = ONE;
  let rest = byteLength;
  for (let k = 0; rest > 0; k++) {
    if (rest % 2 === 1) shift = multiply(BYTE_POWERS[k] ?? ONE, shift);
    rest = Math.floor(rest / 2);
  }
  return shift;
}

/** The CRC-32 of two byte strings in a row, from the sum of each and the shift of the second. */
export function appendCrc(first: number, second: { readonly crc: number; readonly shift: number }): number {
  return (multiply(second.shift, first) ^ second.crc) >>> 0;
}

function multiply(a: number, b: number): number {
  let product = 0;
  let factor = b;
  // Without branches: which way they go is as random as a checksum, and this runs for every block of every scrape.
  for (let rest = a | 0; rest !== 0; rest <<= 1) {
    product ^= factor & (rest >> 31);
    factor = (factor >>> 1) ^ (POLYNOMIAL & -(factor & 1));
  }
  return product >>> 0;
}

function squares(first: number, count: number): readonly number[] {
  const powers = [first];
  for (let power = first; powers.length < count; powers.push(power)) power = multiply(power, power);
  return powers;
}
