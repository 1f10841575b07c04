import { defineEntity, p } from "@mikro-orm/core";
import { feedRunStates } from "../../../contact/feed-ports.ts";
import { identity } from "./identity.ts";

/** What all nodes know of a feed of the configuration; one at a time has it, until `takenUntil`. `seen` as contact/feed-ports.ts has it. */
export const FeedEntity = defineEntity({
  name: "Feed",
  tableName: "feed",
  properties: {
    name: p.text().primary(),
    nextAt: p.datetime(3),
    /** Somebody wants it looked at now. */
    askedAt: p.datetime(3).nullable(),
    lookedAt: p.datetime(3).nullable(),
    takenBy: p.text().nullable(),
    takenUntil: p.datetime(3).nullable(),
    seen: p.json().default("{}"),
    failures: p.integer().default(0),
    trouble: p.text().nullable(),
    hostKey: p.text().nullable(),
  },
});

/** One file that a feed took, or put there, or one look that failed. */
export const FeedRunEntity = defineEntity({
  name: "FeedRun",
  tableName: "feed_run",
  properties: {
    id: identity(),
    feed: p.text(),
    node: p.text(),
    state: p.enum(feedRunStates),
    file: p.text().nullable(),
    bytes: p.bigint("string").nullable(),
    sha256: p.text().nullable(),
    report: p.json().nullable(),
    fault: p.text().nullable(),
    at: p.datetime(3),
    endedAt: p.datetime(3).nullable(),
  },
  indexes: [
    { name: "feed_run_feed_id_index", properties: ["feed", "id"] },
    {
      name: "feed_run_once",
      expression: "create unique index feed_run_once on feed_run (feed, file, bytes, sha256) where state in ('running', 'loaded', 'done')",
    },
  ],
});
