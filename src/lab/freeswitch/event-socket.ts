import type { Socket } from "node:net";
import type { Channel } from "./channel.ts";
import { callerHeaders } from "./channel-headers.ts";
import type { SwitchCore } from "./core.ts";
import { apiReply, commandReply, disconnectNotice, type EslCommand, EslReader } from "./esl-frame.ts";
import { HeaderBlock, jsonText, plainHeaders, SwitchEvent, xmlText } from "./event.ts";
import type { EventListener } from "./event-bus.ts";
import { eventNameOf } from "./event-names.ts";
import { isTrue } from "./variables.ts";

/** What a connection asks of the switch. */
export interface EventSocketHost {
  readonly core: SwitchCore;
  readonly password: string;
  find(uuid: string): Channel | undefined;
  /** Runs one API command; undefined when there is none of that name. */
  api(command: string, argument: string): string | undefined;
  /** A command was sent that the lab does not know. */
  unknown(what: string): void;
}

/** Events that `myevents` stands for (mod_event_socket.c, parse_command). */
const myEvents =
  "CHANNEL_ANSWER CHANNEL_APPLICATION CHANNEL_BRIDGE CHANNEL_CREATE CHANNEL_DATA CHANNEL_DESTROY CHANNEL_EXECUTE CHANNEL_EXECUTE_COMPLETE " +
  "CHANNEL_HANGUP CHANNEL_HANGUP_COMPLETE CHANNEL_ORIGINATE CHANNEL_UUID CHANNEL_OUTGOING CHANNEL_PARK CHANNEL_PROGRESS " +
  "CHANNEL_PROGRESS_MEDIA CHANNEL_STATE CHANNEL_UNBRIDGE CHANNEL_UNPARK DETECTED_SPEECH DTMF NOTALK TALK";

/** Unread bytes at which a client is taken for dead, as FreeSWITCH kills a listener whose queue has overflowed. */
const mostUnread = 64 << 20;

/** One event-socket connection, either way (mod_event_socket.c): commands in, replies and events out. */
export class EventSocket implements EventListener {
  readonly #host: EventSocketHost;
  readonly #socket: Socket;
  readonly #reader = new EslReader();
  /** The channel it controls, on a connection that `socket` opened. */
  readonly channel: Channel | undefined;
  /** On `connect`, and when it is over. */
  onConnect: () => void = () => {};
  onClose: () => void = () => {};
  /** The TCP connection is closed for good. */
  onGone: () => void = () => {};
  readonly #full: boolean;
  readonly #events = new Set<string>();
  readonly #subclasses = new Set<string>();
  #filters: [name: string, value: string][] = [];
  #mine = false;
  #format: "plain" | "json" | "xml" = "plain";
  #authed: boolean;
  #lingers: number | undefined;
  #corked = false;
  #over = false;

