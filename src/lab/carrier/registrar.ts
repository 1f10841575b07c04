import type { Clock } from "../../kernel/clock.ts";
import { type Credentials, challenges, isAuthorized, type LabAlgorithm } from "../sip/digest.ts";
import type { ServerTransaction } from "../sip/server-transaction.ts";
import { userOf } from "../sip/uri.ts";
import { answerByDefault } from "../sip/user-agent.ts";

/** One REGISTER that carried good credentials. */
export interface RegisterRecord {
  readonly atMs: number;
  readonly user: string;
  readonly contact: string;
  readonly expiresS: number;
}

export interface RegistrarOptions {
  readonly clock: Clock;
  readonly realm: string;
  readonly nonce: string;
  readonly credentials: Credentials;
  /** What is challenged for, in this order. */
  readonly algorithms: readonly LabAlgorithm[];
}

const longestS = 3600;

/** The carrier's registrar (RFC 3261 §10.3), and what it says to OPTIONS. */
export class Registrar {
  readonly #options: RegistrarOptions;
  /** Every REGISTER that was let in, in order. */
  readonly requests: RegisterRecord[] = [];
  /** REGISTERs that were challenged. */
  challenged = 0;
  /** OPTIONS that came. */
  optionsSeen = 0;
  /** Registrations for less are not taken (423). */
  minExpiresS = 60;
  /** What OPTIONS are answered; `silent`: nothing at all. */
  optionsStatus: number | "silent" = 200;
  /** What REGISTERs are answered instead of being let in. */
  registerStatus: number | undefined;

  constructor(options: RegistrarOptions) {
    this.#options = options;
  }

  /** Users whose registration has not run out. */
  get registered(): readonly string[] {
    const now = this.#options.clock.now();
    const last = new Map(this.requests.map((record) => [record.user, record]));
    return [...last.values()].filter(({ atMs, expiresS }) => atMs + expiresS * 1000 > now).map(({ user }) => user);
  }

  /** Answers a request outside dialogs, other than INVITE. */
  receive(transaction: ServerTransaction): void {
    const { method } = transaction.request;
    if (method === "REGISTER") this.#register(transaction);
    else if (method === "OPTIONS") {
      this.optionsSeen++;
      if (this.optionsStatus === 200) answerByDefault(transaction);
      else if (this.optionsStatus !== "silent") transaction.reply(this.optionsStatus);
    } else answerByDefault(transaction);
  }

  #register(transaction: ServerTransaction): void {
    const { clock, realm, nonce, credentials, algorithms } = this.#options;
    const { headers } = transaction.request;
    if (this.registerStatus !== undefined) {
      transaction.reply(this.registerStatus);
      return;
    }
    if (!isAuthorized(headers.get("authorization"), "REGISTER", realm, nonce, credentials)) {
      // Challenged once; whoever answers wrongly is refused.
      if (headers.has("authorization")) transaction.reply(403);
      else {
        this.challenged++;
        transaction.reply(401, { headers: challenges("WWW-Authenticate", realm, nonce, algorithms) });
      }
      return;
    }
    const contact = headers.get("contact") ?? "";
    const wanted = Number.parseInt(/;\s*expires=(\d+)/i.exec(contact)?.[1] ?? headers.get("expires") ?? String(longestS), 10);
    if (wanted !== 0 && wanted < this.minExpiresS) {
      transaction.reply(423, { reason: "Interval Too Brief", headers: { "Min-Expires": String(this.minExpiresS) } });
      return;
    }
    const expiresS = Math.min(wanted, longestS);
    this.requests.push({ atMs: clock.now(), user: userOf(headers.get("to") ?? ""), contact, expiresS });
    transaction.reply(200, expiresS === 0 ? {} : { headers: { Contact: `${contact.replace(/;\s*expires=\d+/i, "")};expires=${expiresS}` } });
  }
}
