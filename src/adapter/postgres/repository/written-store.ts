import type pg from "pg";
import type {
  AnsweredMail,
  WrittenAttachment,
  WrittenConversation,
  WrittenHeld,
  WrittenLine,
  WrittenState,
  WrittenStore,
} from "../../../agent/written-ports.ts";
import type { MessageChannel } from "../../../attempt/message-ports.ts";
import { personsText } from "../../../email/reply.ts";
import { databaseFault } from "../faults.ts";
import { storable } from "./attempt-row.ts";
import { idOr0 } from "./id.ts";
import { answeredMailSql, mailLinesSql } from "./written-mail-sql.ts";
import {
  closeSql,
  conversationSql,
  conversationsSql,
  forAgentSql,
  giveBackSql,
  heldSql,
  offerSql,
  openReplySql,
  putBackSql,
  smsLinesSql,
  stillWaitsSql,
  takeSql,
} from "./written-sql.ts";

interface Row {
  readonly id: string;
  readonly channel: MessageChannel;
  readonly person: string;
  readonly ours: string;
  readonly group_id: string;
  readonly group: string;
  readonly state: WrittenState;
  readonly taken_by: string | null;
  readonly opened_at: number;
  readonly waits_since: number | null;
  readonly contact_id: string | null;
  readonly campaign_id: string | null;
  readonly campaign: string | null;
  readonly sender: string | null;
}

interface LineRow {
  readonly at: number;
  readonly from: "person" | "us";
  readonly text: string;
  readonly agent: string | null;
  readonly standing: string | null;
  /** Of e-mail. */
  readonly subject?: string;
  readonly attachments?: readonly WrittenAttachment[];
}

/** Written conversations, in the tables `conversation` and `conversation_reply`. */
export class PostgresWrittenStore implements WrittenStore {
  readonly #pool: pg.Pool;
  readonly #node: string;

  constructor(pool: pg.Pool, node: string) {
    this.#pool = pool;
    this.#node = node;
  }

  async forAgent(agentId: string, limit: number): Promise<readonly WrittenConversation[]> {
    return (await this.#ask<Row>(forAgentSql, [agentId, limit])).rows.map(toConversation);
  }

  async conversation(id: string): Promise<WrittenConversation | undefined> {
    const [row] = (await this.#ask<Row>(conversationSql, [idOr0(id)])).rows;
    return row && toConversation(row);
  }

  async page(state: WrittenState | undefined, { limit, afterId }: { readonly limit: number; readonly afterId?: string }) {
    return (await this.#ask<Row>(conversationsSql, [idOr0(afterId), limit, state ?? null])).rows.map(toConversation);
  }

  async lines({ id, channel, person, ours, contactId }: WrittenConversation, limit: number): Promise<readonly WrittenLine[]> {
    const text = channel === "email" ? mailLinesSql : smsLinesSql;
    return (await this.#ask<LineRow>(text, [id, person, ours, contactId ?? null, limit])).rows.reverse().map(toLine);
  }

  async answered({ person, ours }: WrittenConversation): Promise<AnsweredMail | undefined> {
    return (await this.#ask<AnsweredMail>(answeredMailSql, [person, ours])).rows[0];
  }

  async take(id: string, agentId: string): Promise<boolean> {
    return (await this.#ask(takeSql, [idOr0(id), agentId])).rowCount === 1;
  }

  async putBack(id: string, agentId: string): Promise<boolean> {
    return (await this.#ask(putBackSql, [idOr0(id), agentId])).rowCount === 1;
  }

  async close(id: string, agentId: string, code: string, note: string | undefined): Promise<boolean> {
    return (await this.#ask(closeSql, [idOr0(id), agentId, code, note === undefined ? null : storable(note)])).rowCount === 1;
  }

  async offer(most: number): Promise<boolean> {
    return (await this.#ask(offerSql, [most])).rowCount === 1;
  }

  async giveBack(awayMs: number): Promise<number> {
    return (await this.#ask(giveBackSql, [awayMs])).rowCount ?? 0;
  }

  async held(agentIds: readonly string[]): Promise<readonly WrittenHeld[]> {
    const { rows } = await this.#ask<{ id: string; agent_id: string; version: string }>(heldSql, [[...agentIds]]);
    return rows.map(({ id, agent_id: agentId, version }) => ({ id, agentId, version }));
  }

  async openReply(id: string, agentId: string, text: string, withinMs: number): Promise<string | undefined> {
    const { rows } = await this.#ask<{ id: string }>(openReplySql, [idOr0(id), agentId, storable(text), withinMs, this.#node]);
    return rows[0]?.id;
  }

  async stillWaits(id: string, since: number): Promise<void> {
    await this.#ask(stillWaitsSql, [idOr0(id), since]);
  }

  async replyEnd(attemptId: string): Promise<{ readonly result: string; readonly reason: string } | undefined> {
    const text = "select result, coalesce(reason, '') as reason from attempt where id = $1 and state = 'ended'";
    return (await this.#ask<{ result: string; reason: string }>(text, [idOr0(attemptId)])).rows[0];
  }

  async #ask<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<pg.QueryResult<Row>> {
    try {
      return await this.#pool.query<Row>(text, values);
    } catch (error) {
      throw databaseFault(error, "keep written conversations");
    }
  }
}

function toConversation(row: Row): WrittenConversation {
  const { id, channel, person, ours, state, opened_at: openedAt, campaign_id: campaignId, campaign } = row;
  return {
    ...{ id, channel, person, ours, group: { id: row.group_id, name: row.group }, state, openedAt },
    ...(row.taken_by !== null && { takenBy: row.taken_by }),
    ...(row.waits_since !== null && { waitsSince: row.waits_since }),
    ...(row.contact_id !== null && { contactId: row.contact_id }),
    ...(campaignId !== null && { campaign: { id: campaignId, name: campaign ?? "" } }),
    ...(row.sender !== null && { sender: row.sender }),
  };
}

function toLine({ agent, standing, text, subject, attachments = [], ...line }: LineRow): WrittenLine {
  return {
    ...line,
    text: subject !== undefined && line.from === "person" ? personsText(text) : text,
    ...(subject !== undefined && { subject }),
    ...(attachments.length > 0 && { attachments }),
    ...(agent !== null && { agent }),
    ...(standing !== null && { standing }),
  };
}
