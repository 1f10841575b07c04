import { intBetween } from "../../kernel/random.ts";
import type { SipDialog } from "../sip/dialog.ts";
import type { IncomingCall } from "../sip/incoming-call.ts";
import type { SipRequest } from "../sip/message.ts";
import { SipAgent } from "../sip/user-agent.ts";
import { type Cause, normalClearing, reasonHeader } from "./cause.ts";
import { Channel, type ChannelHost } from "./channel.ts";
import { ChannelMedia } from "./channel-media.ts";
import { answerSdp, holdSdp, offerSdp, refusalSdp, type SdpVersion } from "./channel-sdp.ts";
import type { Leg } from "./leg.ts";
import { setDialogVariables, setInviteVariables, setMediaVariables } from "./sip-variables.ts";

export const profileName = "drachtio_mrf";
const context = "mrf";
const incompatible: Cause = { name: "INCOMPATIBLE_DESTINATION", number: 88 };

/** On everything it sends. */
const commonHeaders = {
  "User-Agent": "drachtio MRF",
  Allow: "INVITE, ACK, BYE, CANCEL, OPTIONS, MESSAGE, INFO, UPDATE, REFER, NOTIFY",
  Supported: "path, replaces",
};

/** On the 2xx to an INVITE. */
const answerHeaders = {
  ...commonHeaders,
  Accept: "application/sdp",
  "Allow-Events": "talk, hold, conference, refer",
  "Content-Disposition": "session",
};

/** What the profile asks of the switch. */
export interface ProfileHost extends ChannelHost {
  /** Takes a new session in, or says no: at its limits the real one answers 503 too. @returns its number, undefined for no */
  admit(): number | undefined;
  /** Enters a channel into the table and onto the ticker. */
  enter(channel: Channel): void;
}

/** The SIP profile drachtio_mrf (mod_sofia): INVITEs become channels. */
export class SipProfile {
  readonly agent: SipAgent;
  readonly #host: ProfileHost;
  readonly #address: string;

  /** @param giveUpMs timer-T1X64; left out: 64*T1 */
  constructor(host: ProfileHost, address: string, port: number, giveUpMs?: number) {
    this.#host = host;
    this.#address = address;
    this.agent = new SipAgent({
      clock: host.core.clock,
      random: host.core.random,
      host: address,
      port,
      transports: ["udp", "tcp"],
      product: "drachtio MRF",
      ...(giveUpMs === undefined ? {} : { timers: { giveUpMs } }),
    });
    this.agent.onInvite = (call) => {
      this.#invited(call).catch((error) => host.core.log.error({ error: String(error) }, "lab FreeSWITCH: a call failed"));
    };
  }

  get port(): number {
    return this.agent.port;
  }

  async #invited(call: IncomingCall): Promise<void> {
    const { core } = this.#host;
    const sessionId = this.#host.admit();
    if (sessionId === undefined) return call.reject(503, "Maximum Calls In Progress", { "Retry-After": "300" });
    const media = new ChannelMedia(this.#address, core.random);
    try {
      await media.rtp.open();
    } catch (error) {
      core.log.warn({ error: String(error) }, "lab FreeSWITCH has no RTP port left");
      return call.reject(503, "Service Unavailable");
    }
    const channel = this.#channel(call, media);
    setInviteVariables(channel, call, { name: profileName, host: this.#address, port: this.port }, sessionId);
    const leg = new SipLeg(channel, call, this.#address);
    channel.leg = leg;
    call.onCancel = () => {
      call.reject(487);
      channel.hangup({ name: "ORIGINATOR_CANCEL", number: 487 });
    };
    this.#host.enter(channel);
    media.onKey = (key, duration) => channel.keys.press(key, duration);
    leg.begin();
    await channel.run();
  }

  #channel(call: IncomingCall, media: ChannelMedia): Channel {
    const { core } = this.#host;
    const uuid = core.newUuid();
    const from = /sips?:(?:([^@;>]*)@)?([^;>\s]*)/i.exec(call.request.headers.get("from") ?? "");
    const now = core.nowMicros();
    return new Channel(this.#host, uuid, media, {
      uuid,
      channelName: `sofia/${profileName}/${from?.[1] ?? "nobody"}@${from?.[2] ?? this.#address}`,
      networkAddress: call.peer.host,
      dialplan: "XML",
      context,
      destination: call.calledUser,
      callerIdName: from?.[1] ?? "unknown",
      callerIdNumber: from?.[1],
      transferSource: undefined,
      calleeIdName: undefined,
      redirectedFrom: undefined,
      index: 1,
      profileCreatedAt: now,
      channelCreatedAt: now,
      answeredAt: "0",
      hangupAt: "0",
      bridgedAt: "0",
    });
  }
}

/** The dialog of one channel. */
class SipLeg implements Leg {
  readonly #channel: Channel;
  readonly #call: IncomingCall;
  readonly #address: string;
  readonly #sdp: SdpVersion;
  #localSdp = "";

  constructor(channel: Channel, call: IncomingCall, address: string) {
    this.#channel = channel;
    this.#call = call;
    this.#address = address;
    const sessionId = Math.floor(channel.core.clock.now() / 1000) + intBetween(channel.core.random, 0, 9999);
    this.#sdp = { sessionId, version: sessionId + 1 };
  }

