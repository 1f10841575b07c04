import { setAccounting } from "./accounting.ts";
import { ApplicationStack, type PrivateMessage } from "./application-stack.ts";
import { type Cause, normalClearing } from "./cause.ts";
import { type CallerProfile, channelBlocks } from "./channel-headers.ts";
import type { ChannelMedia } from "./channel-media.ts";
import { type CallState, type ChannelState, callStates, isDown, stateNumber } from "./channel-state.ts";
import type { EventSubject, SwitchCore } from "./core.ts";
import type { DialplanAction, Route } from "./dialplan.ts";
import type { Header, HeaderBlock } from "./event.ts";
import { runApplication } from "./execution.ts";
import { KeyQueue } from "./key-queue.ts";
import type { ControlSocket, Leg } from "./leg.ts";
import { obeyMessage } from "./messages.ts";
import { Variables } from "./variables.ts";

/** A dialplan application; it is over when it returns or its promise settles. */
export type Application = (channel: Channel, data: string) => Promise<void> | void;

/** What a channel asks of the switch it lives in. */
export interface ChannelHost {
  readonly core: SwitchCore;
  application(name: string): Application | undefined;
  route(channel: Channel): Route | undefined;
  /** An application or command was asked for that the lab does not know. */
  unknown(what: string): void;
  /** The call is over; what listens in on it stops now. */
  ending(channel: Channel): void;
  gone(channel: Channel): void;
}

/**
 * One leg: FreeSWITCH's session thread as a state machine (switch_core_state_machine.c). Applications run one inside the other: while one blocks,
 * messages for the channel are executed within it, every 20 ms.
 */
export class Channel implements EventSubject {
  readonly uuid: string;
  readonly host: ChannelHost;
  readonly media: ChannelMedia;
  readonly variables = new Variables();
  readonly profile: CallerProfile;
  leg: Leg | undefined;
  control: ControlSocket | undefined;
  state: ChannelState = "CS_NEW";
  runningState: ChannelState = "CS_NEW";
  callState: CallState = "DOWN";
  answered = false;
  hangupCause: Cause | undefined;
  /** CF_TRANSFER: being sent elsewhere, so that what runs now stops. */
  transferring = false;
  /** CF_CONTROLLED: parked by somebody who can still act on it. */
  controlled = false;
  /** The leg it is bridged with; its events tell of the last one, until a transfer, as `otherLeg`. */
  partner: Channel | undefined;
  otherLeg: CallerProfile | undefined;
  readonly keys = new KeyQueue(this);
  /** How CS_SOFT_EXECUTE, CS_EXCHANGE_MEDIA, CS_HIBERNATE and CS_RESET are handled; set by the bridge. */
  readonly handlers = new Map<ChannelState, () => Promise<void> | void>();
  /** CF_BREAK. */
  interrupted = false;
  /** CF_BROADCAST and CF_STOP_BROADCAST: a message is being executed; it and those around it are to stop. */
  broadcasting = false;
  stopBroadcast = false;
  /** Steps of the extension not yet run. */
  pendingActions: DialplanAction[] = [];
  /** An extension that a transfer has put together already, instead of one from the dialplan. */
  queuedActions: DialplanAction[] | undefined;
  readonly stack: ApplicationStack;
  #wake: (() => void) | undefined;

  constructor(host: ChannelHost, uuid: string, media: ChannelMedia, profile: CallerProfile) {
    this.host = host;
    this.uuid = uuid;
    this.media = media;
    this.profile = profile;
    this.stack = new ApplicationStack(this);
  }

  get core(): SwitchCore {
    return this.host.core;
  }

  /** switch_channel_ready: the thread may go on with what it is doing. */
  get ready(): boolean {
    const state = stateNumber(this.state);
    return (
      this.hangupCause === undefined &&
      state > stateNumber("CS_ROUTING") &&
      !isDown(this.state) &&
      this.state !== "CS_RESET" &&
      !this.transferring &&
      this.state === this.runningState
    );
  }

  eventBlocks(name: string): HeaderBlock[] {
    const state = {
      uuid: this.uuid,
      name: this.profile.channelName,
      state: this.runningState,
      nextState: this.state,
      callState: this.callState,
      callUuid: this.variables.get("call_uuid") ?? this.uuid,
      answerState: this.hangupCause ? "hangup" : this.answered ? "answered" : "ringing",
      hangupCause: this.hangupCause?.name,
    };
    return channelBlocks(name, {
      state,
      codec: this.media.law,
      caller: this.profile,
      otherLeg: this.otherLeg,
      variables: this.variables,
    });
  }

  fire(name: string, after: readonly Header[] = [], before: readonly Header[] = []): void {
    this.core.fire(name, { subject: this, after, before });
  }

  setState(state: ChannelState): void {
    if (isDown(this.state) && !isDown(state)) return;
    this.state = state;
    this.#wake?.();
    this.#wake = undefined;
  }

  setCallState(callState: CallState): void {
    if (this.callState === callState) return;
    const original = this.callState;
    this.callState = callState;
    this.fire(
      "CHANNEL_CALLSTATE",
      [],
      [
        ["Original-Channel-Call-State", original],
        ["Channel-Call-State-Number", String(callStates.indexOf(callState))],
      ],
    );
  }

