import { same, shown, writtenEffect } from "./case-verdict.ts";
import type { Seen } from "./case-walk.ts";

/** Where a real call went another way than the walk of the same case, a line each with both; empty when they agree. */
export function disagreements(walk: Seen, call: Seen): string[] {
  const faults: string[] = [];
  const parted = partingOf("path", walk.path, call.path);
  if (parted !== undefined) faults.push(parted);
  const differ = (what: string, walked: unknown, called: unknown) => {
    if (!same(walked, called)) faults.push(`${what}: ${shown(walked)} in the walk, ${shown(called)} on the call`);
  };
  differ("outcome", walk.outcome, call.outcome);
  differ("end", walk.end, call.end);
  differ("effects", walk.effects.map(writtenEffect), call.effects.map(writtenEffect));
  for (const name of new Set([...Object.keys(walk.answers), ...Object.keys(call.answers)])) {
    differ(`answer ${name}`, answerOf(walk, name), answerOf(call, name));
  }
  // Who went elsewhere heard something else: that says nothing new.
  const heard = parted === undefined ? partingOf("heard", walk.heard, call.heard) : undefined;
  return heard === undefined ? faults : [...faults, heard];
}

function answerOf({ answers }: Seen, name: string): string | undefined {
  return Object.hasOwn(answers, name) ? answers[name]?.value : undefined;
}

/** Where the two part, rather than two long lists. */
function partingOf(what: string, walked: readonly string[], called: readonly string[]): string | undefined {
  let at = 0;
  while (at < walked.length && walked[at] === called[at]) at++;
  if (at === walked.length && at === called.length) return undefined;
  const from = at === 0 ? "at the start" : `after ${walked[at - 1]}`;
  const rest = (all: readonly string[]) => all.slice(at, at + 5).join(", ") || "nothing more";
  return `${what}: ${from} ${rest(walked)} in the walk, ${rest(called)} on the call`;
}
