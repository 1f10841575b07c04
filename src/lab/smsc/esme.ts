import type { Socket } from "node:net";
import type { PDU as Pdu } from "smpp";
import smpp from "smpp";
import type { Delivery } from "./deliveries.ts";

const { PDU } = smpp;

/** command_status that the SMSC answers with (SMPP 3.4 §5.1.3). */
export const answers = {
  ok: 0,
  invalidLength: 0x02,
  invalidCommand: 0x03,
  wrongBindState: 0x04,
  alreadyBound: 0x05,
  invalidPassword: 0x0e,
  throttled: 0x58,
} as const;

export interface EsmeHandlers {
  /** @returns the command_status of the answer */
  readonly onBind: (esme: Esme, pdu: Pdu) => number;
  readonly onSubmit: (esme: Esme, pdu: Pdu) => void;
  readonly onUnknown: () => void;
  readonly onUnreadable: () => void;
  /** It can take deliveries now. */
  readonly onRoom: (esme: Esme) => void;
  /** @param unanswered those it may or may not have got */
  readonly onGone: (esme: Esme, unanswered: readonly Delivery[]) => void;
}

/** A client of the SMSC, on one connection. Cutting the stream into PDUs is done here, reading and writing them by the `smpp` package. */
export class Esme {
  readonly #socket: Socket;
  readonly #handlers: EsmeHandlers;
  readonly #window: number;
  readonly #unanswered = new Map<number, { readonly delivery: Delivery; readonly take: (status: number) => void }>();
  #held: Buffer = Buffer.alloc(0);
  #out: Buffer[] = [];
  #sequence = 0;
  systemId = "";
  bound: "transceiver" | "transmitter" | "receiver" | undefined;

  /** @param window deliveries without an answer, at most */
  constructor(socket: Socket, window: number, handlers: EsmeHandlers) {
    this.#socket = socket;
    this.#window = window;
    this.#handlers = handlers;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#hear(chunk));
    socket.on("error", () => socket.destroy());
    socket.once("close", () => {
      this.bound = undefined;
      this.#handlers.onGone(
        this,
        [...this.#unanswered.values()].map(({ delivery }) => delivery),
      );
    });
  }

  get takesDeliveries(): boolean {
    return (this.bound === "transceiver" || this.bound === "receiver") && this.#unanswered.size < this.#window;
  }

  /** @param take the command_status of its answer; not called when none comes */
  deliver(delivery: Delivery, take: (status: number) => void): void {
    this.#sequence = this.#sequence >= 0x7fffffff ? 1 : this.#sequence + 1;
    this.#unanswered.set(this.#sequence, { delivery, take });
    this.#write(new PDU("deliver_sm", { ...delivery.fields, sequence_number: this.#sequence }));
  }

  answer(request: Pdu, status: number, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#write(request.response({ command_status: status, ...fields }));
  }

  /** Without a word. */
  cut(): void {
    this.#socket.destroy();
  }

  #write(pdu: Pdu): void {
    if (this.#out.push(pdu.toBuffer()) === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    const out = Buffer.concat(this.#out);
    this.#out = [];
    if (this.#socket.writable) this.#socket.write(out);
  }

  #hear(chunk: Buffer): void {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    while (this.#held.length >= 4 && !this.#socket.destroyed) {
      const length = this.#held.readUInt32BE(0);
      if (length < 16 || length > PDU.maxLength) {
        this.#refuse();
        return;
      }
      if (this.#held.length < length) return;
      const octets = this.#held.subarray(0, length);
      this.#held = this.#held.subarray(length);
      this.#read(octets);
    }
  }

  /** Behind a length that cannot be, nothing can be told apart: said, and closed. */
  #refuse(): void {
    this.#handlers.onUnreadable();
    this.#write(new PDU("generic_nack", { command_status: answers.invalidLength }));
    this.#flush();
    this.#socket.destroySoon();
    this.#held = Buffer.alloc(0);
  }

  #read(octets: Buffer): void {
    let pdu: Pdu;
    try {
      pdu = new PDU(octets);
    } catch {
      this.#handlers.onUnreadable();
      this.#write(new PDU("generic_nack", { command_status: answers.invalidLength, sequence_number: octets.readUInt32BE(12) }));
      return;
    }
    if (pdu.isResponse()) this.#answered(pdu);
    else this.#obey(pdu);
  }

  #answered(pdu: Pdu): void {
    const waiting = this.#unanswered.get(pdu.sequence_number);
    if (!waiting || !this.#unanswered.delete(pdu.sequence_number)) return;
    waiting.take(pdu.command_status);
    this.#handlers.onRoom(this);
  }

  #obey(pdu: Pdu): void {
    switch (pdu.command) {
      case "bind_transceiver":
      case "bind_transmitter":
      case "bind_receiver":
        this.#bind(pdu, pdu.command.slice("bind_".length) as NonNullable<Esme["bound"]>);
        break;
      case "enquire_link":
        this.answer(pdu, answers.ok);
        break;
      case "unbind":
        this.answer(pdu, answers.ok);
        this.bound = undefined;
        this.#flush();
        this.#socket.end();
        break;
      case "submit_sm":
        if (this.bound === undefined || this.bound === "receiver") this.answer(pdu, answers.wrongBindState);
        else this.#handlers.onSubmit(this, pdu);
        break;
      default:
        this.#handlers.onUnknown();
        this.#write(new PDU("generic_nack", { command_status: answers.invalidCommand, sequence_number: pdu.sequence_number }));
    }
  }

  #bind(pdu: Pdu, role: NonNullable<Esme["bound"]>): void {
    const status = this.bound === undefined ? this.#handlers.onBind(this, pdu) : answers.alreadyBound;
    this.answer(pdu, status, status === answers.ok ? { system_id: "lab-smsc" } : {});
    if (status !== answers.ok) return;
    this.bound = role;
    this.systemId = pdu.system_id ?? "";
    this.#handlers.onRoom(this);
  }
}
