import { value } from "@pushfleet/config/option";
import { text } from "@pushfleet/config/values";
import { type CommandOptions, described } from "../command/option.ts";

export const spoolOptions = {
  "spool-dir": described(
    value(text, "", {
      placeholder: "DIRECTORY",
      help: "Where metrics wait that could not be sent; otherwise $XDG_STATE_HOME/pushfleet/spool, or /var/spool/pushfleet for root.",
    }),
    { variable: "PUSHFLEET_SPOOL_DIR", completes: "directory" },
  ),
} as const satisfies CommandOptions;
