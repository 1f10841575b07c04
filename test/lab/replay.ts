import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { FrameReader, frameOf } from "../../src/lab/drachtio/admin-frame.ts";
import { LabDrachtio } from "../../src/lab/drachtio/lab-drachtio.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";
import { seed } from "./sip-kit.ts";

/** One line of a transcript: milliseconds, who, what. */
type Entry = readonly [number, string, string];

export interface Difference {
  readonly atMs: number;
  readonly who: string;
  readonly recorded: string;
  readonly live: string;
}

export interface ReplayReport {
  /** Things the server said in the transcript and the lab was compared on. */
  readonly compared: number;
  readonly differences: Difference[];
  /** What the lab said beyond the transcript. */
  readonly extra: string[];
  /** What the lab held when all connections were closed. */
  readonly counts: LabDrachtio["counts"];
}

/** What one side sent us, in order, with those who wait for it. */
class Inbox {
  readonly items: string[] = [];
  closed = false;
  #wake: (() => void)[] = [];

  add(item: string): void {
    this.items.push(item);
    this.wake();
  }

  wake(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        this.#wake.push(resolve);
      });
    }
  }

  /** Takes the first item of that kind; undefined when the side closed before it came. */
  async take(kind: string, kindOf: (item: string) => string): Promise<string | undefined> {
    const find = () => this.items.findIndex((item) => kindOf(item) === kind);
    await this.until(() => find() !== -1 || this.closed);
    const index = find();
    return index === -1 ? undefined : this.items.splice(index, 1)[0];
  }
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** What differs from run to run and must be carried over: ids, tags, branches, CSeq numbers. */
const changing = [uuid, /(?<=tag=)[^;>\s|]+/g, /(?<=branch=)[^;\s]+/g, /(?<=^CSeq: )\d+/gm];

/** Plays the apps' and the far sides' part of a transcript against the lab. */
export class Replay {
  readonly #clock = new VirtualClock(0);
  readonly #lab: LabDrachtio;
  readonly #apps = new Map<string, { readonly socket: Socket; readonly inbox: Inbox }>();
  readonly #peers = new Map<string, { readonly socket: UdpSocket; readonly inbox: Inbox }>();
  readonly #carried = new Map<string, string>();
  readonly #ports = new Map<string, string>();
  readonly #wire = new Inbox();
  #came = 0;

