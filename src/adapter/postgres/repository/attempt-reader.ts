import type { AttemptDetail, AttemptFilter, AttemptReader, AttemptView, Page } from "../../../api/ports.ts";
import type { AttemptState } from "../../../attempt/attempt.ts";
import type { Ladder, LadderLeg, Rung } from "../../../attempt/ladder.ts";
import type { ChannelName, Result } from "../../../attempt/result.ts";
import { AttemptEntity, AttemptEventEntity } from "../entity/attempt.ts";
import { AnswerEntity, EffectEntity } from "../entity/effect.ts";
import { MessagePartEntity } from "../entity/message.ts";
import { ScriptEntity, ScriptVersionEntity } from "../entity/script.ts";
import { databaseFault } from "../faults.ts";
import type { Entities } from "../orm.ts";
import { isId } from "./id.ts";

/** A script that goes in circles for an hour is not read to its end. */
const mostEvents = 5000;

export class PostgresAttemptReader implements AttemptReader {
  readonly #entities: Entities;

  constructor(entities: Entities) {
    this.#entities = entities;
  }

  async attempts(campaignId: string, { result, contactId, inbound }: AttemptFilter, { limit, afterId }: Page): Promise<readonly AttemptView[]> {
    if (!isId(campaignId) || (contactId !== undefined && !isId(contactId))) return [];
    const where = {
      ...(inbound ? { inboundCampaignId: campaignId, calledNumber: { $ne: null } } : { campaignId }),
      ...(result !== undefined && { result }),
      ...(contactId !== undefined && { contactId }),
      ...(afterId !== undefined && isId(afterId) && { id: { $gt: afterId } }),
    };
    try {
      const em = await this.#entities.fork();
      const rows = await em.find(AttemptEntity, where, { orderBy: { id: "asc" }, limit });
      return rows.map(toView);
    } catch (error) {
      throw databaseFault(error, "read attempts");
    }
  }

  async attempt(id: string): Promise<AttemptDetail | undefined> {
    if (!isId(id)) return undefined;
    try {
      const em = await this.#entities.fork();
      const row = await em.findOne(AttemptEntity, { id });
      if (!row) return undefined;
      const all = await em.find(AttemptEventEntity, { attemptId: id }, { orderBy: { id: "asc" }, limit: mostEvents });
      const events = all.filter(({ kind }) => kind !== "ladder");
      const steps = events.filter(({ kind }) => kind === "step");
      const answers = await em.find(AnswerEntity, { attemptId: id }, { orderBy: { name: "asc" } });
      const effects = await em.find(EffectEntity, { attemptId: id }, { orderBy: { id: "asc" } });
      const reports =
        row.channel === "sms" ? await em.find(MessagePartEntity, { attemptId: id, result: { $ne: null } }, { orderBy: { part: "asc" } }) : [];
      const version = row.scriptVersionId ? await em.findOne(ScriptVersionEntity, { id: row.scriptVersionId }) : null;
      const script = version && (await em.findOne(ScriptEntity, { id: version.scriptId }));
      return {
        ...toView(row),
        script: version && script ? { name: script.name, version: version.version } : undefined,
        path: steps.map(({ detail }) => String(detail?.["step"] ?? "")),
        answers: answers.map(({ name, value, durationMs }) => ({ name, value, durationMs: durationMs ?? undefined })),
        effects: effects.map(({ kind, state, body, at, dueAt, expiresAt }) => ({
          kind,
          state,
          body,
          at: at.getTime(),
          dueAt: dueAt.getTime(),
          expiresAt: expiresAt?.getTime(),
        })),
        events: [...events.map(({ at, kind, detail }) => ({ at: at.getTime(), kind, detail: detail ?? {} })), ...reports.flatMap(reportOf)].sort(
          byTime,
        ),
        ladder: joined(all.filter(({ kind }) => kind === "ladder").map(({ detail }) => detail as unknown as Ladder)),
      };
    } catch (error) {
      throw databaseFault(error, "read an attempt");
    }
  }
}

/** What was reported of a part of a message is kept with the part. */
function reportOf({ part, state, result, error, reportedAt }: ReportRow): AttemptDetail["events"] {
  if (!result || !reportedAt) return [];
  const reason = result === "delivered" ? result : [state, error].filter(Boolean).join(" ");
  return [{ at: reportedAt.getTime(), kind: "report", detail: { result, reason, part } }];
}

function byTime(one: { readonly at: number }, other: { readonly at: number }): number {
  return one.at - other.at;
}

/**
 * Its parts in the order in which they were written: one for a call that was not answered, a few for one that was. The last may be of another process, which has
 * numbers and a beginning of its own.
 */
function joined(parts: readonly Ladder[]): Ladder | undefined {
  const [first] = parts;
  if (!first) return undefined;
  const legs: LadderLeg[] = [];
  const rungs = parts.flatMap((part) => {
    const numbers = new Map<number, number>();
    for (const each of part.legs) {
      // Written again by a successor, who knows less of it.
      const known = legs.find(({ callId }) => callId === each.callId);
      const leg = known?.leg ?? (legs.some((other) => other.leg === each.leg) ? legs.length + 1 : each.leg);
      numbers.set(each.leg, leg);
      if (!known) legs.push({ ...each, leg });
    }
    return part.rungs.map((rung): Rung => ({ ...rung, ms: rung.ms + part.startedAt - first.startedAt, leg: numbers.get(rung.leg) ?? rung.leg }));
  });
  return { startedAt: first.startedAt, legs, rungs, leftOut: parts.reduce((sum, { leftOut }) => sum + leftOut, 0) };
}

interface ReportRow {
  readonly part: number;
  readonly state?: string | null;
  readonly result?: string | null;
  readonly error?: string | null;
  readonly reportedAt?: Date | null;
}

interface Row {
  readonly id: string;
  readonly campaignId?: string | null;
  readonly inboundCampaignId?: string | null;
  readonly contactId?: string | null;
  readonly addressId?: string | null;
  readonly calledNumber?: string | null;
  readonly channel: ChannelName;
  readonly address: string;
  readonly state: AttemptState;
  readonly result?: Result | null;
  readonly outcome?: string | null;
  readonly reason?: string | null;
  readonly sipStatus?: number | null;
  readonly q850?: number | null;
  readonly callId?: string | null;
  readonly reservedAt: Date;
  readonly answeredAt?: Date | null;
  readonly endedAt?: Date | null;
  readonly againAt?: Date | null;
}

function toView(row: Row): AttemptView {
  const { id, channel, address, state } = row;
  return {
    id,
    campaignId: row.campaignId ?? row.inboundCampaignId ?? undefined,
    contactId: row.contactId ?? undefined,
    addressId: row.addressId ?? undefined,
    calledNumber: row.calledNumber ?? undefined,
    channel,
    address,
    state,
    result: row.result ?? undefined,
    outcome: row.outcome ?? undefined,
    reason: row.reason ?? undefined,
    sipStatus: row.sipStatus ?? undefined,
    q850: row.q850 ?? undefined,
    callId: row.callId ?? undefined,
    reservedAt: row.reservedAt.getTime(),
    answeredAt: row.answeredAt?.getTime(),
    endedAt: row.endedAt?.getTime(),
    againAt: row.againAt?.getTime(),
  };
}
