import type { Socket } from "node:net";
import type { Channel } from "./channel.ts";
import { callerHeaders } from "./channel-headers.ts";
import type { SwitchCore } from "./core.ts";
import { apiReply, commandReply, disconnectNotice, type EslCommand, EslReader } from "./esl-frame.ts";
import { HeaderBlock, plainHeaders, SwitchEvent } from "./event.ts";
import type { EventListener } from "./event-bus.ts";
import { eventNameOf } from "./event-names.ts";
import { Subscription } from "./subscription.ts";
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
  /** Resolves when the TCP connection is closed for good. */
  readonly gone: Promise<void>;
  readonly #full: boolean;
  readonly #subscription = new Subscription();
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
    this.gone = new Promise((resolve) => {
      socket.once("close", () => {
        this.#closed();
        resolve();
      });
    });
    if (!channel) this.#write("Content-Type: auth/request\n\n");
  }

  wants(name: string, subclass: string | undefined): boolean {
    return this.#subscription.wants(name, subclass);
  }

  get onlyChannels(): ReadonlySet<string> | undefined {
    return this.#subscription.onlyChannels;
  }

  offer(event: SwitchEvent): void {
    if (this.#subscription.passes(event)) this.#write(this.#subscription.frame(event));
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

  #take(chunk: Buffer): void {
    const commands = this.#reader.push(chunk);
    if (!commands) {
      this.destroy();
      return;
    }
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
        return this.#changed(this.#subscription.filter(rest));
      case "connect":
        return this.channel ? this.#connect(this.channel) : "-ERR command not found";
      case "resume":
        this.channel?.variables.set("socket_resume", "true");
        return this.channel ? "+OK" : "-ERR command not found";
      case "getvar":
        return this.channel ? (this.channel.variables.get(rest) ?? "-ERR command not found") : "-ERR command not found";
      case "myevents":
        return this.#changed(this.#subscription.myevents(rest, this.channel?.uuid));
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
        return this.#changed(this.#subscription.event(rest));
      case "nixevent":
        return this.#changed(this.#subscription.nixevent(rest));
      case "noevents":
        return this.#changed(this.#subscription.noevents());
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

  #sendMessage(uuid: string, command: EslCommand): string {
    const own = uuid === "" || uuid === this.channel?.uuid;
    const channel = own ? this.channel : this.#host.find(uuid);
    if (!channel) return `-ERR invalid session id [${uuid}]`;
    const headers = new Map(command.headers);
    if (command.body !== undefined && !headers.get("execute-app-arg")) headers.set("execute-app-arg", command.body);
    if (isTrue(headers.get("event-lock"))) headers.delete("event-lock");
    channel.stack.queue(headers);
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

  #changed(reply: string): string {
    const { bus } = this.#host.core;
    if (this.#subscription.isEmpty) bus.remove(this);
    else bus.place(this);
    return reply;
  }

  #write(text: string): void {
    if (this.#over || this.#socket.destroyed) return;
    if (this.#socket.writableLength > mostUnread) {
      this.destroy();
      return;
    }
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
  }
}

function splitCommand(text: string): [command: string, argument: string] {
  const space = text.indexOf(" ");
  return space < 0 ? [text, ""] : [text.slice(0, space), text.slice(space + 1)];
}
