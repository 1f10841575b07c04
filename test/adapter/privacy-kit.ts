import type { Stores } from "../../src/adapter/postgres/stores.ts";
import { isMailbox, type Mailbox } from "../../src/kernel/mailbox.ts";
import type { ErasureOrder } from "../../src/privacy/person.ts";
import { begun, makeCampaign, node, phone } from "./stores-kit.ts";

/* Ada, of whom every table has something, and where her traces are looked for. */

export const number = phone(1);
export const mailbox = mailboxOf("ada.lovelace@example.com");
export const by: ErasureOrder["by"] = { kind: "terminal", name: "root", origin: "here" };
export const order = (more: Partial<ErasureOrder> = {}): ErasureOrder => ({
  whom: [{ kind: "number", value: number }],
  reason: "asked for by letter",
  everybody: false,
  by,
  ...more,
});
function mailboxOf(text: string): Mailbox {
  if (!isMailbox(text)) throw new RangeError(text);
  return text;
}

/** What tells who she is, wherever it may stand. */
export const traces = [number, number.slice(1), phone(100_000), mailbox, "cust-ada", "Lovelace", "talk-", "her lawyer", "4711"];

/** A person of whom everything that can be kept is kept, and another one. */
export async function fill(stores: Stores) {
  const load = await stores.contacts.openLoad({ name: "May", append: false });
  await load.add([
    {
      clientId: "cust-ada",
      timeZone: "America/New_York",
      addresses: [
        { kind: "mobile", number },
        { kind: "landline", number: phone(100_000) },
        { kind: "email", mailbox },
      ],
      fields: { last_name: "Lovelace", debt: "4711" },
    },
    { clientId: "cust-grace", addresses: [{ kind: "mobile", number: phone(2) }], fields: { last_name: "Hopper" } },
  ]);
  const { listId } = await load.commit();
  const campaign = await makeCampaign(stores, { listId });
  const orders = await begun(stores, campaign, 2);
  for (const { attemptId, address } of orders) {
    const ladder = {
      startedAt: 0,
      legs: [{ leg: 1, name: "trunk carrier-a", callId: "x", from: "+1", to: `sip:${address}@carrier` }],
      rungs: [],
      leftOut: 0,
    };
    await stores.attempts.mark(attemptId, { at: Date.now(), kind: "sent", detail: { trunk: "carrier-a" } });
    await stores.attempts.mark(attemptId, { at: Date.now(), kind: "answered" });
    await stores.attempts.mark(attemptId, { at: Date.now(), kind: "ladder", ladder });
    const answers = {
      nps: { value: "9" },
      reference: { value: `4711 of ${address}` },
      comment: { value: `talk-${attemptId}.wav`, durationMs: 2000, agreed: true },
      aside: { value: `aside-${attemptId}.wav`, durationMs: 900 },
    };
    await stores.attempts.finish(attemptId, { at: Date.now(), result: "human", outcome: "paid", reason: `200 ${address}`, answers });
  }
  const [hers, others] = orders;
  const [id, contact] = [hers?.attemptId ?? "", hers?.contactId ?? ""];
  const sql = `
    insert into agent (id, name, created_at) values (1, 'ann', now());
    insert into attempt (campaign_id, contact_id, channel, address, state, result, reason, node, permit_until, reserved_at, ended_at)
      values (${campaign.id}, ${contact}, 'sms', '${number}', 'sending', null, null, '${node}', now(), now(), null);
    insert into message (attempt_id, via, from_address, text, parts, submitted_at) select max(id), 'smsc-1', '+12125550100', 'Dear Lovelace', 1, now() from attempt;
    update attempt set state = 'ended', result = 'delivered', ended_at = now() where channel = 'sms';
    insert into message_receipt (via, state, to_address, from_address, at) values ('smsc-1', 'DELIVRD', '+12125550100', '${number.slice(1)}', now());
    insert into incoming_message (via, from_address, to_address, at, text, details, contact_id, campaign_id, state)
      values ('smsc-1', '${number}', '+12125550100', now(), 'ask her lawyer', '{"from": "${number}"}', ${contact}, ${campaign.id}, 'kept');
    insert into keyword_call (incoming_id, webhook, body, state, at, due_at, tries) select max(id), 'crm', '{"from": "${number}"}', 'pending', now(), now(), 0 from incoming_message;
    insert into incoming_mail (inbox, mail_key, at, kind, from_address, recipients, message_id, subject, text, reason, contact_id, campaign_id, size, own_address, thread, attachments, raw)
      values ('in', 'k', now(), 'reply', '${mailbox}', '["${mailbox}"]', '<1@lovelace>', 'Lovelace', 'her lawyer', 'reply: ${mailbox}', ${contact}, ${campaign.id}, 4, 'reply+1@acme.example', '["<1@lovelace>"]', '[{"filename": "Lovelace.pdf"}]', convert_to('From: Lovelace', 'UTF8'));
    insert into conversation (channel, person_address, own_address, contact_id, group_id, state, opened_at, waits_since, changes, note)
      values ('sms', '${number}', '+12125550100', ${contact}, 1, 'waiting', now(), now(), 1, 'Lovelace');
    insert into conversation_reply (attempt_id, conversation_id, agent_id, at, text) values (${id}, 1, 1, now(), 'Dear Lovelace');
    insert into note (contact_id, agent_id, text, at) values (${contact}, 1, 'her lawyer', now());
    insert into callback (campaign_id, contact_id, state, due_at, note, source, created_at) values (${campaign.id}, ${contact}, 'waiting', now(), 'Lovelace', 'agent', now());
    insert into disposition (contact_id, campaign_id, attempt_id, agent_id, code, category, amount, note, at) values (${contact}, ${campaign.id}, ${id}, 1, 'promise-to-pay', 'success', 12.5, 'her lawyer', now());
    insert into effect (attempt_id, key, kind, body, state, at, due_at) values (${id}, 'k', 'send', '{"to": "${number}"}', 'pending', now(), now());
    insert into event (name, key, client_id, address, amount, currency, occurred_at, received_at) values ('paid', 'payment-4711', 'cust-ada', '${number}', 5, 'EUR', now(), now());
    insert into event_contact (event_id, contact_id, attempt_id) values (1, ${contact}, ${id});
    insert into webhook (name, url, events, active, sealed_secret, created_at, changed_at) values ('crm', 'https://crm.example', '{}', true, 'x', now(), now());
    insert into webhook_message (webhook_id, event, body, created_at, due_at, tries, state) values (1, 'attempt.ended', '{"contactId": "${contact}", "clientId": "cust-ada"}', now(), now(), 0, 'waiting');
    insert into stream_event (xid, at, type, body) values ('1', now(), 'suppression.added', '{"number": "${number}"}');
    insert into kept_answer (owner, key, request, node, incarnation, asked_at, answer) values ('key 1', 'k', 'r', 'n', 1, now(), '{"body": "${number}"}'),
      ('key 1', 'j', 'r', 'n', 1, now(), '{"body": "{\\"clientId\\":\\"cust-ada\\"}"}'), ('key 1', 'i', 'r', 'n', 1, now(), '{"body": "{\\"clientId\\":\\"cust-bob\\"}"}');
    insert into refusal (campaign_id, contact_id, at, rule) values (${campaign.id}, ${contact}, now(), 'window');
    insert into lookup_answer (lookup, subject, dated, state, word, reason, fields, at, until) values ('line', '${number}', '', 'answered', 'mobile', null, '{"owner": "Lovelace"}', now(), now()),
      ('crm', 'cust-ada', '', 'answered', 'do-not-contact', 'her lawyer', '{}', now(), now()), ('line', '${phone(2)}', '', 'answered', 'mobile', null, '{}', now(), now());
    insert into lookup_wait (contact_id, campaign_id, lookup, subject, dated, due_at) values (${contact}, ${campaign.id}, 'line', '${number}', '', now());
    insert into suppression (number, channel, reason, source, created_at) values ('${number}', 'voice', 'pressed 9', 'attempt', now());
    insert into suppression (mailbox, channel, reason, source, created_at) values ('${mailbox}', 'email', 'complaint: abuse <${mailbox}>', 'mail', now());`;
  await stores.pool.query(sql);
  const agreed = {
    kind: "consent" as const,
    whom: { kind: "number" as const, value: number },
    purpose: "marketing",
    source: "form",
    obtainedAt: Date.now(),
  };
  await stores.consents.record(agreed, "root");
  await stores.audit.add({ actorKind: "terminal", actor: "root", action: "x", target: `/api/v1/contacts/${contact}`, origin: "here" });
  return { campaign, hers: id, others: others?.attemptId ?? "" };
}

/** Every text that every table holds. */
export async function everything(stores: Stores): Promise<string> {
  const { rows: tables } = await stores.pool.query<{ name: string }>(
    "select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1",
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await stores.pool.query<{ row: string }>(`select '${name} ' || to_jsonb(x)::text as row from ${name} x`);
    // Bytes are shown in hex: what is in them is looked for as well.
    texts.push(...rows.map(({ row }) => row.replaceAll(/\\\\x([0-9a-f]+)/g, (_, hex: string) => Buffer.from(hex, "hex").toString("latin1"))));
  }
  return texts.join("\n");
}