  /** Runs the channel from CS_NEW to its end; whoever made it sends it on, to CS_INIT or to CS_HIBERNATE before. */
  async run(): Promise<void> {
    while (this.runningState !== "CS_DESTROY") {
      if (this.state !== this.runningState) {
        this.runningState = this.state;
        this.transferring = false;
        this.fire("CHANNEL_STATE");
        await this.#enter(this.state);
      } else await this.#sleep();
    }
    this.host.gone(this);
  }

  /** Blocks an application until `turn`, called every 20 ms, returns true or the channel is no longer ready. */
  block(turn: () => boolean, parsesMessages = true): Promise<void> {
    return this.stack.block(turn, parsesMessages);
  }

  /**
   * Runs one application (switch_core_session_execute_application).
   * @param id becomes the Application-UUID of its events
   * @returns false when it could not be run; an unknown one also ends the call, as in FreeSWITCH
   */
  async execute(name: string, data: string, id: string = this.core.newUuid()): Promise<boolean> {
    if (this.hangupCause || isDown(this.state)) return false;
    const application = this.host.application(name);
    if (!application) {
      this.host.unknown(`application ${name} ${data}`.trim());
      this.hangup({ name: "DESTINATION_OUT_OF_ORDER", number: 27 });
      return false;
    }
    try {
      await runApplication(this, name, application, data, id);
    } catch (error) {
      this.fail(error);
    }
    return true;
  }

  /** The INVITE has been answered: by the profile itself when it carried no offer, else by the application `answer`. */
  answer(): void {
    if (this.answered || this.hangupCause) return;
    this.leg?.answer();
    this.answered = true;
    this.profile.answeredAt = this.core.nowMicros();
    this.variables.set("endpoint_disposition", "ANSWER");
    this.fire("CHANNEL_ANSWER");
    this.setCallState("ACTIVE");
  }

  /** Ends the call; what runs is unwound first, then the BYE goes out. Only the first cause counts. */
  hangup(cause: Cause = normalClearing): void {
    if (this.hangupCause) return;
    this.hangupCause = cause;
    this.profile.hangupAt = this.core.nowMicros();
    this.fire("CHANNEL_HANGUP");
    this.variables.set("hangup_cause", cause.name);
    this.variables.set("hangup_cause_q850", String(cause.number));
    this.setState("CS_HANGUP");
    setImmediate(() => this.stack.frame());
  }

  obey(message: PrivateMessage): Promise<void> {
    return obeyMessage(this, message);
  }

  /** A defect of the lab: the call ends, the lab goes on. */
  fail(error: unknown): void {
    this.core.log.error({ channel: this.uuid, error: String(error) }, "lab FreeSWITCH: an application failed");
    this.hangup({ name: "DESTINATION_OUT_OF_ORDER", number: 27 });
  }

  async #enter(state: ChannelState): Promise<void> {
    const handler = this.handlers.get(state);
    if (handler) return handler();
    switch (state) {
      case "CS_INIT":
        this.fire("CHANNEL_CREATE");
        return this.setState("CS_ROUTING");
      case "CS_ROUTING":
        return this.#routing();
      case "CS_EXECUTE":
        return this.#runExtension();
      case "CS_PARK":
        return this.park();
      case "CS_HANGUP":
        this.host.ending(this);
        this.leg?.bye(this.hangupCause ?? normalClearing);
        this.setCallState("HANGUP");
        return this.setState("CS_REPORTING");
      case "CS_REPORTING":
        setAccounting(this.variables, this.profile, this.keys.dialed);
        this.media.describe(this.variables);
        this.fire("CHANNEL_HANGUP_COMPLETE", [], [["Hangup-Cause", this.hangupCause?.name ?? "NONE"]]);
        this.control?.finish();
        this.fire("CHANNEL_DESTROY");
        return this.setState("CS_DESTROY");
    }
  }

  #routing(): void {
    this.variables.set("call_uuid", this.uuid);
    this.setCallState("RINGING");
    let actions = this.queuedActions;
    this.queuedActions = undefined;
    if (!actions) {
      const route = this.host.route(this);
      if (route?.match.length) this.variables.set("DP_MATCH", route.match);
      actions = route ? [...route.actions] : undefined;
    }
    if (actions === undefined || actions.length === 0) this.hangup({ name: "NO_ROUTE_DESTINATION", number: 3 });
    else {
      this.pendingActions = actions;
      this.setState("CS_EXECUTE");
    }
  }

  async #runExtension(): Promise<void> {
    if (this.answered) this.setCallState("ACTIVE");
    for (;;) {
      if (this.state !== "CS_EXECUTE") return;
      const action = this.pendingActions.shift();
      if (!action) break;
      if (!(await this.execute(action.application, action.data))) return;
    }
    if (this.ready) this.hangup(normalClearing);
  }

  /** switch_ivr_park: waits, taking keys and messages, for as long as somebody is in control. */
  async park(): Promise<void> {
    if (this.controlled || this.state === "CS_RESET") return;
    this.controlled = true;
    this.fire("CHANNEL_PARK");
    await this.block(() => {
      this.keys.take();
      this.media.sendIdle(this.variables.get("send_silence_when_idle"));
      return !this.controlled;
    });
    this.controlled = false;
    this.fire("CHANNEL_UNPARK");
  }

  #sleep(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
