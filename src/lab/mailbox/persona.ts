import { Fault } from "../../kernel/fault.ts";
import { seededRandom } from "../../kernel/random.ts";
import { hash } from "../carrier/directory.ts";

/** What a mail exchanger says of a recipient or a mail: reply code, enhanced status (RFC 3463) and words. */
export interface MailRefusal {
  readonly code: number;
  readonly enhanced: string;
  readonly text: string;
  /** Only the first so many times: then it is taken. */
  readonly times?: number;
}

/** What comes back of a mail that was taken. */
export type MailAnswer = "bounce" | "bounce-full" | "delay" | "bounce-qmail" | "bounce-exim" | "away" | "reply" | "unsubscribe" | "complaint";

/** How the mailbox of somebody behaves. */
export interface MailPersona {
  /** At RCPT TO. */
  readonly refusal?: MailRefusal;
  /** After the end of DATA. */
  readonly dataRefusal?: MailRefusal;
  /** The connection breaks after the end of DATA, before the reply: the mail was taken, or it was not. */
  readonly breaks?: "taken" | "lost";
  /** How long the reply to DATA takes, ms. */
  readonly slowMs?: number;
  readonly answer?: MailAnswer;
  /** Presses the button of a mail program that ends a list's mail (RFC 8058). */
  readonly clicksOnce?: true;
}

/** Everybody by name: what a mailbox is called tells who it is (`full-17@…`, `away.anna@…`). */
export const mailCast = {
  reader: {},
  nobody: { refusal: { code: 550, enhanced: "5.1.1", text: "User unknown in virtual mailbox table" } },
  greylisted: { refusal: { code: 450, enhanced: "4.2.0", text: "Greylisted, see you later", times: 1 } },
  busy: { refusal: { code: 451, enhanced: "4.3.2", text: "Try again later" } },
  full: { refusal: { code: 552, enhanced: "5.2.2", text: "Mailbox is full" } },
  refuses: { refusal: { code: 550, enhanced: "5.7.1", text: "Relaying of your mail is denied by policy" } },
  spam: { dataRefusal: { code: 554, enhanced: "5.7.1", text: "Message looks like spam" } },
  dropped: { breaks: "taken" },
  lost: { breaks: "lost" },
  slow: { slowMs: 1500 },
  bounces: { answer: "bounce" },
  overflows: { answer: "bounce-full" },
  delays: { answer: "delay" },
  qmail: { answer: "bounce-qmail" },
  exim: { answer: "bounce-exim" },
  away: { answer: "away" },
  replies: { answer: "reply" },
  stops: { answer: "unsubscribe" },
  complains: { answer: "complaint" },
  unsubscribes: { clicksOnce: true },
} as const satisfies Record<string, MailPersona>;

export type MailPersonaName = keyof typeof mailCast;

const isPersona = (name: string): name is MailPersonaName => Object.hasOwn(mailCast, name);

function known(name: string): MailPersonaName {
  if (isPersona(name)) return name;
  throw new Fault("unknown-persona", `there is no mail persona ${JSON.stringify(name)}; there are: ${Object.keys(mailCast).join(", ")}`);
}

/** Who has which mailbox: what was assigned, else the first word of the local part, else a draw from the mix that depends only on the seed and the mailbox. */
export class MailDirectory {
  readonly #seed: number;
  readonly #assigned = new Map<string, MailPersonaName>();
  #mix: readonly (readonly [MailPersonaName, number])[] = [];
  #everybody: MailPersonaName | undefined;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Undefined takes it back. @throws Fault `unknown-persona` */
  assign(mailbox: string, name: string | undefined): void {
    if (name === undefined) this.#assigned.delete(mailbox.toLowerCase());
    else this.#assigned.set(mailbox.toLowerCase(), known(name));
  }

  /** One persona for everybody, as in an outage; undefined lifts it. @throws Fault `unknown-persona` */
  setEverybody(name: string | undefined): void {
    this.#everybody = name === undefined ? undefined : known(name);
  }

  /** Shares of those whose names say nothing; none: they read. @throws Fault `unknown-persona` */
  setMix(mix: Readonly<Record<string, number>>): void {
    this.#mix = Object.entries(mix).flatMap(([name, share]) => (share > 0 ? [[known(name), share] as const] : []));
  }

  of(mailbox: string): MailPersonaName {
    const box = mailbox.toLowerCase();
    const word = /^[a-z]+/.exec(box)?.[0] ?? "";
    return this.#everybody ?? this.#assigned.get(box) ?? (isPersona(word) ? word : this.#drawn(box));
  }

  #drawn(box: string): MailPersonaName {
    let left = seededRandom(hash(`${this.#seed}/${box}`)).next() * this.#mix.reduce((sum, [, share]) => sum + share, 0);
    for (const [name, share] of this.#mix) {
      left -= share;
      if (left < 0) return name;
    }
    return "reader";
  }
}
