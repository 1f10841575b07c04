import type { WrapUpRules } from "./state.ts";

/** A person who talks with the people we call. */
export interface Agent {
  readonly id: string;
  /** Unique. */
  readonly name: string;
  /** Who left stays in the log, and cannot log in. */
  readonly active: boolean;
}

/** Agents who do the same work. */
export interface Group {
  readonly id: string;
  /** Unique. */
  readonly name: string;
  readonly wrapUp: WrapUpRules;
}

/** An agent's place in a group. */
export interface Membership {
  readonly agentId: string;
  readonly groupId: string;
  /** 1 (first) to 10: those with a smaller number get calls before the others. */
  readonly priority: number;
  /** What the agent can do besides, in words of the administrator: `spanish`, `mortgages`. */
  readonly skills: readonly string[];
}

export const defaultWrapUp: WrapUpRules = { wrapUpMs: 30_000, extensionMs: 30_000, maxExtensions: 2 };

export const defaultPriority = 5;

/** Why an agent takes no calls, as agents choose it. */
export interface ReasonCode {
  /** `lunch`: lower case, digits and hyphens. */
  readonly code: string;
  readonly label: string;
}

/** In force until an administrator has a list of their own. */
export const defaultReasonCodes: readonly ReasonCode[] = [
  { code: "break", label: "Break" },
  { code: "lunch", label: "Lunch" },
  { code: "meeting", label: "Meeting" },
  { code: "training", label: "Training" },
  { code: "paperwork", label: "Paperwork" },
];

export const codePattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$";
