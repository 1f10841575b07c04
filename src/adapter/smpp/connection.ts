import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Clock, Timer } from "../../kernel/clock.ts";
import type { BindOptions } from "../../sms/options.ts";
import { FrameReader } from "./frames.ts";
import { Outbox } from "./outbox.ts";
import { command, FieldReader, isResponse, readHeader, responseTo, statusCode, statusName, writePdu } from "./pdu.ts";
import { type Answer, Unanswered } from "./unanswered.ts";

export type OnDelivered = (pdu: Buffer, id: number, answer: (status: number) => boolean) => void;

/** What a connection is bound as. */
export type Role = "transceiver" | "transmitter" | "receiver";

export interface ConnectionEvents {
  /** Bound: it can submit, or hear. */
  readonly onUp: () => void;
  /** Once, however it ends; also when it never came up. Everything that was under way has been told before. */
  readonly onDown: (why: string) => void;
  /** A deliver_sm or data_sm. Call `answer` once, with a command_status; false: nobody is there any more to hear it. */
  readonly onDelivered: OnDelivered;
}

/** How long a connection and its bind may take, at most. */
const connectTimeoutMs = 15_000;
/** When a connection is closed, by us or by the SMSC, the answers of what is under way are waited for so long: whoever stops us waits no longer than ten seconds. */
const drainMs = 5_000;
/** For the last words of a connection that is closed. */
const goodbyeMs = 2_000;
/** SMPP 3.4. */
const interfaceVersion = 0x34;
const bindCommands = { transceiver: command.bindTransceiver, transmitter: command.bindTransmitter, receiver: command.bindReceiver } as const;

/** One connection to an SMSC, from connect to close: bind, submits and their answers, enquire_link. It never comes back; whoever wants another makes one. */
export class Connection {
  readonly #options: BindOptions;
  readonly #clock: Clock;
  readonly #events: ConnectionEvents;
  readonly #socket: Socket;
  readonly #outbox: Outbox;
  readonly #frames = new FrameReader();
  readonly #requests: Unanswered;
  #state: "connecting" | "up" | "leaving" | "down" = "connecting";
  #timer: Timer | undefined;
  #heardAt: number;
  #submitsUnderWay = 0;
  /** When an answer to a submit last came: one that is missing after that is lost alone. */
  #answeredAt = 0;
  #mute = false;
  #drained: (() => void) | undefined;

  constructor(options: BindOptions, role: Role, clock: Clock, events: ConnectionEvents) {
    this.#options = options;
    this.#clock = clock;
    this.#events = events;
    this.#requests = new Unanswered(clock, options.responseTimeoutMs);
    this.#heardAt = clock.now();
    const { host, port, tls, tlsServerName, tlsAuthority } = options;
    this.#socket = tls
      ? connectTls({
          host,
          port,
          ...(tlsServerName !== undefined && { servername: tlsServerName }),
          ...(tlsAuthority !== undefined && { ca: tlsAuthority }),
        })
      : connect({ host, port });
    this.#outbox = new Outbox(this.#socket, () => this.#end("the SMSC does not read what we write"));
    this.#socket.once(tls ? "secureConnect" : "connect", () => this.#bind(role));
    this.#socket.on("data", (chunk) => this.#hear(chunk));
    this.#socket.on("error", (error) => this.#end(error.message || "the connection failed"));
    this.#socket.once("close", () => this.#end("the SMSC closed the connection"));
    this.#timer = clock.after(Math.min(connectTimeoutMs, options.responseTimeoutMs), () => this.#end("no bind in time"));
  }

