import type { Broken, Collected, CollectRequest, PromptFile, RecordEnd, RecordRequest } from "../../ivr/ports.ts";
import { type Clock, pause } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import type { Log } from "../../kernel/log.ts";
import type { Endpoint } from "../../voice/ports.ts";
import type { Tap } from "../../voice/tap-ports.ts";
import { agreed } from "./agreed.ts";
import { ChannelCommands } from "./channel-commands.ts";
import { aloneTarget, goodbyeTarget } from "./dialplan.ts";
import { digitsArgument, digitsVariables, joinPrompts, readCollected } from "./digits.ts";
import { EndingKeys } from "./ending-keys.ts";
import type { FsmrfEndpoint } from "./fsmrf.ts";
import { type Link, type Linkable, linkServers } from "./link.ts";
import { readRecorded, recordArgument, withBeep } from "./recording.ts";
import { inactive, preferredFormat } from "./sdp.ts";
import { lossOf, type MediaServerState } from "./server-state.ts";
import { within } from "./within.ts";

/**
 * How long FreeSWITCH may take to hang up before the channel is killed by name. It takes 12–70 ms; while a tap runs on
 * the channel, or drachtio is gone, the ordinary way never comes back.
 */
const closeTimeoutMs = 3000;
/** A re-INVITE takes 10–90 ms; somebody who has answered waits for it. */
const attachTimeoutMs = 4000;
/** The goodbye we ship lasts three and a half seconds. */
const goodbyeTimeoutMs = 6000;
/** When FreeSWITCH hangs up its BYE comes together with the end of its event socket; when it dies there is none. */
const byeMs = 500;
/** A file that is told to break ends with its next frame; then it is time to break the next one. */
const breakMs = 40;

/** `Endpoint` over one FreeSWITCH channel that drachtio-fsmrf made. */
export class FreeswitchEndpoint implements Endpoint, Linkable {
  readonly id: string;
  readonly mediaServer: string;
  readonly gone: Promise<void>;
  format: string | undefined;
  readonly #endpoint: FsmrfEndpoint;
  readonly #server: MediaServerState;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #lost = Promise.withResolvers<void>();
  /** The Reason of its BYE. */
  readonly #hungUp = Promise.withResolvers<string>();
  readonly #channel: ChannelCommands;
  readonly #keys: EndingKeys;
  #tap: Tap | undefined;
  #closing: Promise<void> | undefined;
  #bye: Promise<unknown> | undefined;
  #isGone = false;
  #guarded = false;
  #stops = 0;
  /** Who talks on the other one, and what connects the two when that one is on another server. */
  #partner: FreeswitchEndpoint | undefined;
  #link: Link | undefined;

