import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/**
 * Answers what came in when it is not HTTP, or more of it than a request may have before its body. No route sees it, nor
 * which it was meant for, so the answer has the form that most programs understand: that of the API's errors.
 */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || hasBegunAnswer(socket)) return void socket.destroy(error);
  const { status, text } = answerTo(error);
  const body = JSON.stringify({ status: "error", errorType: "bad_data", error: text });
  const head = [
    `HTTP/1.1 ${status}`,
    "Connection: close",
    "Content-Type: application/json",
    "X-Content-Type-Options: nosniff",
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}

function answerTo(error: NodeJS.ErrnoException & { readonly reason?: string }): {
  status: string;
  text: string;
} {
  switch (error.code) {
    case "HPE_HEADER_OVERFLOW":
      return {
        status: "431 Request Header Fields Too Large",
        text: "the request's address and headers are larger than 16 KiB together",
      };
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return { status: "413 Payload Too Large", text: "the body's chunk extensions are larger than 16 KiB" };
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return { status: "408 Request Timeout", text: "the request did not arrive in time" };
    default:
      return {
        status: "400 Bad Request",
        text: `not a valid HTTP request (${error.reason ?? error.message}); blanks and what is not ASCII must be percent-encoded`,
      };
  }
}

/** Node's own way to tell, for which it has no public name: what is written into an answer under way would be part of it. */
function hasBegunAnswer(socket: Duplex & { readonly _httpMessage?: ServerResponse | null }): boolean {
  return socket._httpMessage?.headersSent === true;
}
