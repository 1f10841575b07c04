import type { Clock } from "../../kernel/clock.ts";
import type { Random } from "../../kernel/random.ts";
import { intBetween } from "../../kernel/random.ts";
import type { ReportPlan } from "./persona.ts";
import type { SubmitEntry } from "./sms-books.ts";

/** Something the SMSC has for an ESME: the fields of a deliver_sm. */
export interface Delivery {
  readonly kind: "report" | "message";
  readonly id: string;
  readonly stat: string;
  readonly from: string;
  readonly to: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** message_state (SMPP 3.4 §5.2.28). */
const states: Readonly<Record<ReportPlan["stat"], number>> = {
  ENROUTE: 1,
  DELIVRD: 2,
  EXPIRED: 3,
  DELETED: 4,
  UNDELIV: 5,
  ACCEPTD: 6,
  UNKNOWN: 7,
  REJECTD: 8,
};
const receiptClass = 0x04;
const intermediateClass = 0x20;
const headerClass = 0x40;
/** Characters of a part with an 8-bit header: 153 septets, 67 of UCS-2. */
const partChars = { gsm: 153, ucs2: 67 };

/** The report of a message as SMSCs write it (SMPP 3.4 Appendix B), with the parameters of version 3.4. */
export function reportOf(submit: SubmitEntry, plan: ReportPlan, now: number): Delivery {
  const id = idAs(submit.id, plan.idForm ?? "same");
  const taken = plan.stat === "DELIVRD" ? "001" : "000";
  const opening = submit.text.slice(0, 20).replace(/[^ -~]/g, "?");
  const text = `id:${id} sub:001 dlvrd:${taken} submit date:${dateText(submit.at)} done date:${dateText(now)} stat:${plan.stat} err:${plan.err ?? "000"} text:${opening}`;
  return {
    kind: "report",
    id: submit.id,
    stat: plan.stat,
    from: submit.to,
    to: submit.from,
    fields: {
      ...addresses(submit.to, submit.from, submit.fromTon),
      esm_class: plan.stat === "ENROUTE" ? intermediateClass : receiptClass,
      data_coding: 0,
      short_message: Buffer.from(text, "latin1"),
      receipted_message_id: id,
      message_state: states[plan.stat],
      ...(submit.reference !== null && { user_message_reference: submit.reference }),
    },
  };
}

/** What a person writes, in as many parts as it takes. @param from their number, digits @param shuffled out of order */
export function messageFrom(from: string, to: string, text: string, shuffled: boolean, random: Random): readonly Delivery[] {
  const plain = /^[\n\r !"#%&'()*+,\-./0-9:;<=>?A-Za-z]*$/.test(text);
  const fields = { ...addresses(from, to, 1), data_coding: plain ? 0 : 8 };
  const octets = (part: string) => (plain ? Buffer.from(part, "latin1") : Buffer.from(part, "utf16le").swap16());
  const delivery = (short: Buffer, esmClass: number): Delivery => ({
    kind: "message",
    id: "",
    stat: "",
    from,
    to,
    fields: { ...fields, esm_class: esmClass, short_message: short },
  });
  if (text.length <= (plain ? 160 : 70)) return [delivery(octets(text), 0)];
  const size = plain ? partChars.gsm : partChars.ucs2;
  const total = Math.ceil(text.length / size);
  const reference = intBetween(random, 0, 255);
  const parts = Array.from({ length: total }, (_, at) =>
    delivery(Buffer.concat([Buffer.from([5, 0, 3, reference, total, at + 1]), octets(text.slice(at * size, (at + 1) * size))]), headerClass),
  );
  return shuffled ? [...parts.slice(1), ...parts.slice(0, 1)] : parts;
}

/** Does something after a while, unless everything is over by then. */
export class Afterwards {
  readonly #clock: Clock;
  readonly #timers = new Set<{ cancel(): void }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  in(delayMs: number, act: () => void): void {
    const timer = this.#clock.after(delayMs, () => {
      this.#timers.delete(timer);
      act();
    });
    this.#timers.add(timer);
  }

  close(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }
}

/** A message from a telephone to a number of the ESME, or what looks like one. */
function addresses(from: string, to: string, toTon: number): Readonly<Record<string, unknown>> {
  return {
    source_addr_ton: 1,
    source_addr_npi: 1,
    source_addr: from,
    dest_addr_ton: toTon,
    dest_addr_npi: toTon === 1 ? 1 : 0,
    destination_addr: to,
  };
}

function idAs(id: string, form: NonNullable<ReportPlan["idForm"]>): string {
  if (form === "decimal") return String(Number.parseInt(id, 16));
  return form === "padded" ? id.padStart(16, "0") : id;
}

/** YYMMDDhhmm, UTC. */
function dateText(at: number): string {
  return new Date(at).toISOString().replace(/\D/g, "").slice(2, 12);
}
