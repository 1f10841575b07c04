import { isSealedWith, type SealKey } from "../access/seal.ts";
import { again } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { KeptTrunk, TrunkStore } from "../voice/trunk-store-ports.ts";
import type { TrunkWatch } from "../voice/trunk-watch-engine.ts";
import { keyOf, passwordOf, trunkOf } from "./kept-trunk.ts";
import type { WaysOut } from "./trunks.ts";

/** A change on another node is taken over within two seconds. */
const lookMs = 1000;

export interface TrunkKeeperParts {
  readonly store: TrunkStore;
  readonly waysOut: WaysOut;
  readonly watch: Pick<TrunkWatch, "leave">;
  readonly onChanged: () => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Follows the trunks that are added over the API, whichever node was asked. */
export class TrunkKeeper {
  readonly #parts: TrunkKeeperParts;
  #kept: readonly KeptTrunk[] = [];
  #known = "";
  #turn: Promise<void> = Promise.resolve();
  #failing = false;
  #stop: (() => Promise<void>) | undefined;

  constructor(parts: TrunkKeeperParts) {
    this.#parts = parts;
  }

  /** Takes over what there is, and goes on looking. Rejects when the database is away. */
  async open(): Promise<void> {
    await this.look();
    this.#stop = again(this.#parts.clock, lookMs, async () => {
      await this.#tryToLook();
      return true;
    });
  }

  async close(): Promise<void> {
    await this.#stop?.();
  }

  /** As of the last look, by name. */
  get kept(): readonly KeptTrunk[] {
    return this.#kept;
  }

  /** The key that passwords are sealed with now; undefined without one. */
  get key(): SealKey | undefined {
    return keyOf(this.#parts.waysOut.config);
  }

  /** Those of the database now, and taken over. One look after the other: what was read later is not overwritten by what was read before. */
  look(): Promise<void> {
    const turn = this.#turn.then(() => this.#look());
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** What a sealed password says; undefined when none of this node's keys opens it. */
  passwordOf(kept: KeptTrunk): string | undefined {
    return passwordOf(kept, this.#parts.waysOut.config);
  }

  /** Whether its password is sealed with another key than the present one. */
  isStale({ sealedPassword }: KeptTrunk): boolean {
    return sealedPassword !== undefined && this.key !== undefined && !isSealedWith(this.key, sealedPassword);
  }

  async #look(): Promise<void> {
    const { store, waysOut, watch, onChanged, log } = this.#parts;
    const kept = await store.all();
    const { trunks, routes, secret, identity } = waysOut.config;
    const names = new Set([...trunks, ...routes].map(({ name }) => name));
    const hidden = kept.map(({ name }) => name).filter((name) => names.has(name));
    const signs = identity.privateKey !== undefined;
    const known = JSON.stringify([kept.map(({ name, revision }) => [name, revision]), hidden, secret, signs]);
    if (known === this.#known) return;
    this.#known = known;
    this.#kept = kept;
    if (hidden.length > 0) log.warn({ trunks: hidden }, "trunks of the API are not used on this node: its configuration has these names");
    watch.leave(waysOut.keep(kept.map((trunk) => trunkOf(trunk, waysOut.config))));
    log.info({ trunks: kept.map(({ name }) => name) }, "trunks of the API taken over");
    onChanged();
  }

  async #tryToLook(): Promise<void> {
    try {
      await this.look();
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) this.#parts.log.error({ err: error }, "the trunks of the API cannot be read; going on with those that are known");
      this.#failing = true;
    }
  }
}
