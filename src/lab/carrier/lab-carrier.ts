import type { Clock, Timer } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import { type Log, silentLog } from "../../kernel/log.ts";
import { intBetween, type Random } from "../../kernel/random.ts";
import { SoundLibrary } from "../media/sound.ts";
import { Ticker } from "../media/ticker.ts";
import { type Credentials, challenges, isAuthorized, type LabAlgorithm } from "../sip/digest.ts";
import type { IncomingCall } from "../sip/incoming-call.ts";
import type { TlsOptions } from "../sip/tcp.ts";
import { SipAgent } from "../sip/user-agent.ts";
import { Books } from "./books.ts";
import { CalledParty } from "./called-party.ts";
import { CallingParty, type Placed } from "./calling-party.ts";
import { Directory, type DirectoryOptions } from "./directory.ts";
import type { CallBack, Persona } from "./persona.ts";
import { Registrar } from "./registrar.ts";
import { drawMs, type Stage, Voices } from "./stage.ts";

export interface LabCarrierOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log?: Log;
  /** The IPv4 address to listen on. */
  readonly host: string;
  /** 0: any free port, the same for UDP and TCP. */
  readonly sipPort: number;
  /** It speaks TLS too; port 0: any free one. */
  readonly tls?: TlsOptions & { readonly port: number };
  readonly timers?: { readonly t1Ms?: number };
  readonly personas?: Omit<DirectoryOptions, "seed"> & { readonly seed?: number };
  /** Factor on every time personas choose; 1 is lifelike, 0.1 ten times as fast. Default 1. */
  readonly pace?: number;
  /** No RTP packets while a persona is silent. Default false. */
  readonly quiet?: boolean;
  /** See Books. */
  readonly keepAudio?: boolean;
  /** What a persona that challenges, and the registrar, want to see. Default carillon / secret. */
  readonly credentials?: Credentials;
  /** What they challenge for, in this order. Default MD5 alone. */
  readonly digest?: readonly LabAlgorithm[];
  /** A beat shared with other media of this process. */
  readonly ticker?: Ticker;
}

const realm = "lab.carrier";

/** The called parties behind one SIP trunk: every number of the world, each answered by its persona, and books of all that passed the wire. */
export class LabCarrier {
  readonly directory: Directory;
  readonly books: Books;
  readonly agent: SipAgent;
  readonly registrar: Registrar;
  readonly #stage: Stage;
  readonly #credentials: Credentials;
  readonly #nonce: string;
  readonly #algorithms: readonly LabAlgorithm[];
  readonly #parties = new Set<CalledParty | CallingParty>();
  /** Calls back that have not been placed yet. */
  readonly #later = new Set<Timer>();
  readonly #running = new Set<Promise<void>>();
  /** Persona of a call that was challenged, until the INVITE comes again. */
  readonly #challenged = new Map<string, { readonly name: string; readonly persona: Persona; readonly random: Random }>();
  /** Where the numbers are that the carrier's people call: `host:port`, with `;transport=tcp` if need be. Undefined: they call nobody back. */
  callsTo: string | undefined;
  #closed = false;

