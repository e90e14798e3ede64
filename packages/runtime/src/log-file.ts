import { pino } from "pino";
import type { LineSink } from "./logger.ts";

/** A file that lines are added to, in the order they come. What could not be written yet is lost if the process is killed. */
export interface LogFile extends LineSink {
  /** Opens the path anew, after the file was moved away. */
  reopen(): void;
  /** Writes what waits, at once. */
  close(): void;
}

/**
 * Opens the file, or makes it with its folders, readable by its owner and group.
 *
 * @param onError Is told of each failure to write; the line is tried again with the next one.
 * @returns Rejects when the file cannot be opened.
 */
export async function openLogFile(path: string, onError: (error: Error) => void): Promise<LogFile> {
  const file = pino.destination({ dest: path, mkdir: true, mode: 0o640, sync: false });
  await new Promise<void>((resolve, reject) => {
    file.once("ready", resolve);
    file.once("error", reject);
  });
  file.on("error", onError);
  return {
    write: (line) => void file.write(line),
    reopen: () => file.reopen(),
    close: () => {
      file.flushSync();
      file.end();
    },
  };
}
