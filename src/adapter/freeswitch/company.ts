import { type Clock, pause } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import type { Overhearing } from "../../voice/ports.ts";
import { aloneTarget, aloneVariable, overhearTarget, togetherTarget } from "./dialplan.ts";
import type { Guard } from "./guard.ts";
import { type Link, type Linkable, linkServers } from "./link.ts";

/** An endpoint, as its company sees it. */
export interface Companion extends Linkable {
  readonly company: Company;
  readonly guarding: Guard;
  /** The body of the reply; undefined when the channel is gone. */
  ask(command: string, argument: string): Promise<string | undefined>;
}

/** Where several are together: a conference of one server. Who is on another server has a link there. */
interface Room {
  readonly name: string;
  readonly host: Companion;
}

/** When FreeSWITCH hangs up its BYE comes together with the end of its event socket; when it dies there is none. */
const byeMs = 500;
/** Somebody who comes into a room is there within some 40 ms. */
const enterTimeoutMs = 2000;
const lookMs = 20;
/** Who is parted is in the extension `alone` within some 30 ms; who is not by then will hardly come. */
const aloneTimeoutMs = 500;
const aloneLookMs = 10;
/** By then a channel that was transferred has set its guard. */
const settledMs = 1000;
/** Should we die before the others have come, nobody waits for them longer than that. */
const enterGuardMs = 10_000;

/** What the variables of `eavesdrop` say (mod_dptools.c, eavesdrop_function): whom is spoken to. The `aleg` is whoever hears the one who is overheard. */
const spokenTo: Readonly<Record<Overhearing, { readonly others: boolean; readonly one: boolean }>> = {
  listen: { others: false, one: false },
  whisper: { others: false, one: true },
  barge: { others: true, one: true },
};

/**
 * With whom an endpoint is in conversation, and by what means: two are bridged, more are in a conference, and a channel more on each side carries
 * it to another server. All of it goes on without us; who is left alone by it comes to the extension `alone`.
 */
export class Company {
  readonly #own: Companion;
  readonly #clock: Clock;
  #partner: Companion | undefined;
  #link: Link | undefined;
  #room: Room | undefined;
  #rooms = 0;
  #isGone = false;

  constructor(own: Companion, clock: Clock) {
    this.#own = own;
    this.#clock = clock;
    own.gone.then(() => {
      this.#isGone = true;
    });
  }

  /** Whether somebody on the same server is there who notices when they do not hear each other any more. */
  get hasNeighbour(): boolean {
    return this.#partner?.mediaServer === this.#own.mediaServer && !this.#partner.company.#isGone;
  }

  /** What carries its conversation to another server. */
  get link(): Link | undefined {
    return this.#link;
  }

