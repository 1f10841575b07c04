import { closeSync, existsSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs";
import type { SubmittedMessage } from "smpp";

/** A submit_sm as it stood on the wire, and what came of it. */
export interface SubmitEntry {
  /** Epoch ms. */
  readonly at: number;
  readonly systemId: string;
  readonly from: string;
  readonly fromTon: number;
  readonly to: string;
  readonly dataCoding: number;
  readonly esmClass: number;
  readonly registeredDelivery: number;
  /** As the person reads it. */
  readonly text: string;
  /** user_message_reference; null: none. */
  readonly reference: number | null;
  /** Of a long one, by its header or the sar parameters. */
  readonly part: { readonly reference: number; readonly total: number; readonly number: number } | null;
  /** command_status of the answer; null: none was given. */
  readonly status: number | null;
  /** The id the SMSC gave it; "" when it was refused. */
  readonly id: string;
  readonly persona: string;
}

/** A report or a message of a person that was brought to the ESME. */
export interface DeliverEntry {
  readonly at: number;
  readonly kind: "report" | "message";
  /** Of a report: the message it is about. */
  readonly id: string;
  readonly stat: string;
  readonly from: string;
  readonly to: string;
  /** command_status of the ESME's answer; null: none came. */
  readonly status: number | null;
}

/** What passed the SMSC's wire. With a file every line is written before the wire sees the answer, so that a killed SMSC knows what it took. */
export class SmsBooks {
  readonly submits: SubmitEntry[] = [];
  readonly delivers: DeliverEntry[] = [];
  /** PDUs that could not be read, and connections closed for a length that cannot be. */
  unreadable = 0;
  /** Commands that the SMSC does not know. */
  unknown = 0;
  readonly #keep: boolean;
  #file: number | undefined;
  readonly #waiting = new Set<() => void>();

  /** @param file lines of JSON; what is in it already is read first @param keep false: counted, not kept */
  constructor(file?: string, keep = true) {
    this.#keep = keep;
    if (file === undefined) return;
    if (existsSync(file)) {
      const lines = wholeLines(readFileSync(file, "utf8"));
      this.#load(lines);
      // What is torn was never answered, and the next line must not be read together with it.
      truncateSync(file, Buffer.byteLength(lines));
    }
    this.#file = openSync(file, "a");
  }

  counts = { taken: 0, refused: 0, reports: 0, messages: 0 };

  submit(entry: SubmitEntry): void {
    if (entry.id === "") this.counts.refused += 1;
    else this.counts.taken += 1;
    if (this.#keep) this.submits.push(entry);
    this.#write({ submit: entry });
  }

  deliver(entry: DeliverEntry): void {
    if (entry.status === 0) this.counts[entry.kind === "report" ? "reports" : "messages"] += 1;
    if (this.#keep) this.delivers.push(entry);
    this.#write({ deliver: entry });
  }

  /** Taken messages whose parts were submitted again: same sender, number, text and reference. Nobody ever gets such a one by design. */
  submittedTwice(): readonly SubmitEntry[] {
    const seen = new Set<string>();
    return this.submits.filter(({ id, from, to, text, reference, part }) => {
      if (id === "") return false;
      const key = JSON.stringify([from, to, text, reference, part]);
      return seen.size === seen.add(key).size;
    });
  }

  /** Resolves when the books fit. */
  async until(fits: (books: this) => boolean): Promise<void> {
    while (!fits(this)) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    // What a connection that ends still has to say comes too late.
    this.#file = undefined;
  }

  toJSON(): unknown {
    const { submits, delivers, unreadable, unknown, counts } = this;
    return { counts, unreadable, unknown, submits, delivers };
  }

  #write(line: unknown): void {
    if (this.#file !== undefined) writeSync(this.#file, `${JSON.stringify(line)}\n`);
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }

  #load(lines: string): void {
    for (const line of lines.split("\n").filter(Boolean)) {
      const { submit, deliver } = JSON.parse(line) as { readonly submit?: SubmitEntry; readonly deliver?: DeliverEntry };
      if (submit) this.submits.push(submit);
      if (deliver) this.delivers.push(deliver);
    }
  }
}

/** Without the last line of one that was killed, or is writing it: it may be torn. */
export function wholeLines(text: string): string {
  return text.slice(0, text.lastIndexOf("\n") + 1);
}

/** The text of a submit as the package decoded it; octets of an alphabet that it does not know as hexadecimal. */
export function textOf(...messages: readonly (SubmittedMessage | undefined)[]): string {
  for (const one of messages) {
    const message = one?.message;
    if (typeof message === "string" && message !== "") return message;
    if (Buffer.isBuffer(message) && message.length > 0) return message.toString("hex");
  }
  return "";
}

/** Concatenation by a user data header: 8-bit and 16-bit references (3GPP TS 23.040 §9.2.3.24.1, §9.2.3.24.8). */
export function partOfHeader(udh: readonly Buffer[] | undefined): SubmitEntry["part"] {
  for (const element of udh ?? []) {
    if (element[0] === 0 && element.length === 5) return { reference: element[2] ?? 0, total: element[3] ?? 0, number: element[4] ?? 0 };
    if (element[0] === 8 && element.length === 6) return { reference: element.readUInt16BE(2), total: element[4] ?? 0, number: element[5] ?? 0 };
  }
  return null;
}
