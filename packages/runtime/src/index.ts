export { type Build, describeBuild } from "./build.ts";
export { createLogger, type LineSink, type LogFormat, type Logger, type LogLevel } from "./logger.ts";
export { createTelemetry, type Telemetry } from "./telemetry.ts";
export { stopYoungGenerationGrowth } from "./young-generation.ts";
