/** The program cannot start; the message is one line that names the option to change. */
export class StartError extends Error {
  override readonly name = "StartError";
}
