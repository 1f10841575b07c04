import type { Clock, Timer } from "../../kernel/clock.ts";
import type { Random } from "../../kernel/random.ts";
import type { Credentials } from "../sip/digest.ts";
import type { SipResponse } from "../sip/message.ts";
import { token } from "../sip/token.ts";
import type { SipAgent } from "../sip/user-agent.ts";

export interface RegistrationOptions extends Credentials {
  /** `host:port`, with `;transport=tcp` if need be. */
  readonly registrar: string;
  /** Domain of the account; default the registrar's host. */
  readonly domain?: string;
  /** What is asked for, seconds. Default 60. */
  readonly expiresS?: number;
}

export interface RegistrationState {
  readonly username: string;
  /** The registrar's last answer; null before there is one. */
  readonly status: number | null;
  /** Epoch ms; null while it is not registered. */
  readonly untilMs: number | null;
  /** REGISTERs that were let in. */
  readonly times: number;
}

const usualExpiresS = 60;
/** A registration is renewed when this share of its time has passed. */
const renewShare = 0.8;
const [firstRetryMs, longestRetryMs] = [1000, 30_000];

/** A telephone's registration: made with digest, renewed before it runs out, and tried again as long as it fails (RFC 3261 §10.2). */
export class PhoneRegistration {
  readonly #agent: SipAgent;
  readonly #clock: Clock;
  readonly #options: RegistrationOptions;
  readonly #contactUser: string;
  readonly #callId: string;
  #cseq = 1;
  #expiresS: number;
  #retryMs = firstRetryMs;
  #timer: Timer | undefined;
  #over = false;
  #status: number | null = null;
  #untilMs: number | null = null;
  #times = 0;

  /** @param contactUser user part of the Contact: who calls it reaches this telephone */
  constructor(agent: SipAgent, clock: Clock, random: Random, contactUser: string, options: RegistrationOptions) {
    this.#agent = agent;
    this.#clock = clock;
    this.#options = options;
    this.#contactUser = contactUser;
    this.#expiresS = options.expiresS ?? usualExpiresS;
    this.#callId = `${token(random, 20)}@${agent.host}`;
  }

  get state(): RegistrationState {
    const up = this.#untilMs !== null && this.#untilMs > this.#clock.now();
    return { username: this.#options.username, status: this.#status, untilMs: up ? this.#untilMs : null, times: this.#times };
  }

  /** Registers and keeps it up. Resolves with the registrar's first answer, a made-up 408 or 503 when there is none. */
  async start(): Promise<SipResponse> {
    const response = await this.#send(this.#expiresS);
    this.#follow(response);
    return response;
  }

  /** Takes the registration back. */
  async end(): Promise<void> {
    this.abandon();
    await this.#send(0);
    this.#untilMs = null;
  }

  /** Renews it no more, without a word, as a telephone without power. */
  abandon(): void {
    this.#over = true;
    this.#timer?.cancel();
  }

  #follow(response: SipResponse): void {
    if (this.#over) return;
    const min = Number(response.headers.get("min-expires"));
    if (response.status === 423 && min > this.#expiresS) {
      this.#expiresS = min;
      this.#again(0);
      return;
    }
    if (response.status >= 300) {
      this.#again(this.#retryMs);
      this.#retryMs = Math.min(longestRetryMs, this.#retryMs * 2);
      return;
    }
    this.#retryMs = firstRetryMs;
    this.#times++;
    const grantedS = grantedBy(response, this.#agent.contactFor(this.#transport, this.#contactUser)) ?? this.#expiresS;
    this.#untilMs = this.#clock.now() + grantedS * 1000;
    this.#again(grantedS * 1000 * renewShare);
  }

  #again(afterMs: number): void {
    this.#timer = this.#clock.after(afterMs, () => void this.start());
  }

  get #transport(): "tcp" | "udp" {
    return /transport=tcp/i.test(this.#options.registrar) ? "tcp" : "udp";
  }

  async #send(expiresS: number): Promise<SipResponse> {
    const { registrar, username, password, domain = registrar.split(":")[0] } = this.#options;
    const account = `<sip:${username}@${domain}>`;
    const cseq = this.#cseq;
    // The answer to a challenge takes the next one.
    this.#cseq += 2;
    const response = await this.#agent.request({
      method: "REGISTER",
      uri: `sip:${registrar}`,
      from: account,
      to: account,
      headers: {
        "Call-ID": this.#callId,
        CSeq: `${cseq} REGISTER`,
        Contact: this.#agent.contactFor(this.#transport, this.#contactUser),
        Expires: String(expiresS),
      },
      auth: { username, password },
    });
    this.#status = response.status;
    return response;
  }
}

/** What the registrar grants this contact of perhaps several (RFC 3261 §10.2.4), seconds. */
function grantedBy(response: SipResponse, contact: string): number | undefined {
  const own = response.headers.list("contact").find((value) => value.startsWith(contact));
  const text = /;\s*expires=(\d+)/i.exec(own ?? "")?.[1] ?? response.headers.get("expires");
  return text === undefined ? undefined : Number(text);
}
