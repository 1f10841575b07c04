import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { pause } from "../../src/kernel/clock.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import type { LabFreeswitch } from "../../src/lab/freeswitch/lab-freeswitch.ts";
import { encode } from "../../src/lab/media/g711.ts";
import { Ticker } from "../../src/lab/media/ticker.ts";
import { sines } from "../../src/lab/media/tone.ts";
import { EslClient, type EslMessage, newFreeswitch, password, seed } from "./freeswitch-kit.ts";
import { hushed, Line, labelOf, patiently, portOf, shapeOf } from "./replay-line.ts";
import { Telephone } from "./telephone.ts";

/** One line of a transcript: milliseconds, who, what. */
type Entry = readonly [number, string, unknown];

/** What FreeSWITCH said on an event socket. */
interface Said {
  readonly type?: string;
  readonly reply?: string;
  readonly event?: Readonly<Record<string, string>>;
  /** Which of the lists of header names. */
  readonly names?: number;
}

export interface FreeswitchReplayReport {
  readonly compared: number;
  readonly differences: string[];
  readonly unknown: readonly string[];
  readonly open: LabFreeswitch["open"];
}

export interface FreeswitchReplayOptions {
  /** Number of the first member of a conference. */
  readonly firstMember: number;
  /** Header names that need not be there. */
  readonly withoutNames: RegExp;
  /** Folders of this machine for those of the transcripts. */
  readonly folders: ReadonlyMap<string, string>;
}

const host = "127.0.0.1";
/** The dialplan of the day when the transcripts were made. */
const configuration = join(import.meta.dirname, "fixtures/freeswitch/recorded");
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const changing = [/(?<=tag=)[^;>\s|]+/g, /(?<=branch=)[^;\s]+/g, /(?<=^CSeq: )\d+/gm];

/** Plays the app's and drachtio-server's part of a transcript against the lab's FreeSWITCH, each step when all before it has come. */
export class FreeswitchReplay {
  readonly #options: FreeswitchReplayOptions;
  #freeswitch = newFreeswitch({ configuration });
  readonly #lines = new Map<string, Line>();
  readonly #server: Server = createServer();
  readonly #arrived: EslClient[] = [];
  readonly #udp: UdpSocket = createSocket("udp4");
  readonly #sip: string[] = [];
  readonly #carried = new Map<string, string>();
  readonly #ticker = new Ticker();
  readonly #telephones = new Map<string, Telephone>();
  readonly #offers = new Map<string, string>();
  readonly #differences: string[] = [];
  #names: string[][] = [];
  #wake: (() => void)[] = [];
  #compared = 0;
  #invited = 0;
  #sipPort = 0;

  constructor(options: FreeswitchReplayOptions) {
    this.#options = options;
  }

