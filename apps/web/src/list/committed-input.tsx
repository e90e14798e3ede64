import { TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";

/** A text that counts once it is finished: with Enter, or when the reader goes elsewhere. */
export function CommittedInput({
  label,
  placeholder,
  className,
  value,
  error,
  suggestions,
  icon,
  onCommit,
}: {
  readonly label: string;
  readonly placeholder: string;
  readonly className: string;
  readonly value: string;
  readonly error?: string | undefined;
  /** The id of a datalist. */
  readonly suggestions?: string;
  readonly icon?: ReactNode;
  readonly onCommit: (text: string) => void;
}) {
  const [text, setText] = useState(value);
  const [known, setKnown] = useState(value);
  if (value !== known) {
    setKnown(value);
    setText(value);
  }
  const commit = () => {
    if (text.trim() !== value) onCommit(text.trim());
  };
  return (
    <TextInput
      className={className}
      size="xs"
      label={label}
      placeholder={placeholder}
      error={error}
      list={suggestions}
      leftSection={icon}
      autoComplete="off"
      autoCapitalize="off"
      spellCheck={false}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit();
      }}
    />
  );
}
