import { isSealedWith, type SealKey } from "../access/seal.ts";
import { again } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import { inTurn } from "../kernel/in-turn.ts";
import type { Log } from "../kernel/log.ts";
import type { KeptSetting, SettingStore } from "../voice/setting-store-ports.ts";
import type { KeptTrunk, TrunkStore } from "../voice/trunk-store-ports.ts";
import type { TrunkWatch } from "../voice/trunk-watch-engine.ts";
import { keyOf, passwordOf, trunkOf } from "./kept-trunk.ts";
import type { WaysOut } from "./trunks.ts";

/** A change on another node is taken over within two seconds. */
const lookMs = 1000;

export interface TrunkKeeperParts {
  readonly store: TrunkStore;
  readonly settings: SettingStore;
  readonly waysOut: WaysOut;
  readonly watch: Pick<TrunkWatch, "leave">;
  readonly onChanged: () => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Follows the trunks, routes and pools of caller ids that are added over the API, whichever node was asked. */
export class TrunkKeeper {
  readonly #parts: TrunkKeeperParts;
  #kept: readonly KeptTrunk[] = [];
  #settings: readonly KeptSetting[] = [];
  #known = "";
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

  /** Routes and pools, as of the last look. */
  get settings(): readonly KeptSetting[] {
    return this.#settings;
  }

  /** The key that passwords are sealed with now; undefined without one. */
  get key(): SealKey | undefined {
    return keyOf(this.#parts.waysOut.config);
  }

  /** Those of the database now, and taken over. */
  readonly look = inTurn(() => this.#look());

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
    const [kept, settings] = await Promise.all([store.all(), this.#parts.settings.all()]);
    const { trunks, routes, callerIds, secret, identity } = waysOut.config;
    const has = (named: readonly { readonly name: string }[]) => (name: string) => named.some((each) => each.name === name);
    const named = (kind: KeptSetting["kind"]) => settings.flatMap((setting) => (setting.kind === kind ? [setting.name] : []));
    const hidden = {
      trunks: kept.map(({ name }) => name).filter(has([...trunks, ...routes])),
      routes: named("route").filter(has([...trunks, ...routes, ...kept])),
      pools: named("pool").filter(has(callerIds)),
    };
    const signs = identity.privateKey !== undefined;
    // All of it: what is removed and added again has the revision that it had.
    const known = JSON.stringify([kept, settings, hidden, secret, signs]);
    if (known === this.#known) return;
    this.#known = known;
    this.#kept = kept;
    this.#settings = settings;
    const warned = Object.fromEntries(Object.entries(hidden).filter(([, names]) => names.length > 0));
    if (Object.keys(warned).length > 0) log.warn(warned, "what was added over the API is not used on this node: others have these names");
    watch.leave(waysOut.keep({ trunks: kept.map((trunk) => trunkOf(trunk, waysOut.config)), settings }));
    log.info(
      { trunks: kept.map(({ name }) => name), routes: named("route"), pools: named("pool") },
      "trunks, routes and pools of the API taken over",
    );
    onChanged();
  }

  async #tryToLook(): Promise<void> {
    try {
      await this.look();
      this.#failing = false;
    } catch (error) {
      if (!this.#failing)
        this.#parts.log.error({ err: error }, "trunks, routes and pools of the API cannot be read; going on with those that are known");
      this.#failing = true;
    }
  }
}
