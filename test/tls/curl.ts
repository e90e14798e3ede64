import { execFile } from "node:child_process";
import { promisify } from "node:util";

export interface CurlAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const run = promisify(execFile);

/** Asks for the URL by curl, whatever the server's certificate is. */
export async function curl(url: string, ...options: readonly string[]): Promise<CurlAnswer> {
  const { stdout } = await run("curl", [
    "--silent",
    "--show-error",
    "--insecure",
    "--include",
    ...options,
    url,
  ]);
  const [head = "", ...rest] = stdout.split("\r\n\r\n");
  const [statusLine = "", ...lines] = head.split("\r\n");
  const headers = new Headers(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
  return { status: Number(statusLine.split(" ")[1]), headers, text: rest.join("\r\n\r\n") };
}
