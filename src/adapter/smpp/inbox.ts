import type { Clock } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import type { BindOptions } from "../../sms/options.ts";
import type { BindsEvents, Incoming } from "../../sms/ports.ts";
import { type Delivered, type Numbered, readDelivered } from "./deliver-sm.ts";
import { statusCode, tag } from "./pdu.ts";
import { isInFormOfReceipt, readReceipt } from "./receipt.ts";

/** Under way at once, at most; what is more is to be brought again. */
const mostUnderWay = 2000;
/** Optional parameters of one message that are kept for the reader, and octets of each. */
const mostParameters = 20;
const mostOctets = 140;
/** ton of a number within its country. */
const national = 2;
const never = /(?!)/;

type InboxEvents = Pick<BindsEvents, "onReceipt" | "onIncoming" | "onConfirmed">;
type InboxBind = Pick<BindOptions, "name" | "receiptUtcOffsetMinutes" | "unmarkedReceipts" | "country">;

/** The number in E.164 form, as people in a country write it; undefined where there is no such number. @param country undefined: the account's */
export type ReadNumber = (written: string, country: string | undefined) => string | undefined;

/** What the SMSC of a bind brings: each is handed on as a report or a message, and answered when it has been taken care of. */
export class Inbox {
  readonly #bind: InboxBind;
  readonly #own: ReadonlyMap<string, string>;
  readonly #readNumber: ReadNumber;
  readonly #events: InboxEvents;
  readonly #clock: Clock;
  readonly #log: Log;
  #underWay = 0;
  #warned = false;

  /** @param own our senders' addresses by the same without a plus */
  constructor(bind: InboxBind, own: ReadonlyMap<string, string>, readNumber: ReadNumber, events: InboxEvents, clock: Clock, log: Log) {
    this.#bind = bind;
    this.#own = own;
    this.#readNumber = readNumber;
    this.#events = events;
    this.#clock = clock;
    this.#log = log;
  }

  take(pdu: Buffer, id: number, answer: (status: number) => boolean): void {
    if (this.#underWay >= mostUnderWay) {
      answer(statusCode.temporaryFault);
      return;
    }
    let delivered: Delivered;
    try {
      delivered = readDelivered(pdu, id);
    } catch (error) {
      // Brought again it would be no better.
      this.#log.warn({ reason: error instanceof Error ? error.message : String(error) }, "a message of the SMSC cannot be read");
      answer(statusCode.permanentFault);
      return;
    }
    this.#underWay += 1;
    this.#hand(delivered).then(
      (message) => {
        this.#underWay -= 1;
        if (answer(statusCode.ok) && message) this.#events.onConfirmed?.(message);
      },
      (error: unknown) => {
        this.#underWay -= 1;
        this.#log.warn(
          { reason: error instanceof Error ? error.message : String(error) },
          "a message of the SMSC was not stored; it is to be brought again",
        );
        answer(statusCode.temporaryFault);
      },
    );
  }

  /** @returns what somebody wrote */
  async #hand(delivered: Delivered): Promise<Incoming | undefined> {
    const at = this.#clock.now();
    const { name, receiptUtcOffsetMinutes: utcOffsetMinutes, unmarkedReceipts: unmarked } = this.#bind;
    const receipt = readReceipt(delivered, { utcOffsetMinutes, unmarked });
    const [source, destination] = [this.#numberOf(delivered.source), this.#numberOf(delivered.destination)];
    if (receipt) {
      // In a report source and destination are those of the reply: it comes from whom the message went to. Some SMSCs leave them as they were in the submit.
      const [to, from] = this.#isOwn(source) && !this.#isOwn(destination) ? [destination, source] : [source, destination];
      await this.#events.onReceipt({ ...receipt, bind: name, to, from, at });
      return undefined;
    }
    if (!this.#warned && isInFormOfReceipt(delivered)) {
      this.#warned = true;
      this.#log.warn(
        {},
        "a message is written as a report of delivery and not marked as one: where the SMSC writes its reports so, set unmarkedReceipts",
      );
    }
    const message = this.#incoming(delivered, source, destination, at);
    await this.#events.onIncoming(message);
    return message;
  }

  /** One of our senders as it is configured; else E.164 with its plus where it can be one; else as written. */
  #numberOf({ ton, address }: Numbered): string {
    const own = this.#own.get(address.replace(/^\+/, ""));
    if (own !== undefined) return own;
    const read = this.#phoneOf(ton, address);
    return read === undefined ? address : (this.#own.get(read.slice(1)) ?? read);
  }

  /** By its type of number (§5.2.5), or by its length where the SMSC says nothing; what lacks its country is read as people there write it. */
  #phoneOf(ton: number, address: string): string | undefined {
    if (ton > national || !/^\+?\d{6,17}$/.test(address)) return undefined;
    const bare = address.replace(/^\+|^00/, "");
    const whole = bare !== address && ton !== national;
    const international = whole || ton === 1 ? /^[1-9]\d{6,14}$/ : ton === 0 ? /^[1-9]\d{10,14}$/ : never;
    if (international.test(bare)) return `+${bare}`;
    return this.#readNumber(address, this.#bind.country) ?? (ton === 0 ? this.#readNumber(`+${bare}`, this.#bind.country) : undefined);
  }

  #isOwn(address: string): boolean {
    return this.#own.has(address.replace(/^\+/, ""));
  }

  #incoming(delivered: Delivered, from: string, to: string, at: number): Incoming {
    const { text, dataCoding, udh, tlvs, esmClass, serviceType, source, destination } = delivered;
    const [reference, total, number] = [tlvs.get(tag.sarReference), tlvs.get(tag.sarTotal), tlvs.get(tag.sarNumber)];
    const parameters = [...tlvs].filter(([parameter]) => parameter !== tag.messagePayload).slice(0, mostParameters);
    return {
      bind: this.#bind.name,
      from,
      to,
      at,
      text,
      dataCoding,
      ...(udh !== undefined && { udh }),
      ...(reference?.length === 2 &&
        total?.length === 1 &&
        number?.length === 1 && {
          sar: { reference: reference.readUInt16BE(0), total: total.readUInt8(0), number: number.readUInt8(0) },
        }),
      details: {
        esm_class: esmClass,
        service_type: serviceType,
        source_addr_ton: source.ton,
        source_addr_npi: source.npi,
        dest_addr_ton: destination.ton,
        dest_addr_npi: destination.npi,
        ...Object.fromEntries(parameters.map(([parameter, value]) => [tlvName(parameter), value.subarray(0, mostOctets).toString("hex")])),
      },
    };
  }
}

function tlvName(parameter: number): string {
  return `tlv_0x${parameter.toString(16).padStart(4, "0")}`;
}
