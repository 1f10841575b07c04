import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { startEmbedded } from "../../../src/adapter/postgres/embedded.ts";
import { migrate } from "../../../src/adapter/postgres/migrate.ts";
import { openStores, type Stores } from "../../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../../src/adapter/system/clock.ts";
import { silentLog } from "../../../src/kernel/log.ts";
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

export async function openServer(): Promise<Server> {
  const dataDir = await mkdtemp(join(tmpdir(), "carillon-bench-"));
  // Run by root, the database is another user's and must find its way.
  await chmod(dataDir, 0o711);
  const server = await startEmbedded({ dataDir, log: silentLog, clock: systemClock });
  const opened: Stores[] = [];
  return {
    async list(contacts) {
      const name = `list_${contacts}`;
      const admin = new Client({ connectionString: server.adminUrl });
      await admin.connect();
      await admin.query(`create database ${name} owner carillon`).finally(() => admin.end());
      const url = onDatabase(server.url, name);
      await migrate(url);
      const listId = await fill(onDatabase(server.adminUrl, name), contacts);
      const stores = await openStores({ url, log: silentLog, clock: systemClock, node });
      opened.push(stores);
      await stores.registry.register(node, Date.now());
      return { contacts, url, stores, listId };
    },
    async close() {
      await Promise.all(opened.map((stores) => stores.close()));
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function onDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

const suppressions = 100_000;
const zones = "array['America/New_York', 'America/Chicago', 'America/Denver', 'America/Los_Angeles']";

/** Ids of a fresh database begin at 1, so that contacts and addresses can be written beside each other. */
async function fill(adminUrl: string, contacts: number): Promise<string> {
  const write = async (...statements: readonly string[]) => {
    const client = new Client({ connectionString: adminUrl });
    await client.connect();
    try {
      // What the foreign keys say is so by construction; asked one by one they cost more than the rows.
      for (const text of ["set session_replication_role = replica", "set synchronous_commit = off", ...statements]) await client.query(text);
    } finally {
      await client.end();
    }
  };
  await write(
    `insert into list (name, contacts, created_at) values ('everybody', ${contacts}, now())`,
    `insert into suppression (number, reason, source, created_at) select '+1646' || (2000000 + i), 'asked', 'list', now() from generate_series(1, ${suppressions}) i`,
  );
  await Promise.all([
    write(
      `insert into contact (list_id, client_id, time_zone, fields)
       select 1, 'c-' || lpad(i::text, 9, '0'), (${zones})[1 + i % 4], jsonb_build_object('first_name', 'Ann ' || i, 'amount', (i % 90000 / 100.0)::text)
       from generate_series(1, ${contacts}) i`,
    ),
    write(
      `insert into address (contact_id, list_id, position, kind, number)
       select i, 1, 0, 'mobile', '+1' || (2120000000 + i) from generate_series(1, ${contacts}) i`,
    ),
  ]);
  await Promise.all([write("vacuum analyze contact"), write("vacuum analyze address", "vacuum analyze suppression")]);
  return "1";
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
