import pg from "pg";
import type { Test } from "tap";
import { openStores, type Stores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { openTestDatabase } from "../harness/database.ts";

/** An attempt that is made and then ends, as the log has it. Times are texts that PostgreSQL reads. */
export interface Ended {
  readonly id: number;
  readonly campaign?: number;
  /** A call from outside. */
  readonly inbound?: boolean;
  readonly contact?: number;
  readonly channel?: "voice" | "sms" | "email";
  readonly result: string;
  readonly at: string;
  /** How long before `at` it was answered. */
  readonly talkS?: number;
  readonly outcome?: string;
  readonly via?: string;
  readonly parts?: number;
  readonly agent?: number;
}

export interface ReportWorld {
  readonly stores: Stores;
  readonly client: pg.Client;
  /** Attempts come into being one by one, and end in one statement. */
  end(...attempts: readonly Ended[]): Promise<void>;
}

/** A database with lists 1 and 2, campaigns 1 (voice, list 1), 2 (SMS, list 1) and 3 (e-mail, list 2), and agents 1 and 2, of whom the first is in group 1, which works for campaign 1. */
export async function openReportWorld(t: Test): Promise<ReportWorld> {
  const { url } = await openTestDatabase(t);
  const stores = await openStores({ url, log: silentLog, clock: systemClock, node: "n" });
  t.teardown(() => stores.close());
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  t.teardown(() => client.end());
  await client.query(`
    insert into list (id, name, contacts, created_at) values (1, 'first', 3, now()), (2, 'second', 1, now());
    insert into contact (id, list_id, client_id, fields) values (1, 1, 'c-1', '{"name": "=cmd()"}'), (2, 1, 'c-2', '{"name": "Grace"}'), (3, 1, null, '{}'), (4, 2, 'c-4', '{}');
    insert into agent (id, name, created_at) values (1, 'ada', now()), (2, 'grace', now());
    insert into agent_group (id, name, wrap_up_ms, extension_ms, max_extensions, created_at) values (1, 'desk', null, 30000, 2, now());
    insert into membership (agent_id, group_id, priority, skills) values (1, 1, 1, '{}');
    insert into script (id, name) values (1, 'reminder');
    insert into template (id, name, channel) values (1, 'text', 'sms'), (2, 'mail', 'email');
    insert into campaign (id, name, list_id, channel, script_id, state, mode, trunk, caller_id, max_cps, max_lines, ring_timeout_ms, template_id, sender,
      window_start_minute, window_end_minute, window_weekdays, default_time_zone, created_at)
    values (1, 'calls', 1, 'voice', 1, 'running', 'ivr', 'carrier-a', '+15550100', 5, 10, 30000, null, null, 0, 1440, '[1]', 'UTC', now()),
      (2, 'texts', 1, 'sms', null, 'running', null, null, null, 5, null, null, 1, 'desk', 0, 1440, '[1]', 'UTC', now()),
      (3, 'mails', 2, 'email', null, 'draft', null, null, null, 5, null, null, 2, 'desk', 0, 1440, '[1]', 'UTC', now());
    insert into group_campaign (group_id, campaign_id) values (1, 1)`);
  return {
    stores,
    client,
    async end(...attempts) {
      for (const { id, campaign = 1, inbound = false, contact = 1, channel = "voice", at, via, parts = 1, agent = null } of attempts) {
        await client.query(
          `insert into attempt (id, campaign_id, called_number, inbound_campaign_id, contact_id, channel, address, state, node, permit_until, reserved_at, agent_id)
           values ($1, $2, $3, $4, $5, $6, '+15550100', 'sending', 'n', $7, $7, $8)`,
          [id, inbound ? null : campaign, inbound ? "+15550199" : null, inbound ? campaign : null, contact, channel, at, agent],
        );
        if (via !== undefined && channel === "voice")
          await client.query(
            "insert into attempt_event (attempt_id, at, kind, detail) values ($1, $2, 'sent', jsonb_build_object('trunk', $3::text))",
            [id, at, via],
          );
        if (via !== undefined && channel !== "voice")
          await client.query("insert into message (attempt_id, via, from_address, text, parts, submitted_at) values ($1, $2, 'desk', 'x', $3, $4)", [
            id,
            via,
            parts,
            at,
          ]);
      }
      const rows = attempts.map(({ id, result, at, talkS = null, outcome = null }) => ({ id, result, at, talk: talkS, outcome }));
      await client.query(
        `update attempt a set state = 'ended', result = r.result, ended_at = r.at, answered_at = r.at - r.talk * interval '1 s', outcome = r.outcome
         from json_to_recordset($1) as r(id bigint, result text, at timestamptz, talk float8, outcome text) where a.id = r.id`,
        [JSON.stringify(rows)],
      );
    },
  };
}

export const day = (from: string, to: string, zone = "UTC") => ({ from: Date.parse(from), to: Date.parse(to), zone });
