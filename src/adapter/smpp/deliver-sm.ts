import { command, FieldReader, tag } from "./pdu.ts";

/** What came in a deliver_sm (SMPP 3.4 §4.6.1) or data_sm (§4.7.1). */
export interface Delivered {
  readonly source: Numbered;
  readonly destination: Numbered;
  readonly serviceType: string;
  readonly esmClass: number;
  readonly dataCoding: number;
  /** short_message or message_payload, without the user data header. */
  readonly text: Buffer;
  readonly udh?: Buffer;
  readonly tlvs: ReadonlyMap<number, Buffer>;
}

export interface Numbered {
  readonly ton: number;
  readonly npi: number;
  readonly address: string;
}

/** Longer than any SMSC writes, and than the 21 octets of §5.2.8: some write more. */
const mostAddressOctets = 64;

/** @throws RangeError when the PDU ends before its fields do */
export function readDelivered(pdu: Buffer, id: number): Delivered {
  const reader = new FieldReader(pdu);
  const serviceType = reader.text(mostAddressOctets);
  const numbered = (): Numbered => ({ ton: reader.octet(), npi: reader.octet(), address: reader.text(mostAddressOctets) });
  const source = numbered();
  const destination = numbered();
  const esmClass = reader.octet();
  let dataCoding: number;
  let short = Buffer.alloc(0);
  if (id === command.dataSm) {
    reader.octet(); // registered_delivery
    dataCoding = reader.octet();
  } else {
    reader.octets(2); // protocol_id, priority_flag
    reader.text(mostAddressOctets); // schedule_delivery_time
    reader.text(mostAddressOctets); // validity_period
    reader.octets(2); // registered_delivery, replace_if_present_flag
    dataCoding = reader.octet();
    reader.octet(); // sm_default_msg_id
    short = Buffer.from(reader.octets(reader.octet()));
  }
  const tlvs = reader.tlvs();
  const whole = short.length > 0 ? short : Buffer.from(tlvs.get(tag.messagePayload) ?? "");
  // Behind a parameter that is cut off the text itself is whole all the same, and may say STOP; unless it would have stood there.
  if (whole.length === 0 && reader.unread) throw new RangeError("an optional parameter longer than the PDU");
  const headerOctets = (esmClass & 0x40) !== 0 && whole.length > 0 ? (whole[0] ?? 0) + 1 : 0;
  // A header that says it is longer than the message is none.
  const hasHeader = headerOctets > 0 && headerOctets <= whole.length;
  return {
    source,
    destination,
    serviceType,
    esmClass,
    dataCoding,
    text: hasHeader ? whole.subarray(headerOctets) : whole,
    ...(hasHeader && { udh: whole.subarray(0, headerOctets) }),
    tlvs,
  };
}
