import { Lexer } from "yaml";

/** Far more than any setting needs. */
const deepest = 32;

/**
 * Whether collections stand within each other deeper than in any file of settings, by brackets or on one line. To parse
 * such a text takes the library seconds, or more stack than there is; where they are keys even hours.
 */
export function isNestedTooDeeply(text: string): boolean {
  let open = 0;
  let inLine = 0;
  for (const lexeme of new Lexer().lex(text)) {
    // Scalars have other lexemes, whatever is in them.
    switch (lexeme) {
      case "{":
      case "[":
        open++;
        break;
      case "}":
      case "]":
        open = Math.max(0, open - 1);
        break;
      case "-":
      case "?":
        inLine++;
        break;
      case "\n":
        inLine = 0;
    }
    if (open > deepest || inLine > deepest) return true;
  }
  return false;
}
