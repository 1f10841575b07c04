import pg from "pg";
import { type Clock, pause } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import { databaseFault } from "../faults.ts";

/** With the name's hash, the key of the advisory lock that a living node holds. Any number, the same in every Carillon. */
const nameLock = 7_243_253;
/** A killed process's connection is gone within milliseconds; a machine that is cut off is told by its lease. */
const waitMs = 3000;
const tryAgainMs = 50;

/** Held for as long as the process lives, and not a moment longer: the server drops it with the connection. */
export interface HeldName {
  release(): Promise<void>;
}

/**
 * Makes sure that no other living process has this node's name: two of the same name would each take the other's calls for
 * those of a dead process. A process that is cut off or frozen loses the name when its lease has run out.
 * @throws Fault `node-name-taken`, `database-unreachable`
 */
export async function holdNodeName(url: string, node: string, clock: Clock): Promise<HeldName> {
  const client = new pg.Client({ connectionString: url, keepAlive: true, application_name: `carillon ${node} (name)` });
  // A lock lost with its connection is no reason to end people's calls: the lease still tells who lives.
  client.on("error", () => {});
  try {
    await client.connect();
    const until = clock.now() + waitMs;
    while (!(await tryLock(client, node)) && !(await leaseIsOver(client, node))) {
      if (clock.now() > until) {
        throw new Fault(
          "node-name-taken",
          `Another Carillon named "${node}" is running on this database. Stop it, or give this one a node.name of its own.`,
        );
      }
      await pause(clock, tryAgainMs);
    }
  } catch (error) {
    await client.end().catch(() => {});
    throw error instanceof Fault ? error : databaseFault(error, "take the node's name");
  }
  return { release: () => client.end() };
}

async function tryLock(client: pg.Client, node: string): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>("select pg_try_advisory_lock($1, hashtext($2)) as held", [nameLock, node]);
  return rows[0]?.held === true;
}

async function leaseIsOver(client: pg.Client, node: string): Promise<boolean> {
  const { rowCount } = await client.query("select 1 from node where name = $1 and lease_until < clock_timestamp()", [node]);
  return rowCount === 1;
}
