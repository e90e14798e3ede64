import { decompress, LimitExceeded } from "@pushfleet/exposition";
import { require } from "./target.ts";

/** A bound of exactly what comes out lets it through, and one byte less does not. */
export async function requireBound(input: Buffer, encoding: string, data: Uint8Array): Promise<void> {
  if (data.length < 2) return;
  const exact = decompress(input, encoding, data.length);
  require(Buffer.compare(exact, data) === 0, "a bound that is kept changes what comes out");
  try {
    decompress(input, encoding, data.length - 1);
  } catch (error) {
    if (error instanceof LimitExceeded) return;
    throw error;
  }
  require(false, "more comes out than the bound allows");
}