  async run(file: string): Promise<FreeswitchReplayReport> {
    const text = await readFile(new URL(`fixtures/freeswitch/wire/${file}.ndjson`, import.meta.url), "utf8");
    const entries = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Entry);
    this.#freeswitch.core.globals.set("sounds_dir", this.#options.folders.get("/SOUNDS") ?? "");
    this.#freeswitch.conferences.nextMember = this.#options.firstMember;
    await this.#freeswitch.listen();
    this.#sipPort = this.#freeswitch.sipPort;
    this.#udp.on("message", (bytes: Buffer) => this.#came(() => this.#sip.push(bytes.toString())));
    this.#udp.bind(0, host);
    await once(this.#udp, "listening");
    this.#server.on("connection", (socket) => this.#came(() => this.#arrived.push(new EslClient(socket))));
    this.#server.listen(0, host);
    await once(this.#server, "listening");
    for (const [atMs, who, what] of entries) {
      const before = this.#differences.length;
      await this.#step(who, what);
      for (let at = before; at < this.#differences.length; at++) this.#differences[at] = `${atMs} ${who}: ${this.#differences[at]}`;
    }
    for (const [name, line] of this.#lines) {
      for (const message of line.rest) this.#differences.push(`${name}: beyond the transcript ${labelOf(message)}`);
    }
    const report = {
      compared: this.#compared,
      differences: this.#differences,
      unknown: this.#freeswitch.unknownCommands,
      open: this.#freeswitch.open,
    };
    await this.#close();
    return report;
  }

  /** Ends the lab's FreeSWITCH as kill -9 does; another one, on the same ports, takes its place. */
  async #kill(): Promise<void> {
    const { eslPort, sipPort } = this.#freeswitch;
    this.#sipPort = sipPort;
    await this.#freeswitch.close();
    this.#freeswitch = newFreeswitch({ configuration, eslPort, sipPort });
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#lines.values()].map(({ client }) => client.close()));
    await Promise.all([...this.#telephones.values()].map((telephone) => telephone.close()));
    this.#ticker.close();
    await this.#freeswitch.close();
    this.#udp.close();
    this.#server.close();
  }

  #came(add: () => void): void {
    add();
    for (const wake of this.#wake.splice(0)) wake();
  }

  async #until<T>(look: () => T | undefined): Promise<T | undefined> {
    const found = async (): Promise<T> => {
      for (;;) {
        const value = look();
        if (value !== undefined) return value;
        await new Promise<void>((resolve) => {
          this.#wake.push(resolve);
        });
      }
    };
    return patiently(found());
  }

  async #step(who: string, what: unknown): Promise<void> {
    const [name = "", says] = who.split(" ");
    if (name === "names") this.#names = (what as string[]).map((list) => list.split(" "));
    else if (name === "to") await this.#sendSip(what as string);
    else if (name === "from") await this.#expectSip(what as string);
    else if (name === "kill") await this.#kill();
    else if (name === "restart") await this.#freeswitch.listen();
    else if (name === "key") {
      const [line, key] = what as [string, string];
      this.#telephones.get(line)?.stream.press(key);
    } else if (name === "talk") {
      const [line, talks] = what as [string, boolean];
      const telephone = this.#telephones.get(line);
      if (talks) telephone?.stream.play(encode("PCMU", sines([440], 1000)), () => {}, Number.POSITIVE_INFINITY);
      else if (telephone) await hushed(telephone);
    } else if (says) await this.#expect(name, what as Said);
    else await this.#playApp(name, what as string);
  }

  /**
   * The transcripts' apps waited between their commands: when they go on, no channel is still on its way to its next state, or out of a bridge, or has a sound laid over
   * it that comes to its end.
   */
  async #settle(): Promise<void> {
    const settled = () =>
      this.#freeswitch
        .channels()
        .every(({ state, runningState, partner, media }) => state === runningState && partner?.hangupCause === undefined && !media.filters.passing);
    for (let turn = 0; turn < 200 && !settled(); turn++) await pause(systemClock, 5);
  }

