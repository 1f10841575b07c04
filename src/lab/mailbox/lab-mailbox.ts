import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";
import type { Clock, Timer } from "../../kernel/clock.ts";
import { type Log, silentLog } from "../../kernel/log.ts";
import { intBetween, type Random } from "../../kernel/random.ts";
import { selfSigned } from "../sip/certificate.ts";
import { fieldOf } from "./answer-text.ts";
import { Answerer } from "./answerer.ts";
import { MailBooks } from "./books.ts";
import { clickOnce, oneClickLink } from "./one-click.ts";
import { MailDirectory, type MailPersona, type MailPersonaName, type MailRefusal, mailCast } from "./persona.ts";

export interface LabMailboxOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log?: Log;
  /** An IPv4 address of this machine. */
  readonly host: string;
  /** 0: any free port. */
  readonly smtpPort: number;
  /** Whether the books keep each mail as it came. Default true; a sink of a benchmark does not. */
  readonly keepMails?: boolean;
  /** Who may log in; left out: nobody has to. */
  readonly credentials?: { readonly username: string; readonly password: string };
}

const mostOctets = 30 * 1024 * 1024;
/** RFC 5321 §4.5.3.1.8 wants 100 at least. */
const mostRecipients = 100;

interface SmtpError extends Error {
  responseCode?: number;
}

function refused(code: number, text: string): SmtpError {
  const error: SmtpError = new Error(text);
  error.responseCode = code;
  return error;
}

/** A mail exchanger for every domain there is: SMTP with STARTTLS, personas as recipients, and books. */
export class LabMailbox {
  readonly books = new MailBooks();
  readonly directory: MailDirectory;
  readonly #options: LabMailboxOptions;
  readonly #log: Log;
  readonly #answerer: Answerer;
  readonly #server: SMTPServer;
  readonly #sockets = new Map<number, Socket>();
  readonly #timers = new Set<Timer>();
  /** How often each mailbox was refused for a while, by mailbox and sender. */
  readonly #waited = new Map<string, number>();

