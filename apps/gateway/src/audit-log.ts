import type { GatewayConfig } from "@pushfleet/config";
import { groupOf, PathError, parseGroupPath } from "@pushfleet/groups";
import { createLogger, type LogFile, type Logger, openLogFile } from "@pushfleet/runtime";
import type { Handler, Request, Response } from "express";
import type { Access } from "./access/access.ts";
import type { Paths } from "./context.ts";
import { groupPathOf, nameScheme } from "./routes/group-path.ts";

/** Who pushed, deleted or administered what, when and from where, and what became of it. */
export interface AuditLog {
  /** Notes each request that may change something when it is answered; comes before all that could refuse it. */
  readonly note: Handler;
  /** Tells why the request is refused, for its note. */
  reason(response: Response, text: string): void;
  /** Opens the file anew, after it was moved away. */
  reopen(): void;
  close(): void;
}

export interface AuditOptions {
  readonly config: GatewayConfig;
  readonly paths: Paths;
  readonly access: Access;
  readonly log: Logger;
}

const readOnly: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Without `--audit.log` it notes nothing. Rejects when the file cannot be opened. */
export async function createAuditLog({ config, paths, access, log }: AuditOptions): Promise<AuditLog> {
  const path = config["audit.log"];
  if (path === "") return silent;
  const file: LogFile = await openLogFile(path, (error) =>
    log.error({ err: error, file: path }, "the audit log cannot be written"),
  );
  const lines = createLogger({ level: "info", format: config["log.format"], sink: file });
  const names = nameScheme(config);
  const reasons = new WeakMap<Response, string>();

  /** Its grouping labels, or the path and query where there is no group in it. */
  const targetOf = (request: Request): { readonly group: string } | { readonly path: string } => {
    // Proxies are asked with whole URLs, which may hold a password.
    const path = request.originalUrl.replace(/^[a-z]+:\/\/[^/?]*/i, "");
    if (!paths.groups.test(request.path)) return { path };
    try {
      return { group: groupOf(parseGroupPath(groupPathOf(request), { names })).key };
    } catch (error) {
      if (error instanceof PathError || error instanceof URIError) return { path };
      throw error;
    }
  };

  const add = (request: Request, response: Response, address: string | undefined): void => {
    // Of one that was closed before its answer nobody knows what became of it.
    const status = response.writableFinished ? response.statusCode : 0;
    const reason = reasons.get(response);
    lines.info(
      {
        identity: access.identityOf(request).name,
        address,
        method: request.method,
        ...targetOf(request),
        status,
        ...(reason === undefined ? {} : { reason }),
      },
      status === 0 ? "aborted" : status < 400 ? "accepted" : "refused",
    );
  };

  return {
    note(request, response, next) {
      if (readOnly.has(request.method)) return next();
      // The socket has none any more when it is closed.
      const address = request.ip;
      response.once("close", () => add(request, response, address));
      next();
    },
    reason: (response, text) => void reasons.set(response, text),
    reopen: () => file.reopen(),
    close: () => file.close(),
  };
}

const silent: AuditLog = {
  note: (_request, _response, next) => next(),
  reason() {},
  reopen() {},
  close() {},
};