  constructor(host: EventSocketHost, socket: Socket, channel?: Channel, flags: readonly string[] = []) {
    this.#host = host;
    this.#socket = socket;
    this.channel = channel;
    this.#full = channel === undefined || flags.includes("full");
    this.#authed = channel !== undefined;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#take(chunk));
    socket.on("error", () => {});
    socket.on("close", () => this.#closed());
    if (!channel) this.#write("Content-Type: auth/request\n\n");
  }

  wants(name: string, subclass: string | undefined): boolean {
    if (!this.#events.has(name) && !this.#events.has("ALL")) return false;
    return name !== "CUSTOM" || subclass === undefined || this.#events.has("ALL") || this.#subclasses.has(subclass);
  }

  get onlyChannels(): ReadonlySet<string> | undefined {
    if (this.#mine && this.channel && this.#filters.length === 0) return new Set([this.channel.uuid]);
    if (this.#filters.length === 0) return undefined;
    const plain = this.#filters.every(([name, value]) => name.toLowerCase() === "unique-id" && /^[0-9a-f]/i.test(value));
    return plain ? new Set(this.#filters.map(([, value]) => value)) : undefined;
  }

  offer(event: SwitchEvent): void {
    if (!this.#passes(event)) return;
    const text = this.#format === "json" ? jsonText(event) : this.#format === "xml" ? xmlText(event) : plainHeaders(event);
    this.#write(`Content-Length: ${Buffer.byteLength(text)}\nContent-Type: text/event-${this.#format}\n\n${text}`);
  }

  /** The call is over: says so and closes, unless the client asked to linger. */
  finish(): void {
    if (this.#over) return;
    if (this.#lingers !== undefined && this.channel) {
      this.#write(
        `Content-Type: text/disconnect-notice\nControlled-Session-UUID: ${this.channel.uuid}\nContent-Disposition: linger\n` +
          `Channel-Name: ${this.channel.profile.channelName}\nLinger-Time: ${this.#lingers}\nContent-Length: 0\n\n`,
      );
      if (this.#lingers >= 0) this.#host.core.clock.after(this.#lingers * 1000, () => this.#end());
    } else this.#end();
  }

  /** Closes at once and without a word. */
  destroy(): void {
    this.#socket.destroy();
  }

  #passes(event: SwitchEvent): boolean {
    if (this.#mine && event.header("Unique-ID") !== this.channel?.uuid) return false;
    if (this.#filters.length === 0) return true;
    let send = false;
    for (const [name, wanted] of this.#filters) {
      const value = event.header(name);
      if (value === undefined) continue;
      const negative = /^[ +]*-/.test(wanted);
      if (send && !negative) continue;
      const bare = wanted.replace(/^[ +-]+/, "");
      const matches = wanted.startsWith("/") ? wanted.length > 2 && value.includes(wanted.slice(1, -1)) : value.toLowerCase() === bare.toLowerCase();
      if (matches && negative) return false;
      if (matches) send = true;
    }
    return send;
  }

  #take(chunk: Buffer): void {
    const commands = this.#reader.push(chunk);
    if (!commands) return this.destroy();
    for (const command of commands) {
      if (this.#over) return;
      const reply = this.#obey(command);
      if (reply !== undefined) this.#write(commandReply(reply));
      if (/^(exit|\.\.\.)/i.test(command.line)) this.#end();
      else if (reply === "-ERR invalid") this.#end();
    }
  }

  /** @returns the reply text; undefined when the command has answered itself */
  #obey(command: EslCommand): string | undefined {
    const { line } = command;
    const [, verb = "", rest = ""] = /^(\S*)[ \t]*([\s\S]*?)\s*$/.exec(line) ?? [];
    const lower = verb.toLowerCase();
    if (lower.startsWith("exit") || lower.startsWith("...")) return "+OK bye";
    if (!this.#authed) {
      if (lower !== "auth") return "-ERR command not found";
      this.#authed = rest === this.#host.password;
      return this.#authed ? "+OK accepted" : "-ERR invalid";
    }
    switch (lower) {
      case "filter":
        return this.#filter(rest);
      case "connect":
        return this.channel ? this.#connect(this.channel) : "-ERR command not found";
      case "resume":
        this.channel?.variables.set("socket_resume", "true");
        return this.channel ? "+OK" : "-ERR command not found";
      case "getvar":
        return this.channel ? (this.channel.variables.get(rest) ?? "-ERR command not found") : "-ERR command not found";
      case "myevents":
        return this.#myEvents(rest);
      case "divert_events":
        return this.channel ? (rest === "on" ? "+OK events diverted" : "+OK events not diverted") : "-ERR not controlling a session.";
      case "sendmsg":
        return this.#sendMessage(rest, command);
    }
    if (!this.#full) return "-ERR command not found";
    switch (lower) {
      case "sendevent":
        return this.#sendEvent(rest, command);
      case "api":
        return rest === "" ? "-ERR command not found" : this.#api(rest);
      case "bgapi":
        return rest === "" ? "-ERR command not found" : this.#backgroundApi(rest, command.headers.get("job-uuid"));
      case "log":
        return `+OK log level ${rest} [${Number.parseInt(rest, 10) || 7}]`;
      case "nolog":
        return "+OK no longer logging";
      case "linger":
        if (!this.channel) return "-ERR not controlling a session";
        this.#lingers = rest === "" ? -1 : Number.parseInt(rest, 10) || 0;
        return rest === "" ? "+OK will linger" : `+OK will linger ${this.#lingers} seconds`;
      case "nolinger":
        this.#lingers = undefined;
        return this.channel ? "+OK will not linger" : "-ERR not controlling a session";
      case "event":
        return this.#subscribe(rest);
      case "nixevent":
        return this.#unsubscribe(rest);
      case "noevents": {
        const had = this.#events.size > 0;
        this.#events.clear();
        this.#subclasses.clear();
        this.#host.core.bus.remove(this);
        return had ? "+OK no longer listening for events" : "-ERR not listening for events";
      }
    }
    this.#host.unknown(`event socket command ${verb}`);
    return "-ERR command not found";
  }

  /** The channel's data as one block of headers, without a body. */
  #connect(channel: Channel): undefined {
    const { core } = this.#host;
    const blocks = [
      core.baseBlock("CHANNEL_DATA"),
      new HeaderBlock(callerHeaders("Channel", channel.profile)),
      ...channel.eventBlocks("CHANNEL_DATA"),
    ];
    blocks.push(
      new HeaderBlock([
        ["Content-Type", "command/reply"],
        ["Reply-Text", "+OK\n"],
        ["Socket-Mode", "async"],
        ["Control", this.#full ? "full" : "single-channel"],
      ]),
    );
    this.#write(plainHeaders(new SwitchEvent("CHANNEL_DATA", blocks)));
    this.onConnect();
    return undefined;
  }

  #filter(rest: string): string {
    const [first = "", ...more] = rest.split(" ");
    if (first.toLowerCase() === "delete" && more.length > 0) {
      const [name = "", ...values] = more;
      const value = values.join(" ");
      const goes = ([key, held]: [string, string]) => key.toLowerCase() === name.toLowerCase() && (value === "" || held === value);
      this.#filters = name.toLowerCase() === "all" ? [] : this.#filters.filter((filter) => !goes(filter));
      this.#replace();
      return `+OK filter deleted. [${name}][${value}]`;
    }
    const [name = "", ...values] = first.toLowerCase() === "add" && more.length > 1 ? more : [first, ...more];
    if (values.length === 0) return "-ERR invalid syntax";
    this.#filters.push([name, values.join(" ")]);
    this.#replace();
    return `+OK filter added. [${name}]=[${values.join(" ")}]`;
  }

  #myEvents(rest: string): string {
    if (this.#mine) return "-ERR aready enabled.";
    if (!this.channel && rest === "") return "-ERR command not found";
    const [uuid = ""] = rest.split(" ");
    for (const name of myEvents.split(" ")) this.#events.add(name);
    if (/\bjson\b/i.test(rest)) this.#format = "json";
    else if (/\bxml\b/i.test(rest)) this.#format = "xml";
    if (this.channel) this.#mine = true;
    else this.#filters.push(["Unique-ID", uuid]);
    this.#replace();
    return "+OK Events Enabled";
  }

  #sendMessage(uuid: string, command: EslCommand): string {
    const own = uuid === "" || uuid === this.channel?.uuid;
    const channel = own ? this.channel : this.#host.find(uuid);
    if (!channel) return `-ERR invalid session id [${uuid}]`;
    const headers = new Map(command.headers);
    if (command.body !== undefined && !headers.get("execute-app-arg")) headers.set("execute-app-arg", command.body);
    if (isTrue(headers.get("event-lock"))) headers.delete("event-lock");
    channel.queue(headers);
    return "+OK";
  }

  #sendEvent(rest: string, command: EslCommand): string {
    const { core } = this.#host;
    const uuid = core.newUuid();
    const name = eventNameOf(rest) ?? "CUSTOM";
    const headers = [...command.headers].filter(([key]) => key !== "content-length" && key !== "event-subclass");
    const body = command.body === undefined ? {} : { body: command.body };
    core.fire(name, { subclass: command.headers.get("event-subclass"), after: [...headers, ["Event-UUID", uuid]], ...body });
    return `+OK ${uuid}`;
  }

  #api(text: string): undefined {
    const answer = this.#run(text);
    this.#write(apiReply(answer === "" ? "-ERR no reply\n" : answer));
    return undefined;
  }

  #backgroundApi(text: string, jobUuid: string | undefined): undefined {
    const { core } = this.#host;
    const job = jobUuid ?? core.newUuid();
    this.#write(`Content-Type: command/reply\nReply-Text: +OK Job-UUID: ${job}\nJob-UUID: ${job}\n\n`);
    const [command = "", argument] = splitCommand(text);
    const answer = this.#run(text);
    core.fire("BACKGROUND_JOB", {
      after: [["Job-UUID", job], ["Job-Command", command], ...(argument === "" ? [] : [["Job-Command-Arg", argument] as const])],
      body: answer,
    });
    return undefined;
  }

  #run(text: string): string {
    const [command, argument] = splitCommand(text);
    const answer = this.#host.api(command, argument);
    if (answer !== undefined) return answer;
    this.#host.unknown(`api ${text}`);
    return `-ERR ${command} Command not found!\n`;
  }

  #subscribe(rest: string): string {
    const words = rest.split(" ").filter((word) => word !== "");
    const format = words[0]?.toLowerCase();
    if (format === "json" || format === "plain" || format === "xml") {
      this.#format = format;
      words.shift();
    }
    let keys = 0;
    let custom = false;
    for (const word of words) {
      const name: string | undefined = custom ? undefined : eventNameOf(word);
      if (custom) this.#subclasses.add(word);
      else if (name !== undefined) {
        keys++;
        this.#events.add(name);
        custom = name === "CUSTOM";
      }
    }
    if (keys === 0) return "-ERR no keywords supplied";
    this.#replace();
    return `+OK event listener enabled ${this.#format}`;
  }

  #unsubscribe(rest: string): string {
    let keys = 0;
    let custom = false;
    for (const word of rest.split(" ").filter((part) => part !== "")) {
      const name: string | undefined = custom ? undefined : eventNameOf(word);
      if (custom) this.#subclasses.delete(word);
      else if (name !== undefined) {
        keys++;
        if (name === "CUSTOM") custom = true;
        else if (name === "ALL") this.#events.clear();
        else this.#events.delete(name);
      }
    }
    return keys === 0 ? "-ERR no keywords supplied" : "+OK events nixed";
  }

  #replace(): void {
    if (this.#events.size > 0) this.#host.core.bus.place(this);
  }

  #write(text: string): void {
    if (this.#over || this.#socket.destroyed) return;
    if (this.#socket.writableLength > mostUnread) return this.destroy();
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#corked = false;
        this.#socket.uncork();
      });
    }
    this.#socket.write(text);
  }

  #end(): void {
    if (this.#over) return;
    this.#write(disconnectNotice(this.channel?.uuid));
    this.#over = true;
    this.#host.core.bus.remove(this);
    this.#socket.end();
    this.onClose();
  }

  #closed(): void {
    this.#host.core.bus.remove(this);
    const already = this.#over;
    this.#over = true;
    if (!already) this.onClose();
    this.onGone();
  }
}

function splitCommand(text: string): [command: string, argument: string] {
  const space = text.indexOf(" ");
  return space < 0 ? [text, ""] : [text.slice(0, space), text.slice(space + 1)];
}