  constructor(endpoint: FsmrfEndpoint, server: MediaServerState, clock: Clock, log: Log) {
    this.id = endpoint.uuid;
    this.mediaServer = server.name;
    this.#server = server;
    this.gone = this.#lost.promise;
    this.#endpoint = endpoint;
    this.#channel = new ChannelCommands(endpoint, this.gone);
    this.#keys = new EndingKeys((keys) => this.#channel.api("uuid_setvar", `${this.id} playback_terminators ${keys}`));
    this.#clock = clock;
    this.#log = log;
    const lost = () => {
      this.#isGone = true;
      this.#lost.resolve();
    };
    endpoint.once("destroy", () => {
      lost();
      clock.after(byeMs, () => this.#sayBye().catch(() => {}));
    });
    endpoint.dialog.once("destroy", (bye?: { get(name: string): string | undefined }) => {
      this.#hungUp.resolve(bye?.get("Reason") ?? "");
      lost();
    });
  }

  get via(): string | undefined {
    return this.#endpoint.dialog.via?.name;
  }

  get localSdp(): string {
    return this.#endpoint.local.sdp;
  }

  /** Its dialog lives on the connection to drachtio-server that made it; its FreeSWITCH may not answer any more, or take no more calls. */
  get usable(): boolean {
    const { socket, via } = this.#endpoint.dialog;
    return !this.#isGone && this.#server.ready && !this.#server.draining && socket?.destroyed !== true && via?.takesCalls !== false;
  }

  get tap(): Tap | undefined {
    return this.#tap;
  }

  /** From now on they belong together: the tap ends with the endpoint. */
  pair(tap: Tap): void {
    this.#tap = tap;
    this.gone.then(() => tap.close());
  }

  async attach(remoteSdp: string): Promise<string> {
    try {
      // Endpoint#modify of fsmrf does the same and then reads all channel variables, which nobody needs here.
      const answer = agreed(await within(this.#clock, attachTimeoutMs, this.gone, this.#endpoint.dialog.modify(remoteSdp)));
      this.format = preferredFormat(answer);
      return answer;
    } catch (error) {
      throw new Fault("media-refused", `FreeSWITCH ${this.mediaServer} did not take the other side's SDP`, { cause: error });
    }
  }

  async detach(): Promise<void> {
    await this.attach(inactive(this.localSdp));
  }

  async packetsReceived(): Promise<number> {
    await this.#channel.api("uuid_set_media_stats", this.id);
    const count = Number((await this.#channel.api("uuid_getvar", `${this.id} rtp_audio_in_packet_count`))?.getBody());
    return Number.isFinite(count) ? count : 0;
  }

  async play(prompts: readonly PromptFile[]): Promise<"played" | Broken> {
    return (await this.#playback(joinPrompts(prompts))) === "lost" ? "lost" : "played";
  }

  async collect(request: CollectRequest): Promise<Collected> {
    if (!request.bargeIn && request.prompts.length > 0) {
      const played = await this.#playback(joinPrompts(request.prompts));
      if (played === "lost") return { end: played };
      if (played === "cut") return { end: "timeout", digits: "" };
    }
    const event = await this.#channel.execute("play_and_get_digits", digitsArgument(request));
    if (request.secret) for (const variable of digitsVariables) this.#channel.api("uuid_setvar", `${this.id} ${variable}`);
    return event ? readCollected(event, request) : { end: "lost" };
  }

  /** A person whose recording is cut by our death is hung up on: `record` ends the call when it is taken away in the middle. */
  async record(request: RecordRequest): Promise<RecordEnd> {
    const place = this.#server.recordings;
    if (!place) throw new Fault("recording-unavailable", `FreeSWITCH ${this.mediaServer} has no directory for recordings: set voice.recordingsDir.`);
    const argument = recordArgument(place, request);
    // Keys pressed before the recording begins are swallowed by what plays.
    const stops = this.#stops;
    const played = await this.#playback(withBeep(request));
    if (played === "lost") return { end: played };
    if (played === "cut" || stops !== this.#stops) return { end: "silent" };
    this.#keys.arm(request.terminators);
    this.#channel.api("uuid_setvar", `${this.id} record_ms`);
    const event = await this.#channel.execute("record", argument);
    if (!event) return { end: "lost" };
    if (!event.getHeader("variable_record_ms")) {
      // It hangs up then.
      this.#log.error({ dir: place.mediaDir }, "FreeSWITCH cannot record; can it write to voice.recordingsDir?");
      return { end: "lost" };
    }
    this.#keys.tell(event, request.terminators);
    return readRecorded(event, place, request);
  }

  async stop(): Promise<void> {
    this.#stops += 1;
    const { running } = this.#channel;
    let over = running === undefined;
    running?.then(() => {
      over = true;
    });
    while (!over) {
      // A break ends one file of a list, and the next begins. Not "all": that also throws away applications still queued, whose end would
      // then never be told.
      await this.#channel.api("uuid_break", this.id);
      await Promise.race([running, pause(this.#clock, breakMs)]);
    }
  }

  listen(keys: string, pressed: (key: string) => void): void {
    this.#keys.listen(keys, pressed);
  }

  async bridge(other: Endpoint): Promise<void> {
    if (!(other instanceof FreeswitchEndpoint) || other.mediaServer === this.mediaServer) await this.join(other);
    else this.#link = await linkServers(this, other);
    if (!(other instanceof FreeswitchEndpoint)) return;
    this.#partner = other;
    other.#partner = this;
    const link = this.#link;
    // Two who are both there and do not hear each other are not kept waiting: this one is told by the end of the other.
    link?.broken.then(() =>
      this.#clock.after(byeMs, () => {
        if (this.#link === link && !this.#isGone) other.close();
      }),
    );
  }

  async join(other: Pick<Linkable, "id">): Promise<void> {
    // Alone again after it, the person gets a guard by the dialplan, which the next of ours replaces.
    this.#guarded = true;
    const reply = (await this.#channel.api("uuid_bridge", `${this.id} ${other.id}`))?.getBody() ?? "channel gone";
    if (!reply.startsWith("+OK")) throw new Fault("bridge-failed", `FreeSWITCH ${this.mediaServer} did not bridge: ${reply.trim()}`);
  }

  async unbridge(): Promise<void> {
    const [partner, link] = [this.#partner, this.#link];
    this.#partner = undefined;
    this.#link = undefined;
    if (partner) partner.#partner = undefined;
    if (!link) await this.#channel.api("uuid_transfer", `${this.id} -both ${aloneTarget}`);
    else {
      await Promise.all([this, ...(partner ? [partner] : [])].map((one) => one.#channel.api("uuid_transfer", `${one.id} ${aloneTarget}`)));
      await link.close();
    }
  }

  openBeside(): Promise<Linkable> {
    return this.#server.openLink();
  }

  async endWithPartner(): Promise<void> {
    await Promise.all(["transfer_after_bridge", "hangup_after_bridge true"].map((set) => this.#channel.api("uuid_setvar", `${this.id} ${set}`)));
  }

  async guard(afterMs: number): Promise<void> {
    const seconds = Math.ceil(afterMs / 1000);
    const lift = this.#guarded ? this.#channel.api("sched_del", this.id) : undefined;
    this.#guarded = true;
    await Promise.all([lift, this.#channel.api("sched_transfer", `+${seconds} ${this.id} ${goodbyeTarget}`)]);
  }

  async liftGuard(): Promise<void> {
    if (!this.#guarded) return;
    this.#guarded = false;
    await this.#channel.api("sched_del", this.id);
  }

  async lostWith(): Promise<string | undefined> {
    if (!this.#isGone && this.#server.ready) return undefined;
    return lossOf(this.#server, Promise.race([this.#hungUp.promise, pause(this.#clock, byeMs).then(() => "")]));
  }

  async sayGoodbye(): Promise<void> {
    if (this.#isGone) return;
    const timer = this.#clock.after(goodbyeTimeoutMs, () => this.#lost.resolve());
    await this.#channel.api("uuid_transfer", `${this.id} ${goodbyeTarget}`);
    await this.gone;
    timer.cancel();
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all([this.#hangUp(), this.#tap?.close()]).then(() => {});
    return this.#closing;
  }

  async #hangUp(): Promise<void> {
    if (this.#isGone) return;
    const timer = this.#clock.after(closeTimeoutMs, () => {
      this.#log.warn({ endpoint: this.id }, "channel did not hang up in time; killing it");
      this.#channel.api("uuid_kill", this.id);
      this.#lost.resolve();
    });
    this.#sayBye().then(
      () => this.#lost.resolve(),
      () => this.#channel.api("uuid_kill", this.id).then(() => this.#lost.resolve()),
    );
    await this.gone;
    this.#isGone = true;
    timer.cancel();
  }

  /**
   * Takes it for gone: its FreeSWITCH has been silent for too long, and whoever is connected to it hears nothing. Two
   * people in a conversation there are left to it: they notice by themselves whether they still hear each other.
   */
  abandon(): void {
    const { name } = this.#server;
    if (this.#isGone || (this.#partner?.mediaServer === name && !this.#partner.#isGone)) return;
    this.#isGone = true;
    this.#lost.resolve();
    this.#sayBye().catch(() => {});
  }

  /** Once, and none to whoever has said it. drachtio-server would keep the dialog with a FreeSWITCH that died without a word. */
  #sayBye(): Promise<unknown> {
    const { dialog } = this.#endpoint;
    this.#bye ??= dialog.connected ? dialog.destroy() : Promise.resolve();
    return this.#bye;
  }

  async #playback(files: string): Promise<"played" | "cut" | "lost"> {
    this.#keys.arm();
    const event = await this.#channel.execute("playback", files);
    if (!event) return "lost";
    if (event.getHeader("Application-Response") !== "FILE NOT FOUND") return this.#keys.tell(event) ? "cut" : "played";
    this.#log.error({ files }, "FreeSWITCH cannot open a prompt; is prompts.mediaDir the same directory there?");
    return "lost";
  }
}
