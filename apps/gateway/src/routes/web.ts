import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Handler } from "express";
import { setContentType } from "../answer.ts";
import type { Context } from "../context.ts";
import { indexPage } from "./index-page.ts";

/** Made by `npm run build`. */
const built = fileURLToPath(new URL("../../../web/dist/", import.meta.url));

const contentTypes: ReadonlyMap<string, string> = new Map([
  [".css", "text/css; charset=utf-8"],
  [".js", "text/javascript; charset=utf-8"],
  [".png", "image/png"],
  [".svg", "image/svg+xml"],
  [".woff2", "font/woff2"],
]);

/** The pages of the web UI: one document, which shows what its address says. Without a built UI a text tells so. */
export function webPage(context: Context): Handler {
  const document = builtDocument();
  if (document === undefined) return indexPage(context);
  const page = document.replace('<base href="/">', () => `<base href="${attribute(context.paths.links)}/">`);
  return (_request, response) => {
    // Mantine makes style elements: they need what only this answer has. All else comes from files.
    const nonce = randomBytes(16).toString("base64");
    response.setHeader("Content-Security-Policy", contentSecurityPolicy(nonce));
    response.setHeader("Referrer-Policy", "same-origin");
    response.setHeader("Cache-Control", "no-store");
    setContentType(response, "text/html; charset=utf-8");
    response.end(page.replaceAll("__STYLE_NONCE__", nonce));
  };
}

/** The files of the web UI. Their names change with what is in them, so clients may keep them. */
export function webAsset(): Handler {
  const names = new Set(assetNames());
  const compressed = new Map<string, Promise<Buffer>>();
  return async (request, response, next) => {
    const { name } = request.params;
    if (typeof name !== "string" || !names.has(name)) return next();
    const body = readFileSync(join(built, "assets", name));
    setContentType(response, contentTypes.get(extname(name)) ?? "application/octet-stream");
    // Not "public": where one needs credentials for it, a shared cache must not hand it out to others.
    response.setHeader("Cache-Control", "max-age=31536000, immutable");
    response.setHeader("Vary", "Accept-Encoding");
    if (extname(name) === ".woff2" || !request.acceptsEncodings("gzip")) return response.end(body);
    const bytes = compressed.get(name) ?? compress(body);
    compressed.set(name, bytes);
    response.setHeader("Content-Encoding", "gzip");
    response.end(await bytes);
  };
}

const compress = promisify(gzip);

function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

function assetNames(): readonly string[] {
  try {
    return readdirSync(join(built, "assets"));
  } catch {
    return []; // not built
  }
}

function builtDocument(): string | undefined {
  try {
    return readFileSync(join(built, "index.html"), "utf8");
  } catch {
    return undefined; // not built
  }
}

function attribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
