import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { PDU as Pdu } from "smpp";
import type { Clock } from "../../kernel/clock.ts";
import { type Random, seededRandom } from "../../kernel/random.ts";
import { Afterwards, messageFrom, reportOf } from "./deliveries.ts";
import { answers, Esme } from "./esme.ts";
import type { SmsPersona } from "./persona.ts";
import { Postbox } from "./postbox.ts";
import { partOfHeader, SmsBooks, type SubmitEntry, textOf } from "./sms-books.ts";
import { digitsOf, SmsDirectory, type SmsDirectoryOptions } from "./sms-directory.ts";

export interface LabSmscOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** PEM; with it the SMSC speaks TLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Password of each system_id. Left out: everybody may bind. */
  readonly accounts?: Readonly<Record<string, string>>;
  readonly personas?: Partial<SmsDirectoryOptions>;
  /** How slow the people are: 1 is as in the cast. Default 1. */
  readonly pace?: number;
  /** Deliveries without an answer on one connection, at most. Default 100. */
  readonly deliverWindow?: number;
  /** Submits a second of one account; what is more is ESME_RTHROTTLED. Default: no limit. */
  readonly maxPerSecond?: number;
  /** Where the books are written line by line. What stands there already is the memory of an SMSC that was killed: what it owed is brought. */
  readonly booksFile?: string;
  /** Whether the entries of the books are kept in memory. Default true. */
  readonly keepBooks?: boolean;
}

/** For what was taken before the SMSC was killed. */
const owedMs = 100;

/** An SMSC with people behind it: takes submits, makes reports and lets people answer, by SMPP 3.4 over TCP or TLS. */
export class LabSmsc {
  readonly #options: LabSmscOptions;
  readonly #afterwards: Afterwards;
  readonly #chance: Random;
  readonly #server: Server;
  readonly #esmes = new Set<Esme>();
  /** By system_id. */
  readonly #postboxes = new Map<string, Postbox>();
  /** Who sends from a number, by its digits or word. */
  readonly #owners = new Map<string, string>();
  readonly #refusedUntil = new Map<string, number>();
  readonly #pace: number;
  readonly books: SmsBooks;
  readonly directory: SmsDirectory;
  #nextId: number;
  #second = { at: 0, submits: 0 };
  /** A command_status that every submit gets, as in an outage; undefined lifts it. */
  refusesWith: number | undefined;

