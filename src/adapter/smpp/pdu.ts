/*
 * PDUs of SMPP 3.4 as octets. Our side of the wire has a codec of its own: the `smpp` package takes eight times the processor time for a message, guesses
 * alphabets and rewrites texts on the way; the lab's SMSC speaks with that package, so that the two check each other.
 */

/** command_id (§5.1.2.1). */
export const command = {
  genericNack: 0x80000000,
  bindReceiver: 0x00000001,
  bindTransmitter: 0x00000002,
  submitSm: 0x00000004,
  deliverSm: 0x00000005,
  unbind: 0x00000006,
  bindTransceiver: 0x00000009,
  outbind: 0x0000000b,
  enquireLink: 0x00000015,
  alertNotification: 0x00000102,
  dataSm: 0x00000103,
} as const;
const responseBit = 0x80000000;

/** command_status (§5.1.3), those that are acted upon. */
export const statusCode = {
  ok: 0x00000000,
  invalidCommand: 0x00000003,
  queueFull: 0x00000014,
  throttled: 0x00000058,
  temporaryFault: 0x00000064,
  permanentFault: 0x00000065,
} as const;

const statusNames: Readonly<Record<number, string>> = {
  1: "ESME_RINVMSGLEN",
  2: "ESME_RINVCMDLEN",
  3: "ESME_RINVCMDID",
  4: "ESME_RINVBNDSTS",
  5: "ESME_RALYBND",
  8: "ESME_RSYSERR",
  10: "ESME_RINVSRCADR",
  11: "ESME_RINVDSTADR",
  13: "ESME_RBINDFAIL",
  14: "ESME_RINVPASWD",
  15: "ESME_RINVSYSID",
  20: "ESME_RMSGQFUL",
  69: "ESME_RSUBMITFAIL",
  83: "ESME_RINVSYSTYP",
  88: "ESME_RTHROTTLED",
  100: "ESME_RX_T_APPN",
  101: "ESME_RX_P_APPN",
  255: "ESME_RUNKNOWNERR",
};

/** For the reader. */
export function statusName(status: number): string {
  return statusNames[status] ?? `command_status 0x${status.toString(16).padStart(8, "0")}`;
}

/** Tags of optional parameters (§5.3.2), those that are read or written. */
export const tag = {
  receiptedMessageId: 0x001e,
  userMessageReference: 0x0204,
  sarReference: 0x020c,
  sarTotal: 0x020e,
  sarNumber: 0x020f,
  networkErrorCode: 0x0423,
  messagePayload: 0x0424,
  messageState: 0x0427,
} as const;

export interface Header {
  readonly id: number;
  readonly status: number;
  readonly sequence: number;
}

/** Of a PDU of 16 octets or more. */
export function readHeader(pdu: Buffer): Header {
  return { id: pdu.readUInt32BE(4), status: pdu.readUInt32BE(8), sequence: pdu.readUInt32BE(12) };
}

export function isResponse(id: number): boolean {
  return id >= responseBit;
}

export function responseTo(id: number): number {
  return id + responseBit;
}

/** A whole PDU. Strings are C-octet strings, numbers octets, buffers themselves. */
export function writePdu(id: number, status: number, sequence: number, fields: readonly (string | number | Buffer)[] = []): Buffer {
  let length = 16;
  for (const field of fields) length += typeof field === "number" ? 1 : typeof field === "string" ? field.length + 1 : field.length;
  const pdu = Buffer.allocUnsafe(length);
  pdu.writeUInt32BE(length, 0);
  pdu.writeUInt32BE(id, 4);
  pdu.writeUInt32BE(status, 8);
  pdu.writeUInt32BE(sequence, 12);
  let at = 16;
  for (const field of fields) {
    if (typeof field === "number") {
      pdu[at] = field;
      at += 1;
    } else if (typeof field === "string") {
      at += pdu.write(field, at, "latin1");
      pdu[at] = 0;
      at += 1;
    } else {
      at += field.copy(pdu, at);
    }
  }
  return pdu;
}

/** An optional parameter; a number takes so many octets. */
export function writeTlv(parameter: number, value: Uint8Array | number, octets = 1): Buffer {
  const length = typeof value === "number" ? octets : value.length;
  const tlv = Buffer.allocUnsafe(4 + length);
  tlv.writeUInt16BE(parameter, 0);
  tlv.writeUInt16BE(length, 2);
  if (typeof value === "number") tlv.writeUIntBE(value, 4, octets);
  else tlv.set(value, 4);
  return tlv;
}

/** Reads the fields of a PDU one after the other. All of it throws a RangeError where the PDU ends too early. */
export class FieldReader {
  readonly #pdu: Buffer;
  #at = 16;

  constructor(pdu: Buffer) {
    this.#pdu = pdu;
  }

  octet(): number {
    const value = this.#pdu.readUInt8(this.#at);
    this.#at += 1;
    return value;
  }

  /** A C-octet string; what is no printable ASCII becomes a question mark. */
  text(mostOctets: number): string {
    const end = this.#pdu.indexOf(0, this.#at);
    if (end < 0 || end - this.#at > mostOctets) throw new RangeError("a text without an end");
    const text = printable(this.#pdu.subarray(this.#at, end));
    this.#at = end + 1;
    return text;
  }

  octets(length: number): Buffer {
    if (this.#at + length > this.#pdu.length) throw new RangeError("fewer octets than announced");
    const octets = this.#pdu.subarray(this.#at, this.#at + length);
    this.#at += length;
    return octets;
  }

  /** A C-octet string that may lack its NUL at the end of the PDU. */
  lastText(mostOctets: number): string {
    return printable(this.#pdu.subarray(this.#at, this.#at + mostOctets));
  }

  /** The optional parameters that follow, up to one that is longer than the PDU; of one that is repeated the first. */
  tlvs(): ReadonlyMap<number, Buffer> {
    const found = new Map<number, Buffer>();
    while (this.#at + 4 <= this.#pdu.length) {
      const parameter = this.#pdu.readUInt16BE(this.#at);
      const length = this.#pdu.readUInt16BE(this.#at + 2);
      if (this.#at + 4 + length > this.#pdu.length) break;
      this.#at += 4;
      const value = this.octets(length);
      if (!found.has(parameter)) found.set(parameter, value);
    }
    return found;
  }

  /** Whether octets are left that nothing has read. */
  get unread(): boolean {
    return this.#at < this.#pdu.length;
  }
}

/** ASCII up to a NUL; what cannot be shown becomes a question mark. */
export function printable(octets: Uint8Array): string {
  const text = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString("latin1");
  const end = text.indexOf("\0");
  return (end < 0 ? text : text.slice(0, end)).replace(/[^ -~]/g, "?");
}