  async #playApp(name: string, what: string): Promise<void> {
    if (/^(sendmsg|api uuid)/.test(what)) await this.#settle();
    if (what === "(TCP connect)") this.#lines.set(name, new Line(new EslClient(connect(this.#freeswitch.eslPort, host))));
    else if (what === "(TCP FIN)" || what === "(TCP closed)") this.#lines.get(name)?.client.socket.end();
    else if (!what.startsWith("(")) this.#lines.get(name)?.client.socket.write(`${this.#toLive(what).replace("ClueCon", password)}\n\n`);
  }

  async #expect(name: string, said: Said): Promise<void> {
    this.#compared += 1;
    if (said.type === "(TCP connect)") {
      const client = await this.#until(() => this.#arrived.shift());
      if (client) this.#lines.set(name, new Line(client));
      else this.#differences.push("no connection came");
      return;
    }
    const line = this.#lines.get(name);
    if (!line) throw new Error(`no connection ${name}`);
    if (said.type?.startsWith("(TCP")) {
      if ((await patiently(line.client.closed.then(() => true))) === undefined) this.#differences.push("still open");
      return;
    }
    const live = await line.take(
      said.reply === undefined ? "event" : "reply",
      labelOf({ headers: new Map([["Content-Type", said.type ?? ""]]), event: said.event ?? {} }),
      this.#differences,
    );
    if (!live) this.#differences.push(`did not come: ${JSON.stringify(said).slice(0, 300)}`);
    else this.#compare(said, live);
  }

  #compare(said: Said, live: EslMessage): void {
    const data = said.reply === "CHANNEL_DATA";
    const inBody = data && !live.headers.has("Event-Name");
    const headers = inBody
      ? Object.fromEntries(live.body.split("\n").map((text) => [text.split(": ")[0] ?? "", text]))
      : { ...Object.fromEntries(live.headers), ...live.event };
    for (const [key, value] of Object.entries(said.event ?? {})) {
      const came = headers[key] ?? "(none)";
      this.#learn(value, came);
      if (shapeOf(this.#toLive(value)) !== shapeOf(came)) this.#differences.push(`${labelOf(live)}: ${key} is ${came}, not ${value}`);
    }
    const type = live.headers.get("Content-Type");
    if (said.type !== undefined && type !== said.type) this.#differences.push(`${type}, not ${said.type}`);
    if (said.reply !== undefined && !data) {
      const came = live.headers.get("Reply-Text") ?? live.body;
      // What the real one did not know either is no fault of the lab.
      if (/ Command not found!\s*$/.test(said.reply)) this.#freeswitch.unknownCommands.pop();
      if (shapeOf(this.#toLive(said.reply)) !== shapeOf(came)) this.#differences.push(`reply ${came}, not ${said.reply}`);
    }
    const missing = (this.#names[said.names ?? -1] ?? []).filter((name) => !(name in headers) && !this.#options.withoutNames.test(name));
    if (missing.length > 0) this.#differences.push(`${labelOf(live)} without ${missing.join(" ")}`);
  }

  async #sendSip(recorded: string): Promise<void> {
    const callId = /^Call-ID: (\S+)/m.exec(recorded)?.[1] ?? "";
    if (recorded.startsWith("INVITE") && !/^To: .*;tag=/m.test(recorded)) {
      this.#invited += 1;
      const telephone = await new Telephone(seededRandom(seed + this.#invited), this.#ticker).open();
      this.#telephones.set(callId, telephone);
      this.#telephones.set(`out${this.#invited}`, telephone);
    }
    // The ACK of an INVITE without an offer says FreeSWITCH's own address back to it: nobody is there yet.
    const telephone = this.#telephones.get(callId);
    const port = portOf((recorded.startsWith("ACK") ? this.#offers.get(callId) : telephone?.sdp()) ?? "");
    const [head = "", body = ""] = this.#toLive(recorded).split("\r\n\r\n");
    const sdp = port === undefined ? body : body.replace(/^m=audio \d+/m, `m=audio ${port}`);
    const text = `${head.replace(/^Content-Length: *\d+/m, `Content-Length: ${Buffer.byteLength(sdp)}`)}\r\n\r\n${sdp}`;
    this.#udp.send(text, this.#sipPort, host);
  }

  async #expectSip(recorded: string): Promise<void> {
    this.#compared += 1;
    const kind = (text: string) => `${/^\S+( \d+)?/.exec(text)?.[0]} ${/^Call-ID: \S+/m.exec(text)?.[0]} ${/^CSeq: \d+ (\S+)/m.exec(text)?.[1]}`;
    const live = await this.#until(() => {
      const at = this.#sip.findIndex((text) => kind(text) === kind(recorded));
      return at < 0 ? undefined : this.#sip.splice(at, 1)[0];
    });
    if (live === undefined) {
      this.#differences.push(`did not come: ${recorded.split("\r\n")[0]}`);
      return;
    }
    for (const pattern of changing) this.#learnAll(recorded.match(pattern) ?? [], live.match(pattern) ?? []);
    const reason = (text: string) => /^Reason: (.*?)\r?$/m.exec(text)?.[1] ?? "";
    if (reason(live) !== reason(recorded)) this.#differences.push(`Reason ${reason(live)}, not ${reason(recorded)}`);
    const body = live.slice(live.indexOf("\r\n\r\n") + 4);
    const callId = /^Call-ID: (\S+)\r/m.exec(live)?.[1] ?? "";
    if (!body.includes("m=audio")) return;
    this.#offers.set(callId, body);
    this.#telephones.get(callId)?.connect(body);
  }

  #learn(recorded: string, live: string): void {
    this.#learnAll(recorded.match(uuid) ?? [], live.match(uuid) ?? []);
  }

  #learnAll(recorded: readonly string[], live: readonly string[]): void {
    if (recorded.length !== live.length) return;
    for (const [at, value] of recorded.entries()) if (!this.#carried.has(value)) this.#carried.set(value, live[at] ?? value);
  }

  /** Recorded text with the live run's ids, ports and folders. */
  #toLive(text: string): string {
    let result = text;
    for (const pattern of [uuid, ...changing.slice(0, 2)]) result = result.replace(pattern, (value) => this.#carried.get(value) ?? value);
    if (/^SIP\/2\.0 /.test(text)) result = result.replace(/(?<=^CSeq: )\d+/m, (value) => this.#carried.get(value) ?? value);
    for (const [recorded, live] of this.#options.folders) result = result.replaceAll(recorded, live);
    const address = this.#server.address();
    const ports: Record<string, number> = {
      5082: this.#sipPort,
      5060: this.#udp.address().port,
      28085: typeof address === "object" && address ? address.port : 0,
    };
    return result.replace(/(?<=127\.0\.0\.1:|rport=)\d+/g, (port) => String(ports[port] ?? port));
  }
}
