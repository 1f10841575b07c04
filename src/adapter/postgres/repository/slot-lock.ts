import pg from "pg";

/** Locks that a transaction of any size holds at most: every one is a place in the server's lock table. */
const slots = 256;

/** What is locked together, each by a number of its own; any numbers, the same in every Carillon. Transactions that take both take them in this order, with the campaign's pace in between. */
const classes = { people: 7_243_253, caps: 7_243_252 } as const;

/**
 * SQL: makes all who lock one of the same keys do what follows one after the other, until the transaction ends. Taken in one order, so that no two wait for each other. Keys that have
 * nothing in common may wait, too: they share the slots.
 */
export function slotLockSql(what: keyof typeof classes, keys: readonly string[]): string {
  const list = keys.map((key) => pg.escapeLiteral(key)).join(", ");
  return `select count(pg_advisory_xact_lock(${classes[what]}, slot)) from (
    select distinct abs(hashtext(key) % ${slots}) as slot from unnest(array[${list}]::text[]) key order by slot) s`;
}
