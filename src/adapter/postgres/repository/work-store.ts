import pg from "pg";
import type { MessageOrder } from "../../../attempt/message-ports.ts";
import type { Order } from "../../../attempt/ports.ts";
import { isPhoneNumber } from "../../../kernel/phone.ts";
import type { Campaign, MessageCampaign, VoiceCampaign } from "../../../strategy/campaign.ts";
import type { PassOnAsked, PassOnStore } from "../../../strategy/pass-on-ports.ts";
import { inPassAlready, type Past } from "../../../strategy/past.ts";
import type { Candidate, Claimed, ClaimedCalls, Verdict, WorkStore } from "../../../strategy/ports.ts";
import { databaseFault } from "../faults.ts";
import {
  type CandidateRow,
  type Claim,
  fromTheStart,
  judgeRow,
  judgeUntil,
  type Mark,
  pickFrom,
  prepare,
  type ReservedRow,
  settle,
} from "./claim.ts";
import { type Incarnations, incarnationNow } from "./incarnation.ts";
import { putAside } from "./lookup-want.ts";
import { holdUnfinished, readPast } from "./past-sql.ts";
import { slotLockSql } from "./slot-lock.ts";
import { onTheirWaySql, strategyUnfinishedSql, unfinishedSql } from "./unfinished-sql.ts";
import { lockPaceSql, momentSql } from "./work-sql.ts";

interface Asked {
  readonly count: number;
  readonly now: number;
  readonly node: string;
  readonly judge: (candidate: Candidate) => Verdict;
  readonly reach: number;
  readonly noAddress: Verdict;
}

const nothingBefore: ReadonlyMap<string, Past> = new Map();
const refusedForGood: Verdict = { go: false, rule: "no-address" };

/** One order of a claim: who it is for, and the attempt that was reserved. */
type OrderOf<One> = (attempt: ReservedRow, row: CandidateRow, permit: Order["permit"]) => One | undefined;

/** The work table: who is still to be called or written to. */
export class PostgresWorkStore implements WorkStore, PassOnStore {
  readonly #pool: pg.Pool;
  readonly #nodes: Incarnations;
  /**
   * Claims resume behind what was claimed last, so that a claim never reads again through the rows deleted before it,
   * which a long report may keep in the index. What was locked or put back behind the mark is found when a claim comes
   * back short: then it starts again from the beginning.
   */
  readonly #marks = new Map<string, Mark>();

  constructor(pool: pg.Pool, nodes: Incarnations) {
    this.#pool = pool;
    this.#nodes = nodes;
  }

