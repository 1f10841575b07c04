import type { EventEmitter } from "node:events";
import { connect, type Socket } from "node:net";
import Srf from "drachtio-srf";
import { type FsmrfEndpoint, newMrf } from "../../src/adapter/freeswitch/fsmrf.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { LabDrachtio } from "../../src/lab/drachtio/lab-drachtio.ts";
import { LabFreeswitch, type LabFreeswitchOptions } from "../../src/lab/freeswitch/lab-freeswitch.ts";
import { encode } from "../../src/lab/media/g711.ts";
import { Ticker } from "../../src/lab/media/ticker.ts";
import { PatientTime } from "../../src/lab/patient-time.ts";
import { Telephone } from "./telephone.ts";

export const seed = Number(process.env["SEED"] ?? 20261122);
export const password = "a password";
const secret = "a secret";
const host = "127.0.0.1";

/** drachtio-fsmrf's Endpoint as these tests use it. */
export interface Endpoint extends Omit<FsmrfEndpoint, "conn"> {
  readonly connected: boolean;
  readonly conn: { readonly socket: Socket } | null;
  readonly remote: { readonly sdp: string };
  modify(sdp: string): Promise<unknown>;
  play(file: string | string[]): Promise<Record<string, string>>;
  playCollect(options: Record<string, unknown>): Promise<Record<string, string | null>>;
  record(file: string, options: Record<string, number>): Promise<Record<string, string>>;
  set(values: Record<string, string>): Promise<unknown>;
  bridge(other: Endpoint): Promise<unknown>;
  unbridge(): Promise<unknown>;
  getChannelVariables(media: boolean): Promise<Record<string, string>>;
  destroy(): Promise<unknown>;
}

interface MediaServer extends EventEmitter {
  readonly conn: { readonly socket: Socket };
  createEndpoint(options?: { remoteSdp: string }): Promise<Endpoint>;
  api(command: string): Promise<string>;
  disconnect(): void;
}

/** The lab's FreeSWITCH and drachtio-server with the real drachtio-srf and drachtio-fsmrf on them. */
export interface Stack {
  readonly freeswitch: LabFreeswitch;
  readonly ms: MediaServer;
  /** A telephone that an endpoint is attached to. */
  telephone(endpoint: Endpoint): Promise<Telephone>;
  endpoint(): Promise<Endpoint>;
  /** Takes all telephones away; one that went on talking could be heard by whoever gets its endpoint's port next. */
  hush(): Promise<void>;
  close(): Promise<void>;
}

export function newFreeswitch(options: Partial<LabFreeswitchOptions> = {}): LabFreeswitch {
  return new LabFreeswitch({ clock: systemClock, random: seededRandom(seed), log: silentLog, host, eslPort: 0, sipPort: 0, password, ...options });
}

/** All of it goes by one time that waits for this process, so that no sound is let go while the machine is busy. */
export async function openStack(options: Partial<LabFreeswitchOptions> = {}): Promise<Stack> {
  const time = new PatientTime();
  const clock = time.clock(systemClock.now());
  const freeswitch = newFreeswitch({ clock, ticker: new Ticker(time.beat()), ...options });
  await freeswitch.listen();
  const drachtio = new LabDrachtio({ clock, random: seededRandom(seed + 1), log: silentLog, host, adminPort: 0, sipPort: 0, secret });
  await drachtio.listen();
  const srf = new Srf();
  srf.connect({ host, port: drachtio.adminPort, secret });
  await new Promise((resolve) => srf.once("connect", resolve));
  const mrf = newMrf(srf as unknown as EventEmitter);
  const connected = await mrf.connect({ address: host, port: freeswitch.eslPort, secret: password, listenAddress: host, listenPort: 0 });
  const ms = connected as unknown as MediaServer;
  // Two writes a command and Nagle cost 40 ms each time (reference/wire, G2).
  ms.conn.socket.setNoDelay(true);
  const ticker = new Ticker(time.beat());
  const telephones: Telephone[] = [];
  const chance = seededRandom(seed + 2);
  const hush = async () => {
    await Promise.all(telephones.splice(0).map((telephone) => telephone.close()));
  };
  return {
    freeswitch,
    ms,
    async endpoint() {
      const endpoint = await ms.createEndpoint();
      endpoint.conn?.socket.setNoDelay(true);
      // Our dialplan makes a secret of every key, and lets it pass in a bridge unread; that of the transcripts did not.
      await ms.api(`uuid_setvar ${endpoint.uuid} sensitive_dtmf false`);
      await ms.api(`uuid_setvar ${endpoint.uuid} pass_rfc2833 false`);
      return endpoint;
    },
    async telephone(endpoint) {
      const telephone = await new Telephone(chance, ticker).open();
      telephones.push(telephone);
      await endpoint.modify(telephone.sdp());
      telephone.connect(endpoint.local.sdp);
      return telephone;
    },
    hush,
    async close() {
      await hush();
      ticker.close();
      ms.disconnect();
      srf.disconnect();
      await drachtio.close();
      await freeswitch.close();
      time.close();
    },
  };
}

