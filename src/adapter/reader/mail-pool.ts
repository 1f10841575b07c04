import type { MailReader, RawMail, ReadMail } from "../../email/inbox-ports.ts";
import { Fault } from "../../kernel/fault.ts";
import type { Log } from "../../kernel/log.ts";
import { type WorkFaults, WorkPool, type WorkPoolOptions } from "./pool.ts";

export interface MailPoolOptions extends Omit<WorkPoolOptions, "faults"> {
  /** Reads no more of a mail than costs nothing. */
  readonly headOnly: (mail: RawMail) => ReadMail;
  readonly log: Log;
}

const lost = "mail-reader-lost";
const faults: WorkFaults = {
  overloaded: () => new Fault("mail-reader", "Too many e-mails wait to be read.", { retryable: true }),
  heavy: (why) => new Fault("mail-too-heavy", `to read it ${why}`),
  lost: (why, cause) => new Fault(lost, `the process that reads e-mails was lost: ${why}`, { cause, retryable: true }),
  closed: () => new Fault("mail-reader", "Carillon is being closed, and reads no more e-mails.", { retryable: true }),
};

/**
 * Reads incoming e-mails in a process of its own: one that is made to keep its reader busy (a hundred thousand elements within each other) takes a second, for which
 * nobody who is on the line would be heard.
 */
export class MailPool {
  readonly #pool: WorkPool;
  readonly #headOnly: MailPoolOptions["headOnly"];
  readonly #log: Log;

  /** @param options its module serves `read`, a MailReader */
  constructor({ headOnly, log, ...options }: MailPoolOptions) {
    this.#pool = new WorkPool({ ...options, faults });
    this.#headOnly = headOnly;
    this.#log = log;
  }

  /** @throws Fault `mail-reader` (retryable) */
  readonly read: MailReader = async (mail) => {
    try {
      // Its reader may have been ended by somebody else's doing; a mail that ends a second one does so by itself.
      return await this.#ask(mail).catch((error: unknown) => (isLost(error) ? this.#ask(mail) : Promise.reject(error)));
    } catch (error) {
      if (error instanceof Fault && error.code === "mail-reader") throw error;
      this.#log.warn({ err: error, inbox: mail.inbox, octets: mail.size }, "an incoming e-mail cannot be read; it is kept by its head alone");
      return this.#headOnly(mail);
    }
  };

  #ask(mail: RawMail): Promise<ReadMail> {
    return this.#pool.ask("read", mail);
  }

  /** Ends the reader; what was under way is rejected. */
  close(): Promise<void> {
    return this.#pool.close();
  }
}

function isLost(error: unknown): boolean {
  return error instanceof Fault && error.code === lost;
}
