import { againDespite } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { MessageChannel, WishedMessage, WishStore } from "./message-ports.ts";

/** What a channel does about wishes. */
export interface WishCarrier {
  readonly channel: MessageChannel;
  /** Whether something can be sent just now. What cannot waits where every node finds it. */
  readonly ready: boolean;
  /**
   * Sends it, or ends its attempt with the reason.
   * @returns `done` when it has gone as far as it gets by itself; `later` when nothing has left, and its attempt has ended, but it may be tried again
   */
  carry(wished: WishedMessage): Promise<"done" | "later">;
}

export interface WishEngineParts {
  readonly store: WishStore;
  readonly carrier: WishCarrier;
  readonly clock: Clock;
  readonly log: Log;
}

/** Somebody on the telephone is told that a message is on its way. */
const lookMs = 1000;
const atOnce = 200;
const laterMs = 10_000;

/** Sends what scripts and agents want to have sent on one channel, each once. */
export class WishEngine {
  readonly #parts: WishEngineParts;
  readonly #underWay = new Set<Promise<void>>();
  readonly #end: () => Promise<void>;

  constructor(parts: WishEngineParts) {
    this.#parts = parts;
    const { carrier, clock, log } = parts;
    this.#end = againDespite(
      clock,
      lookMs,
      () => this.#look(),
      (error) => log.error({ err: error, channel: carrier.channel }, "messages that are wished for cannot be taken; trying again"),
    );
  }

  /** Takes no more; resolves when those taken are on their way. */
  async close(): Promise<void> {
    await this.#end();
    await Promise.all(this.#underWay);
  }

  async #look(): Promise<void> {
    const { store, carrier } = this.#parts;
    for (;;) {
      const room = atOnce - this.#underWay.size;
      // Those under way are slow, and looked at again at the next turn.
      if (room < 1) return;
      const wished = await store.take(carrier.channel, room, !carrier.ready);
      for (const each of wished) {
        const work = this.#carry(each);
        this.#underWay.add(work);
        void work.finally(() => this.#underWay.delete(work));
      }
      if (wished.length < room) return;
    }
  }

  async #carry(wished: WishedMessage): Promise<void> {
    const { store, carrier, log } = this.#parts;
    const about = { attempt: wished.attemptId, channel: carrier.channel, template: wished.template };
    try {
      const end = await carrier.carry(wished);
      if (end === "later") await store.putBack(wished.wishId, wished.attemptId, laterMs);
      log.info({ ...about, end }, "a message that was wished for");
    } catch (error) {
      log.error({ ...about, err: error }, "a message that was wished for could not be sent");
    }
  }
}