  constructor(options: LabSmscOptions) {
    this.#options = options;
    this.#afterwards = new Afterwards(options.clock);
    // Its own stream of chance: the order of what happens elsewhere changes nothing here.
    this.#chance = seededRandom(Math.floor(options.random.next() * 2 ** 31));
    this.#nextId = Math.floor(this.#chance.next() * 2 ** 27);
    this.#pace = options.pace ?? 1;
    this.directory = new SmsDirectory({ seed: 1, ...options.personas });
    this.books = new SmsBooks(options.booksFile, options.keepBooks);
    const accept = (socket: Socket) => this.#accept(socket);
    this.#server = options.tls === undefined ? createServer(accept) : createTlsServer(options.tls, accept);
    // A client that gives up a handshake is no fault of ours.
    this.#server.on("tlsClientError", () => {});
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** @throws what the socket throws, EADDRINUSE for one */
  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(this.#options.port, this.#options.host, () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
    this.#recall();
  }

  async close(): Promise<void> {
    this.#afterwards.close();
    for (const postbox of this.#postboxes.values()) postbox.close();
    for (const esme of this.#esmes) esme.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.books.close();
  }

  /** Cuts all connections, without a word. */
  cut(): void {
    for (const esme of this.#esmes) esme.cut();
  }

  /** Somebody writes to a number, asked or not. @param shuffled the parts of a long text come out of order */
  say(from: string, to: string, text: string, shuffled = false): void {
    const owner = this.#owners.get(keyOf(to)) ?? [...this.#postboxes.keys()][0];
    const postbox = this.#postbox(owner ?? "");
    for (const delivery of messageFrom(digitsOf(from), to.replace(/^\+/, ""), text, shuffled, this.#chance)) postbox.put(delivery);
  }

  /** Connections that are bound now. */
  get sessions(): readonly { readonly systemId: string; readonly role: string }[] {
    return [...this.#esmes].flatMap(({ systemId, bound }) => (bound === undefined ? [] : [{ systemId, role: bound }]));
  }

  #accept(socket: Socket): void {
    const esme = new Esme(socket, this.#options.deliverWindow ?? 100, {
      onBind: (_, pdu) => {
        const { accounts } = this.#options;
        const known = accounts === undefined || (Object.hasOwn(accounts, pdu.system_id ?? "") && accounts[pdu.system_id ?? ""] === pdu.password);
        return known ? answers.ok : answers.invalidPassword;
      },
      onSubmit: (from, pdu) => this.#submit(from, pdu),
      onUnknown: () => {
        this.books.unknown += 1;
      },
      onUnreadable: () => {
        this.books.unreadable += 1;
      },
      onRoom: (bound) => this.#postbox(bound.systemId).serve(bound),
      onGone: (gone, unanswered) => {
        this.#esmes.delete(gone);
        this.#postbox(gone.systemId).gone(gone, unanswered);
      },
    });
    this.#esmes.add(esme);
  }

  #postbox(systemId: string): Postbox {
    const found = this.#postboxes.get(systemId) ?? new Postbox(this.#options.clock, this.books);
    this.#postboxes.set(systemId, found);
    return found;
  }

  #submit(esme: Esme, pdu: Pdu): void {
    const { clock } = this.#options;
    const now = clock.now();
    const to = pdu.destination_addr ?? "";
    const { name, persona } = this.directory.meet(to);
    const status = this.#statusFor(to, name, persona, now);
    this.#nextId += 1;
    const { sar_msg_ref_num: reference, sar_total_segments: total, sar_segment_seqnum: number } = pdu;
    const submit: SubmitEntry = {
      at: now,
      systemId: esme.systemId,
      from: pdu.source_addr ?? "",
      fromTon: pdu.source_addr_ton ?? 0,
      to,
      dataCoding: pdu.data_coding ?? 0,
      esmClass: pdu.esm_class ?? 0,
      registeredDelivery: pdu.registered_delivery ?? 0,
      text: textOf(pdu.short_message, pdu.message_payload),
      reference: pdu.user_message_reference ?? null,
      part:
        partOfHeader(pdu.short_message?.udh) ??
        (reference === undefined || total === undefined || number === undefined ? null : { reference, total, number }),
      status: status === answers.ok && persona.instead !== undefined ? null : status,
      id: status === answers.ok ? this.#nextId.toString(16).toUpperCase().padStart(8, "0") : "",
      persona: name,
    };
    this.#owners.set(keyOf(submit.from), esme.systemId);
    this.books.submit(submit);
    if (status !== answers.ok) {
      esme.answer(pdu, status);
      return;
    }
    const reports = reportsWanted(submit, persona);
    const postbox = this.#postbox(esme.systemId);
    for (const plan of reports.filter(({ early }) => early)) postbox.put(reportOf(submit, plan, now));
    if (persona.instead === "close") esme.cut();
    else if (persona.instead === undefined) esme.answer(pdu, answers.ok, { message_id: submit.id });
    for (const plan of reports.filter(({ early }) => !early))
      this.#afterwards.in(plan.afterMs * this.#pace, () => {
        for (let time = 0; time < (plan.times ?? 1); time += 1) postbox.put(reportOf(submit, plan, clock.now()));
      });
    this.#reply(submit, persona);
  }

  /** The person answers when the last part is there. */
  #reply(submit: SubmitEntry, { says = [], shuffled = false }: SmsPersona): void {
    if (submit.part !== null && submit.part.number !== submit.part.total) return;
    for (const [at, text] of says.entries()) this.#afterwards.in((at + 1) * 200 * this.#pace, () => this.say(submit.to, submit.from, text, shuffled));
  }

  #statusFor(to: string, name: string, { status = answers.ok, statusForMs }: SmsPersona, now: number): number {
    if (this.refusesWith !== undefined) return this.refusesWith;
    const { maxPerSecond } = this.#options;
    const second = Math.floor(now / 1000);
    if (this.#second.at !== second) this.#second = { at: second, submits: 0 };
    this.#second.submits += 1;
    if (maxPerSecond !== undefined && this.#second.submits > maxPerSecond) return answers.throttled;
    if (statusForMs === undefined) return status;
    const key = `${name} ${to}`;
    const until = this.#refusedUntil.get(key) ?? now + statusForMs;
    this.#refusedUntil.set(key, until);
    return now < until ? status : answers.ok;
  }

  /** What was taken before this process was killed and has not been reported. */
  #recall(): void {
    const reported = new Set(this.books.delivers.filter(({ kind, status }) => kind === "report" && status === answers.ok).map(({ id }) => id));
    for (const submit of this.books.submits) {
      this.#owners.set(keyOf(submit.from), submit.systemId);
      if (submit.id === "" || reported.has(submit.id)) continue;
      const persona = this.directory.named(submit.persona);
      for (const plan of reportsWanted(submit, persona))
        this.#afterwards.in(owedMs, () => this.#postbox(submit.systemId).put(reportOf(submit, plan, this.#options.clock.now())));
    }
  }
}

/** registered_delivery (SMPP 3.4 §5.2.17): 1 for every end, 2 for failures only. */
function reportsWanted({ registeredDelivery }: SubmitEntry, { reports = [] }: SmsPersona): readonly NonNullable<SmsPersona["reports"]>[number][] {
  const wanted = registeredDelivery & 0x03;
  if (wanted === 0) return [];
  return wanted === 1 ? reports : reports.filter(({ stat }) => stat !== "DELIVRD" && stat !== "ENROUTE");
}

function keyOf(address: string): string {
  return address.replace(/^\+/, "");
}
