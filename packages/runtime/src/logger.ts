import { type Logger, pino } from "pino";

export type { Logger } from "pino";
export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFormat = "logfmt" | "json";

/** Where finished lines go; each call is one line with its "\n". */
export interface LineSink {
  write(line: string): void;
}

/**
 * A logger that writes one line an event, as `key=value` pairs or JSON. Time is RFC 3339 in UTC. An error passed as `err`
 * appears with its message and, in JSON, its stack.
 */
export function createLogger(options: { level: LogLevel; format: LogFormat; sink: LineSink }): Logger {
  const sink = options.format === "json" ? options.sink : logfmtSink(options.sink);
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serializeError },
    },
    sink,
  );
}

/** Without what else libraries attach to an error, such as the command that failed: of a login, that is the password. */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { type, message, stack } = pino.stdSerializers.err(error);
  return { type, message, stack };
}

/** Rewrites pino's JSON lines as logfmt. Log lines are rare, so the price of parsing them again does not count. */
function logfmtSink(sink: LineSink): LineSink {
  return {
    write(line) {
      const event = Object.entries(JSON.parse(line) as Record<string, unknown>);
      sink.write(`${event.map(([key, value]) => `${key}=${logfmtValue(value)}`).join(" ")}\n`);
    },
  };
}

function logfmtValue(value: unknown): string {
  const text = typeof value === "string" ? value : messageOf(value);
  return /^[^\s"=\\\p{Cc}]+$/u.test(text) ? text : JSON.stringify(text);
}

function messageOf(value: unknown): string {
  if (typeof value === "object" && value !== null && "message" in value) return String(value.message);
  return JSON.stringify(value);
}
