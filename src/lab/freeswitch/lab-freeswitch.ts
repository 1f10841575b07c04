import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { Clock, Timer } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import type { Random } from "../../kernel/random.ts";
import { Ticker } from "../media/ticker.ts";
import { type ApiCommand, channelCommands } from "./api.ts";
import { controlApplications } from "./applications.ts";
import type { Application, Channel } from "./channel.ts";
import { conferenceCommand } from "./conference-commands.ts";
import { Conferences } from "./conferences.ts";
import { SwitchCore } from "./core.ts";
import { Dialplan, type Route } from "./dialplan.ts";
import { EventSocket } from "./event-socket.ts";
import { heartbeat } from "./heartbeat.ts";
import { displaceApplications, mediaCommands } from "./media-commands.ts";
import { playbackApplications } from "./playback-applications.ts";
import { PromptCache } from "./prompt-cache.ts";
import { Recordings } from "./recording-applications.ts";
import { Scheduler } from "./scheduler.ts";
import { SipProfile } from "./sip-profile.ts";
import { speechApplications } from "./speech-applications.ts";
import { type SessionCounts, switchCommands } from "./switch-commands.ts";
import { expand } from "./variables.ts";
import { elements, readXml } from "./xml.ts";

/** The configuration we ship is what the lab runs. */
export const shippedConfiguration = join(import.meta.dirname, "../../../freeswitch");

export interface LabFreeswitchOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** An IPv4 address of this machine: SIP, RTP and the event socket are on it. */
  readonly host: string;
  /** 0 for any free port. */
  readonly eslPort: number;
  readonly sipPort: number;
  readonly password: string;
  /** Default 20 000, as FreeSWITCH. */
  readonly heartbeatMs?: number;
  /** The goodbye; default the one we ship. */
  readonly goodbyeFile?: string;
  /** At more sessions than this, or more new ones in a second, INVITEs get 503. Defaults 1000 and 200. */
  readonly maxSessions?: number;
  readonly sessionsPerSecond?: number;
  /** Folder of the configuration; default the one we ship. */
  readonly configuration?: string;
  /** A beat shared with other media of this process. */
  readonly ticker?: Ticker;
}

/**
 * A FreeSWITCH, as far as Carillon uses one: the event socket both ways, the SIP profile drachtio_mrf and real RTP. It runs the dialplan we ship.
 * What it does not know it refuses, and notes in `unknownCommands`.
 */
export class LabFreeswitch {
  readonly core: SwitchCore;
  readonly password: string;
  readonly scheduler: Scheduler;
  readonly recordings = new Recordings();
  readonly conferences: Conferences;
  /** Commands and applications that were asked for and are not known. A test that meets one should fail. */
  readonly unknownCommands: string[] = [];
  readonly #options: LabFreeswitchOptions;
  readonly #profile: SipProfile;
  readonly #dialplan: Dialplan;
  readonly #channels = new Map<string, Channel>();
  readonly #applications: ReadonlyMap<string, Application>;
  readonly #commands: ReadonlyMap<string, ApiCommand>;
  readonly #ticker: Ticker;
  readonly #sockets = new Set<EventSocket>();
  readonly #frames = new Map<Channel, () => void>();
  #server: Server | undefined;
  #heartbeat: Timer | undefined;
  #sessions = 0;
  #peak = 0;
  #second = { epoch: 0, count: 0, last: 0, peak: 0 };

