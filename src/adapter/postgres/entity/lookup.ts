import { defineEntity, p } from "@mikro-orm/core";
import { lookupRunStates, lookupStates } from "../../../contact/lookup/lookup.ts";
import { identity } from "./identity.ts";

/** A look-up of the configuration, as the SQL of claims needs it; and the pace at which all nodes together ask. */
export const LookupEntity = defineEntity({
  name: "Lookup",
  tableName: "lookup",
  properties: {
    name: p.text().primary(),
    kind: p.text(),
    /** `number` or `client-id`. */
    bySubject: p.text(),
    dateField: p.text(),
    /** When the next question may be asked. */
    freeAt: p.datetime(3),
    /** When a server said last that it has it. */
    seenAt: p.datetime(3).nullable(),
  },
});

/** One question about somebody: wanted, answered or failed. */
export const LookupAnswerEntity = defineEntity({
  name: "LookupAnswer",
  tableName: "lookup_answer",
  properties: {
    lookup: p.text().primary(),
    /** E.164, or a client id. */
    subject: p.text().primary(),
    /** See `LookupQuestion`. */
    dated: p.text().primary(),
    state: p.enum(lookupStates),
    word: p.text().nullable(),
    /** Of an answer why; of a failure what went wrong. */
    reason: p.text().nullable(),
    fields: p.json().nullable(),
    at: p.datetime(3),
    /** Wanted: not to be asked before. Answered: good until. Failed: not to be asked again before. */
    until: p.datetime(3),
    tries: p.smallint().default(0),
    /** A campaign waits for it, not only a list. */
    urgent: p.boolean().default(true),
  },
  checks: [{ name: "lookup_answer_word_check", expression: "(state = 'answered') = (word is not null)" }],
  indexes: [
    { name: "lookup_answer_subject_index", properties: ["subject"] },
    {
      name: "lookup_answer_wanted_index",
      expression: "create index lookup_answer_wanted_index on lookup_answer (lookup, urgent desc, until) where state = 'wanted'",
    },
  ],
});

/** Somebody whom a campaign has put aside until something is known of them. No foreign keys: work comes and goes. */
export const LookupWaitEntity = defineEntity({
  name: "LookupWait",
  tableName: "lookup_wait",
  properties: {
    contactId: p.bigint("string").primary(),
    campaignId: p.bigint("string").primary(),
    lookup: p.text().primary(),
    subject: p.text(),
    dated: p.text(),
    /** When their turn was. */
    dueAt: p.datetime(3),
  },
  indexes: [{ name: "lookup_wait_lookup_subject_dated_index", properties: ["lookup", "subject", "dated"] }],
});

/** Everybody on a list, or whom an import brought, looked up, one page after the other; one node at a time has it, until `takenUntil`. */
export const LookupRunEntity = defineEntity({
  name: "LookupRun",
  tableName: "lookup_run",
  properties: {
    id: identity(),
    listId: p.bigint("string"),
    lookups: p.array(),
    state: p.enum(lookupRunStates),
    /** How many there are. */
    people: p.integer().nullable(),
    /** The last contact of it; null: of whoever is on the list. */
    last: p.bigint("string").nullable(),
    /** Only those of `lookup_run_contact`. */
    chosen: p.boolean().default(false),
    takenBy: p.text().nullable(),
    takenUntil: p.datetime(3).nullable(),
    /** The last contact that is done with. */
    place: p.bigint("string"),
    /** The last one of the page that is being looked up. */
    pageEnd: p.bigint("string").nullable(),
    contacts: p.integer().default(0),
    counts: p.json().default("{}"),
    at: p.datetime(3),
    endedAt: p.datetime(3).nullable(),
  },
  indexes: [{ name: "lookup_run_running_index", expression: "create index lookup_run_running_index on lookup_run (id) where state = 'running'" }],
});

/** Whom a run is about that is not about a stretch of its list; they go as they are done with. */
export const LookupRunContactEntity = defineEntity({
  name: "LookupRunContact",
  tableName: "lookup_run_contact",
  properties: {
    runId: p.bigint("string").primary(),
    contactId: p.bigint("string").primary(),
  },
});
