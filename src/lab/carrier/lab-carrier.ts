import type { Clock } from "../../kernel/clock.ts";
import { type Log, silentLog } from "../../kernel/log.ts";
import { intBetween, type Random } from "../../kernel/random.ts";
import { SoundLibrary } from "../media/sound.ts";
import { Ticker } from "../media/ticker.ts";
import { type Credentials, challenge, isAuthorized } from "../sip/digest.ts";
import type { IncomingCall } from "../sip/incoming-call.ts";
import type { TlsOptions } from "../sip/tcp.ts";
import { SipAgent } from "../sip/user-agent.ts";
import { Books } from "./books.ts";
import { CalledParty } from "./called-party.ts";
import { Directory, type DirectoryOptions } from "./directory.ts";
import type { Persona } from "./persona.ts";
import { Registrar } from "./registrar.ts";
import { type Stage, Voices } from "./stage.ts";

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
  readonly #parties = new Set<CalledParty>();
  readonly #running = new Set<Promise<void>>();
  /** Persona of a call that was challenged, until the INVITE comes again. */
  readonly #challenged = new Map<string, { readonly name: string; readonly persona: Persona; readonly random: Random }>();

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
    this.registrar = new Registrar({ clock, realm, nonce: this.#nonce, credentials: this.#credentials });
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

  /** Closes everything without a word to the far side. */
  async close(): Promise<void> {
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
        call.reject(407, undefined, { "Proxy-Authenticate": challenge(realm, this.#nonce) });
      }
      return;
    }
    const party = new CalledParty(this.#stage, random, call, persona);
    this.#parties.add(party);
    const running = party
      .run()
      .catch((error: unknown) => {
        this.#stage.log.error({ callId: call.callId, persona: name, error: String(error) }, "a called party failed");
        call.reject(500);
      })
      .finally(() => {
        this.#parties.delete(party);
        this.#running.delete(running);
      });
    this.#running.add(running);
  }

  #authorized(call: IncomingCall): boolean {
    const given = call.request.headers.get("proxy-authorization");
    return isAuthorized(given, "INVITE", realm, this.#nonce, this.#credentials);
  }
}
