import type { ConformanceCase } from "../case.ts";
import { compressionCases } from "./compression.ts";
import { conflictCases } from "./conflicts.ts";
import { floatCases } from "./floats.ts";
import { pathCases } from "./paths.ts";
import { protobufCases } from "./protobuf.ts";
import { sequenceCases } from "./sequences.ts";
import { statusCases } from "./status.ts";
import { textCases } from "./text.ts";

/** All hand-written cases by topic, without those that need a reference of their own. */
export const casesByTopic: Readonly<Record<string, readonly ConformanceCase[]>> = {
  paths: pathCases,
  floats: floatCases,
  text: textCases,
  conflicts: conflictCases,
  sequences: sequenceCases,
  protobuf: protobufCases,
  compression: compressionCases,
  status: statusCases,
};
