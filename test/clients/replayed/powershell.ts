import type { Client, Command } from "../client.ts";
import { exposition } from "../expositions.ts";
import { type Answer, basicAuthorization, complaint, send } from "./request.ts";

/**
 * What Invoke-RestMethod of Windows PowerShell 5.1 sends when a script escapes labels by [uri]::EscapeDataString and gives
 * the body as bytes.
 */
export const powershell: Client = {
  id: "powershell",
  name: "PowerShell 5.1 Invoke-RestMethod",
  cannot: { gzip: "it does not compress" },
  prepare: async () => ({
    kind: "ready",
    start: () => ({ send: carryOut, [Symbol.asyncDispose]: async () => {} }),
  }),
};

const methods = { push: "PUT", add: "POST", delete: "DELETE" } as const;

async function carryOut({ operation, metrics, url, login, labels }: Command): Promise<string | undefined> {
  const path = `/metrics/${labels.flat().map(encodeURIComponent).join("/")}`;
  const body = operation === "delete" ? Buffer.alloc(0) : Buffer.from(exposition(metrics));
  const answer = await invoke(url, { method: methods[operation], path, body });
  // -Credential is only sent when the server has asked for it.
  if (answer.status !== 401 || login === undefined) return complaint(answer);
  return complaint(await invoke(url, { method: methods[operation], path, body, login }));
}

/** One request as .NET Framework sends it. */
export function invoke(
  url: string,
  request: { readonly method: string; readonly path: string; readonly body: Buffer; readonly login?: string },
): Promise<Answer> {
  const { method, path, body, login } = request;
  const hasBody = body.length > 0;
  const head = [
    `${method} ${path} HTTP/1.1`,
    ...(login === undefined ? [] : [basicAuthorization(login)]),
    "User-Agent: Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.4780",
    ...(method === "POST" ? ["Content-Type: application/x-www-form-urlencoded"] : []),
    `Host: ${new URL(url).host}`,
    ...(hasBody ? [`Content-Length: ${body.length}`, "Expect: 100-continue"] : []),
    "Connection: Keep-Alive",
  ];
  return send(url, { head, body, expectsContinue: hasBody });
}
