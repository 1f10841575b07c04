import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { RecordingDirectory } from "../../src/adapter/system/recording-files.ts";
import { silentLog } from "../../src/kernel/log.ts";
import type { RetentionOptions } from "../../src/privacy/options.ts";
import { retentionKinds } from "../../src/privacy/retention.ts";
import { RetentionEngine } from "../../src/privacy/retention-engine.ts";
import { begun, makeCampaign, openWorld, phone } from "./stores-kit.ts";

const options: RetentionOptions = {
  ...{ tracesDays: 90, deliveryReportsDays: 30, importsDays: 365, contactsDays: 365, messageTextsDays: 200, incomingTextsDays: 200, notesDays: 200 },
};

t.test("what is older than it may be is taken away, in steps, and what is counted stays", async (t) => {
  const { stores, open } = await openWorld(t);
  const { retention } = stores.privacy;
  const campaign = await makeCampaign(stores, { people: 3 });
  const orders = await begun(stores, campaign, 3);
  for (const { attemptId } of orders) {
    await stores.attempts.mark(attemptId, { at: Date.now(), kind: "sent", detail: { trunk: "carrier-a" } });
    await stores.attempts.mark(attemptId, { at: Date.now(), kind: "step", detail: { step: "hello" } });
    await stores.attempts.finish(attemptId, {
      at: Date.now(),
      result: "human",
      reason: "",
      answers: { comment: { value: `said-${attemptId}.wav`, durationMs: 1000 } },
    });
  }
  const [old, recent, kept] = orders.map(({ attemptId }) => attemptId);
  const [oldContact] = orders.map(({ contactId }) => contactId);
  await stores.pool.query(`
    update attempt_event set at = now() - interval '100 days' where attempt_id <= ${old};
    update attempt set reserved_at = now() - interval '400 days', ended_at = now() - interval '400 days' where id = ${old};
    insert into message (attempt_id, via, from_address, text, parts, submitted_at) values (${old}, 'a', 'b', 'old words', 1, now() - interval '300 days'), (${recent}, 'a', 'b', 'new words', 1, now());
    insert into incoming_message (via, from_address, to_address, at, text, details, state, complete) values ('a', '+1', '+2', now() - interval '300 days', 'old words', '{}', 'kept', true), ('a', '+1', '+2', now(), 'new words', '{}', 'kept', true);
    insert into incoming_mail (inbox, mail_key, at, kind, from_address, recipients, message_id, subject, text, reason, size, attachments, raw) values ('in', 'k', now() - interval '300 days', 'reply', 'a@b.example', '[]', null, 'old words', 'old words', 'reply', 1, '[{"filename": "old words"}]', 'old words');
    insert into note (contact_id, agent_id, text, at) values (${oldContact}, 1, 'old words', now() - interval '300 days'), (${oldContact}, 1, 'new words', now());
    insert into disposition (contact_id, campaign_id, agent_id, code, category, note, at) values (${oldContact}, ${campaign.id}, 1, 'x', 'success', 'old words', now() - interval '300 days');
    insert into message_receipt (via, state, to_address, from_address, at) values ('a', 'DELIVRD', '+1', '+2', now() - interval '31 days'), ('a', 'DELIVRD', '+1', '+2', now());
    insert into import (list_name, wishes, state, bytes, created_by, created_at, ended_at) values ('x', '{}', 'committed', 1, 'x', now() - interval '400 days', now() - interval '400 days'), ('y', '{}', 'committed', 1, 'x', now(), now());
    update recording set at = now() - interval '10 days' where attempt_id in (${old}, ${recent});
    insert into campaign_desk (campaign_id, rules, changed_at) values (${campaign.id}, '{"recordingKeepDays": 5}', now());
  `);
  const words = async () => {
    const { rows } = await stores.pool.query<{ n: number }>(
      `select (select count(*) filter (where text like '%old%') from message) + (select count(*) filter (where text like '%old%') from incoming_message)
         + (select count(*) filter (where text like '%old%' or raw <> '' or attachments::text like '%old%') from incoming_mail) + (select count(*) filter (where text like '%old%') from note)
         + (select count(*) filter (where note is not null) from disposition)::int as n`,
    );
    return Number(rows[0]?.n);
  };
  t.equal(await words(), 5);
  const dir = await mkdtemp(join(tmpdir(), "carillon-recordings-"));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  for (const id of [old, recent, kept]) await writeFile(join(dir, `said-${id}.wav`), "RIFF");

  const engine = new RetentionEngine({
    store: retention,
    recordings: stores.privacy,
    files: new RecordingDirectory(dir),
    options,
    clock: systemClock,
    log: silentLog,
  });
  const before = new Map(
    await Promise.all(retentionKinds.map(async (kind) => [kind, await retention.due(kind, Date.now() - 95 * 86_400_000, Date.now())] as const)),
  );
  t.equal(before.get("traces"), 3, "what is due is told beforehand: the events of the old attempt");
  t.equal(before.get("recordings"), 2, "by the days of the campaign");
  await engine.run();
  t.equal(await words(), 0, "the old words are gone");
  const { rows } = await stores.pool.query(
    `select (select count(*)::int from attempt) as attempts, (select count(*)::int from attempt_event where kind = 'sent') as sent, (select count(*)::int from attempt_event where kind = 'step') as steps,
      (select count(*)::int from message where text = 'new words') as texts, (select count(*)::int from note) as notes, (select count(*)::int from message_receipt) as receipts,
      (select count(*)::int from import) as imports`,
  );
  t.same(rows, [{ attempts: 3, sent: 3, steps: 2, texts: 1, notes: 1, receipts: 1, imports: 1 }]);
  t.same(await readdir(dir), [`said-${kept}.wav`], "files of recordings go, too");
  t.match((await stores.lists.contact(oldContact ?? ""))?.fields, { first_name: /Name/ }, "whose campaign runs is known still");

  // The campaign is over: whoever was done with a year ago is forgotten, the others are not.
  await stores.pool.query("delete from note; update campaign set state = 'stopped'; update attempt_event set at = now()");
  await engine.run();
  const { rows: known } = await stores.pool.query<{ id: string }>("select id::text as id from contact where client_id is not null order by id");
  t.equal(known.length, 2);
  t.notOk(known.some(({ id }) => id === oldContact));
  const { rows: addresses } = await stores.pool.query("select address from attempt where contact_id = $1", [oldContact]);
  t.same(addresses, [{ address: "erased" }]);
  t.same((await stores.suppressions.about({ kind: "number", value: phone(1) })).length, 0, "that is no wish not to be called");

  const passes = await retention.passes();
  t.match(
    passes.find(({ kind }) => kind === "traces"),
    { removed: 1 },
  );
  const second = await open();
  await stores.pool.query(
    `insert into kept_answer (owner, key, request, node, incarnation, asked_at, answer)
     values ('key 1', 'old', 'r', 'n', 1, now() - interval '25 hours', '{}'), ('key 1', 'new', 'r', 'n', 1, now() - interval '23 hours', '{}')`,
  );
  await stores.pool.query(
    "update note set text = 'x'; insert into note (contact_id, agent_id, text, at) values (1, 1, 'late', now() - interval '300 days')",
  );
  await new RetentionEngine({
    store: second.privacy.retention,
    recordings: second.privacy,
    files: new RecordingDirectory(dir),
    options,
    clock: systemClock,
    log: silentLog,
  }).look();
  t.equal((await stores.pool.query("select from note")).rowCount, 1, "another node sees that it was seen to just now");
  t.same(
    (await stores.pool.query("select key from kept_answer")).rows,
    [{ key: "new" }],
    "answers go after a day, also where nobody asks anything more",
  );
  await engine.run();
  t.equal((await stores.pool.query("select from note")).rowCount, 0);
});

t.test("a name from the database leads to no other file", async (t) => {
  const directory = new RecordingDirectory(join(tmpdir(), "nowhere"));
  for (const name of ["../x.wav", "/etc/passwd", "a/b.wav", "", ".", "..", "x\0.wav"])
    t.throws(() => directory.pathOf(name), { code: "recording-path" }, JSON.stringify(name));
  await directory.remove("gone-already.wav");
});
