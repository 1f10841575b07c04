import type { Clock } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import type { BindOptions } from "../../sms/options.ts";
import type { BindsEvents, Incoming } from "../../sms/ports.ts";
import { type Delivered, type Numbered, readDelivered } from "./deliver-sm.ts";
import { statusCode, tag } from "./pdu.ts";
import { readReceipt } from "./receipt.ts";

/** Under way at once, at most; what is more is to be brought again. */
const mostUnderWay = 2000;
/** Optional parameters of one message that are kept for the reader, and octets of each. */
const mostParameters = 20;
const mostOctets = 140;

/** What the SMSC of a bind brings: each is handed on as a report or a message, and answered when it has been taken care of. */
export class Inbox {
  readonly #bind: Pick<BindOptions, "name" | "receiptUtcOffsetMinutes">;
  readonly #own: ReadonlyMap<string, string>;
  readonly #events: Pick<BindsEvents, "onReceipt" | "onIncoming">;
  readonly #clock: Clock;
  readonly #log: Log;
  #underWay = 0;

  /** @param own our senders' addresses by the same without a plus */
  constructor(
    bind: Pick<BindOptions, "name" | "receiptUtcOffsetMinutes">,
    own: ReadonlyMap<string, string>,
    events: Pick<BindsEvents, "onReceipt" | "onIncoming">,
    clock: Clock,
    log: Log,
  ) {
    this.#bind = bind;
    this.#own = own;
    this.#events = events;
    this.#clock = clock;
    this.#log = log;
  }

  take(pdu: Buffer, id: number, answer: (status: number) => void): void {
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
      () => {
        this.#underWay -= 1;
        answer(statusCode.ok);
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

  async #hand(delivered: Delivered): Promise<void> {
    const at = this.#clock.now();
    const receipt = readReceipt(delivered, this.#bind.receiptUtcOffsetMinutes);
    const [source, destination] = [
      numberOf(delivered.source),
      this.#own.get(delivered.destination.address.replace(/^\+/, "")) ?? numberOf(delivered.destination),
    ];
    // In a report source and destination are those of the reply: it comes from whom the message went to.
    if (receipt) await this.#events.onReceipt({ ...receipt, bind: this.#bind.name, to: source, from: destination, at });
    else await this.#events.onIncoming(this.#incoming(delivered, source, destination, at));
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

/** E.164 with its plus where it can be one: by its type of number, or by its length where the SMSC says nothing (§5.2.5). Else as written. */
function numberOf({ ton, address }: Numbered): string {
  const international = ton === 1 ? /^[1-9]\d{6,14}$/ : /^[1-9]\d{10,14}$/;
  return (ton === 0 || ton === 1) && international.test(address) ? `+${address}` : address;
}