  constructor(options: LabCarrierOptions) {
    const { clock, random, host } = options;
    this.books = new Books({ clock, ...(options.keepAudio === undefined ? {} : { keepAudio: options.keepAudio }) });
    this.directory = new Directory({ ...options.personas, seed: options.personas?.seed ?? intBetween(random, 0, 0x7fffffff) });
    this.agent = new SipAgent({
      clock,
      random,
      host,
      port: options.sipPort,
      product: "Carillon lab carrier",
      onWire: this.books.wire,
      ...(options.timers ? { timers: options.timers } : {}),
      ...(options.tls && { tls: options.tls, transports: ["udp", "tcp", "tls"] }),
    });
    this.agent.onInvite = (call) => this.#invite(call);
    this.#credentials = options.credentials ?? { username: "carillon", password: "secret" };
    this.#nonce = intBetween(random, 1, 0xffffffff).toString(16);
    this.#algorithms = options.digest ?? ["MD5"];
    this.registrar = new Registrar({ clock, realm, nonce: this.#nonce, credentials: this.#credentials, algorithms: this.#algorithms });
    this.agent.onRequest = (transaction) => this.registrar.receive(transaction);
    this.#stage = {
      clock,
      random,
      log: options.log ?? silentLog,
      host,
      ticker: options.ticker ?? new Ticker(),
      voices: new Voices(new SoundLibrary()),
      books: this.books,
      pace: options.pace ?? 1,
      quiet: options.quiet ?? false,
    };
  }

  /** @throws the system's error (EADDRINUSE) when the port is taken */
  listen(): Promise<void> {
    return this.agent.listen();
  }

  get sipPort(): number {
    return this.agent.port;
  }

  get tlsPort(): number {
    return this.agent.stack.portOf("tls");
  }

  /** Calls somebody is still busy with, lingering media included. */
  get callsOpen(): number {
    return this.#parties.size;
  }

  /** Frames of RTP not sent because the process was held up. */
  get skippedFrames(): number {
    return this.#stage.ticker.skippedFrames;
  }

  /**
   * Somebody calls a number. Resolves with the Call-ID when the INVITE has left; books and persona as of any other call.
   * @param persona what the caller does once it is answered, as of one who is called
   * @throws Fault `unknown-persona`, `caller-script`, and `calls-nowhere` when it is not said where the number is
   */
  async place(call: Omit<Placed, "at" | "acts"> & { readonly persona: string; readonly at?: string }): Promise<string> {
    const { persona: name, at = this.callsTo } = call;
    const persona = this.directory.named(name);
    const acts = persona.callsBack?.acts ?? (persona.ending.kind === "answer" ? persona.ending.acts : undefined);
    if (acts === undefined) throw new Fault("unknown-persona", `${name} says nothing on a call, so nobody can call like that`);
    if (at === undefined) throw new Fault("calls-nowhere", "the carrier does not know where the numbers are that its people call: set callsTo");
    return this.#place({ ...call, at, acts }, name, this.directory.chance(call.from));
  }

  /** Those who wait for an answer give up, and the calls that were placed are over for their callers. */
  giveUp(callId: string): void {
    for (const party of this.#parties) if (party instanceof CallingParty && party.callId === callId) party.giveUp();
  }

  /** Closes everything without a word to the far side. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#later) timer.cancel();
    this.agent.onInvite = (call) => call.reject(503);
    for (const party of this.#parties) party.stop();
    await this.agent.close();
    await Promise.all(this.#running);
  }

  #invite(call: IncomingCall): void {
    const known = this.#challenged.get(call.callId);
    this.#challenged.delete(call.callId);
    const { name, persona, random } = known ?? this.directory.answer(call.calledUser);
    this.books.setPersona(call.callId, name);
    if (persona.challenge && !this.#authorized(call)) {
      if (known) call.reject(403);
      else {
        this.#challenged.set(call.callId, { name, persona, random });
        call.reject(407, undefined, challenges("Proxy-Authenticate", realm, this.#nonce, this.#algorithms));
      }
      return;
    }
    const party = new CalledParty(this.#stage, random, call, persona);
    const { callsBack } = persona;
    this.#follow(
      party,
      call.callId,
      name,
      () => call.reject(500),
      () => {
        // Whether it was canceled or its Expires ran out.
        const missed = this.books.call(call.callId)?.legs.length === 0;
        if (missed && callsBack && !this.#closed) this.#callBack(call, callsBack, name, random);
      },
    );
  }

  #callBack({ calledUser: from, callerUser: to }: IncomingCall, { afterMs, acts }: CallBack, name: string, random: Random): void {
    const { clock, log } = this.#stage;
    const timer = clock.after(drawMs(this.#stage, random, afterMs), () => {
      this.#later.delete(timer);
      if (this.callsTo === undefined) return;
      this.#place({ from, to, at: this.callsTo, acts }, name, random).catch((error: unknown) =>
        log.error({ error: String(error) }, "nobody called back"),
      );
    });
    this.#later.add(timer);
  }

  async #place(placed: Placed, name: string, random: Random): Promise<string> {
    const party = await CallingParty.call(this.#stage, random, this.agent, placed);
    this.books.setPersona(party.callId, name);
    this.#follow(party, party.callId, name, () => {});
    return party.callId;
  }

  #follow(party: CalledParty | CallingParty, callId: string, persona: string, failed: () => void, over = () => {}): void {
    this.#parties.add(party);
    const running = party
      .run()
      .catch((error: unknown) => {
        this.#stage.log.error({ callId, persona, error: String(error) }, "somebody at the carrier failed");
        failed();
      })
      .finally(() => {
        this.#parties.delete(party);
        this.#running.delete(running);
        over();
      });
    this.#running.add(running);
  }

  #authorized(call: IncomingCall): boolean {
    const given = call.request.headers.get("proxy-authorization");
    return isAuthorized(given, "INVITE", realm, this.#nonce, this.#credentials);
  }
}