  get #down(): boolean {
    return this.#state === "down";
  }

  /** Submits that may leave now. */
  get room(): number {
    return this.#state === "up" && !this.#mute ? this.#options.window - this.#submitsUnderWay : 0;
  }

  /** @param write makes the PDU with its sequence number @param take is told what came of it, always and once */
  submit(write: (sequence: number) => Buffer, take: (answer: Answer) => void): void {
    const sentAt = this.#clock.now();
    this.#submitsUnderWay += 1;
    const sequence = this.#requests.add((answer) => {
      this.#submitsUnderWay -= 1;
      take(answer);
      if ("lost" in answer) this.#doubt(sentAt);
      else this.#trust();
      if (this.#submitsUnderWay === 0) this.#drained?.();
    });
    this.#outbox.write(write(sequence));
  }

  /** No more submits; waits for the answers of those under way, a few seconds at most, then says goodbye. Resolves when it is closed. */
  async close(): Promise<void> {
    if (this.#state === "up") {
      this.#state = "leaving";
      if (this.#submitsUnderWay > 0)
        await new Promise<void>((resolve) => {
          this.#drained = resolve;
          this.#timer?.cancel();
          this.#timer = this.#clock.after(drainMs, resolve);
        });
      await new Promise<void>((resolve) => {
        this.#request(command.unbind, () => resolve());
        this.#timer?.cancel();
        this.#timer = this.#clock.after(goodbyeMs, resolve);
      });
    }
    this.#end("closed");
  }

  #bind(role: Role): void {
    const { systemId, password, systemType, addressRange } = this.#options;
    const fields = [systemId, password, systemType, interfaceVersion, 0, 0, addressRange];
    this.#request(
      bindCommands[role],
      (answer) => {
        if (this.#state !== "connecting") return;
        if ("lost" in answer) this.#end(answer.lost);
        else if (answer.status !== statusCode.ok) this.#end(`bind refused: ${statusName(answer.status)}`);
        else {
          this.#state = "up";
          this.#timer?.cancel();
          this.#enquireLater(this.#options.enquireLinkMs);
          this.#events.onUp();
        }
      },
      fields,
    );
  }

  #request(id: number, take: (answer: Answer) => void, fields: readonly (string | number | Buffer)[] = []): void {
    this.#outbox.write(writePdu(id, 0, this.#requests.add(take), fields));
  }

  #hear(chunk: Buffer): void {
    this.#heardAt = this.#clock.now();
    try {
      for (const pdu of this.#frames.push(chunk)) {
        if (this.#down) return;
        this.#take(pdu);
      }
    } catch (error) {
      // Behind a length that cannot be, nothing can be told apart.
      this.#end(error instanceof Error ? error.message : String(error));
    }
  }

  #take(pdu: Buffer): void {
    const { id, status, sequence } = readHeader(pdu);
    if (isResponse(id)) {
      this.#requests.answer(sequence, id === command.genericNack && status === statusCode.ok ? statusCode.invalidCommand : status, pdu);
      return;
    }
    const answer = (answered: number, fields: readonly string[] = []) => {
      if (this.#down) return false;
      this.#outbox.write(writePdu(responseTo(id), answered, sequence, fields));
      return true;
    };
    switch (id) {
      case command.deliverSm:
      case command.dataSm:
        // message_id is unused in the response, and has to be there.
        this.#events.onDelivered(pdu, id, (answered) => answer(answered, answered === statusCode.ok ? [""] : []));
        break;
      case command.enquireLink:
        answer(statusCode.ok);
        break;
      case command.unbind:
        this.#depart(() => {
          answer(statusCode.ok);
          this.#outbox.flush();
          this.#end("the SMSC said goodbye");
        });
        break;
      case command.alertNotification:
      case command.outbind:
        break;
      default:
        this.#outbox.write(writePdu(command.genericNack, statusCode.invalidCommand, sequence));
    }
  }

  /** The SMSC wants to go: it gets no more submits, and a moment for those that it owes an answer to, or they would be in doubt for good. */
  #depart(goodbye: () => void): void {
    if (this.#state !== "up" || this.#submitsUnderWay === 0) {
      goodbye();
      return;
    }
    this.#state = "leaving";
    this.#drained = goodbye;
    this.#timer?.cancel();
    this.#timer = this.#clock.after(drainMs, goodbye);
  }

  /** After so long without a word the SMSC is asked; without an answer it is gone (SMPP 3.4 §7.2). */
  #enquireLater(afterMs: number): void {
    this.#timer = this.#clock.after(afterMs, () => {
      const quietMs = Math.max(0, this.#clock.now() - this.#heardAt);
      if (quietMs < this.#options.enquireLinkMs) return this.#enquireLater(this.#options.enquireLinkMs - quietMs);
      this.#request(command.enquireLink, (answer) => {
        if ("lost" in answer) this.#end("no answer to enquire_link");
        else if (this.#state === "up") this.#enquireLater(this.#options.enquireLinkMs);
      });
    });
  }

  /**
   * A submit stayed without an answer. When none has come since to any other, this session takes no more: an SMSC that swallows messages
   * costs a window of them, not a campaign.
   */
  #doubt(sentAt: number): void {
    if (this.#answeredAt >= sentAt) return;
    this.#mute = true;
    if (this.#submitsUnderWay === 0) this.#end("no answers to submits");
  }

  #trust(): void {
    this.#answeredAt = this.#clock.now();
    this.#mute = false;
  }

  #end(why: string): void {
    if (this.#down) return;
    this.#state = "down";
    this.#timer?.cancel();
    // Last words are still written, but not to somebody who does not read them.
    if (this.#socket.connecting) this.#socket.destroy();
    else {
      const gone = this.#clock.after(goodbyeMs, () => this.#socket.destroy());
      this.#socket.once("close", () => gone.cancel());
      this.#socket.destroySoon();
    }
    this.#requests.lose(`connection lost: ${why}`);
    this.#events.onDown(why);
  }
}

/** message_id of a submit_sm_resp; "" when it has none. Some SMSCs leave its NUL out. */
export function messageIdOf(pdu: Buffer): string {
  return new FieldReader(pdu).lastText(65);
}
