import { hostname } from "node:os";
import type { Clock } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import type { Random } from "../../kernel/random.ts";
import { type Header, HeaderBlock, SwitchEvent } from "./event.ts";
import { EventBus } from "./event-bus.ts";
import { originOf } from "./event-names.ts";

/** The version the transcripts were taken from. */
export const versionText = "1.11.1-release~64bit";

/** What an event is about, when it is about a channel. */
export interface EventSubject {
  readonly uuid: string;
  /** Header blocks in wire order. @param name of the event: some carry the channel's variables, some do not */
  eventBlocks(name: string): HeaderBlock[];
}

export interface EventParts {
  readonly subject?: EventSubject | undefined;
  readonly subclass?: string | undefined;
  /** Headers before and after those of the channel. */
  readonly before?: readonly Header[];
  readonly after?: readonly Header[];
  readonly body?: string;
  /** Where FreeSWITCH's source fires it, when not from the usual place. */
  readonly origin?: readonly [file: string, fn: string, line: string];
}

export interface CoreOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly host: string;
}

/** What every part of the switch shares: identity, time, chance, globals and the way events are fired. */
export class SwitchCore {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly host: string;
  readonly uuid: string;
  readonly hostname = hostname();
  readonly bus = new EventBus();
  readonly globals = new Map<string, string>();
  readonly startedAt: number;
  #sequence = 0;

  constructor(options: CoreOptions) {
    this.clock = options.clock;
    this.random = options.random;
    this.log = options.log;
    this.host = options.host;
    this.startedAt = options.clock.now();
    this.uuid = this.newUuid();
  }

  /** A version 4 UUID (RFC 9562 §5.4). It begins with the time, so that a lab started again with the same seed does not give the same ones out. */
  newUuid(): string {
    let hex = (this.clock.now() % 0x100000000).toString(16).padStart(8, "0");
    for (let at = hex.length; at < 32; at++) hex += Math.floor(this.random.next() * 16).toString(16);
    const variant = "89ab"[Number.parseInt(hex[16] ?? "0", 16) & 3] ?? "8";
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  /** FreeSWITCH's time: microseconds since the epoch, as text. */
  nowMicros(): string {
    return `${this.clock.now()}000`;
  }

  /** The headers every event begins with. */
  baseBlock(name: string, parts: EventParts = {}): HeaderBlock {
    this.#sequence++;
    const now = new Date(this.clock.now());
    const [file, fn, line] = parts.origin ?? originOf(name);
    const headers: Header[] = [["Event-Name", name]];
    if (parts.subclass !== undefined) headers.push(["Event-Subclass", parts.subclass]);
    headers.push(
      ["Core-UUID", this.uuid],
      ["FreeSWITCH-Hostname", this.hostname],
      ["FreeSWITCH-Switchname", this.hostname],
      ["FreeSWITCH-IPv4", this.host],
      ["FreeSWITCH-IPv6", "::1"],
      ["Event-Date-Local", now.toISOString().slice(0, 19).replace("T", " ")],
      ["Event-Date-GMT", now.toUTCString()],
      ["Event-Date-Timestamp", this.nowMicros()],
      ["Event-Calling-File", file],
      ["Event-Calling-Function", fn],
      ["Event-Calling-Line-Number", line],
      ["Event-Sequence", String(this.#sequence)],
    );
    return new HeaderBlock(headers);
  }

  event(name: string, parts: EventParts = {}): SwitchEvent {
    const blocks = [this.baseBlock(name, parts)];
    if (parts.before) blocks.push(new HeaderBlock(parts.before));
    if (parts.subject) blocks.push(...parts.subject.eventBlocks(name));
    if (parts.after) blocks.push(new HeaderBlock(parts.after));
    return new SwitchEvent(name, blocks, { subclass: parts.subclass, body: parts.body });
  }

  /** Brings an event to whoever listens; built only when somebody does. */
  fire(name: string, parts: EventParts = {}): void {
    const audience = this.bus.audience(name, parts.subclass, parts.subject?.uuid);
    if (audience.length === 0) return;
    const event = this.event(name, parts);
    for (const listener of audience) listener.offer(event);
  }
}
