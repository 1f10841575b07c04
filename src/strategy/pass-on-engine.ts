import { isForAgents } from "../attempt/calling-mode.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { type Campaign, isVoice, type VoiceCampaign } from "./campaign.ts";
import { judgeStay, notInPass, type PassPlace } from "./pass-judge.ts";
import type { PassOnStore, WaitingPlace } from "./pass-on-ports.ts";
import type { PassPlaces } from "./pass-places-engine.ts";

export interface PassOnParts {
  readonly store: PassOnStore;
  readonly places: Pick<PassPlaces, "of">;
  readonly clock: Clock;
  readonly log: Log;
  readonly node: string;
}

interface Round {
  /** Of those who were looked at. */
  last?: WaitingPlace;
  /** Epoch ms. */
  lookAt: number;
  /** When everybody is looked at anew: somebody may have come to stand in front, and what `who` asks about has happened to others since. */
  anewAt: number;
}

/** In one transaction: some 20 ms of the database's time. */
const reach = 500;
/** Where nobody new was due. */
const restMs = 2_000;
/** A million people who wait are some 20 s of the database's time. */
const anewMs = 10 * 60_000;

/**
 * Passes for agents claim people while an agent has time for them. Whom such a pass does not mean, or cannot contact, need not wait for that: they are looked at here, and go on to what
 * the pass says of them.
 */
export class PassOn {
  readonly #parts: PassOnParts;
  readonly #rounds = new Map<string, Round>();

  constructor(parts: PassOnParts) {
    this.#parts = parts;
  }

  /** One look at a campaign that runs; most are none of its business. */
  async look(campaign: Campaign): Promise<void> {
    const { pass } = campaign;
    if (pass === undefined || !isVoice(campaign) || !isForAgents(campaign.mode)) return;
    const now = this.#parts.clock.now();
    const key = `${campaign.id} ${pass.strategyVersionId}`;
    const round = this.#rounds.get(key) ?? { lookAt: 0, anewAt: now + anewMs };
    this.#rounds.set(key, round);
    if (now < round.lookAt) return;
    const place = await this.#parts.places.of(campaign);
    if (place) await this.#turn(campaign, place, round, now);
  }

  /** Of those that do not run any more nothing is remembered. */
  keep(running: readonly Campaign[]): void {
    const keys = new Set(running.map(({ id, pass }) => `${id} ${pass?.strategyVersionId}`));
    for (const key of this.#rounds.keys()) if (!keys.has(key)) this.#rounds.delete(key);
  }

  async #turn(campaign: VoiceCampaign, place: PassPlace, round: Round, now: number): Promise<void> {
    const { store, node, log } = this.#parts;
    const { looked, refused, last } = await store.passOn(campaign, {
      ...{ now, node, reach, noAddress: notInPass("no-address", place) },
      judge: (candidate) => judgeStay(now, candidate, place),
      ...(round.last && { after: round.last }),
    });
    if (refused > 0) log.info({ campaign: campaign.id, refused }, "people whom a pass for agents does not contact went on");
    if (last) round.last = last;
    round.lookAt = looked < reach ? now + restMs : now;
    if (looked === reach || now < round.anewAt) return;
    delete round.last;
    round.anewAt = now + anewMs;
  }
}
