import * as z from "zod";
import { InvalidValue } from "./option.ts";

/** For a schema: the value that `parse` makes of a text; its InvalidValue is an issue like any other. */
export function parsedBy<T>(parse: (text: string) => T) {
  return (text: string, context: z.core.$RefinementCtx): T => {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      context.addIssue({ code: "custom", message: error.message });
      return z.NEVER;
    }
  };
}
