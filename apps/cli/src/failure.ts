/** A command cannot do what it was asked to. The message is one line. */
export class Failure extends Error {
  override readonly name = "Failure";
}