  constructor(options: LabMailboxOptions) {
    const { clock, random, log = silentLog, host, credentials } = options;
    this.#options = options;
    this.#log = log;
    this.directory = new MailDirectory(intBetween(random, 1, 1_000_000_000));
    this.#answerer = new Answerer({ clock, log, books: this.books });
    this.#server = new SMTPServer({
      ...selfSigned(host, clock.now()),
      name: "mx.lab.example",
      banner: "lab",
      logger: false,
      disableReverseLookup: true,
      authOptional: credentials === undefined,
      ...(credentials === undefined && { disabledCommands: ["AUTH"] }),
      size: mostOctets,
      rejectOversized: true,
      closeTimeout: 100,
      onAuth: ({ username, password }, _session, done) => {
        const right = username === credentials?.username && password === credentials?.password;
        if (right) done(null, { user: username });
        else done(refused(535, "5.7.8 Authentication credentials invalid"));
      },
      onRcptTo: ({ address }, session, done) => {
        done(this.#recipient(address, session));
      },
      onData: (stream, session, done) => {
        this.#receive(stream, session).then((reply) => {
          if (typeof reply === "string") done(null, reply);
          else if (reply) done(reply);
        }, done);
      },
    });
    this.#server.on("error", (error: Error) => this.#log.debug({ err: error }, "a client of the lab's mail exchanger went"));
  }

  get smtpPort(): number {
    const address = this.#server.server.address() as AddressInfo | null;
    return address?.port ?? 0;
  }

  /** Where bounces, replies and complaints are sent; undefined: nowhere. */
  set answersTo(server: { readonly host: string; readonly port: number } | undefined) {
    this.#answerer.to = server;
  }

  get answersTo() {
    return this.#answerer.to;
  }

  /** A mail of anybody's, to `answersTo`. */
  send(mail: { readonly from: string; readonly to: string; readonly raw: string }): void {
    this.#answerer.send("sent", mail);
  }

  async listen(): Promise<void> {
    const { server } = this.#server;
    server.on("connection", (socket: Socket) => {
      const { remotePort = 0 } = socket;
      this.#sockets.set(remotePort, socket);
      socket.once("close", () => this.#sockets.delete(remotePort));
    });
    this.#server.listen(this.#options.smtpPort, this.#options.host);
    await once(server, "listening");
  }

  async close(): Promise<void> {
    this.#answerer.close();
    for (const timer of this.#timers) timer.cancel();
    for (const socket of this.#sockets.values()) socket.destroy();
    if (this.#server.server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #recipient(to: string, session: SMTPServerSession): SmtpError | undefined {
    if (session.envelope.rcptTo.length >= mostRecipients) return refused(452, "4.5.3 Too many recipients");
    const from = session.envelope.mailFrom === false ? "" : session.envelope.mailFrom.address;
    const persona: MailPersona = mailCast[this.directory.of(to)];
    return this.#refusal(persona.refusal, from, to);
  }

  #refusal(refusal: MailRefusal | undefined, from: string, to: string): SmtpError | undefined {
    if (!refusal) return undefined;
    const key = `${from} ${to.toLowerCase()}`;
    const waited = this.#waited.get(key) ?? 0;
    if (refusal.times !== undefined && waited >= refusal.times) return undefined;
    if (refusal.times !== undefined) this.#waited.set(key, waited + 1);
    const text = `${refusal.enhanced} <${to}>: ${refusal.text}`;
    this.books.addRefused({ atMs: this.#options.clock.now(), from, to, reply: `${refusal.code} ${text}` });
    return refused(refusal.code, text);
  }

  /** @returns what is said; undefined: the connection is broken instead */
  async #receive(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<string | SmtpError | undefined> {
    const { clock, keepMails = true } = this.#options;
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(part as Buffer);
    if (stream.sizeExceeded) return refused(552, "5.3.4 Message is too large");
    const octets = Buffer.concat(parts);
    const raw = octets.toString("latin1");
    const { mailFrom, rcptTo } = session.envelope;
    const returnPath = mailFrom === false ? "" : mailFrom.address;
    const to = rcptTo.map(({ address }) => address);
    const personas = to.map((box): readonly [string, MailPersonaName, MailPersona] => [
      box,
      this.directory.of(box),
      mailCast[this.directory.of(box)],
    ]);
    const record = (taken: boolean, reply: string | undefined) =>
      this.books.addMail({
        ...{ atMs: clock.now(), session: session.id, tls: session.secure, from: returnPath, to, octets: octets.length, taken, reply },
        messageId: fieldOf(raw, "Message-ID"),
        ...(keepMails && { raw }),
      });
    const refusal = personas.find(([, , { dataRefusal }]) => dataRefusal)?.[2].dataRefusal;
    if (refusal) {
      const text = `${refusal.enhanced} ${refusal.text}`;
      record(false, `${refusal.code} ${text}`);
      return refused(refusal.code, text);
    }
    const breaks = personas.find((each) => each[2].breaks)?.[2].breaks;
    if (breaks) {
      record(breaks === "taken", undefined);
      this.#sockets.get(session.remotePort)?.destroy();
      return undefined;
    }
    const slowMs = Math.max(0, ...personas.map(([, , persona]) => persona.slowMs ?? 0));
    if (slowMs > 0) await this.#after(slowMs);
    const reply = `2.0.0 Ok: queued as ${session.id}-${session.transaction}`;
    record(true, `250 ${reply}`);
    for (const [recipient, , { answer, clicksOnce }] of personas) {
      if (answer) this.#answerer.answer(answer, { raw, returnPath, recipient });
      if (clicksOnce) void this.#click(recipient, raw);
    }
    return reply;
  }

  /** Never rejects. */
  async #click(recipient: string, raw: string): Promise<void> {
    const link = oneClickLink(raw);
    const reply = link === undefined ? "the mail has no link for one click" : await clickOnce(link);
    this.books.addAnswer({ atMs: this.#options.clock.now(), kind: "one-click", to: recipient, reply });
  }

  #after(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(delayMs, () => {
        this.#timers.delete(timer);
        resolve();
      });
      this.#timers.add(timer);
    });
  }
}