  /**
   * An INVITE without an offer is answered at once, and the channel hibernates until the ACK brings the far end's SDP (sofia.c, sofia_handle_sip_i_state, 3pcc); it can
   * be hung up meanwhile: it is gone at once, but the 200 is repeated until its time is over, and only then comes a BYE (tried on the real one). With an offer the dialplan answers.
   */
  begin(): void {
    const channel = this.#channel;
    const { media } = channel;
    const { offer } = this.#call;
    if (offer === undefined) {
      channel.setState("CS_HIBERNATE");
      void this.#send(offerSdp(media, this.#address, this.#sdp)).then((dialog) => this.#acknowledged(dialog));
    } else if (this.#accept(offer)) {
      channel.variables.set("switch_r_sdp", offer);
      channel.setState("CS_INIT");
    } else {
      this.#call.reject(488);
      channel.hangup(incompatible);
    }
  }

  #acknowledged(dialog: SipDialog | undefined): void {
    const channel = this.#channel;
    if (channel.hangupCause) {
      void dialog?.bye(commonHeaders);
      return;
    }
    if (!dialog || dialog.isEnded) channel.hangup({ name: "MANDATORY_IE_MISSING", number: 96 });
    else if (dialog.ackSdp === undefined || !this.#accept(dialog.ackSdp)) channel.hangup(incompatible);
    else {
      channel.variables.set("sip_reinvite_sdp", dialog.ackSdp);
      this.#describe(dialog, dialog.ackSdp);
      channel.answer();
      channel.setState("CS_INIT");
    }
  }

  answer(): void {
    const { offer } = this.#call;
    if (this.#call.dialog || offer === undefined) return;
    void this.#send(answerSdp(this.#channel.media, this.#address, this.#sdp)).then((dialog) => {
      if (dialog === undefined || dialog.isEnded) this.#channel.hangup({ name: "RECOVERY_ON_TIMER_EXPIRE", number: 102 });
      else this.#describe(dialog, offer);
    });
    setMediaVariables(this.#channel, this.#localSdp, offer, this.#address);
    setDialogVariables(this.#channel, this.#call, "");
  }

  hold(held: boolean): void {
    const channel = this.#channel;
    const { dialog } = this.#call;
    if (!dialog) return;
    this.#sdp.version++;
    this.#localSdp = holdSdp(channel.media, this.#address, this.#sdp, held);
    channel.setCallState(held ? "HELD" : "UNHELD");
    // Whoever called without a number has one from now on (transcript 07).
    channel.profile.callerIdNumber ??= "unknown";
    void dialog.reinvite(this.#localSdp, { headers: { ...commonHeaders, "Content-Disposition": "session" } }).then(({ status, body }) => {
      if (status >= 300 || channel.hangupCause) return;
      if (body !== "" && this.#accept(body)) this.#describe(dialog, body);
      if (!held) channel.setCallState("ACTIVE");
    });
  }

  bye(cause: Cause): void {
    const { variables } = this.#channel;
    if (variables.get("sip_hangup_disposition") === undefined)
      variables.set("sip_hangup_disposition", this.#call.dialog ? "send_bye" : "send_refuse");
    const { dialog } = this.#call;
    if (dialog && !this.#channel.answered) return;
    if (dialog) void dialog.bye({ ...commonHeaders, Reason: reasonHeader(cause) });
    else this.#call.reject(cause.name === "NORMAL_CLEARING" ? 480 : cause.name === "NO_ROUTE_DESTINATION" ? 404 : 503);
  }

  /** Sends the 200. Resolves when the ACK has come, or will not. */
  #send(sdp: string): Promise<SipDialog | undefined> {
    this.#localSdp = sdp;
    const acknowledged = this.#call.answer(sdp, answerHeaders);
    const { dialog } = this.#call;
    if (dialog) {
      dialog.onBye = () => this.#byeCame();
      dialog.onReinvite = (offer, request) => this.#reinvited(dialog, offer, request);
      dialog.onReinviteAck = (answer) => {
        if (answer !== undefined && this.#accept(answer)) this.#describe(dialog, answer);
      };
    }
    return acknowledged;
  }

  #reinvited(dialog: SipDialog, offer: string | undefined, request: SipRequest): string | { status: number } {
    const channel = this.#channel;
    const { media } = channel;
    if (offer === undefined) {
      this.#localSdp = offerSdp(media, this.#address, this.#sdp);
      return this.#localSdp;
    }
    // As the real one: 200, with what it speaks and a port of 0.
    if (!this.#accept(offer)) return refusalSdp(media, this.#address, this.#sdp);
    this.#sdp.version++;
    this.#localSdp = answerSdp(media, this.#address, this.#sdp);
    this.#describe(dialog, offer);
    channel.variables.set("sip_cseq", (request.headers.get("cseq") ?? "").split(" ")[0]);
    this.#hold(media.remoteDirection === "sendonly" || media.remoteDirection === "inactive");
    return this.#localSdp;
  }

  #byeCame(): void {
    this.#channel.variables.set("sip_hangup_disposition", "recv_bye");
    this.#channel.hangup(normalClearing);
  }

  #hold(held: boolean): void {
    const channel = this.#channel;
    if (held && channel.callState === "ACTIVE") {
      channel.setCallState("HELD");
      channel.fire("CHANNEL_HOLD");
    } else if (!held && channel.callState === "HELD") {
      channel.setCallState("UNHELD");
      channel.fire("CHANNEL_UNHOLD");
      channel.setCallState("ACTIVE");
    }
  }

  /** As media.accept. Whether the leg lets keys pass in a bridge is looked up only here, and once it does it goes on (switch_core_media_activate_rtp). */
  #accept(sdp: string): boolean {
    const { media, variables } = this.#channel;
    const accepted = media.accept(sdp);
    if (accepted && variables.isTrue("pass_rfc2833")) media.passesKeys = true;
    return accepted;
  }

  #describe(dialog: SipDialog, remoteSdp: string): void {
    setMediaVariables(this.#channel, this.#localSdp, remoteSdp, this.#address);
    setDialogVariables(this.#channel, this.#call, dialog.state.localTag);
  }
}
