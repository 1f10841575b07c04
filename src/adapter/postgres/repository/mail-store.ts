import type pg from "pg";
import type { ChannelName } from "../../../attempt/result.ts";
import type { IncomingMail, KeptMail, MailboxProgress, MailKind, MailStore } from "../../../email/inbox-ports.ts";
import { mailKey } from "../../../email/mail-key.ts";
import { threadOf } from "../../../email/thread.ts";
import { Fault } from "../../../kernel/fault.ts";
import { storable } from "./attempt-row.ts";
import { suppressSql, withdrawSql } from "./attempt-sql.ts";
import { effectRow } from "./effect-row.ts";
import { idOr0 } from "./id.ts";
import { keepMailSql, latestAttemptSql, markedAttemptSql, moveSql, repliedSql, suppressMailboxSql } from "./mail-sql.ts";
import { type Query, queryFor } from "./query.ts";
import { inTransaction } from "./transaction.ts";
import { joinMailSql, openMailSql } from "./written-mail-sql.ts";

interface AttemptRow {
  readonly id: string;
  readonly campaign_id: string | null;
  readonly contact_id: string | null;
  readonly state: string;
  /** The mailbox that it was from. */
  readonly from_address: string | null;
}

type Desk = Pick<KeptMail, "handed" | "groupUnknown">;

/** Kinds of which one is from whoever was written to: it came to the mailbox that they had our mail from, also where it does not say so. */
const theirs: ReadonlySet<MailKind> = new Set(["reply", "opt-out", "automatic"]);

/** Incoming e-mail in the table `incoming_mail`, and what follows from it, a transaction each. */
export class PostgresMailStore implements MailStore {
  readonly #pool: pg.Pool;
  readonly #query: Query;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
    this.#query = queryFor(pool, "keep incoming e-mail");
  }

  /** @throws Fault also `mail-too-early` (retryable): the attempt it is about is still being handed over */
  async keep(mail: IncomingMail): Promise<KeptMail | undefined> {
    const withdrawals: unknown[][] = [];
    const kept = await inTransaction(this.#pool, "keep an incoming e-mail", async (client) => {
      const attempt = await attemptOf(client, mail);
      const id = await insert(client, mail, attempt);
      if (id === undefined) return undefined;
      let desk: Desk = { handed: false };
      for (const consequence of mail.judged.consequences) {
        const { reason } = mail.judged;
        const why = storable(reason, 500);
        if (consequence.do === "hand") desk = await hand(client, id, mail);
        else if (consequence.do === "suppress-mailbox")
          await client.query(suppressMailboxSql, [attempt?.id, mail.at, consequence.mailbox, `${mail.judged.kind}: ${why}`]);
        else if (attempt === undefined) continue;
        else if (consequence.do === "move") await client.query(moveSql, [attempt.id, mail.at, consequence.result, why, id]);
        else if (consequence.do === "suppress-address") await client.query(suppressMailboxSql, [attempt.id, mail.at, null, `bounced-hard: ${why}`]);
        else if (consequence.do === "note-reply") await client.query(repliedSql, [attempt.id, mail.at, id]);
        else withdrawals.push(await suppressPerson(client, attempt.id, mail.at, `${mail.judged.kind}: ${why}`, consequence.all ? [] : ["email"]));
      }
      return { id, ...(attempt && { attemptId: attempt.id }), ...desk };
    });
    // What was reserved while the suppression was on its way to being committed.
    for (const whom of withdrawals) await this.#query(withdrawSql, whom);
    return kept;
  }

  /** A mailbox was refused for good while it was being written to. @throws Fault `database-unreachable` (retryable) */
  async bounced(attemptId: string, at: number, reason: string): Promise<void> {
    await this.#query(suppressMailboxSql, [idOr0(attemptId), at, null, `bounced-hard: ${storable(reason, 500)}`]);
  }

  async progress(inbox: string): Promise<MailboxProgress | undefined> {
    const { rows } = await this.#query<{ uid_validity: string; uid: string }>("select uid_validity, uid from inbox_progress where inbox = $1", [
      inbox,
    ]);
    return rows[0] && { uidValidity: rows[0].uid_validity, uid: Number(rows[0].uid) };
  }

  async setProgress(inbox: string, { uidValidity, uid }: MailboxProgress): Promise<void> {
    const text = `insert into inbox_progress (inbox, uid_validity, uid) values ($1, $2, $3)
      on conflict (inbox) do update set uid_validity = excluded.uid_validity, uid = excluded.uid`;
    await this.#query(text, [inbox, uidValidity, uid]);
  }
}

async function attemptOf(client: pg.PoolClient, { judged, read }: IncomingMail): Promise<AttemptRow | undefined> {
  if (judged.attemptId !== undefined) {
    const { rows } = await client.query<AttemptRow>(markedAttemptSql, [idOr0(judged.attemptId)]);
    // A server may answer sooner than we have written down that it has taken the mail. An opt-out waits for nothing.
    if (rows[0] && rows[0].state !== "ended" && judged.consequences.some((each) => each.do === "move"))
      throw new Fault("mail-too-early", `Attempt ${rows[0].id}, which a mail is about, is still being handed over.`, { retryable: true });
    return rows[0];
  }
  if (judged.campaignId === undefined || read.from === undefined) return undefined;
  const { rows } = await client.query<AttemptRow>(latestAttemptSql, [idOr0(judged.campaignId), read.from]);
  return rows[0];
}

/** @returns undefined when it had been there */
async function insert(client: pg.PoolClient, mail: IncomingMail, attempt: AttemptRow | undefined): Promise<string | undefined> {
  const { read, judged } = mail;
  const own = judged.ours ?? (theirs.has(judged.kind) ? attempt?.from_address?.toLowerCase() : undefined);
  const { rows } = await client.query<{ id: string }>(keepMailSql, [
    ...[mail.inbox, mailKey(read), mail.at, judged.kind, read.from, JSON.stringify(read.recipients.map((each) => storable(each)))],
    ...[
      read.messageId && storable(read.messageId),
      storable(read.subject),
      storable(read.text, 65_536),
      judged.enhanced,
      storable(judged.reason, 1000),
    ],
    ...[attempt?.id, attempt === undefined ? judged.campaignId : attempt.campaign_id, attempt?.contact_id, mail.size, Buffer.from(mail.raw)],
    ...[own, JSON.stringify(threadOf(read)), JSON.stringify(read.attachments)],
  ]);
  return rows[0]?.id;
}

/** Agents have it to answer: in the conversation that is open with that mailbox, or in a new one. */
async function hand(client: pg.PoolClient, id: string, { agentGroup }: IncomingMail): Promise<Desk> {
  if ((await client.query(joinMailSql, [id])).rowCount === 1) return { handed: true };
  const { rows } = await client.query<{ group: string | null; opened: boolean }>(openMailSql, [id, agentGroup ?? null]);
  const { group = null, opened = false } = rows[0] ?? {};
  return opened || group === null ? { handed: opened } : { handed: false, groupUnknown: group };
}

/** @param channels empty: every one @returns whom it covers, for the withdrawal after the commit */
async function suppressPerson(
  client: pg.PoolClient,
  attemptId: string,
  at: number,
  reason: string,
  channels: readonly ChannelName[],
): Promise<unknown[]> {
  const { key, body } = effectRow({ kind: "suppress", channels, scope: "account", reason }, at);
  const whom = [attemptId, at, false, channels.length === 0 ? null : channels];
  await client.query(suppressSql, [...whom, reason, JSON.stringify(body), key]);
  return whom;
}