  constructor() {
    this.#lab = new LabDrachtio({
      clock: this.#clock,
      random: seededRandom(seed),
      log: silentLog,
      host: "127.0.0.1",
      adminPort: 0,
      sipPort: 0,
      secret: "cymru",
      onWire: ({ direction }) => {
        if (direction === "in") this.#came += 1;
        this.#wire.wake();
      },
    });
  }

  async run(file: string): Promise<ReplayReport> {
    const text = await readFile(new URL(`fixtures/wire/${file}.ndjson`, import.meta.url), "utf8");
    const entries = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Entry);
    await this.#lab.listen();
    await this.#openPeers(entries);
    const differences: Difference[] = [];
    let compared = 0;
    for (const [atMs, who, what] of entries) {
      await this.#clock.advance(Math.max(0, atMs - this.#clock.now()));
      const difference = await this.#step(who, what);
      if (difference !== undefined) compared += 1;
      if (difference !== undefined && difference.live !== difference.recorded) differences.push({ atMs, who, ...difference });
    }
    const extra = [...this.#apps.values(), ...this.#peers.values()].flatMap(({ inbox }) => inbox.items);
    for (const { socket } of this.#apps.values()) socket.destroy();
    await this.#clock.advance(70_000);
    const { counts } = this.#lab;
    await this.#lab.close();
    for (const { socket } of this.#peers.values()) socket.close();
    return { compared, differences, extra, counts };
  }

  async #openPeers(entries: readonly Entry[]): Promise<void> {
    this.#ports.set("5060", String(this.#lab.sipPort));
    const closed = new Set(entries.flatMap(([, who]) => (who.startsWith("closed") ? [who.slice(6)] : [])));
    for (const [, who] of entries) {
      const port = /^(?:to|from|closed)(\d+)$/.exec(who)?.[1];
      if (port === undefined || this.#ports.has(port)) continue;
      const socket = createSocket("udp4");
      const inbox = new Inbox();
      socket.on("message", (bytes: Buffer) => inbox.add(bytes.toString()));
      socket.bind(0, "127.0.0.1");
      await once(socket, "listening");
      this.#ports.set(port, String(socket.address().port));
      if (closed.has(port)) socket.close();
      else this.#peers.set(port, { socket, inbox });
    }
  }

  async #step(who: string, what: string): Promise<{ recorded: string; live: string } | undefined> {
    const [, side = "", number = ""] = /^([a-z]+)(\d+)$/.exec(who) ?? [];
    if (side === "app") await this.#playApp(number, what);
    else if (side === "from") await this.#playPeer(number, what);
    else if (side === "daemon") return this.#expect(this.#app(number).inbox, what);
    else if (side === "to" && this.#peers.has(number)) return this.#expect(this.#peer(number).inbox, what);
    return undefined;
  }

  #app(number: string) {
    const app = this.#apps.get(number);
    if (app === undefined) throw new Error(`app ${number} never connected`);
    return app;
  }

  #peer(port: string) {
    const peer = this.#peers.get(port);
    if (peer === undefined) throw new Error(`no far side on ${port}`);
    return peer;
  }

  async #playApp(number: string, what: string): Promise<void> {
    if (what === "(TCP connect)") {
      const socket = connect(this.#lab.adminPort, "127.0.0.1");
      const inbox = new Inbox();
      const reader = new FrameReader();
      socket.on("data", (chunk: Buffer) => {
        for (const frame of reader.push(chunk).frames) inbox.add(frame);
      });
      socket.on("end", () => {
        inbox.closed = true;
        inbox.wake();
      });
      await once(socket, "connect");
      this.#apps.set(number, { socket, inbox });
    } else if (what === "(TCP FIN)") this.#app(number).socket.end();
    else if (what.startsWith("(bytes) ")) this.#app(number).socket.write(what.slice(8));
    else if (!what.startsWith("(")) this.#app(number).socket.write(frameOf(this.#toLive(what)));
  }

  async #playPeer(port: string, what: string): Promise<void> {
    const before = this.#came;
    this.#peer(port).socket.send(this.#toLive(what), this.#lab.sipPort, "127.0.0.1");
    await this.#wire.until(() => this.#came > before);
  }

  async #expect(inbox: Inbox, what: string): Promise<{ recorded: string; live: string }> {
    if (what.startsWith("(TCP")) {
      await inbox.until(() => inbox.closed);
      return { recorded: "closed", live: "closed" };
    }
    const live = await inbox.take(this.#kindOf(what), (item) => this.#kindOf(item));
    if (live === undefined) return { recorded: this.#shapeOf(what), live: "(closed)" };
    this.#learn(what, live);
    return { recorded: this.#shapeOf(what), live: this.#shapeOf(live) };
  }

  /** What is enough to tell which recorded message a live one stands for. Ids of apps' frames are replayed as they were. */
  #kindOf(text: string): string {
    const [, response] = /^[^|]*\|(response\|[^|]*)/.exec(text) ?? [];
    if (response !== undefined) return response;
    const sip = text.includes("|sip|") ? text.slice(text.indexOf("\n") + 1) : text;
    return this.#shapeOf(sip.slice(0, sip.indexOf("\r\n")));
  }

  #learn(recorded: string, live: string): void {
    for (const pattern of changing) {
      const [ours, theirs] = [recorded.match(pattern) ?? [], live.match(pattern) ?? []];
      if (ours.length !== theirs.length) continue;
      for (const [index, value] of ours.entries()) this.#carried.set(value, theirs[index] ?? value);
    }
  }

  /** Recorded text with the live run's ids and ports. */
  #toLive(text: string): string {
    let result = text;
    for (const pattern of changing) result = result.replace(pattern, (value) => this.#carried.get(value) ?? this.#nearby(value));
    result = result.replace(/(?<=127\.0\.0\.1:|rport=)\d+/g, (port) => this.#ports.get(port) ?? port);
    const body = result.indexOf("\r\n\r\n");
    return body === -1
      ? result
      : `${result.slice(0, body).replace(/(?<=SIP\/2\.0\/UDP 127\.0\.0\.1)(?=;)/g, `:${this.#lab.sipPort}`)}${result.slice(body)}`;
  }

  /** A CSeq the app counted on from one it had seen. */
  #nearby(value: string): string {
    for (let step = 1; /^\d{6,}$/.test(value) && step < 5; step += 1) {
      const known = this.#carried.get(String(Number(value) - step));
      if (known !== undefined) return String(Number(known) + step);
    }
    return value;
  }

  /** Text with everything that may differ taken out: ids, numbers of bytes, times, ports, the version. */
  #shapeOf(text: string): string {
    let result = text;
    for (const pattern of changing) result = result.replace(pattern, "*");
    for (const [recorded, live] of this.#ports)
      result = result.replaceAll(`127.0.0.1:${live}`, `127.0.0.1:${recorded}`).replaceAll(`127.0.0.1|${live}|`, `127.0.0.1|${recorded}|`);
    for (const [recorded, live] of this.#ports) result = result.replaceAll(`rport=${live}`, `rport=${recorded}`);
    return result
      .replace(/(SIP\/2\.0\/(?:UDP|TCP) 127\.0\.0\.1):5060(?=;)/g, "$1")
      .replace(/\|(network|application)\|\d+\|/, "|$1|#|")
      .replace(/\|\d\d:\d\d:\d\d\.\d{6}\|/, "|time|")
      .replace(/\|v0\.9\.10[^|]*\|/, "|version|");
  }
}
