import type { Response } from "express";

/**
 * Says what the body is, and that browsers are to take it for nothing else: label values and helps are anybody's text, and
 * must not pass for a page or a script.
 */
export function setContentType(response: Response, type: string): void {
  response.setHeader("Content-Type", type);
  response.setHeader("X-Content-Type-Options", "nosniff");
}

/** Ends the response with plain text. */
export function answerText(response: Response, status: number, text: string): void {
  response.statusCode = status;
  setContentType(response, "text/plain; charset=utf-8");
  response.end(text);
}

/** Ends the response with the text of an error, as Go's http.Error writes it. */
export function answerError(response: Response, status: number, text: string): void {
  answerText(response, status, `${text}\n`);
}

/**
 * Ends the response with buffers that exist anyway: all at once, which takes two thirds of the time that writing them
 * one by one does, and no more memory, because what waits in the socket is the same shared bytes.
 */
export function answerBytes(response: Response, pieces: readonly Uint8Array[]): void {
  response.setHeader(
    "Content-Length",
    pieces.reduce((total, piece) => total + piece.length, 0),
  );
  response.cork();
  for (const piece of pieces) response.write(piece);
  response.uncork();
  response.end();
}

/** Makes and writes one piece after the other, as fast as the client takes them. Resolves early when the client is gone. */
export async function writeAll(response: Response, pieces: Iterable<string>): Promise<void> {
  for (const piece of pieces) {
    if (response.destroyed) return;
    if (!response.write(piece)) await drained(response);
  }
  response.end();
}

function drained(response: Response): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.on("drain", done);
    response.on("close", done);
  });
}
