import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { startEmbedded } from "../../../src/adapter/postgres/embedded.ts";
import { migrate } from "../../../src/adapter/postgres/migrate.ts";
import { openStores, type Stores } from "../../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../../src/adapter/system/clock.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { silentLog } from "../../../src/kernel/log.ts";
import { keepLaws } from "../../../src/start/whereabouts.ts";
import type { VoiceCampaign } from "../../../src/strategy/campaign.ts";

/* The databases of the storage benchmarks: each has one list, made in SQL, on a server of its own with durable commits. */

/** One database with a list of so many contacts. */
export interface Sized {
  readonly contacts: number;
  readonly url: string;
  readonly stores: Stores;
  readonly listId: string;
}

export interface Server {
  /** A database with a list of so many contacts, vacuumed and analysed as autovacuum leaves it some minutes after an import. */
  list(contacts: number): Promise<Sized>;
  close(): Promise<void>;
}

export const node = "bench";

/** @param keptIn a directory where lists stay as they were made: whoever comes again works on a copy of them. Left out: one that goes with the server. */
export async function openServer(keptIn?: string): Promise<Server> {
  if (keptIn !== undefined) await mkdir(keptIn, { recursive: true });
  const dataDir = keptIn ?? (await mkdtemp(join(tmpdir(), "carillon-bench-")));
  // Run by root, the database is another user's and must find its way.
  await chmod(dataDir, 0o711);
  const server = await startEmbedded({ dataDir, log: silentLog, clock: systemClock });
  const opened: Stores[] = [];
  const make = async (database: string, contacts: number) => {
    await write(server.adminUrl, `create database ${database} owner carillon`);
    await migrate(onDatabase(server.url, database));
    await fill(onDatabase(server.adminUrl, database), contacts);
  };
  return {
    async list(contacts) {
      const name = `list_${contacts}`;
      if (keptIn === undefined) await make(name, contacts);
      else {
        const kept = `kept_${contacts}`;
        if (!(await has(server.adminUrl, kept))) {
          // Under its name when it is whole.
          await write(server.adminUrl, `drop database if exists ${kept}_half`);
          await make(`${kept}_half`, contacts);
          await write(server.adminUrl, `alter database ${kept}_half rename to ${kept}`);
        }
        await write(server.adminUrl, `drop database if exists ${name}`, `create database ${name} template ${kept} strategy file_copy owner carillon`);
      }
      const url = onDatabase(server.url, name);
      await migrate(url);
      const stores = await openStores({ url, log: silentLog, clock: systemClock, node });
      opened.push(stores);
      await stores.registry.register(node, Date.now());
      // As every server does: they are asked about in each claim.
      await keepLaws(stores.caps, loadConfig({ purpose: "admin", env: {}, cwd: dataDir, flags: {} }));
      return { contacts, url, stores, listId: "1" };
    },
    async close() {
      await Promise.all(opened.map((stores) => stores.close()));
      await server.stop();
      if (keptIn === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function has(adminUrl: string, database: string): Promise<boolean> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  const found = await client.query("select from pg_database where datname = $1", [database]).finally(() => client.end());
  return found.rowCount === 1;
}

function onDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

const suppressions = 100_000;
const zones = "array['America/New_York', 'America/Chicago', 'America/Denver', 'America/Los_Angeles']";

/** Each by itself, on one connection. What the foreign keys say is so by construction; asked one by one they cost more than the rows. */
async function write(adminUrl: string, ...statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  const settings = ["set session_replication_role = replica", "set synchronous_commit = off", "set maintenance_work_mem = '512MB'"];
  try {
    for (const text of [...settings, ...statements]) await client.query(text);
  } finally {
    await client.end();
  }
}

/** The statements that take the indexes of a table away, but for its key, and those that make them again. */
async function indexesOf(adminUrl: string, name: string): Promise<{ readonly drop: readonly string[]; readonly make: readonly string[] }> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  const text = `
    select coalesce('alter table ' || c.conrelid::regclass || ' drop constraint ' || c.conname, 'drop index ' || x.indexname) as drop,
      coalesce('alter table ' || c.conrelid::regclass || ' add constraint ' || c.conname || ' ' || pg_get_constraintdef(c.oid), x.indexdef) as make
    from pg_indexes x left join pg_constraint c on c.conindid = x.indexname::regclass and c.contype in ('p', 'u')
    where x.schemaname = 'public' and x.tablename = $1 and c.contype is distinct from 'p'`;
  const { rows } = await client.query<{ drop: string; make: string }>(text, [name]).finally(() => client.end());
  return { drop: rows.map(({ drop }) => drop), make: rows.map(({ make }) => make) };
}

/** Ids of a fresh database begin at 1, so that contacts and addresses can be written beside each other. Indexes are made when the rows are there. */
async function fill(adminUrl: string, contacts: number): Promise<void> {
  await write(
    adminUrl,
    `insert into list (name, contacts, created_at) values ('everybody', ${contacts}, now())`,
    `insert into suppression (number, reason, source, created_at) select '+1646' || (2000000 + i), 'asked', 'list', now() from generate_series(1, ${suppressions}) i`,
    "vacuum analyze suppression",
  );
  const rows = {
    contact: `insert into contact (list_id, client_id, time_zone, fields)
      select 1, 'c-' || lpad(i::text, 9, '0'), (${zones})[1 + i % 4], jsonb_build_object('first_name', 'Ann ' || i, 'amount', (i % 90000 / 100.0)::text)
      from generate_series(1, ${contacts}) i`,
    address: `insert into address (contact_id, list_id, position, kind, number)
      select i, 1, 0, 'mobile', '+1' || (2120000000 + i) from generate_series(1, ${contacts}) i`,
  };
  await Promise.all(
    Object.entries(rows).map(async ([name, text]) => {
      const { drop, make } = await indexesOf(adminUrl, name);
      await write(adminUrl, ...drop, text, ...make, `vacuum analyze ${name}`);
    }),
  );
}

let made = 0;

/** A campaign over the list, started by the product's own statement. Its limits hold nobody back, and its hours are round the clock. */
export async function startCampaign({ stores, listId }: Sized): Promise<VoiceCampaign> {
  made += 1;
  const { id: scriptVersionId } = await stores.scripts.publish("reminder", "name: reminder\n");
  const campaign = await stores.campaigns.create({
    name: `campaign ${made}`,
    listId,
    scriptVersionId,
    trunk: "carrier-a",
    callerId: "+12125550100",
    maxCps: 1_000_000,
    maxLines: 1_000_000,
    ringTimeoutMs: 25_000,
    window: { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] },
    defaultTimeZone: "America/New_York",
    retries: { "no-answer": { afterS: 3600, atMost: 3 } },
  });
  await stores.campaigns.move(campaign.id, "draft", "running");
  return { ...campaign, state: "running" };
}
