import { createContext } from "./context.ts";
import { runProgram } from "./program.ts";

const exitCode = await runProgram(process.argv.slice(2), createContext(process));
// What could not be written has set it already.
process.exitCode = exitCode || process.exitCode;
