import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { copyText } from "./copy-text.ts";
import "./group.css";

/** A command with a button that copies it. */
export function CommandLine({ label, command }: { readonly label: string; readonly command: string }) {
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const Icon = isCopied ? IconCheck : IconCopy;
  return (
    <figure className="command-line">
      <figcaption>{label}</figcaption>
      <div className="command-box">
        <code>{command}</code>
        <button
          type="button"
          className="copy-button"
          aria-label={`Copy the command: ${label}`}
          title="Copy"
          onClick={() => void copyText(command).then(setIsCopied)}
        >
          <Icon size={16} aria-hidden="true" />
        </button>
        <span className="visually-hidden" role="status">
          {isCopied ? "Copied" : ""}
        </span>
      </div>
    </figure>
  );
}