  constructor(options: LabFreeswitchOptions) {
    this.#options = options;
    this.#ticker = options.ticker ?? new Ticker();
    this.core = new SwitchCore(options);
    this.password = options.password;
    this.scheduler = new Scheduler(options.clock);
    const folder = options.configuration ?? shippedConfiguration;
    this.core.globals.set("sounds_dir", join(folder, "sounds"));
    const vars = join(folder, "vars.xml");
    // Not env-set: the lab is given its settings as arguments.
    for (const { attributes } of elements(readXml(readFileSync(vars, "utf8"), vars), "X-PRE-PROCESS"))
      if (attributes.get("cmd") === "set") this.#preset(attributes.get("data") ?? "");
    if (options.goodbyeFile !== undefined) this.core.globals.set("carillon_goodbye", options.goodbyeFile);
    const plans = readdirSync(join(folder, "dialplan")).filter((file) => file.endsWith(".xml"));
    this.#dialplan = new Dialplan(plans.map((file) => readXml(readFileSync(join(folder, "dialplan", file), "utf8"), join(folder, "dialplan", file))));
    this.#profile = new SipProfile(this, options.host, options.sipPort, giveUpMs(join(folder, "sip_profiles/drachtio_mrf.xml")));
    const prompts = new PromptCache(() => join(this.core.globals.get("sounds_dir") ?? folder, "music/8000"));
    this.conferences = new Conferences(this.core, this.#ticker);
    this.#applications = new Map([
      ...controlApplications(this, (socket) => this.#keep(socket)),
      ...playbackApplications(prompts),
      ...displaceApplications(prompts),
      ...speechApplications(),
      this.conferences.application(),
      ...this.recordings.applications(),
    ]);
    this.#commands = new Map([
      ...channelCommands(this),
      ...mediaCommands(this, prompts),
      ...switchCommands(this),
      conferenceCommand(this.conferences, prompts, (what) => this.unknown(what)),
    ]);
  }

  get eslPort(): number {
    const address = this.#server?.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  get sipPort(): number {
    return this.#profile.port;
  }

  get sipAddress(): string {
    return `${this.#options.host}:${this.sipPort}`;
  }

  /** What is still open, for leak checks. */
  get open(): { channels: number; sockets: number; tasks: number; streams: number } {
    return { channels: this.#channels.size, sockets: this.#sockets.size, tasks: this.scheduler.size, streams: this.#ticker.streams };
  }

  async listen(): Promise<void> {
    await this.#profile.agent.listen();
    const server = createServer((socket) => this.#accept(socket));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#options.eslPort, this.#options.host, resolve);
    });
    this.#server = server;
    this.#beat();
  }

  /** Ends everything at once and without a word, as kill -9 does. */
  async close(): Promise<void> {
    this.#heartbeat?.cancel();
    this.scheduler.close();
    this.#ticker.close();
    const server = this.#server;
    this.#server = undefined;
    const sockets = [...this.#sockets];
    for (const socket of sockets) socket.destroy();
    await Promise.all(sockets.map((socket) => socket.gone));
    const channels = [...this.#channels.values()];
    this.#channels.clear();
    await Promise.all(channels.map((channel) => channel.media.rtp.close()));
    await this.#profile.agent.close();
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  /** Channels up now. */
  channels(): Channel[] {
    return [...this.#channels.values()];
  }

  find(uuid: string): Channel | undefined {
    return this.#channels.get(uuid);
  }

  application(name: string): Application | undefined {
    return this.#applications.get(name);
  }

  api(command: string, argument: string): string | undefined {
    return this.#commands.get(command)?.(argument);
  }

  unknown(what: string): void {
    this.unknownCommands.push(what);
    this.core.log.error({ what }, "lab FreeSWITCH does not know this");
  }

  route(channel: Channel): Route | undefined {
    const { profile, variables } = channel;
    return this.#dialplan.hunt({ context: profile.context, destination: profile.destination, variable: (name) => variables.get(name) });
  }

  admit(): number | undefined {
    const { maxSessions = 1000, sessionsPerSecond = 200, clock } = this.#options;
    this.#turnSecond(Math.floor(clock.now() / 1000));
    if (this.#channels.size >= maxSessions || this.#second.count >= sessionsPerSecond) return undefined;
    this.#second.count++;
    this.#second.peak = Math.max(this.#second.peak, this.#second.count);
    return ++this.#sessions;
  }

  enter(channel: Channel): void {
    this.#channels.set(channel.uuid, channel);
    this.#peak = Math.max(this.#peak, this.#channels.size);
    const { media } = channel;
    media.onFrame = () => {
      channel.stack.frame();
      this.recordings.frame(channel);
    };
    const frame = () => {
      try {
        media.frame();
      } catch (error) {
        channel.fail(error);
      }
    };
    this.#frames.set(channel, frame);
    this.#ticker.add(frame);
  }

  ending(channel: Channel): void {
    this.recordings.stop(channel, "all");
  }

  gone(channel: Channel): void {
    const frame = this.#frames.get(channel);
    if (frame) this.#ticker.remove(frame);
    this.#frames.delete(channel);
    this.scheduler.remove(channel.uuid);
    channel.control?.finish();
    this.#channels.delete(channel.uuid);
    void channel.media.rtp.close();
  }

  counts(): SessionCounts {
    const { maxSessions = 1000, sessionsPerSecond = 200, clock } = this.#options;
    this.#turnSecond(Math.floor(clock.now() / 1000));
    return {
      now: this.#channels.size,
      peak: this.#peak,
      sinceStart: this.#sessions,
      max: maxSessions,
      perSecond: sessionsPerSecond,
      lastSecond: this.#second.last,
      peakPerSecond: this.#second.peak,
    };
  }

  #preset(data: string): void {
    const equals = data.indexOf("=");
    const { globals } = this.core;
    globals.set(
      data.slice(0, equals),
      expand(data.slice(equals + 1), () => undefined, globals),
    );
  }

  #accept(socket: Socket): void {
    this.#keep(new EventSocket(this, socket));
  }

  #keep(socket: EventSocket): void {
    this.#sockets.add(socket);
    void socket.gone.then(() => this.#sockets.delete(socket));
  }

  #turnSecond(epoch: number): void {
    if (epoch === this.#second.epoch) return;
    const last = epoch === this.#second.epoch + 1 ? this.#second.count : 0;
    this.#second = { epoch, count: 0, last, peak: this.#second.peak };
  }

  #beat(): void {
    const { clock, heartbeatMs = 20_000 } = this.#options;
    this.#heartbeat = clock.after(heartbeatMs, () => {
      this.core.fire("HEARTBEAT", { after: heartbeat(this.core, this.counts()) });
      this.#beat();
    });
  }
}

/** timer-T1X64 of a SIP profile, ms; undefined when neither is there. */
function giveUpMs(profile: string): number | undefined {
  if (!existsSync(profile)) return undefined;
  const params = [...elements(readXml(readFileSync(profile, "utf8"), profile), "param")];
  const value = Number(params.find(({ attributes }) => attributes.get("name") === "timer-T1X64")?.attributes.get("value"));
  return value > 0 ? value : undefined;
}
