import type { Broken, Collected, CollectRequest, PromptFile, RecordEnd, RecordRequest } from "../../ivr/ports.ts";
import { type Clock, pause } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import { Listeners } from "../../kernel/listeners.ts";
import type { Log } from "../../kernel/log.ts";
import type { CallRecording, Endpoint, Overhearing } from "../../voice/ports.ts";
import type { Tap } from "../../voice/tap-ports.ts";
import { agreed } from "./agreed.ts";
import { recordChannel } from "./call-recording.ts";
import { ChannelCommands } from "./channel-commands.ts";
import { type Companion, Company } from "./company.ts";
import { goodbyeTarget } from "./dialplan.ts";
import type { FsmrfEndpoint } from "./fsmrf.ts";
import { Guard } from "./guard.ts";
import type { Linkable } from "./link.ts";
import { Prompter } from "./prompter.ts";
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
/** RFC 4733 §2.5.1.2 and ITU-T Q.24: 40 ms at least; menus are slower than that. */
const keyMs = 120;

/** `Endpoint` over one FreeSWITCH channel that drachtio-fsmrf made. */
export class FreeswitchEndpoint implements Endpoint, Companion {
  readonly id: string;
  readonly mediaServer: string;
  readonly gone: Promise<void>;
  format: string | undefined;
  readonly #endpoint: FsmrfEndpoint;
  readonly #server: MediaServerState;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #lost = Promise.withResolvers<void>();
  readonly #listeners = new Listeners(this.#lost.promise);
  /** The Reason of its BYE. */
  readonly #hungUp = Promise.withResolvers<string>();
  readonly #channel: ChannelCommands;
  readonly guarding: Guard;
  readonly company: Company;
  readonly #prompter: Prompter;
  #tap: Tap | undefined;
  #closing: Promise<void> | undefined;
  #bye: Promise<unknown> | undefined;
  #isGone = false;

  constructor(endpoint: FsmrfEndpoint, server: MediaServerState, clock: Clock, log: Log) {
    this.id = endpoint.uuid;
    this.mediaServer = server.name;
    this.#server = server;
    this.gone = this.#lost.promise;
    this.#endpoint = endpoint;
    this.#channel = new ChannelCommands(endpoint, this.gone);
    this.guarding = new Guard(this.id, this.#channel);
    this.company = new Company(this, clock);
    this.#prompter = new Prompter(this.id, this.#channel, server, clock, log);
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

  onGone(listener: () => void): () => void {
    return this.#listeners.on(listener);
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
      // FreeSWITCH takes it for a question, and whoever sent nothing hears nothing.
      if (!/^m=audio /m.test(remoteSdp)) throw new Error("it names no sound");
      // Endpoint#modify of fsmrf does the same and then reads all channel variables, which nobody needs here.
      const answer = agreed(await within(this.#clock, attachTimeoutMs, this.#listeners, this.#endpoint.dialog.modify(remoteSdp)));
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

  play(prompts: readonly PromptFile[]): Promise<"played" | Broken> {
    return this.#prompter.play(prompts);
  }

  collect(request: CollectRequest): Promise<Collected> {
    return this.#prompter.collect(request);
  }

  record(request: RecordRequest): Promise<RecordEnd> {
    return this.#prompter.record(request);
  }

  recordCall(name: string): Promise<CallRecording> {
    return recordChannel(this.id, this.#channel, this.#server, name);
  }

  stop(): Promise<void> {
    return this.#prompter.stop();
  }

  listen(keys: string, pressed: (key: string) => void): void {
    this.#prompter.listen(keys, pressed);
  }

  async bridge(other: Endpoint): Promise<void> {
    await this.company.bridge(companion(other));
  }

  async join(other: Pick<Linkable, "id">): Promise<void> {
    this.guarding.comesByItself();
    const reply = (await this.ask("uuid_bridge", `${this.id} ${other.id}`)) ?? "channel gone";
    if (!reply.startsWith("+OK")) throw new Fault("bridge-failed", `FreeSWITCH ${this.mediaServer} did not bridge: ${reply}`);
  }

  unbridge(): Promise<void> {
    return this.company.part();
  }

  async meet(others: readonly Endpoint[]): Promise<void> {
    await this.company.meet(others.map(companion));
  }

  async overhear(other: Endpoint, how: Overhearing): Promise<void> {
    await this.company.overhear(companion(other), how);
  }

  async mute(muted: boolean): Promise<void> {
    await this.#channel.api("uuid_audio", muted ? `${this.id} start read mute 1` : `${this.id} stop`);
  }

  async press(keys: string): Promise<void> {
    if (!/^[\d*#]+$/.test(keys)) throw new Fault("keys-invalid", `"${keys}" are no keys of a telephone: use digits, * and #.`);
    await this.#channel.api("uuid_send_dtmf", `${this.id} ${keys}@${keyMs}`);
  }

  async send(target: string): Promise<void> {
    await this.#channel.api("uuid_transfer", `${this.id} ${target}`);
  }

  async ask(command: string, argument: string): Promise<string | undefined> {
    return (await this.#channel.api(command, argument))?.getBody().trim();
  }

  openBeside(): Promise<Linkable> {
    return this.#server.openLink();
  }

  async endWithPartner(): Promise<void> {
    await Promise.all(["transfer_after_bridge", "hangup_after_bridge true"].map((set) => this.#channel.api("uuid_setvar", `${this.id} ${set}`)));
  }

  guard(afterMs: number): Promise<void> {
    return this.guarding.set(afterMs);
  }

  liftGuard(): Promise<void> {
    return this.guarding.lift();
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
    if (this.#isGone || this.company.hasNeighbour) return;
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
}

/** @throws Fault `bridge-failed` for one that is not of a FreeSWITCH */
function companion(other: Endpoint): FreeswitchEndpoint {
  if (other instanceof FreeswitchEndpoint) return other;
  throw new Fault("bridge-failed", "Only endpoints of FreeSWITCH servers can be connected.");
}
