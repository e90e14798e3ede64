export interface Base64Decoded {
  /** One character a byte; when `illegalAt` is set, what the whole quanta before it hold. */
  readonly bytes: string;
  /** Index in the input of what no encoder can have written. */
  readonly illegalAt?: number;
}

/**
 * Decodes the URL-safe alphabet of RFC 4648 §5 by the rules of Go's `RawURLEncoding`, which upstream uses after cutting
 * off trailing `=`: padding is optional, line breaks are skipped, surplus bits at the end are ignored, `+` and `/` are
 * illegal. `illegalAt` is the N of Go's `illegal base64 data at input byte N`.
 */
export function decodeBase64Url(encoded: string): Base64Decoded {
  const input = withoutPadding(encoded);
  const illegal = input.search(/[^A-Za-z0-9_\-\r\n]/);
  const digits = (illegal === -1 ? input : input.slice(0, illegal)).replace(/[\r\n]/g, "");
  // One digit alone holds 6 bits: not even a byte.
  if (illegal === -1 && digits.length % 4 !== 1) return { bytes: decodeDigits(digits) };

  const wholeQuanta = digits.slice(0, digits.length - (digits.length % 4));
  return { bytes: decodeDigits(wholeQuanta), illegalAt: illegal === -1 ? input.length - 1 : illegal };
}

/** A loop, because `/=+$/` takes quadratic time on a path full of `=`. */
function withoutPadding(encoded: string): string {
  let end = encoded.length;
  while (end > 0 && encoded[end - 1] === "=") end--;
  return encoded.slice(0, end);
}

function decodeDigits(digits: string): string {
  return Buffer.from(digits, "base64url").toString("latin1");
}
