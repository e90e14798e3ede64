/** More batches of other regions are being merged than there may be. */
export class BatchesTooMany extends Error {
  override readonly name = "BatchesTooMany";
}
