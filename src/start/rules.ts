import { PostgresTriedReader } from "../adapter/postgres/repository/tried-reader.ts";
import type { Stores } from "../adapter/postgres/stores.ts";
import type { PlacePolicy } from "../compliance/gate.ts";
import { RuleBook } from "../compliance/rule-book-engine.ts";
import type { OwnRules, RuleStore } from "../compliance/rule-ports.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { RuleTrials } from "../strategy/rule-trial-engine.ts";

/** The account's own rules, followed as they change. */
export async function openRules(rules: RuleStore, clock: Clock, log: Log): Promise<RuleBook> {
  const book = new RuleBook({ rules, clock, log });
  await book.open();
  return book;
}

/** As they are now, for a command that is soon done. */
export async function readRules(rules: RuleStore, clock: Clock, log: Log): Promise<OwnRules> {
  const book = new RuleBook({ rules, clock, log });
  await book.look();
  return book;
}

export function trialsOf(
  { campaigns, candidates, pool }: Pick<Stores, "campaigns" | "candidates" | "pool">,
  whereabouts: PlacePolicy,
  clock: Clock,
): RuleTrials {
  return new RuleTrials({ campaigns, candidates, tried: new PostgresTriedReader(pool), whereabouts, clock });
}