/** Whether the telephone has heard all of a sound, byte for byte: nothing on the way may change µ-law. */
export function heard(telephone: Telephone, pcm: Int16Array): boolean {
  return Buffer.from(telephone.hearing.audio).indexOf(Buffer.from(encode("PCMU", pcm))) >= 0;
}

/** Resolves at the next event for which it holds. */
export function next<T>(emitter: EventEmitter, name: string, holds: (event: T) => boolean = () => true): Promise<T> {
  return new Promise((resolve) => {
    const listen = (event: T) => {
      if (!holds(event)) return;
      emitter.removeListener(name, listen);
      resolve(event);
    };
    emitter.on(name, listen);
  });
}

/** One thing that came from the switch. */
export interface EslMessage {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Of a JSON event. */
  readonly event: Readonly<Record<string, string>>;
}

/** A bare event-socket client that keeps all it got. */
export class EslClient {
  readonly socket: Socket;
  readonly messages: EslMessage[] = [];
  readonly closed: Promise<void>;
  #pending = Buffer.alloc(0);
  #watchers = new Set<() => void>();

  constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.once("close", () => resolve());
    });
    socket.on("error", () => {});
    socket.on("data", (chunk) => this.#take(chunk));
  }

  static async open(port: number): Promise<EslClient> {
    const socket = connect({ host, port, noDelay: true });
    const client = new EslClient(socket);
    await client.until((message) => message.headers.get("Content-Type") === "auth/request");
    return client;
  }

  /** Sends a command and resolves with its reply. */
  async command(text: string): Promise<string> {
    const before = this.messages.length;
    this.socket.write(`${text}\n\n`);
    const reply = await this.until((message) => /^(command\/reply|api\/response)$/.test(message.headers.get("Content-Type") ?? ""), before);
    return reply.headers.get("Reply-Text") ?? reply.body;
  }

  /** The first message for which it holds, from the given place on; waits for it when it has not come yet. */
  until(holds: (message: EslMessage) => boolean, from = 0): Promise<EslMessage> {
    return new Promise((resolve) => {
      let at = from;
      const look = () => {
        for (; at < this.messages.length; at++) {
          const message = this.messages[at];
          if (!message || !holds(message)) continue;
          this.#watchers.delete(look);
          resolve(message);
          return;
        }
      };
      this.#watchers.add(look);
      look();
    });
  }

  event(name: string, values: Readonly<Record<string, string>> = {}): Promise<EslMessage> {
    return this.until(({ event }) => event["Event-Name"] === name && Object.entries(values).every(([key, value]) => event[key] === value));
  }

  close(): Promise<void> {
    this.socket.destroy();
    return this.closed;
  }

  #take(chunk: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    for (;;) {
      const end = this.#pending.indexOf("\n\n");
      if (end < 0) break;
      const lines = this.#pending.toString("utf8", 0, end).split("\n");
      const headers = new Map(lines.map((line): [string, string] => [line.slice(0, line.indexOf(": ")), line.slice(line.indexOf(": ") + 2)]));
      const length = Number(headers.get("Content-Length") ?? 0);
      if (this.#pending.length < end + 2 + length) break;
      const body = this.#pending.toString("utf8", end + 2, end + 2 + length);
      this.#pending = this.#pending.subarray(end + 2 + length);
      const event = headers.get("Content-Type") === "text/event-json" ? JSON.parse(body) : {};
      this.messages.push({ headers, body, event });
    }
    for (const look of [...this.#watchers]) look();
  }
}

/** A switch alone, listening. */
export async function running(options = {}): Promise<LabFreeswitch> {
  const freeswitch = newFreeswitch(options);
  await freeswitch.listen();
  return freeswitch;
}

/** Somebody on its event socket who has said the password. */
export async function client(freeswitch: LabFreeswitch): Promise<EslClient> {
  const esl = await EslClient.open(freeswitch.eslPort);
  await esl.command(`auth ${password}`);
  return esl;
}
