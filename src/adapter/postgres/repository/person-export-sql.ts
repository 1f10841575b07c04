import { whose } from "./person-sql.ts";

const many = (rows: string, order: string) => `(select coalesce(jsonb_agg(to_jsonb(x) order by ${order}), '[]') from (${rows}) x)`;

/** All that is kept of a person, by its kind: each statement gives rows of one column. Fields that say only how work is shared among nodes are left out. */
export const exportSql = {
  contacts: `select jsonb_build_object('id', c.id::text, 'clientId', c.client_id, 'list', l.name, 'timeZone', c.time_zone, 'fields', c.fields,
      'addresses', ${many("select kind, number, mailbox, position from address where contact_id = c.id", "position")}) as row
    from contact c left join list l on l.id = c.list_id where c.id = any(:contacts) order by c.id`,
  attempts: `select to_jsonb(a) - '{node,orphaned,taken,withdrawn,waited,promised,permit_until,follows,address_id}'::text[] || jsonb_build_object(
      'campaign', (select name from campaign where id = coalesce(a.campaign_id, a.inbound_campaign_id)),
      'events', ${many("select at, kind, detail, id from attempt_event where attempt_id = a.id", "id")},
      'answers', ${many("select name, value, duration_ms from answer where attempt_id = a.id", "name")},
      'message', (select to_jsonb(m) - 'attempt_id' from message m where m.attempt_id = a.id),
      'clicks', ${many("select at, target_hash from message_click where attempt_id = a.id", "at")}) as row
    from attempt a where a.id = any(:attempts) order by a.id`,
  waiting: "select to_jsonb(w) as row from work w where w.contact_id = any(:contacts) order by w.campaign_id",
  refusals: "select to_jsonb(r) as row from refusal r where r.contact_id = any(:contacts) order by r.id",
  callbacks: "select to_jsonb(k) as row from callback k where k.contact_id = any(:contacts) order by k.id",
  notes: "select to_jsonb(n) as row from note n where n.contact_id = any(:contacts) order by n.id",
  dispositions: "select to_jsonb(d) as row from disposition d where d.contact_id = any(:contacts) order by d.id",
  effects: "select to_jsonb(f) as row from effect f where f.attempt_id = any(:attempts) order by f.id",
  incomingMessages: `select to_jsonb(i) as row from incoming_message i where ${whose.incoming} order by i.id`,
  incomingMails: `select to_jsonb(i) - 'raw' || jsonb_build_object('raw', encode(i.raw, 'base64')) as row from incoming_mail i where ${whose.mails} order by i.id`,
  deliveryReports: `select to_jsonb(r) as row from message_receipt r where ${whose.receipts} order by r.id`,
  conversations: `select to_jsonb(v) || jsonb_build_object('replies', ${many("select at, agent_id, text, attempt_id from conversation_reply where conversation_id = v.id", "at")}) as row
    from conversation v where ${whose.conversations} order by v.id`,
  keywordCalls: `select to_jsonb(q) as row from keyword_call q join incoming_message i on i.id = q.incoming_id where ${whose.incoming} order by q.id`,
  events: `select to_jsonb(e) as row from event e where ${whose.events} order by e.id`,
  recordings: "select to_jsonb(g) as row from recording g where g.attempt_id = any(:attempts) order by g.id",
  lookups: `select to_jsonb(l) - '{tries,urgent}'::text[] as row from lookup_answer l where ${whose.lookups} order by l.lookup, l.subject, l.dated`,
  lookupWaits: "select to_jsonb(x) as row from lookup_wait x where x.contact_id = any(:contacts) order by x.campaign_id, x.lookup",
  suppressions: `select to_jsonb(s) as row from suppression s
    where s.number = any(:numbers) or s.mailbox = any(:mailboxes) or s.client_id = any(:clients) or s.subject = any(:subjects) order by s.id`,
  consents: "select to_jsonb(c) as row from consent c where c.subject = any(:subjects) order by c.id",
  webhookMessages: `select to_jsonb(m) as row from webhook_message m where ${whose.told("m.body")} order by m.id`,
  streamEvents: `select to_jsonb(m) - 'xid' as row from stream_event m where ${whose.told("m.body")} order by m.id`,
  audit: `select to_jsonb(u) as row from audit u
    where u.target = any(select '/api/v1/contacts/' || c from unnest(:contacts) c) or u.target like any(select '/api/v1/contacts/' || c || '/%' from unnest(:contacts) c) order by u.id`,
  erasures: "select to_jsonb(z) as row from erasure z where z.subjects && :subjects order by z.id",
} as const;
