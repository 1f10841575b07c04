import type pg from "pg";
import type { Clock } from "../../../kernel/clock.ts";
import { Fault } from "../../../kernel/fault.ts";
import type { PhoneNumber } from "../../../kernel/phone.ts";
import type {
  CampaignCallers,
  InboundLog,
  InboundMatch,
  NewInbound,
  NewNumber,
  NumberBook,
  NumberChange,
  OwnNumber,
} from "../../../voice/number-ports.ts";
import { databaseFault, isForeignKeyViolation } from "../faults.ts";
import { storable } from "./attempt-row.ts";
import { isId } from "./id.ts";
import { addNumberSql, answerWithSql, callersSql, changeNumberSql, findNumberSql, listNumbersSql, matchSql, openSql } from "./inbound-sql.ts";
import type { Incarnations } from "./incarnation.ts";

/** Stands in the record for a caller who hides the number. */
const hidden = "anonymous";
const zoneField = "time_zone";
const uniqueViolation = "23505";

interface MatchRow {
  readonly campaign_id: string | null;
  readonly campaign: string | null;
  readonly trunk: string | null;
  readonly contact_id: string | null;
  readonly address_id: string | null;
  readonly fields: Readonly<Record<string, string>> | null;
  readonly time_zone: string | null;
  readonly columns: readonly string[] | null;
  readonly version_id: string | null;
  readonly message: string | null;
}

type NumberRow = { readonly [Name in keyof OwnNumber]: OwnNumber[Name] | null };

/** Our numbers and who calls them, in the tables `own_number` and `attempt`. */
export class PostgresInboundStore implements NumberBook, InboundLog {
  readonly #pool: pg.Pool;
  readonly #clock: Clock;
  readonly #nodes: Incarnations;
  readonly #node: string;

  constructor(pool: pg.Pool, clock: Clock, nodes: Incarnations, node: string) {
    this.#pool = pool;
    this.#clock = clock;
    this.#nodes = nodes;
    this.#node = node;
  }

  async match(called: PhoneNumber, caller: PhoneNumber | undefined, pools: readonly string[]): Promise<InboundMatch | undefined> {
    const [row] = await this.#rows<MatchRow>("find out who calls", matchSql, [called, caller ?? null, pools]);
    if (!row) return undefined;
    const { campaign_id: id, campaign: name, trunk, contact_id: contactId, address_id: addressId } = row;
    return {
      fields: fieldsOf(row),
      ...(id !== null && { campaign: { id, name: name ?? id, trunk: trunk ?? "" } }),
      ...(contactId !== null && { contactId }),
      ...(addressId !== null && { addressId }),
      ...(row.version_id !== null && { scriptVersionId: row.version_id }),
      ...(row.message !== null && { message: row.message }),
    };
  }

