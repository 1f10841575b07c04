import type { Finding } from "./finding.ts";

/**
 * What lint looks for beyond reading: the code of each finding and how bad it is. `either`: the rule decides by what is known.
 * docs/ivr.md explains each; test/ivr/lint-pairs.ts has for each a script that breaks it and one that just does not.
 */
export const lintRules = {
  "yaml-unquoted-hash": "error",
  "yaml-unquoted-word": "warning",
  "yaml-leading-zero": "warning",
  "yaml-unquoted-time": "warning",
  "step-unreachable": "warning",
  "opt-out-unreachable": "error",
  "loop-without-exit": "error",
  "loop-without-input": "error",
  "field-not-needed": "either",
  "need-unused": "warning",
  "column-missing": "error",
  "branch-unknown": "either",
  "answer-unset": "either",
  "secret-spoken": "error",
  "secret-sent": "error",
  "secret-shown": "warning",
  "recording-spoken": "error",
  "key-not-handled": "error",
  "key-not-spoken": "either",
  "key-two-meanings": "warning",
  "key-prefix": "warning",
  "branch-never": "warning",
  "branch-overlap": "warning",
  "prompt-missing": "error",
  "prompt-unplayable": "error",
  "recording-quiet": "warning",
  "recording-clipped": "warning",
  "recording-late": "warning",
  "transfer-silent": "error",
  "queue-silent": "error",
  "queue-no-message": "error",
  "say-as-fault": "warning",
  "translation-missing": "error",
  "language-unspoken": "error",
  "language-unheard": "warning",
  "webhook-unknown": "error",
  "group-unknown": "error",
  "agent-group-unknown": "warning",
  "template-unknown": "error",
  "record-without-consent": "warning",
  "right-party-unasked": "warning",
  "debt-too-early": "warning",
  "message-too-long": "error",
  "way-too-long": "warning",
} as const satisfies Record<string, Finding["severity"] | "either">;

export type LintCode = keyof typeof lintRules;
