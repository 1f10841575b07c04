import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";
import type { ReceiverOptions } from "../../email/inbox-options.ts";
import { type InboxState, mostReadOctets, type RawMail, type TakeMail } from "../../email/inbox-ports.ts";
import type { Clock } from "../../kernel/clock.ts";
import { Fault, toFault } from "../../kernel/fault.ts";
import type { Log } from "../../kernel/log.ts";
import { isOurs } from "./recipient.ts";

export interface ReceiverParts {
  readonly options: ReceiverOptions;
  readonly take: TakeMail;
  readonly clock: Clock;
  readonly log: Log;
}

/** RFC 5321 §4.5.3.2.7 gives a client five minutes for a command; one that says nothing for so long is rid of. */
const silentMs = 60_000;
const mostRecipients = 20;
const minuteMs = 60_000;
/** Of the connections that there may be so much is for one address at most: else whoever holds them all, with a byte now and then, keeps everybody's mail away. */
const shareOfOne = 0.5;
/** Addresses whose mails are counted at once. */
const mostCounted = 10_000;

interface SmtpRefusal extends Error {
  responseCode?: number;
}

function refusal(code: number, text: string): SmtpRefusal {
  const error: SmtpRefusal = new Error(text);
  error.responseCode = code;
  return error;
}

const isRefusal = (error: unknown): error is SmtpRefusal => error instanceof Error && "responseCode" in error;

/**
 * An SMTP server (RFC 5321) for what comes back: it takes mail for our own return paths and reply addresses and for nobody else, answers 250 when the mail is committed, and
 * 4xx when it is not.
 */
export class Receiver {
  readonly #parts: ReceiverParts;
  readonly #server: SMTPServer;
  readonly #taken = new Map<string, number>();
  /** Whom each connection is from. */
  readonly #connected = new Map<string, string>();
  #minute = 0;
  #listening = false;
  #note: string | undefined;

  constructor(parts: ReceiverParts) {
    const { options, log } = parts;
    this.#parts = parts;
    const { certificate: cert, certificateKey: key } = options;
    const tls = cert !== undefined && key !== undefined;
    this.#server = new SMTPServer({
      ...(tls && { cert, key }),
      disabledCommands: tls ? ["AUTH"] : ["AUTH", "STARTTLS"],
      logger: false,
      // A slow or hostile name server of the client's must not hold up its greeting.
      disableReverseLookup: true,
      size: options.maxOctets,
      rejectOversized: true,
      maxClients: options.maxConnections,
      socketTimeout: silentMs,
      closeTimeout: 2000,
      onConnect: (session, done) => done(this.#mayConnect(session)),
      onClose: ({ id }) => this.#connected.delete(id),
      onMailFrom: (_from, session, done) => done(this.#mayCome(session)),
      onRcptTo: ({ address }, session, done) => done(this.#mayReach(address, session)),
      onData: (stream, session, done) => {
        this.#receive(stream, session).then(
          () => done(null, "2.0.0 kept"),
          (error: unknown) => done(this.#refused(error)),
        );
      },
    });
    this.#server.on("error", (error: Error) => log.debug({ inbox: options.name, err: error }, "a client of the receiver went"));
  }

  get state(): InboxState {
    const { name } = this.#parts.options;
    return { name, up: this.#listening && this.#note === undefined, ...(this.#note !== undefined && { note: this.#note }) };
  }

  /** As soon as it listens. */
  get port(): number {
    return (this.#server.server.address() as AddressInfo | null)?.port ?? 0;
  }

  /** @throws Fault `port-unavailable` */
  async listen(): Promise<void> {
    const { name, host, port } = this.#parts.options;
    try {
      this.#server.listen(port, host);
      await once(this.#server.server, "listening");
      this.#listening = true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new Fault(
        "port-unavailable",
        `the receiver of e-mail ${name} cannot listen on ${host}:${port} (${code}): change email.receivers, or free it`,
        {
          cause: error,
        },
      );
    }
  }

  /** Lets those who are handing over a mail finish for a moment. */
  async close(): Promise<void> {
    if (!this.#listening) return;
    this.#listening = false;
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #mayConnect({ id, remoteAddress }: SMTPServerSession): SmtpRefusal | undefined {
    const most = Math.ceil(this.#parts.options.maxConnections * shareOfOne);
    const theirs = [...this.#connected.values()].filter((address) => address === remoteAddress).length;
    if (theirs >= most) return refusal(421, "4.7.0 Too many connections from your address, try again later");
    this.#connected.set(id, remoteAddress);
    return undefined;
  }

  #mayCome({ remoteAddress }: SMTPServerSession): SmtpRefusal | undefined {
    const minute = Math.floor(this.#parts.clock.now() / minuteMs);
    if (minute !== this.#minute || this.#taken.size > mostCounted) this.#taken.clear();
    this.#minute = minute;
    const taken = (this.#taken.get(remoteAddress) ?? 0) + 1;
    this.#taken.set(remoteAddress, taken);
    return taken > this.#parts.options.maxPerMinute ? refusal(451, "4.7.1 Too many mails from your address, try again later") : undefined;
  }

  #mayReach(recipient: string, { envelope }: SMTPServerSession): SmtpRefusal | undefined {
    if (envelope.rcptTo.length >= mostRecipients) return refusal(452, "4.5.3 Too many recipients");
    return isOurs(recipient, this.#parts.options) ? undefined : refusal(550, "5.1.1 There is no such mailbox here");
  }

  async #receive(stream: SMTPServerDataStream, { envelope }: SMTPServerSession): Promise<void> {
    const { options, take, clock } = this.#parts;
    const parts: Buffer[] = [];
    let kept = 0;
    for await (const part of stream as AsyncIterable<Buffer>) {
      // The rest is only counted.
      if (kept < mostReadOctets) parts.push(part.subarray(0, mostReadOctets - kept));
      kept += Math.min(part.length, mostReadOctets - kept);
    }
    if (stream.sizeExceeded) throw refusal(552, "5.3.4 The mail is too large");
    const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
    const mail: RawMail = {
      inbox: options.name,
      at: clock.now(),
      raw: Buffer.concat(parts),
      size: stream.byteLength,
      envelope: { from, to: envelope.rcptTo.map(({ address }) => address) },
    };
    await take(mail);
    this.#note = undefined;
  }

  #refused(error: unknown): SmtpRefusal {
    if (isRefusal(error)) return error;
    const { message, retryable } = toFault(error, "mail-not-kept");
    this.#parts.log.error({ inbox: this.#parts.options.name, err: error }, "an incoming e-mail was not kept; its server is asked to send it again");
    this.#note = `mails cannot be kept: ${message}`;
    return retryable ? refusal(451, "4.3.0 The mail cannot be kept now, try again later") : refusal(554, "5.6.0 The mail cannot be kept");
  }
}
