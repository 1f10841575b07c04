import type { Clock } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import type { Random } from "../../kernel/random.ts";
import type { BindOptions, SmsOptions } from "../../sms/options.ts";
import type { BindState, Binds, BindsEvents, Pace, PartEnd, Submission } from "../../sms/ports.ts";
import { senderRate } from "../../sms/route.ts";
import { Bind } from "./bind.ts";
import { Inbox, type ReadNumber } from "./inbox.ts";
import { LocalPace, Rate } from "./rate.ts";

export interface BindsParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Shared by all nodes. Left out: this node is alone. */
  readonly pace?: Pace;
  /** Left out: numbers without their country stay as they are written. */
  readonly readNumber?: ReadNumber;
}

/** Opens all binds of the configuration, and keeps them open. Nothing is waited for: `all` and `onChange` tell which are up. */
export function openBinds(options: Pick<SmsOptions, "binds" | "senders">, parts: BindsParts, events: BindsEvents): Binds {
  return new SmppBinds(options, parts, events);
}

class SmppBinds implements Binds {
  readonly #binds: ReadonlyMap<string, Bind>;
  readonly #rates: ReadonlyMap<string, Rate>;
  /** Binds of which something has changed within this turn of the event loop. */
  readonly #changed = new Set<string>();

  constructor(
    { binds, senders }: Pick<SmsOptions, "binds" | "senders">,
    { clock, random, log, pace = new LocalPace(clock), readNumber = () => undefined }: BindsParts,
    events: BindsEvents,
  ) {
    const changed = (name: string) => {
      if (this.#changed.size === 0) setImmediate(() => this.#tell(events));
      this.#changed.add(name);
    };
    const room = (name: string) => {
      this.#binds.get(name)?.pump();
      changed(name);
    };
    const limited = senders.flatMap((sender) => {
      const perSecond = senderRate(sender);
      return perSecond === undefined
        ? []
        : [{ address: sender.address, perSecond, binds: sender.binds.length > 0 ? sender.binds : binds.map(({ name }) => name) }];
    });
    this.#rates = new Map(
      limited.map(({ address, perSecond, binds: names }) => [
        address,
        new Rate(`sms:from:${address}`, perSecond, pace, clock, log, () => names.forEach(room)),
      ]),
    );
    const own = new Map(senders.map(({ address }) => [address.replace(/^\+/, ""), address]));
    const open = (bind: BindOptions): readonly [string, Bind] => {
      const inbox = new Inbox(bind, own, readNumber, events, clock, log.child({ bind: bind.name }));
      return [
        bind.name,
        new Bind(bind, {
          clock,
          random,
          log: log.child({ bind: bind.name }),
          rate: new Rate(`sms:bind:${bind.name}`, bind.maxPerSecond, pace, clock, log, () => room(bind.name)),
          rateOf: (address) => this.#rates.get(address),
          onChange: () => changed(bind.name),
          onDelivered: (pdu, id, answer) => inbox.take(pdu, id, answer),
        }),
      ];
    };
    this.#binds = new Map(binds.map(open));
    for (const bind of this.#binds.values()) bind.open();
  }

  get all(): readonly BindState[] {
    return [...this.#binds.values()].map(({ state }) => state);
  }

  roomFor(bind: string, from: string): number {
    return this.#binds.get(bind)?.roomFor(from) ?? 0;
  }

  submit(bind: string, submission: Submission): Promise<readonly PartEnd[]> {
    return this.#binds.get(bind)?.submit(submission) ?? Promise.resolve(submission.parts.map((): PartEnd => ({ end: "unsent" })));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#binds.values()].map((bind) => bind.close()));
    for (const rate of this.#rates.values()) rate.close();
  }

  #tell(events: BindsEvents): void {
    const names = [...this.#changed];
    this.#changed.clear();
    for (const name of names) events.onChange(name);
  }
}
