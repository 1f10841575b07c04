import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";

/** What the server knows: texts by `TXT name`, exchanges by `MX name`. A name of which it knows nothing at all is not there. */
export type Zone = Readonly<Record<string, readonly string[]>>;

const types = { 15: "MX", 16: "TXT" } as const;
const labels = (name: string) =>
  Buffer.concat([...name.split(".").flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]), Buffer.from([0])]);

/** A name server on this machine (RFC 1035 §4), and a resolver that asks no other. */
export async function openNameServer(t: { teardown(end: () => unknown): void }, zone: Zone | "fails"): Promise<Resolver> {
  const socket = createSocket("udp4");
  socket.on("message", (query, { port, address }) => socket.send(answerTo(query, zone), port, address));
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  t.teardown(() => socket.close());
  const resolver = new Resolver({ timeout: 5000, tries: 2 });
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return resolver;
}

function answerTo(query: Buffer, given: Zone | "fails"): Buffer {
  const zone = given === "fails" ? {} : given;
  const names: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    names.push(query.toString("latin1", at + 1, at + 1 + length));
    at += length + 1;
  }
  const question = query.subarray(12, at + 5);
  const name = names.join(".").toLowerCase();
  const type = types[query.readUInt16BE(at + 1) as keyof typeof types];
  const records = zone[`${type} ${name}`] ?? [];
  const known = Object.keys(zone).some((key) => key.endsWith(` ${name}`));
  const answers = records.map((record) => {
    const data = type === "MX" ? Buffer.concat([Buffer.from([0, 10]), labels(record)]) : Buffer.concat(textPieces(record));
    const head = Buffer.from([0xc0, 12, 0, type === "MX" ? 15 : 16, 0, 1, 0, 0, 0, 60, data.length >> 8, data.length & 0xff]);
    return Buffer.concat([head, data]);
  });
  const head = Buffer.alloc(12);
  query.copy(head, 0, 0, 2);
  head.writeUInt16BE(given === "fails" ? 0x8182 : known ? 0x8180 : 0x8183, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(answers.length, 6);
  return Buffer.concat([head, question, ...answers]);
}

/** Of 255 octets at most, as DNS keeps a long text. */
function textPieces(text: string): readonly Buffer[] {
  return (text.match(/.{1,255}/g) ?? [""]).map((piece) => Buffer.concat([Buffer.from([piece.length]), Buffer.from(piece)]));
}