  async bridge(other: Companion): Promise<void> {
    const own = this.#own;
    const before = [this.#leave(), other.company.#leave()];
    if (other.mediaServer === own.mediaServer) await own.join(other);
    else this.#linked(await linkServers(own, other), other);
    this.#partner = other;
    other.company.#partner = own;
    other.guarding.comesByItself();
    this.#liftAgain(() => this.#partner === other);
    await Promise.all(before.map(({ link }) => link?.close()));
  }

  /** Parts all it is in conversation with from it; of a room only it goes. */
  async part(): Promise<void> {
    const own = this.#own;
    const { partner, link } = this.#leave();
    const others = partner ? [partner] : [];
    const people = [own, ...others];
    for (const one of people) one.guarding.comesByItself();
    await Promise.all(people.map((one) => one.ask("uuid_setvar", `${one.id} ${aloneVariable}`)));
    if (!link) await own.ask("uuid_transfer", `${own.id} ${partner ? "-both " : ""}${aloneTarget}`);
    else {
      await Promise.all(people.map((one) => one.send(aloneTarget)));
      await link.close();
    }
    await Promise.all(people.map((one) => this.#seeAlone(one)));
  }

  /** @throws Fault `bridge-failed`; who was to come is alone then */
  async meet(others: readonly Companion[]): Promise<void> {
    const room = this.#room ?? { name: `${this.#own.id}-${++this.#rooms}`, host: this.#own };
    const coming = [this.#own, ...others].filter(({ company }) => company.#room !== room);
    try {
      await Promise.all(coming.map(({ guarding }) => guarding.set(enterGuardMs)));
      const inside = await Promise.all(
        coming.filter((one) => !one.company.#comesWithPartner(coming)).map(({ company }) => company.#enter(room, coming)),
      );
      for (const { company } of coming) company.#room = room;
      await this.#seeInside(room, inside.flat());
      await Promise.all(coming.map(({ guarding }) => guarding.lift()));
      for (const { company } of coming) {
        company.#own.guarding.comesByItself();
        company.#liftAgain(() => company.#room === room);
      }
    } catch (error) {
      await Promise.all(coming.map(({ company }) => company.part()));
      if (error instanceof Fault) throw error;
      throw new Fault("bridge-failed", `FreeSWITCH ${room.host.mediaServer} did not bring them together`, { cause: error });
    }
  }

  /** @throws Fault `bridge-failed` */
  async overhear(other: Companion, how: Overhearing): Promise<void> {
    const own = this.#own;
    const { link } = this.#leave();
    const listen = async (ear: Linkable & Partial<Companion>) => {
      const { others, one } = spokenTo[how];
      await other.ask("uuid_setvar", `${ear.id} eavesdrop_whisper_aleg ${others}`);
      await other.ask("uuid_setvar", `${ear.id} eavesdrop_whisper_bleg ${one}`);
      if ((await other.ask("uuid_exists", other.id)) !== "true") throw new Fault("bridge-failed", "Who was to be overheard is not there any more.");
      await ear.send(overhearTarget(other.id));
    };
    await own.guarding.lift();
    if (other.mediaServer === own.mediaServer) await listen(own);
    else {
      const { mediaServer, format } = other;
      const side = { mediaServer, format, onGone: (listener: () => void) => other.onGone(listener), openBeside: () => other.openBeside() };
      this.#link = await linkServers({ ...side, join: listen }, own);
    }
    // Who is left when the other one has gone is alone.
    own.guarding.comesByItself();
    await link?.close();
  }

  /** What bound it until now does not any more. */
  #leave(): { readonly partner: Companion | undefined; readonly link: Link | undefined } {
    const partner = this.#partner;
    const link = this.#link ?? partner?.company.link;
    this.#partner = undefined;
    this.#link = undefined;
    this.#room = undefined;
    if (partner) {
      partner.company.#partner = undefined;
      partner.company.#link = undefined;
    }
    return { partner, link };
  }

  /**
   * Who comes from one conversation straight into the next may have been on the way to `alone` when ours was lifted: the guard that it sets then would cut
   * them in the middle of a word.
   */
  #liftAgain(still: () => boolean): void {
    this.#clock.after(settledMs, () => {
      if (!still()) return;
      for (const one of [this.#own, this.#partner]) one?.guarding.lift().catch(() => undefined);
    });
  }

  #linked(link: Link, other: Companion): void {
    this.#link = link;
    // Two who are both there and do not hear each other are not kept waiting: this one is told by the end of the other.
    link.broken.then(() =>
      this.#clock.after(byeMs, () => {
        if (this.#link === link && !this.#isGone) other.close();
      }),
    );
  }

  /** One of the two who are bridged takes the other one along. */
  #comesWithPartner(coming: readonly Companion[]): boolean {
    const partner = this.#neighbourAmong(coming);
    return partner !== undefined && coming.indexOf(partner) < coming.indexOf(this.#own);
  }

  #neighbourAmong(coming: readonly Companion[]): Companion | undefined {
    const { mediaServer } = this.#own;
    return coming.find((one) => one === this.#partner && one.mediaServer === mediaServer);
  }

  /** @returns the channels that have to be found there */
  async #enter(room: Room, coming: readonly Companion[]): Promise<readonly string[]> {
    const own = this.#own;
    const neighbour = this.#neighbourAmong(coming);
    const { link } = this.#leave();
    const target = togetherTarget(room.name);
    const { host } = room;
    try {
      if (own.mediaServer === host.mediaServer) {
        await own.ask("uuid_transfer", `${own.id} ${neighbour ? "-both " : ""}${target}`);
        return [own.id, ...(neighbour ? [neighbour.id] : [])];
      }
      const { mediaServer, format } = host;
      // It lasts as long as who comes over it, and not as the one by whom the room was opened.
      const side = { mediaServer, format, onGone: () => () => {}, openBeside: () => host.openBeside() };
      const carried = await linkServers({ ...side, join: (end) => end.send(target) }, own);
      this.#link = carried;
      return [carried.near.id];
    } finally {
      await link?.close();
    }
  }

  /** Whatever a channel is told while its conversation is being ended is lost, and its end never told (switch_ivr_bridge.c, audio_bridge_thread). */
  async #seeAlone(one: Companion): Promise<void> {
    const until = this.#clock.now() + aloneTimeoutMs;
    while (this.#clock.now() < until) {
      const reply = await one.ask("uuid_getvar", `${one.id} ${aloneVariable}`);
      if (reply === "true" || reply === undefined || reply.startsWith("-ERR")) return;
      await pause(this.#clock, aloneLookMs);
    }
  }

  async #seeInside({ name, host }: Room, ids: readonly string[]): Promise<void> {
    const until = this.#clock.now() + enterTimeoutMs;
    for (;;) {
      const list = (await host.ask("conference", `${name} list`)) ?? "";
      if (ids.every((id) => list.includes(id))) return;
      if (this.#clock.now() > until) throw new Error(`of ${ids.length} not all are in the conference`);
      await pause(this.#clock, lookMs);
    }
  }
}
