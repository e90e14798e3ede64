/** What one process has written so far. */
export interface ProcessLog {
  readonly name: string;
  readonly text: string;
}