  async open({ at, called, caller, match, legIds }: NewInbound): Promise<string> {
    const { callId, transactionId, dialogId, mediaServer, endpointId } = legIds;
    const who = [match.campaign?.id ?? null, match.contactId ?? null, match.addressId ?? null, match.scriptVersionId ?? null];
    const leg = [storable(callId), transactionId, storable(dialogId), mediaServer ?? null, endpointId ?? null];
    const values = [at, called, caller ?? hidden, ...who, this.#node, this.#nodes.incarnationOf(this.#node) ?? "0", ...leg];
    const [row] = await this.#rows<{ id: string }>("write down a call", openSql, values);
    if (!row) throw new Fault("node-unregistered", `Node ${this.#node} takes calls, and another process has its name.`);
    return row.id;
  }

  async list(limit: number, after = ""): Promise<readonly OwnNumber[]> {
    return (await this.#rows<NumberRow>("read the numbers", listNumbersSql, [after, limit])).map(toNumber);
  }

  async find(number: string): Promise<OwnNumber | undefined> {
    const [row] = await this.#rows<NumberRow>("read a number", findNumberSql, [number]);
    return row && toNumber(row);
  }

  async create({ number, name, campaignId, script, message }: NewNumber): Promise<OwnNumber> {
    if (campaignId !== undefined && !isId(campaignId)) throw noCampaign(campaignId);
    const values = [number, storable(name), campaignId ?? null, script ?? null, message ?? null, this.#clock.now()];
    const made = await this.#write(number, campaignId, addNumberSql, values);
    if (!made) throw noScript(script);
    return made;
  }

  async change(number: string, { name, campaignId, script, message }: NumberChange): Promise<OwnNumber | undefined> {
    if (typeof campaignId === "string" && !isId(campaignId)) throw noCampaign(campaignId);
    const parts = [campaignId, script, message].flatMap((value) => [value !== undefined, value ?? null]);
    const changed = await this.#write(number, campaignId ?? undefined, changeNumberSql, [
      number,
      name === undefined ? null : storable(name),
      ...parts,
    ]);
    if (changed) return changed;
    if (await this.find(number)) throw noScript(script ?? undefined);
    return undefined;
  }

  async remove(number: string): Promise<boolean> {
    return (await this.#rows("remove a number", "delete from own_number where number = $1 returning number", [number])).length > 0;
  }

  async callersOf(campaignId: string): Promise<CampaignCallers | undefined> {
    if (!isId(campaignId)) return undefined;
    const [row] = await this.#rows<{ [Name in keyof CampaignCallers]-?: CampaignCallers[Name] | null }>("read callers", callersSql, [campaignId]);
    if (!row) return undefined;
    return { numbers: row.numbers ?? [], results: row.results ?? {}, onTheLine: row.onTheLine ?? 0, ...(row.script && { script: row.script }) };
  }

  async answerWith(campaignId: string, script: string | undefined): Promise<CampaignCallers | undefined> {
    const before = await this.callersOf(campaignId);
    if (!before) return undefined;
    const writing = await this.#rows<{ name: string }>("change who answers", "select name from campaign where id = $1 and channel <> 'voice'", [
      campaignId,
    ]);
    if (writing[0])
      throw new Fault("campaign-channel", `Campaign ${writing[0].name} calls nobody, so nobody calls it back; give the number called a script.`);
    const changed = await this.#rows("change who answers", answerWithSql, [campaignId, script ?? null]);
    if (changed.length === 0) throw noScript(script);
    return this.callersOf(campaignId);
  }

  async #write(number: string, campaignId: string | undefined, text: string, values: unknown[]): Promise<OwnNumber | undefined> {
    try {
      const { rowCount } = await this.#pool.query(text, values);
      return rowCount ? await this.find(number) : undefined;
    } catch (error) {
      if ((error as { code?: unknown }).code === uniqueViolation)
        throw new Fault("number-exists", `${number} is among the numbers already.`, { cause: error });
      if (isForeignKeyViolation(error)) throw noCampaign(campaignId ?? "");
      throw databaseFault(error, "write a number");
    }
  }

  async #rows<Row extends pg.QueryResultRow>(doing: string, text: string, values: unknown[]): Promise<readonly Row[]> {
    try {
      return (await this.#pool.query<Row>(text, values)).rows;
    } catch (error) {
      throw databaseFault(error, doing);
    }
  }
}

function fieldsOf({ fields, time_zone: zone, columns }: MatchRow): Readonly<Record<string, string>> {
  const own = fields ?? Object.fromEntries((columns ?? []).map((name) => [name, ""]));
  return zone === null ? own : { ...own, [zoneField]: zone };
}

function toNumber({ number, name, campaignId, campaign, script, message, createdAt }: NumberRow): OwnNumber {
  return {
    // Nothing else is let in.
    number: number as PhoneNumber,
    name: name ?? "",
    createdAt: createdAt ?? 0,
    ...(campaignId && { campaignId }),
    ...(campaign && { campaign }),
    ...(script && { script }),
    ...(message && { message }),
  };
}

const noCampaign = (id: string) => new Fault("number-invalid", `There is no campaign ${id}.`, { detail: { field: "campaignId" } });
const noScript = (name = "") => new Fault("number-invalid", `There is no script ${name}. Publish it first.`, { detail: { field: "script" } });