  async claim(
    campaign: VoiceCampaign,
    count: number,
    now: number,
    node: string,
    judge: (candidate: Candidate) => Verdict,
    reach = count,
    noAddress = refusedForGood,
  ): Promise<ClaimedCalls> {
    const asked = { count, now, node, judge, reach, noAddress };
    const { reserved, ...claimed } = await this.#claim(campaign, campaign.scriptVersionId, asked, ({ id }, row, permit) =>
      orderOf(id, campaign, row, permit),
    );
    return { ...claimed, startInMs: reserved.map((row) => row.start_in_ms ?? 0) };
  }

  async claimMessages(
    campaign: MessageCampaign,
    count: number,
    now: number,
    node: string,
    judge: (candidate: Candidate) => Verdict,
    reach = count,
    noAddress = refusedForGood,
  ): Promise<Claimed<MessageOrder>> {
    const asked = { count, now, node, judge, reach, noAddress };
    const { reserved: _, ...claimed } = await this.#claim(campaign, campaign.templateVersionId, asked, ({ id }, row, permit) =>
      messageOf(id, campaign, row, permit),
    );
    return claimed;
  }

  async #claim<One>(campaign: Campaign, versionId: string, { count, now, node, judge, reach, noAddress }: Asked, orderOf: OrderOf<One>) {
    const asked = { campaign, versionId, node, incarnation: incarnationNow(this.#nodes, node, "claims contacts"), now };
    return await this.#holding(campaign, async (client) => {
      const before = this.#marks.get(campaign.id);
      const picked = await this.#pick(client, asked, reach);
      const ids = picked.map((row) => row.contact_id);
      // So that no other pass reserves one of them between our look at what there was and our commit: limits count over all passes, and nobody's telephone rings twice at once.
      if (campaign.pass && ids.length > 0) await client.query(slotLockSql("people", ids));
      const past = campaign.pass ? await readPast(client, campaign.id, ids) : nothingBefore;
      const judged = await withoutEnded(client, campaign.id, judgeUntil(campaign.channel, picked, count, { judge, noAddress, past }), now);
      const verdicts = await putAside(client, campaign.id, picked, judged, now);
      const rows = picked.slice(0, verdicts.size);
      const reserved = await settle(client, asked, rows, verdicts);
      // Whoever was put aside comes back to where they stood: in front of any mark.
      if (picked.some(({ lookups }) => lookups !== null)) this.#marks.delete(campaign.id);
      const byContact = new Map(reserved.map((row) => [row.contact_id, row]));
      const wanted = rows.filter(({ contact_id }) => verdicts.get(contact_id)?.go);
      const firstHeld = rows.findIndex(({ contact_id }) => verdicts.get(contact_id)?.go && !byContact.has(contact_id));
      const used = firstHeld < 0 ? rows.length : firstHeld;
      // What was picked and not judged, or held back by the limits, stays as it is, in front of the mark.
      if (used < picked.length && this.#marks.has(campaign.id)) this.#mark(campaign.id, used > 0 ? markOf(picked[used - 1]) : before);
      // A full claim says by itself that there may be more.
      const nextDueAt = picked.length === reach ? now : await nextDue(client, campaign.id);
      const taken = wanted.flatMap((row) => {
        const [attempt, verdict] = [byContact.get(row.contact_id), verdicts.get(row.contact_id)];
        const order = attempt && verdict?.go ? orderOf(attempt, row, { at: now, untilMs: verdict.untilMs }) : undefined;
        return order === undefined ? [] : [{ order, putBack: row.put_back ?? {} }];
      });
      const orders = taken.map(({ order }) => order);
      const putBack = taken.map((each) => each.putBack);
      return { orders, putBack, reserved, refused: rows.length - wanted.length, held: wanted.length - orders.length, nextDueAt };
    });
  }

  /** On a connection with the statements of a claim; the transaction that `work` begins is its own to end. */
  async #holding<T>(campaign: Campaign, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw databaseFault(error, "claim contacts");
    });
    try {
      await prepare(client, campaign.channel);
      const done = await work(client);
      client.release();
      return done;
    } catch (error) {
      this.#marks.delete(campaign.id);
      await client.query("rollback").catch(() => undefined);
      // Not put back: what state it is in nobody knows.
      client.release(true);
      throw databaseFault(error, "claim contacts");
    }
  }

  async passOn(campaign: VoiceCampaign, { now, node, reach, after, judge, noAddress }: PassOnAsked) {
    const asked = { campaign, versionId: campaign.scriptVersionId, node, incarnation: incarnationNow(this.#nodes, node, "claims contacts"), now };
    const mark = after ? { dueAt: new Date(after.dueAt), contactId: after.contactId } : fromTheStart;
    return await this.#holding(campaign, async (client) => {
      const picked = await pickFrom(client, asked, mark, reach);
      const past = await readPast(
        client,
        campaign.id,
        picked.map((row) => row.contact_id),
      );
      const verdicts = new Map(
        picked.flatMap((row) => {
          const verdict = judgeRow(campaign.channel, row, { judge, noAddress, past });
          return verdict === undefined ? [] : [[row.contact_id, verdict] as const];
        }),
      );
      await settle(
        client,
        asked,
        picked.filter((row) => verdicts.has(row.contact_id)),
        verdicts,
      );
      const last = picked.at(-1);
      const place = last && { dueAt: last.due_at.getTime(), contactId: last.contact_id };
      return { looked: picked.length, refused: verdicts.size, ...(place && { last: place }) };
    });
  }

  async unfinished({ id, pass }: Campaign): Promise<number> {
    return pass
      ? await this.#count("strategy-unfinished", strategyUnfinishedSql, pass.strategyCampaignId)
      : await this.#count("work-unfinished", unfinishedSql, id);
  }

  async onTheirWay(campaignId: string): Promise<number> {
    return await this.#count("work-on-their-way", onTheirWaySql, campaignId);
  }

  async moment(campaignId: string): Promise<number> {
    const id = pg.escapeLiteral(campaignId);
    try {
      // In one message, and so one transaction.
      const results: unknown = await this.#pool.query(`${lockPaceSql(id)}; ${momentSql(id)}`);
      const [, moments] = results as readonly [unknown, pg.QueryResult<{ start_in_ms: number }>];
      return moments.rows[0]?.start_in_ms ?? 0;
    } catch (error) {
      throw databaseFault(error, "take another moment");
    }
  }

  async #pick(client: pg.PoolClient, claim: Claim, count: number): Promise<readonly CandidateRow[]> {
    const { id, pass } = claim.campaign;
    if (pass?.order.callbacksFirst) {
      // Those who are back come to stand in front of any mark.
      const back = await pickFrom(client, claim, fromTheStart, count, undefined, "back");
      return back.length === count ? back : [...back, ...(await pickFrom(client, claim, fromTheStart, count - back.length, back))];
    }
    // Where the newest go first they come to stand in front of any mark.
    if (pass?.order.by === "newest") this.#marks.delete(id);
    const mark = this.#marks.get(id) ?? fromTheStart;
    const rows = await pickFrom(client, claim, mark, count);
    if (rows.length < count && mark !== fromTheStart) {
      const missed = await pickFrom(client, claim, fromTheStart, count - rows.length, rows);
      rows.push(...missed);
      this.#marks.delete(id);
      return rows;
    }
    if (rows.length === count) this.#mark(id, markOf(rows.at(-1)));
    return rows;
  }

  #mark(campaignId: string, mark: Mark | undefined): void {
    if (mark) this.#marks.set(campaignId, mark);
    else this.#marks.delete(campaignId);
  }

  async #count(name: string, text: string, id: string): Promise<number> {
    const { rows } = await this.#query<{ count: string }>(name, text, [id]);
    return Number(rows[0]?.count ?? 0);
  }

  async #query<Row extends pg.QueryResultRow>(name: string, text: string, values: unknown[]): Promise<pg.QueryResult<Row>> {
    try {
      return await this.#pool.query<Row>({ name, text, values });
    } catch (error) {
      throw databaseFault(error, "read the work table");
    }
  }
}

