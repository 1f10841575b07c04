import type { YAMLError } from "yaml";

/** What is wrong, as the end of a sentence, and how to mend it. */
export interface SyntaxWords {
  readonly message: string;
  readonly fix: string;
}

const quoteIt = 'Put the whole text in quotes ("…"), and in front of a quote within it a backslash.';

/** What the YAML parser says, by its code and a part of its message, in the words of somebody who writes call flows. */
const known: readonly (readonly [code: YAMLError["code"], part: string, message: string, fix: string])[] = [
  ["TAB_AS_INDENT", "", "the line is indented with a tab", "Indent with spaces."],
  [
    "BLOCK_AS_IMPLICIT_KEY",
    "",
    "there are two colons on one line, or the next line is indented though this one has a value",
    'Put a text with a colon in it in quotes ("Hello: you"), or begin the next line further left.',
  ],
  ["MULTILINE_IMPLICIT_KEY", "", "here is a key without a value", "Write `key: value`, with a space behind the colon."],
  ["MISSING_CHAR", "closing", "a quote is opened and never closed", "Close it where the text ends."],
  ["MISSING_CHAR", "Implicit map keys", "here is a word without a colon", "Write `key: value`; in a list begin the line with a dash and a space."],
  ["MISSING_CHAR", "Missing , or :", "a comma is missing between two parts in brackets", "Put a comma between them."],
  [
    "BLOCK_IN_FLOW",
    "",
    "there are two colons in one part of a bracket, or a comma is missing",
    'Put a text with a colon in it in quotes ("Hello: you"), or a comma between the parts.',
  ],
  ["BAD_INDENT", "Flow ", "a bracket is opened and never closed", "Close it, and indent the lines until there."],
  ["BAD_INDENT", "", "the line begins in another column than those it belongs to", "Indent it like the lines beside it."],
  ["BAD_SCALAR_START", "", "a text begins with a sign that means something else in YAML", quoteIt],
  ["BAD_DQ_ESCAPE", "", "a backslash stands before a character that needs none", "Write \\\\ where a backslash is meant, or take it away."],
  ["MULTIPLE_DOCS", "", "a line of three dashes begins a second document", "Remove the line: one file is one script."],
  ["UNEXPECTED_TOKEN", "block-seq-ind", "a dash stands on the line of its key", "Begin the list on the next line, or write it in brackets: [a, b]."],
  ["UNEXPECTED_TOKEN", "-end token", "a bracket is closed that was never opened", "Remove it, or open it where it should begin."],
  ["UNEXPECTED_TOKEN", "Unexpected scalar", "more text stands behind the end of a text", quoteIt],
];

/** Words for a fault of the parser that is not known keep its own. */
export function syntaxWords({ code, message }: Pick<YAMLError, "code" | "message">): SyntaxWords {
  const found = known.find(([one, part]) => one === code && message.includes(part));
  if (found) return { message: found[2], fix: found[3] };
  const sentence = message.replace(/\.$/, "").replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
  return { message: sentence, fix: "Check quotes, brackets and indentation here and on the line before; put a text with a colon in it in quotes." };
}
