import type { Answer, World } from "./world.ts";

/** What stands in the header of a WAV file; some of it may be lies. */
export interface WavWish {
  readonly code?: number;
  readonly bits?: number;
  readonly rate?: number;
  readonly channels?: number;
  /** As the header tells it; as it is when left out. */
  readonly dataBytes?: number;
}

/** A WAV file with these bytes as its sound. */
export function wavOf(data: Buffer, { code = 1, bits = 16, rate = 8000, channels = 1, dataBytes = data.length }: WavWish = {}): Buffer {
  const head = Buffer.alloc(44);
  head.write("RIFF", 0, "latin1");
  head.writeUInt32LE((36 + dataBytes) >>> 0, 4);
  head.write("WAVEfmt ", 8, "latin1");
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(code, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE((rate * channels * bits) / 8, 28);
  head.writeUInt16LE((channels * bits) / 8, 32);
  head.writeUInt16LE(bits, 34);
  head.write("data", 36, "latin1");
  head.writeUInt32LE(dataBytes, 40);
  return Buffer.concat([head, data]);
}

/** A tone in 16-bit samples. */
export function tone(ms: number, hz = 440, rate = 8000): Buffer {
  const data = Buffer.alloc(Math.round((ms * rate) / 1000) * 2);
  for (let at = 0; at < data.length / 2; at++) data.writeInt16LE(Math.round(9000 * Math.sin((2 * Math.PI * hz * at) / rate)), at * 2);
  return data;
}

export const asWav = { "content-type": "audio/wav" };

/** Sends a recording. */
export async function upload(
  { app, key }: Pick<World, "app" | "key">,
  url: string,
  sound: Buffer,
  headers: Readonly<Record<string, string>> = asWav,
): Promise<Answer> {
  const answer = await app.inject({ method: "PUT", url, payload: sound, headers: { authorization: `Bearer ${key}`, ...headers } });
  return { status: answer.statusCode, headers: answer.headers, body: answer.body === "" ? { items: [] } : answer.json(), text: answer.body };
}
