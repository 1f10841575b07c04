import nodemailer, { type Transporter } from "nodemailer";
import type { Clock, Timer } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import { type ComposedAnswer, composeAnswer } from "./answer-text.ts";
import type { MailBooks } from "./books.ts";
import type { MailAnswer } from "./persona.ts";

export interface AnswererOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly books: MailBooks;
}

/** A server keeps a mail that cannot be handed over and tries again (RFC 5321 §4.5.4.1), here within seconds rather than days. */
const retryMs = 500;
const mostTries = 20;

/** Sends what comes back: bounces, notes of absence, replies and complaints. */
export class Answerer {
  readonly #options: AnswererOptions;
  readonly #timers = new Set<Timer>();
  #transport: Transporter | undefined;
  #to: { readonly host: string; readonly port: number } | undefined;
  #number = 0;
  #closed = false;

  constructor(options: AnswererOptions) {
    this.#options = options;
  }

  /** The server for every mailbox that is answered; undefined: nothing is sent. */
  set to(server: { readonly host: string; readonly port: number } | undefined) {
    this.#transport?.close();
    this.#to = server;
    this.#transport = server && nodemailer.createTransport({ ...server, pool: true, maxConnections: 2, ignoreTLS: true, name: "mx.lab.example" });
  }

  get to() {
    return this.#to;
  }

  /** To a mail that was taken for one recipient. */
  answer(kind: MailAnswer, mail: { readonly raw: string; readonly returnPath: string; readonly recipient: string }): void {
    if (!this.#transport) return;
    const composed = composeAnswer(kind, { ...mail, atMs: this.#options.clock.now(), number: ++this.#number });
    if (composed) this.send(kind, composed);
  }

  /** Any mail, as it stands. */
  send(kind: string, composed: ComposedAnswer): void {
    void this.#try(kind, composed, 1);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) timer.cancel();
    this.#transport?.close();
  }

  async #try(kind: string, { from, to, raw }: ComposedAnswer, tries: number): Promise<void> {
    const { clock, books, log } = this.#options;
    const record = (reply: string) => books.addAnswer({ atMs: clock.now(), kind, to, reply });
    const transport = this.#transport;
    if (!transport || this.#closed) return;
    try {
      const { response } = await transport.sendMail({ envelope: { from: from === "" ? false : from, to: [to] }, raw });
      record(String(response));
    } catch (error) {
      if (this.#closed) return;
      const { responseCode, message } = error as Error & { readonly responseCode?: number };
      log.debug({ err: error, tries }, "a mail of the lab was not taken");
      if ((responseCode ?? 0) >= 500 || tries >= mostTries) {
        record(message);
        return;
      }
      const timer = clock.after(retryMs, () => {
        this.#timers.delete(timer);
        void this.#try(kind, { from, to, raw }, tries + 1);
      });
      this.#timers.add(timer);
    }
  }
}
