export { type Build, describeBuild } from "./build.ts";
export { logConsole } from "./console.ts";
export { limitHeapGrowth } from "./heap-growth.ts";
export { createHttpTelemetry, type HttpTelemetry } from "./http-telemetry.ts";
export { type LogFile, openLogFile } from "./log-file.ts";
export { createLogger, type LineSink, type LogFormat, type Logger, type LogLevel } from "./logger.ts";
export { identifyProcess, type ProcessIdentity } from "./process-identity.ts";
export { createTelemetry, type Telemetry } from "./telemetry.ts";
