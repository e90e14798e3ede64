/** The command line or the environment cannot be used. The message is one line for whoever typed it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