/** Whose place the attempt that is on its way has taken: when it has ended meanwhile, and perhaps put them back where they stand, they are judged anew. */
async function withoutEnded(client: pg.PoolClient, campaignId: string, verdicts: ReadonlyMap<string, Verdict>, now: number) {
  const taken = [...verdicts].flatMap(([contactId, verdict]) => (!verdict.go && verdict.rule === inPassAlready ? [contactId] : []));
  if (taken.length === 0) return verdicts;
  const unfinished = await holdUnfinished(client, campaignId, taken);
  const again: Verdict = { go: false, rule: inPassAlready, retryAt: now };
  return new Map([...verdicts, ...taken.flatMap((id) => (unfinished.has(id) ? [] : [[id, again] as const]))]);
}

function markOf(row: CandidateRow | undefined): Mark | undefined {
  return row && { dueAt: row.due_at, contactId: row.contact_id };
}

/** When the next contact of the campaign is due, later or already; undefined when none waits. */
async function nextDue(client: pg.PoolClient, campaignId: string): Promise<number | undefined> {
  const text = "select due_at from work where campaign_id = $1 order by due_at, contact_id limit 1";
  const { rows } = await client.query<{ due_at: Date }>({ name: "work-next", text, values: [campaignId] });
  return rows[0]?.due_at.getTime();
}

/** Scripts and templates look at the person's own zone under this name, whatever its column was called. */
const zoneField = "time_zone";

function fieldsOf({ fields, time_zone }: CandidateRow): Readonly<Record<string, string>> {
  return time_zone === null ? fields : { ...fields, [zoneField]: time_zone };
}

function orderOf(attemptId: string, campaign: VoiceCampaign, row: CandidateRow, permit: Order["permit"]): Order | undefined {
  const { address } = row;
  if (address === null || row.address_id === null || !isPhoneNumber(address)) return undefined;
  return {
    attemptId,
    campaignId: campaign.id,
    contactId: row.contact_id,
    addressId: row.address_id,
    channel: "voice",
    address,
    callerId: campaign.callerId,
    fields: fieldsOf(row),
    scriptVersionId: campaign.scriptVersionId,
    permit,
  };
}

function messageOf(attemptId: string, campaign: MessageCampaign, row: CandidateRow, permit: Order["permit"]): MessageOrder | undefined {
  const { address, address_id: addressId } = row;
  if (address === null || addressId === null) return undefined;
  const { id: campaignId, channel, sender, templateVersionId } = campaign;
  return { attemptId, campaignId, contactId: row.contact_id, addressId, channel, address, sender, fields: fieldsOf(row), templateVersionId, permit };
}
