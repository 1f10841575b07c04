/** One mail transaction as it went over the wire. */
export interface MailRecord {
  readonly atMs: number;
  /** Of the connection. */
  readonly session: string;
  readonly tls: boolean;
  /** MAIL FROM; empty: the null sender. */
  readonly from: string;
  /** RCPT TOs that were taken. */
  readonly to: readonly string[];
  readonly octets: number;
  /** The mail as it came, dots unstuffed; left out when mails are not kept. */
  readonly raw?: string;
  /** Its field, with the angle brackets. */
  readonly messageId: string | undefined;
  /** Whether this server answers for it from now on: it was taken, though perhaps nobody was told so. */
  readonly taken: boolean;
  /** What was said at the end of DATA; undefined when the connection broke before. */
  readonly reply: string | undefined;
}

/** A recipient that was refused. */
export interface RefusedRecipient {
  readonly atMs: number;
  readonly from: string;
  readonly to: string;
  readonly reply: string;
}

/** A mail that went out from here, and what became of it. */
export interface AnswerRecord {
  readonly atMs: number;
  readonly kind: string;
  readonly to: string;
  readonly reply: string;
}

/** Beyond this the oldest are forgotten: a sink in a benchmark takes millions. */
const mostRecords = 200_000;

/** Everything that the mail exchanger saw. */
export class MailBooks {
  readonly #mails: MailRecord[] = [];
  readonly #refused: RefusedRecipient[] = [];
  readonly #answers: AnswerRecord[] = [];
  readonly #watchers = new Set<() => void>();
  /** Of all times. */
  taken = 0;

  get mails(): readonly MailRecord[] {
    return this.#mails;
  }

  get refused(): readonly RefusedRecipient[] {
    return this.#refused;
  }

  get answers(): readonly AnswerRecord[] {
    return this.#answers;
  }

  addMail(record: MailRecord): void {
    if (record.taken) this.taken += 1;
    this.#add(this.#mails, record);
  }

  addRefused(record: RefusedRecipient): void {
    this.#add(this.#refused, record);
  }

  addAnswer(record: AnswerRecord): void {
    this.#add(this.#answers, record);
  }

  /** Resolves as soon as the books say so. */
  until(fits: (books: MailBooks) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!fits(this)) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }

  toJSON(): unknown {
    return { taken: this.taken, mails: this.#mails, refused: this.#refused, answers: this.#answers };
  }

  #add<T>(list: T[], record: T): void {
    list.push(record);
    if (list.length > mostRecords) list.splice(0, mostRecords / 10);
    for (const look of [...this.#watchers]) look();
  }
}
