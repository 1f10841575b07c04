import type { Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import { type Log, silentLog } from "../../kernel/log.ts";
import type { Random } from "../../kernel/random.ts";
import { Books } from "../carrier/books.ts";
import { CalledParty } from "../carrier/called-party.ts";
import { type Stage, Voices } from "../carrier/stage.ts";
import { SoundLibrary } from "../media/sound.ts";
import { Ticker } from "../media/ticker.ts";
import type { VoiceName } from "../media/voice.ts";
import type { IncomingCall } from "../sip/incoming-call.ts";
import { SipAgent } from "../sip/user-agent.ts";
import { Phone, type PhoneManner, type PhoneOrder } from "./phone.ts";
import { PhoneRegistration, type RegistrationOptions, type RegistrationState } from "./phone-registration.ts";

export interface LabPhonesOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log?: Log;
  /** The IPv4 address to listen on. */
  readonly host: string;
  /** 0: any free port, the same for UDP and TCP. */
  readonly sipPort: number;
  /** How many there are at the beginning: `agent-1`, `agent-2`, … */
  readonly count?: number;
  readonly timers?: { readonly t1Ms?: number };
  /** Whether what they heard is kept; default false, since they may be on the line all day. */
  readonly keepAudio?: boolean;
  readonly ticker?: Ticker;
}

/** A telephone, as another process sees it. */
export interface PhoneSummary {
  readonly name: string;
  readonly uri: string;
  /** What it sounds like to the others. */
  readonly voice: VoiceName;
  readonly state: "idle" | "ringing" | "up";
  readonly calls: number;
  readonly manner: PhoneManner;
  readonly registration: RegistrationState | null;
}

/**
 * The agents' telephones: any number of SIP user agents at one address, told apart by their user parts. Each has a voice of its own, hears whose voices come, and keeps books
 * of it as the carrier does.
 */
export class LabPhones {
  readonly books: Books;
  readonly agent: SipAgent;
  readonly #stage: Stage;
  readonly #phones = new Map<string, Phone>();
  readonly #registrations = new Map<string, PhoneRegistration>();
  readonly #parties = new Map<CalledParty, Promise<void>>();

  constructor(options: LabPhonesOptions) {
    const { clock, random, host, sipPort, timers, log = silentLog, ticker = new Ticker(), keepAudio = false } = options;
    this.books = new Books({ clock, keepAudio });
    this.agent = new SipAgent({
      clock,
      random,
      host,
      port: sipPort,
      product: "Carillon lab telephone",
      onWire: this.books.wire,
      ...(timers && { timers }),
    });
    this.agent.onInvite = (call) => this.#invite(call);
    this.#stage = { clock, random, log, host, ticker, voices: new Voices(new SoundLibrary()), books: this.books, pace: 1, quiet: false };
    for (let number = 1; number <= (options.count ?? 0); number++) this.add(`agent-${number}`);
  }

  /** @throws the system's error (EADDRINUSE) when the port is taken */
  listen(): Promise<void> {
    return this.agent.listen();
  }

  get sipPort(): number {
    return this.agent.port;
  }

  /** Calls somebody is still busy with. */
  get callsOpen(): number {
    return this.#parties.size;
  }

  /** One more telephone, or the one of that name. @throws Fault `not-a-phone` */
  add(name: string): Phone {
    if (!/^[A-Za-z][\w.-]{0,60}$/.test(name))
      throw new Fault("not-a-phone", `a telephone is called something like agent-3, not ${JSON.stringify(name)}`);
    const phone = this.#phones.get(name) ?? new Phone(name);
    this.#phones.set(name, phone);
    return phone;
  }

  /** @throws Fault `not-a-phone` */
  named(name: string): Phone {
    const phone = this.#phones.get(name);
    if (phone) return phone;
    throw new Fault("not-a-phone", `there is no telephone ${JSON.stringify(name)}; there are: ${[...this.#phones.keys()].join(", ") || "none"}`);
  }

  /** Where it is called. */
  uriOf(name: string): string {
    return `sip:${name}@${this.agent.host}:${this.agent.port}`;
  }

  /** Registers a telephone and keeps it so; what it was registered as before is forgotten. @returns the registrar's answer @throws Fault `not-a-phone` */
  async register(name: string, options: RegistrationOptions): Promise<number> {
    const { clock, random } = this.#stage;
    this.#registrations.get(name)?.abandon();
    const registration = new PhoneRegistration(this.agent, clock, random, this.named(name).name, options);
    this.#registrations.set(name, registration);
    return (await registration.start()).status;
  }

  async unregister(name: string): Promise<void> {
    const registration = this.#registrations.get(name);
    this.#registrations.delete(name);
    await registration?.end();
  }

  /** To whoever holds the telephone, in the middle of a call; while it rings, for when it has been picked up. @throws Fault `not-a-phone`, `not-on-the-line` */
  order(name: string, order: PhoneOrder): void {
    if (!this.named(name).order(order)) throw new Fault("not-on-the-line", `${name} is not on the line`);
  }

  summaries(): readonly PhoneSummary[] {
    const legs = this.books.legsUp();
    return [...this.#phones.values()].map(({ name, voice, calls, manner }) => {
      const own = legs.filter(({ called }) => called === name);
      const state = own.some((leg) => leg.state === "up") ? "up" : own.length > 0 ? "ringing" : "idle";
      return { name, uri: this.uriOf(name), voice, state, calls, manner, registration: this.#registrations.get(name)?.state ?? null };
    });
  }

  /** Closes everything without a word to the far side. */
  async close(): Promise<void> {
    this.agent.onInvite = (call) => call.reject(503);
    for (const registration of this.#registrations.values()) registration.abandon();
    for (const party of this.#parties.keys()) party.stop();
    await this.agent.close();
    await Promise.all(this.#parties.values());
  }

  #invite(call: IncomingCall): void {
    const phone = this.#phones.get(call.calledUser);
    if (!phone) {
      call.reject(404);
      return;
    }
    this.books.setPersona(call.callId, phone.name);
    const party = new CalledParty(this.#stage, this.#stage.random, call, phone.persona(call));
    const running = party
      .run()
      .catch((error: unknown) => {
        this.#stage.log.error({ callId: call.callId, phone: phone.name, error: String(error) }, "a telephone failed");
        call.reject(500);
      })
      .finally(() => {
        phone.over(call);
        this.#parties.delete(party);
      });
    this.#parties.set(party, running);
  }
}
