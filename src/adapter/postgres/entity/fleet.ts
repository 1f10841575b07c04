import { defineEntity, p } from "@mikro-orm/core";

/** A server that takes no new calls, by order. */
export const ServerDrainEntity = defineEntity({
  name: "ServerDrain",
  tableName: "server_drain",
  properties: {
    /** Kind and name: freeswitch:fs-1. */
    server: p.text().primary(),
    since: p.datetime(3),
  },
});

/** How a node sees one of its servers, noted once a second. */
export const ServerSeenEntity = defineEntity({
  name: "ServerSeen",
  tableName: "server_seen",
  properties: {
    node: p.text().primary(),
    server: p.text().primary(),
    state: p.text(),
    sessions: p.integer(),
    maxSessions: p.integer().nullable(),
    at: p.datetime(3),
  },
});
