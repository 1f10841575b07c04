import type { PhoneNumber } from "../kernel/phone.ts";
import type { Ladder } from "./ladder.ts";
import type { ChannelName, Result } from "./result.ts";
import type { Treatments } from "./treatment.ts";

/** Proof that the gate was asked and said yes; it is good until `untilMs` (epoch ms). */
export interface Permit {
  readonly at: number;
  readonly untilMs: number;
}

/** All that a channel needs to make one attempt, so that no channel looks into contact or strategy. */
export interface Order {
  readonly attemptId: string;
  readonly campaignId: string;
  readonly contactId: string;
  readonly addressId: string;
  readonly channel: ChannelName;
  /** Where to: for voice a number in E.164 form. */
  readonly address: PhoneNumber;
  /** Who it is from: for voice the caller id in E.164 form, or the name of a pool of them. */
  readonly callerId: string;
  /** The contact's fields the script or template may use, with `time_zone` (IANA) when the person's own is known. */
  readonly fields: Readonly<Record<string, string>>;
  /** The published version of the script that this attempt stays on, by id. */
  readonly scriptVersionId: string;
  readonly permit: Permit;
  /** Its place in the campaign's calls per second, over all nodes: it must not leave before (epoch ms). Now, when left out. */
  readonly startAt?: number;
  /** How often its contact was called in this campaign before, and put back. None, when left out. */
  readonly before?: number;
  /** What comes after each result it may have. Left out: nothing, whatever it is. */
  readonly treatments?: Treatments;
}

/** Where the orders come from: the strategy room. Every order returned is committed as a `reserved` attempt. */
export interface OrderSource {
  /** Whether it is worth pulling now. Cheap: nobody is asked. */
  due(campaignId: string): boolean;
  /** At most `count` orders that may go out now; fewer, or none, when there is nothing due. */
  pull(campaignId: string, count: number): Promise<readonly Order[]>;
  /** Another moment within the campaign's calls per second (epoch ms), for an order that was made ready too late for its own. */
  moment(campaignId: string): Promise<number>;
}

/** Something that must happen because of a step; written in the same transaction as that step. */
export type Effect =
  | {
      readonly kind: "suppress";
      /** Channels the person does not want to be contacted on any more; empty means every one. */
      readonly channels: readonly ChannelName[];
      readonly scope: "account" | "campaign";
      readonly reason: string;
    }
  | {
      /** Have a message sent to this person. */
      readonly kind: "send";
      readonly channel: "sms" | "email";
      /** The name of the message's template. */
      readonly template: string;
      readonly values: Readonly<Record<string, string>>;
      /** Not sent later than this after the effect. */
      readonly withinS: number;
      /** Unique within the attempt, and the same however often the effect is written. */
      readonly key: string;
      readonly reason: string;
      /** Who has it sent, where that is an agent. */
      readonly agentId?: string;
    }
  | ({
      /** Call this person again, not before a time (epoch ms) or a while has passed, and when the rules allow it. */
      readonly kind: "callback";
      /** As for `send`. */
      readonly key: string;
      readonly reason: string;
    } & ({ readonly atMs: number } | { readonly inS: number }));

/** Identifiers by which somebody else can end a leg or an endpoint after we have died. */
export interface LegIds {
  readonly callId?: string;
  /** drachtio's id of the INVITE transaction: CANCEL with it. */
  readonly transactionId?: string;
  /** drachtio's id of the dialog: BYE with it. */
  readonly dialogId?: string;
  /** The media server and channel of the leg's endpoint. */
  readonly mediaServer?: string;
  readonly endpointId?: string;
}

/** Something that happened to an attempt, at a time (epoch ms). */
export interface Mark {
  readonly at: number;
  readonly kind: "sent" | "ringing" | "early-media" | "answered" | "step" | "transfer" | "guard" | "ladder";
  readonly legIds?: LegIds;
  /** For `sent`: the trunk, and after what failure of another one. For `step`: the script step entered. Never an address, never secret digits. */
  readonly detail?: Readonly<Record<string, string | number>>;
  /** For `ladder`, and instead of a detail: what has happened since the last one. It alone holds addresses. */
  readonly ladder?: Ladder;
}

/** What a person said to a question of a script. */
export interface Answer {
  /** As keyed in, set or saved; for a recording the name of its file. */
  readonly value: string;
  /** Length of a recording. */
  readonly durationMs?: number;
  /** Of a recording: the person was asked before, and said yes. */
  readonly agreed?: boolean;
}

/**
 * How a call that was placed for agents counts under the limits of abandonment: a person answered, and an agent was there in time or not; or it was taken for a machine, and no agent
 * was asked for: some of those are people.
 */
export type LiveAnswer = "connected" | "abandoned" | "machine";

/** A machine that was given to an agent all the same, to learn how many of them are people. */
export interface HeldOut {
  /** They pressed a key or spoke when they were asked to: it was a person, whoever judges it or not. */
  readonly responded: boolean;
}

/** How an attempt ended. */
export interface Ending {
  readonly at: number;
  readonly result: Result;
  /** How the IVR script ended, if one ran. */
  readonly outcome?: string;
  /** Why, for the reader: `486 Busy Here`, `Q.850 17`, `ring time-out`. */
  readonly reason: string;
  readonly sipStatus?: number;
  readonly q850?: number;
  /** By the name of the question; never secrets. */
  readonly answers?: Readonly<Record<string, Answer>>;
  /** When its contact is due again (epoch ms): put back among those waiting in the same transaction. Left out: it is done with. */
  readonly againAt?: number;
  /** Of a call that was placed for agents and answered by a person: counted in the same transaction. Of `interrupted` only where the campaign is paced for agents. */
  readonly live?: LiveAnswer;
  /** Only of a call that was placed for agents; kept in the same transaction. */
  readonly heldOut?: HeldOut;
  /** What whoever ends it did about its legs, when that is not the process that made it. */
  readonly ladder?: Ladder;
}

/** The append-only record of attempts, as the channels use it. */
export interface AttemptLog {
  /**
   * The second question to the gate, and the last commit before anything leaves: reserved → sending.
   * @returns false when the attempt must not go out any more (a suppression came, the campaign stopped, the permit ran
   * out); the log has then ended it with the reason.
   * @param legIds what is known already of what is about to leave
   * @param again whether it has left before, over a trunk that failed before anybody could notice: then it is reserved anew, and what was known of the first leg is
   * forgotten
   */
  begin(attemptId: string, at: number, legIds?: LegIds, again?: boolean): Promise<boolean>;
  /** Adds an event, moves the state forward if the kind says so, and keeps the leg ids. */
  mark(attemptId: string, mark: Mark): Promise<void>;
  /** Writes effects together with the step that caused them. They are committed when this resolves. */
  effect(attemptId: string, at: number, effects: readonly Effect[]): Promise<void>;
  /** Ends the attempt. The first ending stands; a second one is ignored. */
  finish(attemptId: string, ending: Ending): Promise<void>;
}
