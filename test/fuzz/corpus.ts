/** Messages as they are on the wire when all is well; the fuzz wounds them. */

export const sdp = [
  "v=0",
  "o=- 3 1 IN IP4 127.0.0.1",
  "s=-",
  "c=IN IP4 127.0.0.1",
  "t=0 0",
  "m=audio 4000 RTP/AVP 0 8 101 13",
  "a=rtpmap:0 PCMU/8000",
  "a=rtpmap:8 PCMA/8000",
  "a=rtpmap:101 telephone-event/8000",
  "a=fmtp:101 0-16",
  "a=ptime:20",
  "a=sendrecv",
  "",
].join("\r\n");

export interface SipWish {
  readonly callId?: string;
  readonly fromTag?: string;
  readonly cseq?: string;
}

export function response(
  status: number,
  phrase: string,
  { callId = "abc", fromTag = "f", cseq = "1 INVITE" }: SipWish = {},
  body = status < 300 && status > 180 ? sdp : "",
): string {
  return [
    `SIP/2.0 ${status} ${phrase}`,
    "Via: SIP/2.0/UDP 127.0.0.1:5060;rport=5060;branch=z9hG4bKa",
    "Record-Route: <sip:10.0.0.1;lr>, <sip:10.0.0.2;lr>",
    `From: <sip:+12125550100@carrier.test>;tag=${fromTag}`,
    `To: <sip:+12125550101@carrier.test>;tag=t${callId}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq}`,
    'Contact: "A, B" <sip:+12125550101@127.0.0.1:5070;transport=udp>;expires=60',
    "Server: Test 1.0",
    'Reason: Q.850;cause=17;text="User busy", SIP;cause=486',
    'Warning: 304 carrier.test "no codec"',
    'WWW-Authenticate: Digest realm="carrier.test", nonce="n1", algorithm=MD5, qop="auth"',
    "Retry-After: 5",
    ...(body === "" ? [] : ["Content-Type: application/sdp"]),
    `Content-Length: ${body.length}`,
    "",
    body,
  ].join("\r\n");
}

export function request(method: string, { callId = "abc", fromTag = "f", cseq = `7 ${method}` }: SipWish = {}, body = ""): string {
  return [
    `${method} sip:carillon@127.0.0.1:5060 SIP/2.0`,
    "Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKb",
    "Max-Forwards: 70",
    `From: <sip:+12125550101@carrier.test>;tag=t${callId}`,
    `To: <sip:+12125550100@carrier.test>;tag=${fromTag}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq}`,
    "Contact: <sip:+12125550101@127.0.0.1:5070>",
    "Reason: Q.850;cause=16",
    ...(body === "" ? [] : ["Content-Type: application/sdp"]),
    `Content-Length: ${body.length}`,
    "",
    body,
  ].join("\r\n");
}

/** The copy of a message, as drachtio-server sends it (HEP v3). */
export function hep(text: string): Buffer {
  const chunk = (type: number, value: Buffer) => {
    const head = Buffer.alloc(6);
    head.writeUInt16BE(type, 2);
    head.writeUInt16BE(value.length + 6, 4);
    return Buffer.concat([head, value]);
  };
  const port = Buffer.alloc(2);
  port.writeUInt16BE(5070);
  const chunks = Buffer.concat([chunk(2, Buffer.from([17])), chunk(3, Buffer.from([127, 0, 0, 1])), chunk(7, port), chunk(15, Buffer.from(text))]);
  const head = Buffer.from("HEP3\0\0");
  head.writeUInt16BE(chunks.length + 6, 4);
  return Buffer.concat([head, chunks]);
}

/** One packet of µ-law, with extension and padding when `odd`. */
export function rtp(sequence: number, odd = false): Buffer {
  const packet = Buffer.alloc(12 + 160 + (odd ? 12 : 0), 0x7f);
  packet[0] = odd ? 0xb0 : 0x80;
  packet[1] = odd ? 101 : 0;
  packet.writeUInt16BE(sequence & 0xffff, 2);
  packet.writeUInt32BE((sequence * 160) >>> 0, 4);
  packet.writeUInt32BE(7, 8);
  if (odd) {
    packet.writeUInt32BE(0xbede0001, 12);
    packet[packet.length - 1] = 4;
  }
  return packet;
}

const event = {
  "Event-Name": "CHANNEL_EXECUTE_COMPLETE",
  "Unique-ID": "u1",
  "Session-Count": "3",
  "Max-Sessions": "1000",
  "Idle-CPU": "98.7",
  variable_carillon_digits: "12",
  "Content-Length": "2",
  _body: "ok",
};

/** Messages of an event socket, each framed as it should be. */
export const eslMessages: readonly string[] = [
  "Content-Type: command/reply\nReply-Text: +OK accepted\n\n",
  "Content-Type: command/reply\nReply-Text: -ERR 50%25 off\n\n",
  ...["+OK done\n", "", "true"].map((body) => `Content-Type: api/response\nContent-Length: ${body.length}\n\n${body}`),
  ...[
    JSON.stringify(event),
    JSON.stringify({ ...event, "Event-Name": "HEARTBEAT" }),
    JSON.stringify({ "Event-Name": "DTMF", "DTMF-Digit": "5", "Unique-ID": "u1" }),
  ].map((body) => `Content-Length: ${body.length}\nContent-Type: text/event-json\n\n${body}`),
  "Content-Length: 60\nContent-Type: text/event-plain\n\nEvent-Name: CUSTOM\nEvent-Subclass: a%3A%3Ab\nContent-Length: 2\n\nok",
  "Content-Type: text/disconnect-notice\nContent-Length: 4\n\nbye\n",
];
