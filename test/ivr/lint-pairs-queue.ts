import { type Pair, waiting } from "./lint-pairs-form.ts";
import { head } from "./script-table.ts";

const queue = (more: string) => `{ queue: campaign, ${more}on: { answered: done, no_agent: done } }`;
const agents = (
  group: string,
  more = "",
) => `${head.replace("human: begin", "human: sort")}  begin: { menu: [{ say: Press 9 }], keys: { "9": out }, no_input: done }
  sort: { set: { a: x }, next: agent }
  agent: { queue: ${group}, ${more}on: { answered: done, no_agent: begin } }
`;

/** People who wait for agents. */
export const queuePairs: readonly Pair[] = [
  {
    code: "agent-group-unknown",
    breaks: waiting("{ queue: Dask, play: [{ say: Wait }], on: { answered: done, no_agent: done } }"),
    at: "11:18",
    holds: waiting("{ queue: { group: Desk }, play: [{ say: Wait }], on: { answered: done, no_agent: done } }"),
    options: { agentGroups: ["Desk"] },
  },
  {
    code: "agent-group-unknown",
    breaks: waiting("{ queue: { group: Dask }, play: [{ say: Wait }], on: { answered: done, no_agent: done } }"),
    at: "11:27",
    holds: waiting("{ queue: campaign, play: [{ say: Wait }], on: { answered: done, no_agent: done } }"),
    options: { agentGroups: ["Desk"] },
  },
  // What a call begins with, and what it comes to when somebody has pressed a key for it.
  { code: "queue-silent", breaks: agents("desk"), at: "9:3", holds: agents("campaign") },
  { code: "queue-silent", breaks: agents("campaign", "max_wait_s: 3, "), at: "9:3", holds: agents("campaign", "max_wait_s: 2, ") },
  {
    code: "queue-silent",
    breaks: agents("campaign").replace('"9": out', '"9": out, "*": agent').replace("9 }]", "9 or * }]"),
    at: "9:3",
    holds: agents("campaign"),
  },
  { code: "queue-silent", breaks: waiting(queue("")), at: "11:3", holds: waiting(queue("play: [{ say: Wait }], ")) },
  {
    code: "field-not-needed",
    breaks: waiting(queue('play: [{ say: "Number {position}" }], ')),
    at: "11:51",
    holds: waiting(queue('play: [{ say: Wait }], position: [{ say: "Number {position}" }], ')),
  },
  { code: "queue-no-message", breaks: agents("campaign").replace("no_agent: begin", "no_agent: done"), at: "9:61", holds: agents("campaign") },
  {
    code: "queue-no-message",
    breaks: agents("campaign").replace("begin } }", "begin, nobody: again } }\n  again: { set: { a: z }, next: done }"),
    at: "9:76",
    holds: agents("campaign").replace("begin } }", "begin, nobody: again } }\n  again: { set: { a: z }, next: begin }"),
  },
];
