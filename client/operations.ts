/* Made from the server's API document by `npm run client`: do not edit. */

/** What is no JSON: a text, or a file as it comes in. */
export type Upload = string | Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array>;

export interface Agent {
  /** An id: digits, as text. */
  readonly id: string;
  /** Unique. */
  readonly name: string;
  /** Who is not cannot log in. */
  readonly active: boolean;
  readonly desk: AgentDesk;
  readonly memberships: readonly AgentMembership[];
}

export interface AgentDesk {
  readonly state: "logged-out" | "ready" | "reserved" | "ringing" | "talking" | "wrap-up" | "not-ready";
  /** RFC 3339, UTC. */
  readonly since: string;
  /** Why not ready: a reason code; or `logged-in`, `missed`, `phone`, `supervisor`. */
  readonly reason?: string;
  /** An id: digits, as text. */
  readonly attemptId?: string;
  /** An id: digits, as text. */
  readonly groupId?: string;
  /** When a reservation or a ringing lapses, or a wrap-up ends by itself. */
  readonly until?: string;
  /** How often this wrap-up was put off. */
  readonly extensions?: number;
  /** What comes when the conversation is over. */
  readonly next?: {
    readonly state: "not-ready" | "logged-out";
    readonly reason?: string;
  };
}

export interface AgentLog {
  /** An id: digits, as text. */
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly state: "logged-out" | "ready" | "reserved" | "ringing" | "talking" | "wrap-up" | "not-ready";
  readonly reason?: string;
  /** What happened: `login`, `hang-up`, `lapse`, `force`, … */
  readonly cause: string;
  /** The supervisor's key. */
  readonly by?: string;
  /** An id: digits, as text. */
  readonly attemptId?: string;
}

export interface AgentMembership {
  /** An id: digits, as text. */
  readonly agentId: string;
  /** An id: digits, as text. */
  readonly groupId: string;
  readonly priority: number;
  readonly skills: readonly string[];
}

export interface AgentPhone {
  /** `uri`: called at a SIP URI. `number`: called over a trunk. `device`: called wherever it has registered with us. */
  readonly kind: "uri" | "number" | "device";
  /** Called when the agent logs in and kept on the line until they log out; else rung for each call. */
  readonly nailedUp: boolean;
  /** Its host has to be among `phones.hosts`. */
  readonly uri?: string;
  readonly number?: string;
  /** A trunk or route; every call takes a line of it. */
  readonly trunk?: string;
  /** What the telephone shows when the trunk may not show the number of the campaign. */
  readonly callerId?: string;
  /** As whom devices register; each agent has another. */
  readonly username?: string;
  /** What has registered. */
  readonly devices: readonly AgentPhoneDevice[];
  /** Whether it can be reached now, as far as this node knows: ask the one to which the agent's program is connected. */
  readonly reach: {
    readonly is: "on-the-line" | "calling" | "not-there" | "registered" | "unknown";
    readonly why?: string;
  };
}

export interface AgentPhoneDevice {
  readonly contact: string;
  /** From where it registered; calls to it go there. */
  readonly address: string;
  readonly userAgent?: string;
  /** RFC 3339, UTC. */
  readonly registeredAt: string;
  /** RFC 3339, UTC. */
  readonly expiresAt: string;
}

export interface Attempt {
  /** An id: digits, as text. */
  readonly id: string;
  /** Of a call from outside the campaign whose caller it was taken for, if any. */
  readonly campaignId?: string;
  /** Absent for a caller nobody knows. */
  readonly contactId?: string;
  /** An id: digits, as text. */
  readonly addressId?: string;
  readonly direction: "outbound" | "inbound";
  /** Of a call from outside: the number of yours that was called (E.164). */
  readonly calledNumber?: string;
  readonly channel: "voice" | "sms" | "email";
  /** E.164; `anonymous` for a caller who hides the number. */
  readonly address: string;
  readonly state: "reserved" | "sending" | "ringing" | "answered" | "ended";
  /** How it ended. human: a person answered; machine: a machine answered and no message was left; machine-message: a machine answered and took our message; no-answer: it rang and nobody answered; busy: the line was busy; bad-number: the number or mailbox does not exist; rejected: the person or their provider declined it; fax: a fax machine answered; sit: special information tones were heard; silence: answered, and nothing was heard; congestion: no free line, or the far side throttled us; carrier-fault: the trunk, the bind or a server of ours failed, perhaps while somebody was on the line; abandoned: a person answered and got no agent in time; dropped: the call broke while a person was on it; canceled: withdrawn by us before it reached anybody; interrupted: our server stopped while it was going out; never repeated by itself; sent: accepted by the next server; delivered: delivered to the device or mailbox; undelivered: could not be delivered; expired: its validity ended before delivery; bounced-hard: the mailbox does not exist; bounced-soft: the mailbox could not take it now; complained: the person reported it as unwanted. */
  readonly result?: "human" | "machine" | "machine-message" | "no-answer" | "busy" | "bad-number" | "rejected" | "fax" | "sit" | "silence" | "congestion" | "carrier-fault" | "abandoned" | "dropped" | "canceled" | "interrupted" | "sent" | "delivered" | "undelivered" | "expired" | "bounced-hard" | "bounced-soft" | "complained";
  /** How the IVR script ended, if one ran. */
  readonly outcome?: string;
  /** Why, for people. */
  readonly reason?: string;
  readonly sipStatus?: number;
  /** Cause (ITU-T Q.850), if the carrier gave one. */
  readonly q850?: number;
  /** SIP Call-ID, to find the call in the carrier's records. */
  readonly callId?: string;
  /** RFC 3339, UTC. */
  readonly reservedAt: string;
  /** RFC 3339, UTC. */
  readonly answeredAt?: string;
  /** RFC 3339, UTC. */
  readonly endedAt?: string;
  /** When its contact is called again because of the result, at the earliest. */
  readonly againAt?: string;
  /** The version of the script it was made with. */
  readonly script?: {
    readonly name: string;
    readonly version: number;
  };
  /** The steps of the script that were entered, in order. */
  readonly path: readonly string[];
  readonly answers: readonly AttemptAnswer[];
  readonly effects: readonly AttemptEffect[];
  /** What happened, in order, at most 5,000; without what the ladder tells. */
  readonly events: readonly AttemptEvent[];
  /** What happened on the wire, written when the call is over; absent before, and when its server died meanwhile. */
  readonly ladder?: AttemptLadder;
}

export interface AttemptAnswer {
  /** The name of the question. */
  readonly name: string;
  /** As keyed in, set or saved; for a recording the name of its file in the folder of recordings. */
  readonly value: string;
  /** Length of a recording; absent for every other answer. */
  readonly durationMs?: number;
}

export interface AttemptEffect {
  /** An opt-out, a message to be sent, or another call to be made. */
  readonly kind: "suppress" | "send" | "callback";
  readonly state: "pending" | "done" | "expired";
  /** For `suppress` its `channels` (none: every one) and `scope`; for `send` the `channel`, the `template` and its `values`; always the `reason`. */
  readonly body: Readonly<Record<string, unknown>>;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** RFC 3339, UTC. */
  readonly dueAt: string;
  /** RFC 3339, UTC. */
  readonly expiresAt?: string;
}

export interface AttemptEvent {
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly kind: string;
  /** As the kind has it. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What happened on the wire, written when the call is over; absent before, and when its server died meanwhile. */
export interface AttemptLadder {
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  /** Each INVITE: one for every trunk that was tried, and for every number of a transfer. */
  readonly legs: readonly AttemptLadderLeg[];
  readonly rungs: readonly AttemptLadderRung[];
  /** Rungs that are not here, because there were too many. */
  readonly leftOut: number;
}

export interface AttemptLadderLeg {
  readonly leg: number;
  readonly name: string;
  readonly callId: string;
  readonly from: string;
  readonly to: string;
}

export interface AttemptLadderRung {
  /** After the first INVITE. */
  readonly ms: number;
  readonly leg: number;
  /** A SIP message. Credentials are never in it. */
  readonly sip?: AttemptLadderRungSip;
  readonly media?: {
    /** endpoint, answered, prompt (the first one), keys, recording, verdict, transfer, queue, bridge, unbridge, transfer-ended, queue-ended, hang-up, taken-over (by another process, after its own had died). */
    readonly event: string;
    /** For people. Secret keys are told by their number only. */
    readonly text?: string;
  };
}

/** A SIP message. Credentials are never in it. */
export interface AttemptLadderRungSip {
  /** By us; else it came from the far side. */
  readonly sent: boolean;
  readonly method?: string;
  readonly uri?: string;
  readonly status?: number;
  readonly phrase?: string;
  readonly cseq?: string;
  /** It was on no wire: drachtio-server gave up waiting, or could reach nobody. */
  readonly madeUp?: boolean;
  /** Where it came from: host:port/transport. */
  readonly from?: string;
  /** Reason, Warning, Retry-After, Server, User-Agent, where they were there. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The session description in a line. */
  readonly sdp?: string;
  /** Of a status from 300 on: what it means. */
  readonly meaning?: string;
  /** Of a status from 300 on: what to do. */
  readonly advice?: string;
}

export interface Audit {
  /** Its place in the chain, from 1, without gaps. */
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly actorKind: "user" | "key" | "terminal" | "nobody";
  readonly actorId?: string;
  readonly actor: string;
  /** The route, or the command. */
  readonly action: string;
  /** Which thing. */
  readonly target: string;
  readonly before?: unknown;
  /** What was asked for (`asked`), and how it is now (`now`). */
  readonly after?: unknown;
  /** The address it came from, or the machine. */
  readonly origin: string;
  /** The hash of the line before. */
  readonly previous: string;
  /** SHA-256 of this line and the one before. */
  readonly hash: string;
}

export interface AuditVerification {
  readonly whole: boolean;
  /** How many lines are whole, from the first. */
  readonly records: number;
  /** Of the last of them. */
  readonly hash: string;
  /** What is wrong, for people. */
  readonly broken?: string;
}

export interface Bind {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly systemId: string;
  readonly bindType: string;
  /** On each node. */
  readonly sessions: number;
  /** Message parts, over all nodes. */
  readonly maxPerSecond: number;
  /** As this node sees it; absent: it does not use it. */
  readonly up?: boolean;
  /** What is wrong, and what to do. */
  readonly note?: string;
}

export interface Calendar {
  /** Name of a calendar, unique. */
  readonly name: string;
  readonly version: number;
  /** What it is for, for people. */
  readonly meaning: string;
  /** Days on which nobody is contacted, where the person is: one (2026-12-24), one of every year (12-24, 11-thu-4, easter+1), a range of either (2026-12-24..2027-01-02, 12-24..01-02), or all of a country's (US). With regions before it a day holds for people who may be there: US-NY,US-CT: 02-12. */
  readonly days: readonly string[];
  /** RFC 3339, UTC. */
  readonly changedAt: string;
  /** `key NAME` of an API key, `user NAME` of the command line. */
  readonly changedBy: string;
  /** Every version, the newest first. */
  readonly history: readonly CalendarHistory[];
}

/** A holiday calendar of the account's own, as it is. */
export interface Calendar2 {
  /** Name of a calendar, unique. */
  readonly name: string;
  readonly version: number;
  /** What it is for, for people. */
  readonly meaning: string;
  /** Days on which nobody is contacted, where the person is: one (2026-12-24), one of every year (12-24, 11-thu-4, easter+1), a range of either (2026-12-24..2027-01-02, 12-24..01-02), or all of a country's (US). With regions before it a day holds for people who may be there: US-NY,US-CT: 02-12. */
  readonly days: readonly string[];
  /** RFC 3339, UTC. */
  readonly changedAt: string;
  /** `key NAME` of an API key, `user NAME` of the command line. */
  readonly changedBy: string;
}

export interface CalendarHistory {
  /** Name of a calendar, unique. */
  readonly name: string;
  readonly version: number;
  /** What it is for, for people. */
  readonly meaning: string;
  /** Days on which nobody is contacted, where the person is: one (2026-12-24), one of every year (12-24, 11-thu-4, easter+1), a range of either (2026-12-24..2027-01-02, 12-24..01-02), or all of a country's (US). With regions before it a day holds for people who may be there: US-NY,US-CT: 02-12. */
  readonly days: readonly string[];
  /** RFC 3339, UTC. */
  readonly changedAt: string;
  /** `key NAME` of an API key, `user NAME` of the command line. */
  readonly changedBy: string;
  readonly removed: boolean;
}

export interface Callback {
  /** An id: digits, as text. */
  readonly id: string;
  /** An id: digits, as text. */
  readonly campaignId: string;
  readonly campaign: string;
  /** An id: digits, as text. */
  readonly contactId: string;
  /** The conversation from which it came. */
  readonly attemptId?: string;
  readonly state: "waiting" | "taken" | "done" | "canceled";
  /** `due`: may be taken now; `missed`: the same, and late by 15 minutes or more; `closed`: the gate does not let the person be called now; `never`: it never will. */
  readonly standing: "later" | "closed" | "never" | "due" | "missed" | "taken" | "done" | "canceled";
  /** RFC 3339, UTC. */
  readonly dueAt: string;
  /** Only for this agent, until `fallbackAt`. */
  readonly agentId?: string;
  /** RFC 3339, UTC. */
  readonly fallbackAt?: string;
  /** An id: digits, as text. */
  readonly takenBy?: string;
  readonly note?: string;
  /** Who asked for it: the name of an agent or a key, or `script`. */
  readonly source: string;
  /** E.164. */
  readonly address: string;
  readonly timeZone?: string;
  readonly fields: Readonly<Record<string, string>>;
}

export interface CallerIdPool {
  readonly name: string;
  /** Whether the configuration has it, where it is changed then, or it was added over the API. */
  readonly origin: "file" | "api";
  readonly numbers: readonly CallerIdPoolNumber[];
  readonly dailyCap?: number;
  readonly quarantineAfter: number;
  readonly quarantineHours: number;
}

/** Settings that are to be others; null takes one back to its default. What is not named stays as it is. A list is sent whole. */
export interface CallerIdPoolChange {
  /** Its numbers. Those that fit equally well are shown in turn. */
  readonly numbers?: readonly {
    /** A number of yours. */
    readonly number: string;
    /** Numbers for which it is a local one begin with one of these. The number with the longest matching prefix is shown. */
    readonly localTo: readonly string[];
  }[];
  /** Calls on which one number is shown in a day (UTC), at most, over all nodes. */
  readonly dailyCap?: number;
  /** So many calls in a row that are answered 608 (rejected as unwanted, RFC 8688) and a number rests. */
  readonly quarantineAfter?: number;
  /** How long it rests. */
  readonly quarantineHours?: number;
}

export interface CallerIdPoolNumber {
  /** E.164. */
  readonly number: string;
  readonly localTo: readonly string[];
  /** Not shown for a time, after a run of 608. */
  readonly resting: boolean;
}

export interface Campaign {
  /** An id: digits, as text. */
  readonly id: string;
  /** Unique. */
  readonly name: string;
  /** An id: digits, as text. */
  readonly listId: string;
  readonly state: "draft" | "running" | "paused" | "stopping" | "stopped" | "finished" | "ready";
  /** New calls, or messages, per second over all nodes, at most. */
  readonly maxCps: number;
  /** When people may be called or written to, on the clock of their own zone. */
  readonly window: CampaignWindow;
  /** IANA zone for people whose zone is not known. */
  readonly defaultTimeZone: string;
  /** After which results a contact is called, or written to, again, when the rules allow it then. What is said here goes over the defaults, {"carrier-fault":{"afterS":300,"atMost":3},"congestion":{"afterS":300,"atMost":3}}. */
  readonly retries?: Readonly<Record<string, {
    /** Seconds from the end of the attempt. */
    readonly afterS: number;
    /** How often, for this result. 0: never. */
    readonly atMost: number;
  }>>;
  /** Of a pass: what it belongs to. It starts and stops with all of it, and its strategy says what follows each ending. */
  readonly pass?: {
    /** An id: digits, as text. */
    readonly strategyCampaignId: string;
    /** Its name in the strategy. */
    readonly name: string;
  };
  readonly channel: "voice";
  /** Name of its script. */
  readonly script: string;
  /** The version that new calls run now. */
  readonly scriptVersionId: string;
  /** Whether it stays on that version; otherwise new calls run the one that is current. */
  readonly scriptPinned: boolean;
  /** Name of a configured trunk or route. */
  readonly trunk: string;
  /** E.164, or the name of a configured pool of numbers. */
  readonly callerId: string;
  /** Calls dialling, ringing or talking at once, at most. */
  readonly maxLines: number;
  /** How long a call rings. */
  readonly ringTimeoutMs: number;
  /** How its calls come to be. ivr: a script talks with whoever answers; as many calls as lines and rates allow. ivr-progressive: a script talks, and one call is placed for each of `ports` that is free. ivr-power: a script talks, and `linesPerPort` calls are placed for each of `ports` that is free. manual: agents dial whom they want to. preview: agents see a contact first, and then have it dialled. progressive: `linesPerAgent` calls are placed for each agent who is free. predictive: calls are placed for agents who will be free by the time somebody answers. Default ivr. */
  readonly mode: "ivr" | "ivr-progressive" | "ivr-power" | "manual" | "preview" | "progressive" | "predictive";
  /** Options of the mode; those that are left out have their defaults. */
  readonly pacing?: CampaignPacing;
  /** Answering-machine detection. Without it whoever answers is taken for a person, at once. */
  readonly amd?: CampaignAmd;
}

export interface Campaign2 {
  /** An id: digits, as text. */
  readonly id: string;
  /** Unique. */
  readonly name: string;
  /** An id: digits, as text. */
  readonly listId: string;
  readonly state: "draft" | "running" | "paused" | "stopping" | "stopped" | "finished" | "ready";
  /** New calls, or messages, per second over all nodes, at most. */
  readonly maxCps: number;
  /** When people may be called or written to, on the clock of their own zone. */
  readonly window: CampaignWindow;
  /** IANA zone for people whose zone is not known. */
  readonly defaultTimeZone: string;
  /** After which results a contact is called, or written to, again, when the rules allow it then. What is said here goes over the defaults, {"carrier-fault":{"afterS":300,"atMost":3},"congestion":{"afterS":300,"atMost":3}}. */
  readonly retries?: Readonly<Record<string, {
    /** Seconds from the end of the attempt. */
    readonly afterS: number;
    /** How often, for this result. 0: never. */
    readonly atMost: number;
  }>>;
  /** Of a pass: what it belongs to. It starts and stops with all of it, and its strategy says what follows each ending. */
  readonly pass?: {
    /** An id: digits, as text. */
    readonly strategyCampaignId: string;
    /** Its name in the strategy. */
    readonly name: string;
  };
  readonly channel: "sms" | "email";
  /** Name of its template. */
  readonly template: string;
  /** The version that new messages are made of now. */
  readonly templateVersionId: string;
  /** Whether it stays on that version; otherwise new messages are made of the one that is current. */
  readonly templatePinned: boolean;
  /** Name of a configured sender of the channel. */
  readonly sender: string;
}

/** People who answered calls that were placed for agents, over all nodes, and those who were abandoned. */
export interface CampaignAbandonment {
  /** What must not be passed, 0 to 1. */
  readonly cap: number;
  /** The last 24 hours. */
  readonly day: CampaignAbandonmentDay;
  /** The last 30 days. */
  readonly month: CampaignAbandonmentDay;
  /** What was measured within 30 days of the machines that were given to agents all the same. */
  readonly holdout?: CampaignAbandonmentHoldout;
}

/** The last 24 hours. */
export interface CampaignAbandonmentDay {
  /** People who answered. */
  readonly answers: number;
  /** Those of them for whom no agent was there in time. */
  readonly abandoned: number;
  /** Calls that were taken for machines, for which no agent was asked. */
  readonly machines: number;
  /** How many of those are thought to be people, by what `amd.holdoutShare` has measured; 0 where nothing is measured. In `share` and `headroom` they count as people who answered and were abandoned. */
  readonly missed: number;
  /** Abandoned of those who answered, 0 to 1; 0 where nobody did. */
  readonly share: number;
  /** How many more may be abandoned before the cap is passed, if nobody else answers. Below 0: it is passed. */
  readonly headroom: number;
}

/** What was measured within 30 days of the machines that were given to agents all the same. */
export interface CampaignAbandonmentHoldout {
  /** Machines that were given to agents. */
  readonly heldOut: number;
  /** Those of them that were people, as the agents' dispositions say, or a key that was pressed. */
  readonly people: number;
  /** Those that were machines. The others nobody has judged. */
  readonly machines: number;
  /** The share of people, 0 to 1, that the campaign is held to: of those that are judged, or of 50 while it is fewer. */
  readonly share: number;
  /** Of those that are judged it lies between this and `high` with 95 % confidence (Wilson). */
  readonly low?: number;
  readonly high?: number;
}

export interface CampaignAgentRule {
  /** In a campaign of the mode preview: whether agents who are ready ask for the next person, or get one by themselves. */
  readonly preview: "pull" | "push";
  /** How long they may look (s). */
  readonly previewS: number;
  /** What is done then: the person waits again, or is called. */
  readonly atTimeOut: "put-back" | "dial";
  /** Why agents do not call somebody. */
  readonly skipReasons: readonly CampaignAgentRuleSkipReason[];
  /** Whether agents may call a person at a number that they type. */
  readonly typedNumbers: boolean;
  /** Which share of the conversations with agents is recorded, in the directory of recordings. Have the script say so first: in many places the person must know, or agree. */
  readonly recordingShare: number;
  /** What people have been told or asked by then, which the script or the agent sees to. Kept with each recording; where their country wants more (`recording` of the configuration) nothing is recorded. */
  readonly recordingConsent: "none" | "told" | "agreed";
  /** For how many days recordings of its calls, of record steps too, are kept; otherwise as `retention.recordingsDays` says. */
  readonly recordingKeepDays?: number;
  /** When, and how often at most, somebody is called again after a disposition of the category retry. */
  readonly retry: {
    readonly afterS: number;
    readonly atMost: number;
  };
  /** Templates of SMS and e-mail that agents may send during a conversation and in its wrap-up; left out: any. An empty list: none. */
  readonly templates?: readonly string[];
  /** Payment page of the campaign: `https://`, with `{contact}`, `{client_id}`, `{attempt}` or the name of a field in braces, which are percent-encoded. */
  readonly paymentUrl?: string;
}

export interface CampaignAgentRuleSkipReason {
  readonly code: string;
  readonly label: string;
  /** `later`: the person waits again, after `afterS`; `done`: they are done with in this campaign. */
  readonly becomes: "later" | "done";
  readonly afterS?: number;
}

/** Answering-machine detection. Without it whoever answers is taken for a person, at once. */
export interface CampaignAmd {
  /** b2c for homes, which answer in a word or two; b2b for businesses, which greet at length. Defaults of all parameters. */
  readonly profile: "b2c" | "b2b";
  /** Parameters that differ from the profile's. */
  readonly tuning?: CampaignAmdTuning;
  /** What is done with whom; a person is always connected. */
  readonly actions?: CampaignAmdActions;
  /** progressive, predictive: share of the machines, drawn by lot, that goes to an agent all the same. What agents say of them measures how many are people, and by that those who were taken for machines count as abandoned. Default 0: nothing is measured. */
  readonly holdoutShare?: number;
}

/** What is done with whom; a person is always connected. */
export interface CampaignAmdActions {
  /** message (default): the script's step for a machine, after the beep or the quiet after the greeting. script: that step at once. */
  readonly machine?: "message" | "script" | "connect" | "hang-up";
  /** hang-up (default), or the script's step for a fax. */
  readonly fax?: "hang-up" | "script" | "connect";
  /** Special information tones after the answer. Default hang-up. */
  readonly sit?: "hang-up" | "connect";
  /** Nobody says a word. Default connect. */
  readonly silence?: "connect" | "hang-up";
  /** Undecided, or nothing could be heard. Default connect. */
  readonly unknown?: "connect" | "hang-up";
}

/** Parameters that differ from the profile's. */
export interface CampaignAmdTuning {
  /** When nobody has said a word by then, the verdict is silence. */
  readonly initialSilenceMs?: number;
  /** A greeting that lasts so long, its longest pause counted twice, is a machine's. */
  readonly greetingMs?: number;
  /** How long it has to be quiet after a greeting, by the greeting's length. */
  readonly afterGreetingSilence?: readonly {
    /** Holds for greetings up to this length; without it, for all longer ones. */
    readonly upToMs?: number;
    /** So much quiet after the greeting, and it was a person's. */
    readonly silenceMs: number;
  }[];
  /** Shorter sounds are no speech. */
  readonly minimumWordMs?: number;
  /** Without a verdict by then, it is unknown. */
  readonly totalAnalysisMs?: number;
  /** Speech is so much louder than the noise on the line. */
  readonly silenceThresholdDb?: number;
  /** What is more than this below the person's loudest is background: a television, other people. */
  readonly foregroundDb?: number;
  /** What counts as a machine's beep. */
  readonly beep?: CampaignAmdTuningBeep;
  /** A machine without a beep is taken to listen after so much quiet. */
  readonly messageEndSilenceMs?: number;
  /** So long after the answer nobody waits for a beep any more. */
  readonly messageEndTimeoutMs?: number;
}

/** What counts as a machine's beep. */
export interface CampaignAmdTuningBeep {
  /** Shortest beep. */
  readonly minMs: number;
  /** Longest beep. */
  readonly maxMs: number;
  /** Lowest beep. */
  readonly minHz: number;
  /** Highest beep. */
  readonly maxHz: number;
  /** So long it is quiet after a beep: a machine listens now, while music goes on. */
  readonly quietAfterMs: number;
}

export interface CampaignAttempt {
  /** An id: digits, as text. */
  readonly id: string;
  /** Of a call from outside the campaign whose caller it was taken for, if any. */
  readonly campaignId?: string;
  /** Absent for a caller nobody knows. */
  readonly contactId?: string;
  /** An id: digits, as text. */
  readonly addressId?: string;
  readonly direction: "outbound" | "inbound";
  /** Of a call from outside: the number of yours that was called (E.164). */
  readonly calledNumber?: string;
  readonly channel: "voice" | "sms" | "email";
  /** E.164; `anonymous` for a caller who hides the number. */
  readonly address: string;
  readonly state: "reserved" | "sending" | "ringing" | "answered" | "ended";
  /** How it ended. human: a person answered; machine: a machine answered and no message was left; machine-message: a machine answered and took our message; no-answer: it rang and nobody answered; busy: the line was busy; bad-number: the number or mailbox does not exist; rejected: the person or their provider declined it; fax: a fax machine answered; sit: special information tones were heard; silence: answered, and nothing was heard; congestion: no free line, or the far side throttled us; carrier-fault: the trunk, the bind or a server of ours failed, perhaps while somebody was on the line; abandoned: a person answered and got no agent in time; dropped: the call broke while a person was on it; canceled: withdrawn by us before it reached anybody; interrupted: our server stopped while it was going out; never repeated by itself; sent: accepted by the next server; delivered: delivered to the device or mailbox; undelivered: could not be delivered; expired: its validity ended before delivery; bounced-hard: the mailbox does not exist; bounced-soft: the mailbox could not take it now; complained: the person reported it as unwanted. */
  readonly result?: "human" | "machine" | "machine-message" | "no-answer" | "busy" | "bad-number" | "rejected" | "fax" | "sit" | "silence" | "congestion" | "carrier-fault" | "abandoned" | "dropped" | "canceled" | "interrupted" | "sent" | "delivered" | "undelivered" | "expired" | "bounced-hard" | "bounced-soft" | "complained";
  /** How the IVR script ended, if one ran. */
  readonly outcome?: string;
  /** Why, for people. */
  readonly reason?: string;
  readonly sipStatus?: number;
  /** Cause (ITU-T Q.850), if the carrier gave one. */
  readonly q850?: number;
  /** SIP Call-ID, to find the call in the carrier's records. */
  readonly callId?: string;
  /** RFC 3339, UTC. */
  readonly reservedAt: string;
  /** RFC 3339, UTC. */
  readonly answeredAt?: string;
  /** RFC 3339, UTC. */
  readonly endedAt?: string;
  /** When its contact is called again because of the result, at the earliest. */
  readonly againAt?: string;
}

export interface CampaignCallingList {
  /** id of the contact. */
  readonly contactId: string | null;
  /** the customer's own id of the person. */
  readonly clientId: string | null;
  /** attempts of this campaign that ended. */
  readonly attempts: number | null;
  /** the last of them. */
  readonly attemptId: string | null;
  /** voice, sms or email. */
  readonly channel: string | null;
  /** where it went. */
  readonly address: string | null;
  /** as docs/results.md has it; empty: not tried yet. */
  readonly result: string | null;
  /** its number in the Genesys export; 28 (unknown) where there is none. */
  readonly callResult: number | null;
  /** in words. */
  readonly meaning: string | null;
  /** how the script ended. */
  readonly outcome: string | null;
  /** what an agent said last. */
  readonly disposition: string | null;
  /** RFC 3339, UTC. */
  readonly endedAt: string | null;
}

export interface CampaignChange {
  /** How its calls come to be. ivr: a script talks with whoever answers; as many calls as lines and rates allow. ivr-progressive: a script talks, and one call is placed for each of `ports` that is free. ivr-power: a script talks, and `linesPerPort` calls are placed for each of `ports` that is free. manual: agents dial whom they want to. preview: agents see a contact first, and then have it dialled. progressive: `linesPerAgent` calls are placed for each agent who is free. predictive: calls are placed for agents who will be free by the time somebody answers. Default ivr. */
  readonly mode?: "ivr" | "ivr-progressive" | "ivr-power" | "manual" | "preview" | "progressive" | "predictive";
  /** Goes over what it has; null takes an option back to its default. */
  readonly pacing?: CampaignChangePacing;
  /** New calls, or messages, per second over all nodes, at most. */
  readonly maxCps?: number;
  /** Calls dialling, ringing or talking at once, at most. */
  readonly maxLines?: number;
  /** When people may be called or written to, on the clock of their own zone. */
  readonly window?: CampaignWindow;
  /** E.164, or the name of a configured pool of numbers. */
  readonly callerId?: string;
  /** Name of a configured trunk or route. */
  readonly trunk?: string;
  /** How long a call rings. */
  readonly ringTimeoutMs?: number;
  readonly amd?: CampaignAmd | null;
  /** Name of a configured sender of the channel. */
  readonly sender?: string;
}

export interface CampaignChange2 {
  /** RFC 3339, UTC. */
  readonly at: string;
  /** The name of the API key, or the command line. */
  readonly by: string;
  readonly before: CampaignChangeBefore;
  readonly after: CampaignChangeBefore;
}

export interface CampaignChangeBefore {
  /** How its calls come to be. ivr: a script talks with whoever answers; as many calls as lines and rates allow. ivr-progressive: a script talks, and one call is placed for each of `ports` that is free. ivr-power: a script talks, and `linesPerPort` calls are placed for each of `ports` that is free. manual: agents dial whom they want to. preview: agents see a contact first, and then have it dialled. progressive: `linesPerAgent` calls are placed for each agent who is free. predictive: calls are placed for agents who will be free by the time somebody answers. Default ivr. */
  readonly mode?: "ivr" | "ivr-progressive" | "ivr-power" | "manual" | "preview" | "progressive" | "predictive";
  /** Options of the mode; those that are left out have their defaults. */
  readonly pacing?: CampaignPacing;
  /** New calls, or messages, per second over all nodes, at most. */
  readonly maxCps: number;
  /** Calls dialling, ringing or talking at once, at most. */
  readonly maxLines?: number;
  /** When people may be called or written to, on the clock of their own zone. */
  readonly window?: CampaignWindow;
  /** E.164, or the name of a configured pool of numbers. */
  readonly callerId?: string;
  /** Name of a configured trunk or route. */
  readonly trunk?: string;
  /** Name of a configured sender of the channel. */
  readonly sender?: string;
  /** How long a call rings. */
  readonly ringTimeoutMs?: number;
  /** Answering-machine detection. Without it whoever answers is taken for a person, at once. */
  readonly amd?: CampaignAmd;
}

/** Goes over what it has; null takes an option back to its default. */
export interface CampaignChangePacing {
  readonly linesPerAgent?: number | null;
  readonly maxLinesPerAgent?: number | null;
  readonly target?: number | null;
  readonly cap?: number | null;
  readonly expectedTalkMs?: number | null;
  readonly expectedWrapMs?: number | null;
  readonly ports?: number | null;
  readonly linesPerPort?: number | null;
  readonly abandonedPauseS?: number | null;
}

/** What the gate says of one person in a campaign, now. */
export interface CampaignContactWhy {
  /** RFC 3339, UTC. */
  readonly at: string;
  /** Whom the campaign would call or write to; absent where it can use no address of the contact. */
  readonly address?: string;
  /** Whether the gate would let it happen now. */
  readonly may: boolean;
  /** The rule of the gate. */
  readonly rule?: string;
  /** The rule in words. */
  readonly meaning?: string;
  /** RFC 3339, UTC: when it is asked again; absent when it is not asked again in this campaign. */
  readonly retryAt?: string;
  /** The contact waits in this campaign, and is due since then, or will be. Absent: nothing is left to do. */
  readonly waitsSince?: string;
  /** Every question of the gate in its order; the first no decides. */
  readonly decisions: readonly CampaignContactWhyDecision[];
}

export interface CampaignContactWhyDecision {
  /** What was asked. */
  readonly step: string;
  readonly passed: boolean;
  /** The rule of the gate. */
  readonly rule?: string;
  readonly meaning?: string;
  /** RFC 3339, UTC: when it is asked again; absent when it is not asked again in this campaign. */
  readonly retryAt?: string;
  /** What it went by, for people. */
  readonly saw: string;
}

export interface CampaignDisposition {
  readonly code: string;
  readonly label: string;
  /** success: what the campaign is for was reached; the person is done; contact: the right person was spoken to; the person is done; do-not-call: the person wants no more calls; a suppression is written; wrong-number: somebody else has the number; it is not called again in this campaign; callback: the person is called again at a time agreed upon; retry: nobody was reached; the person waits again, when and as often as the campaign's rules for its agents say. */
  readonly category: "success" | "contact" | "do-not-call" | "wrong-number" | "callback" | "retry";
  /** What must be told besides. */
  readonly needs: readonly ("amount" | "date" | "note")[];
  /** Whom the agent had on the line, by which it is measured how many machines are people (`amd.holdoutShare`). Left out: `machine` for the category retry, else `person`. */
  readonly answeredBy?: "person" | "machine" | "unclear";
}

/** What a campaign does about people who call, and what came of it. */
export interface CampaignInbound {
  /** The inbound script, unless the number called has its own. */
  readonly script?: string;
  /** The campaign's own numbers. Callers of its caller ids are its callers too. */
  readonly numbers: readonly string[];
  /** Calls from outside that ring or are up. */
  readonly onTheLine: number;
  /** Calls from outside that are over, by result. */
  readonly results: Readonly<Record<string, number>>;
}

export interface CampaignMessageRule {
  /** SMS: words that people may answer with, before those of the account. */
  readonly keywords?: readonly CampaignMessageRuleKeyword[];
  /** Group of agents that answers what people write back; by SMS whatever is no keyword. Left out: that of the account. */
  readonly agentGroup?: string;
  /** E-mail: in place of the sender's. */
  readonly postalAddress?: string;
  /** E-mail: in place of the sender's. */
  readonly phone?: string;
  /** SMS: how long the network tries to deliver one (s), in place of the bind's `validityS`. */
  readonly validityS?: number;
  /** E-mail: links in the HTML lead over /l/ of `email.publicUrl`, which counts clicks. Off when left out. */
  readonly trackLinks?: boolean;
}

export interface CampaignMessageRuleKeyword {
  /** One to six words; alone, or with politeness. */
  readonly keyword: string;
  /** What whoever writes it gets. */
  readonly answer?: string;
  /** A configured webhook that is told of it, for a day. */
  readonly webhook?: string;
}

/** Options of the mode; those that are left out have their defaults. */
export interface CampaignPacing {
  /** progressive: calls for each agent who is free. With more than 1 somebody may answer for whom there is no agent: then `cap` holds. Default 1. */
  readonly linesPerAgent?: number;
  /** predictive: calls under way for each agent, at most. Default 8. */
  readonly maxLinesPerAgent?: number;
  /** predictive: the share of abandoned people, of those who answer, that is aimed at. Default 0.027, below ten agents 0.025. */
  readonly target?: number;
  /** The share of abandoned people that is never passed, over 24 hours and over 30 days. The law (16 CFR 310.4) allows 0.03. Default 0.03. */
  readonly cap?: number;
  /** How long conversations last, until enough is known of them. Default 120000. */
  readonly expectedTalkMs?: number;
  /** The same for the work after them. Default 20000. */
  readonly expectedWrapMs?: number;
  /** ivr-progressive, ivr-power: people who are to be spoken with at once, on each node. */
  readonly ports?: number;
  /** ivr-power: calls for each port that is free. Default 1. */
  readonly linesPerPort?: number;
  /** Whoever was abandoned, in any campaign, is not called predictively again for so long. Default 259200. */
  readonly abandonedPauseS?: number;
}

/** What a campaign would do, as everything stands now. */
export interface CampaignPreflight {
  /** RFC 3339, UTC. */
  readonly at: string;
  /** People looked at. */
  readonly contacts: number;
  /** False when there are more than 100000: carillon campaign preflight looks at all. */
  readonly complete: boolean;
  /** Who would be contacted within 31 days. */
  readonly contacted: number;
  /** The same, by the hour in which their turn begins. */
  readonly hours: readonly {
    /** RFC 3339, UTC. */
    readonly from: string;
    readonly contacts: number;
  }[];
  /** What holds some of them back until then. */
  readonly delayed: readonly CampaignPreflightDelayed[];
  /** How many of those who would be contacted a look-up has to be asked about first: they are counted as if its answer was good. */
  readonly notLookedUp: number;
  /** Who would not be contacted, by rule. */
  readonly refused: readonly CampaignPreflightDelayed[];
  /** Who would not be contacted because they lack fields that the template or the script needs: each person once. */
  readonly lacking: readonly {
    readonly fields: readonly string[];
    readonly contacts: number;
  }[];
  /** Why it must not be started now, as it stands: a national list is too old, say. */
  readonly hindrance?: string;
  /** When the last of them could have left at the campaign's rate, if each was tried once. */
  readonly earliestEndAt?: string;
}

export interface CampaignPreflightDelayed {
  readonly rule: string;
  readonly meaning?: string;
  readonly contacts: number;
}

export interface CampaignRun {
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly made?: CampaignRunMade;
  /** Why none was started. */
  readonly trouble?: string;
}

export interface CampaignRunMade {
  /** An id: digits, as text. */
  readonly campaignId?: string;
  /** An id: digits, as text. */
  readonly strategyCampaignId?: string;
  readonly name: string;
  readonly state: string;
}

export interface CampaignSafeguard {
  /** What it contacts people for: consents are to a purpose. */
  readonly purpose?: string;
  /** What it is about. Laws that allow so many contacts on one subject count campaigns with different subjects apart; absent: it counts with every other. */
  readonly subject?: string;
  /** Whether it contacts only people who agreed to the purpose. */
  readonly requireConsent: boolean;
  /** Why national do-not-call lists, and laws that want consent to calls that sell, are not for it; absent: they are. */
  readonly doNotCallExempt?: string;
  /** Names of the lists it heeds beside those that are mandatory. */
  readonly suppressionLists: readonly string[];
  /** Places whose hours by law hold for everybody in the campaign, wherever they are, besides those of where they are: countries, and states of the United States. */
  readonly laws?: readonly string[];
  /** Names of the look-ups that are asked before anybody is contacted; absent: none. */
  readonly lookups?: readonly string[];
  /** Why it must not run now, by a national list that is too old or missing. */
  readonly hindrance?: string;
}

export interface CampaignScheduleAnswer {
  /** RFC 3339, UTC. */
  readonly startAt?: string;
  /** RFC 3339, UTC. */
  readonly stopAt?: string;
  /** When it starts again and again: `daily 09:00`, `mon-fri 09:00`, `monthly 15 09:00`, `monthly last 09:00`, in the campaign's zone. Each time a copy of it is started, named after the day; the campaign itself never is. */
  readonly every?: string;
  /** With `every`: after so many seconds each run is stopped. */
  readonly runForS?: number;
  /** Whether it goes on when nobody waits any more, for those who come to its list later, until it is told to stop. Default false. */
  readonly staysOpen: boolean;
  /** Where its times of day are. */
  readonly zone: string;
  /** What is done next. Absent: nothing any more. */
  readonly next?: {
    readonly step: "start" | "stop" | "run";
    /** RFC 3339, UTC. */
    readonly at: string;
  };
  /** Why the last step could not be done. */
  readonly trouble?: string;
  /** The name of the API key, or the command line. */
  readonly changedBy: string;
}

/** When people may be called or written to, on the clock of their own zone. */
export interface CampaignWindow {
  /** Minute of the day; 480 is 08:00. */
  readonly startMinute: number;
  /** Minute of the day, not included. */
  readonly endMinute: number;
  /** 1 is Monday, 7 is Sunday. */
  readonly weekdays: readonly number[];
  /** Days on which nobody is contacted, where the person is: calendars (US, CA, CA-AB, CA-BC, CA-MB, CA-NB, CA-NL, CA-NS, CA-NT, CA-NU, CA-ON, CA-PE, CA-QC, CA-SK, CA-YT, GB, DE, FR, ES, or one of your own, such as our-office), days (2026-12-24), days of every year (12-24, 11-thu-4, easter+1), and ranges (12-24..01-02). */
  readonly holidays?: readonly string[];
}

export interface ConsentAnswer {
  /** Its place in the chain, from 1. */
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly kind: "consent" | "relationship" | "revocation";
  readonly subjectKind: string;
  /** Whom it is about: a salted SHA-256, hex. */
  readonly subject: string;
  readonly channel?: "voice" | "sms" | "email";
  readonly purpose?: string;
  /** RFC 3339, UTC. */
  readonly obtainedAt: string;
  readonly source: string;
  readonly proof?: string;
  /** RFC 3339, UTC. */
  readonly expiresAt?: string;
  readonly recordedBy: string;
  /** The opt-out by which it was revoked. */
  readonly suppressionId?: string;
  /** Hash of the record before. */
  readonly previous: string;
  readonly hash: string;
}

export interface ConsentLoadAnswer {
  /** Rows. */
  readonly read: number;
  /** Rows that could not be used. */
  readonly rejected: number;
  /** New records of the chain. */
  readonly recorded: number;
  /** Those that the chain had already, word by word. */
  readonly known: number;
  /** The last of the new records. */
  readonly last?: {
    readonly id: string;
    readonly hash: string;
  };
  /** The first 100 rows that could not be used, and why. */
  readonly rejections: readonly SuppressionListLoadAnswerRejection[];
}

export interface Contact {
  /** An id: digits, as text. */
  readonly id: string;
  /** An id: digits, as text. */
  readonly listId?: string;
  /** The customer's own id of the person. */
  readonly clientId?: string;
  /** IANA zone of the person. */
  readonly timeZone?: string;
  readonly addresses: readonly ContactAddress[];
  /** Every other column of the file. */
  readonly fields: Readonly<Record<string, string>>;
}

export interface ContactAddress {
  /** An id: digits, as text. */
  readonly id: string;
  readonly kind: "mobile" | "landline" | "unknown" | "email";
  /** E.164; of every kind but `email`. */
  readonly number?: string;
  /** Of kind `email`. */
  readonly mailbox?: string;
}

export interface ContactChange {
  readonly timeZone?: string | null;
  /** In the order in which they are tried; at most 10 of either sort. */
  readonly addresses?: readonly NewListContactAddress[];
  /** Null takes a field away. */
  readonly fields?: Readonly<Record<string, string | null>>;
}

export interface ContactTimeline {
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly kind: "refused" | "attempt" | "suppressed";
  /** An id: digits, as text. */
  readonly id: string;
  /** An id: digits, as text. */
  readonly campaignId?: string;
  /** refused: the rule of the gate. */
  readonly rule?: string;
  /** refused: the rule in words. */
  readonly meaning?: string;
  /** refused: when it is asked again; absent when it is not asked again in that campaign. */
  readonly retryAt?: string;
  readonly channel?: "voice" | "sms" | "email";
  /** E.164; `anonymous` for a caller who hides the number. */
  readonly address?: string;
  /** Of a call from outside: the number of yours that was called (E.164). */
  readonly calledNumber?: string;
  readonly state?: "reserved" | "sending" | "ringing" | "answered" | "ended";
  /** How it ended. human: a person answered; machine: a machine answered and no message was left; machine-message: a machine answered and took our message; no-answer: it rang and nobody answered; busy: the line was busy; bad-number: the number or mailbox does not exist; rejected: the person or their provider declined it; fax: a fax machine answered; sit: special information tones were heard; silence: answered, and nothing was heard; congestion: no free line, or the far side throttled us; carrier-fault: the trunk, the bind or a server of ours failed, perhaps while somebody was on the line; abandoned: a person answered and got no agent in time; dropped: the call broke while a person was on it; canceled: withdrawn by us before it reached anybody; interrupted: our server stopped while it was going out; never repeated by itself; sent: accepted by the next server; delivered: delivered to the device or mailbox; undelivered: could not be delivered; expired: its validity ended before delivery; bounced-hard: the mailbox does not exist; bounced-soft: the mailbox could not take it now; complained: the person reported it as unwanted. */
  readonly result?: "human" | "machine" | "machine-message" | "no-answer" | "busy" | "bad-number" | "rejected" | "fax" | "sit" | "silence" | "congestion" | "carrier-fault" | "abandoned" | "dropped" | "canceled" | "interrupted" | "sent" | "delivered" | "undelivered" | "expired" | "bounced-hard" | "bounced-soft" | "complained";
  /** How the IVR script ended, if one ran. */
  readonly outcome?: string;
  /** attempt, suppressed: why, for people. */
  readonly reason?: string;
  /** RFC 3339, UTC. */
  readonly answeredAt?: string;
  /** RFC 3339, UTC. */
  readonly endedAt?: string;
  /** suppressed: where it came from. */
  readonly source?: string;
  /** suppressed: the suppression list that says so. */
  readonly list?: string;
  /** suppressed: until when; absent when it has no end. */
  readonly expiresAt?: string;
}

export interface ContactTimelinePage {
  readonly items: readonly ContactTimeline[];
  /** Cursor of the next page; absent on the last. */
  readonly next?: string;
  /** Campaigns that still mean to contact the person. */
  readonly waiting: readonly {
    /** An id: digits, as text. */
    readonly campaignId: string;
    /** RFC 3339, UTC. */
    readonly dueAt: string;
  }[];
}

export interface Conversation {
  /** An id: digits, as text. */
  readonly id: string;
  readonly channel: "sms" | "email";
  /** Their number or mailbox. */
  readonly person: string;
  /** The number or mailbox of ours that they wrote to. */
  readonly ours: string;
  readonly group: {
    /** An id: digits, as text. */
    readonly id: string;
    readonly name: string;
  };
  readonly state: "waiting" | "taken" | "closed";
  /** RFC 3339, UTC. */
  readonly openedAt: string;
  /** They have no answer yet. */
  readonly waitsSince?: string;
  /** An id: digits, as text. */
  readonly contactId?: string;
  readonly campaign?: {
    /** An id: digits, as text. */
    readonly id: string;
    readonly name: string;
  };
  /** Everything between the two numbers or mailboxes, the oldest first. */
  readonly lines: readonly ConversationLine[];
  /** None for somebody who is on no list. */
  readonly contact?: ConversationContact;
  /** The agent who has it. */
  readonly takenBy?: string;
}

export interface Conversation2 {
  /** An id: digits, as text. */
  readonly id: string;
  readonly channel: "sms" | "email";
  /** Their number or mailbox. */
  readonly person: string;
  /** The number or mailbox of ours that they wrote to. */
  readonly ours: string;
  readonly group: {
    /** An id: digits, as text. */
    readonly id: string;
    readonly name: string;
  };
  readonly state: "waiting" | "taken" | "closed";
  /** RFC 3339, UTC. */
  readonly openedAt: string;
  /** They have no answer yet. */
  readonly waitsSince?: string;
  /** An id: digits, as text. */
  readonly contactId?: string;
  readonly campaign?: {
    /** An id: digits, as text. */
    readonly id: string;
    readonly name: string;
  };
  /** The agent who has it. */
  readonly takenBy?: string;
}

/** None for somebody who is on no list. */
export interface ConversationContact {
  /** An id: digits, as text. */
  readonly contactId: string;
  readonly clientId?: string;
  readonly timeZone?: string;
  readonly addresses: readonly {
    readonly kind: string;
    readonly number: string;
  }[];
  readonly fields: Readonly<Record<string, string>>;
}

export interface ConversationLine {
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly from: "person" | "us";
  /** Of an e-mail what they wrote, without what they quote; of one of ours that no agent wrote it is empty. */
  readonly text: string;
  /** Of an e-mail. */
  readonly subject?: string;
  /** What hangs on it, at most 20. It is named, and cannot be opened here. */
  readonly attachments?: readonly IncomingMailAttachment[];
  /** Who wrote it. */
  readonly agent?: string;
  /** Of ours: its result, `sending`, or why it was not sent. Of theirs: what it was taken for, such as `stop` or `opt-out`. */
  readonly standing?: string;
}

export interface Event {
  /** As strategies name it: small letters, digits and hyphens. */
  readonly name: string;
  /** Your own id of the event. Told again, it is the same event, and does nothing more. */
  readonly key?: string;
  /** Whom it is about, on every list. Either this or address, or both. */
  readonly clientId?: string;
  /** Whoever has this number (E.164) or mailbox, on every list. */
  readonly address?: string;
  /** What was paid, say. */
  readonly amount?: number;
  /** ISO 4217. */
  readonly currency?: string;
  /** By which channel of ours it came about, as far as you know. */
  readonly channel?: "voice" | "sms" | "email";
  /** RFC 3339, UTC. */
  readonly occurredAt: string;
  /** An id: digits, as text. */
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly receivedAt: string;
  readonly contacts: readonly EventContact[];
}

export interface Event2 {
  /** As strategies name it: small letters, digits and hyphens. */
  readonly name: string;
  /** Your own id of the event. Told again, it is the same event, and does nothing more. */
  readonly key?: string;
  /** Whom it is about, on every list. Either this or address, or both. */
  readonly clientId?: string;
  /** Whoever has this number (E.164) or mailbox, on every list. */
  readonly address?: string;
  /** What was paid, say. */
  readonly amount?: number;
  /** ISO 4217. */
  readonly currency?: string;
  /** By which channel of ours it came about, as far as you know. */
  readonly channel?: "voice" | "sms" | "email";
  /** RFC 3339, UTC. */
  readonly occurredAt: string;
  /** An id: digits, as text. */
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly receivedAt: string;
}

export interface EventAnswer {
  /** An id: digits, as text. */
  readonly id: string;
  /** False when it had been told before. */
  readonly fresh: boolean;
  readonly contacts: readonly EventContact[];
}

export interface EventContact {
  /** An id: digits, as text. */
  readonly contactId: string;
  /** The strategy campaign it ended, or moved them in; absent: none. */
  readonly strategyCampaignId?: string;
  /** The pass they were moved to; absent: it ended for them. */
  readonly campaignId?: string;
  /** The attempt that it is put down to: the last that reached them, within 14 days. */
  readonly attemptId?: string;
}

export interface Feed {
  readonly name: string;
  /** Whether this server's configuration has it; another node's may. */
  readonly here: boolean;
  readonly does?: "import" | "suppress" | "export";
  /** SFTP server; absent for a folder of the server's own machine. */
  readonly host?: string;
  readonly folder?: string;
  /** When it is looked next. */
  readonly nextAt?: string;
  /** RFC 3339, UTC. */
  readonly lookedAt?: string;
  /** The node that is at it now. */
  readonly takenBy?: string;
  /** Looks in a row that failed. */
  readonly failures: number;
  /** Why the last one failed. */
  readonly trouble?: string;
  /** The key that its server showed first, and must show since; only where `trustFirstHostKey` is set. */
  readonly hostKey?: string;
}

export interface FeedRun {
  /** An id: digits, as text. */
  readonly id: string;
  readonly node: string;
  /** `loaded`: the file has gone in, and what is to follow has not been done. `repeated`: the same file was taken before. `interrupted`: its server died or stopped; it is taken up again. */
  readonly state: "running" | "loaded" | "done" | "failed" | "repeated" | "interrupted";
  /** Absent of a look that came to no file. */
  readonly file?: string;
  readonly bytes?: number;
  readonly sha256?: string;
  /** What the file has become. */
  readonly report?: Readonly<Record<string, unknown>>;
  readonly fault?: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** RFC 3339, UTC. */
  readonly endedAt?: string;
}

/** How often a person or an address may be contacted in a window that rolls. */
export interface FrequencyCap {
  /** An id: digits, as text. */
  readonly id: string;
  readonly name: string;
  readonly kind: "cap" | "debt-calls" | "debt-conversation" | "law";
  readonly per: "person" | "address";
  readonly most: number;
  /** Seconds; the window rolls. */
  readonly windowS: number;
  /** It counts attempts on this channel and holds for it; left out: over all channels. */
  readonly channel?: "voice" | "sms" | "email";
  /** It holds in this campaign alone, and counts only what that one did; left out: in every campaign, over all of them. */
  readonly campaignId?: string;
  readonly field?: string;
  /** Of a cap by law: whose law it is. */
  readonly place?: string;
  /** Of a cap by law: where it stands. */
  readonly source?: string;
}

export interface Group {
  /** An id: digits, as text. */
  readonly id: string;
  /** Unique. */
  readonly name: string;
  readonly wrapUp: GroupWrapUp;
  readonly members: readonly AgentMembership[];
  /** For which campaigns it works. */
  readonly campaignIds: readonly string[];
}

export interface GroupWrapUp {
  /** Time to write a conversation up; 0 is none; left out: until the agent says so. */
  readonly wrapUpMs?: number;
  /** By how much the agent may put its end off… */
  readonly extensionMs: number;
  /** …and how often. */
  readonly maxExtensions: number;
}

export interface Import {
  /** An id: digits, as text. */
  readonly id: string;
  readonly list: string;
  readonly append: boolean;
  readonly existing?: "update" | "replace";
  readonly enter: boolean;
  /** `checked` waits to be committed or dropped, for a week. */
  readonly state: "arriving" | "checked" | "committing" | "committed" | "dropped" | "failed";
  /** Look-ups that were wanted with the file, beside those of its mapping. */
  readonly lookups?: readonly string[];
  /** How far the accepted are looked up; of one import alone, not of the list of them. */
  readonly lookupRuns?: readonly ImportLookupRun[];
  readonly report?: ImportReport;
  /** Why it failed. */
  readonly fault?: string;
  readonly bytes: number;
  readonly createdBy: string;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  /** RFC 3339, UTC. */
  readonly endedAt?: string;
}

export interface ImportLookupRun {
  /** An id: digits, as text. */
  readonly id: string;
  readonly list: string;
  /** An id: digits, as text. */
  readonly listId: string;
  readonly lookups: readonly string[];
  readonly state: "running" | "done" | "canceled";
  /** How many it is about; absent of runs from before that was kept. */
  readonly people?: number;
  /** How many of them are done with. */
  readonly contacts: number;
  /** By look-up, of those who are done with: questions, how many were answered and how many not, and the answers in our words. What was known and good counts as answered. */
  readonly counts: Readonly<Record<string, ImportLookupRunCounts>>;
  /** Look-ups that no server has now: it waits for one that does, or until it is canceled. */
  readonly missing: readonly string[];
  /** RFC 3339, UTC. */
  readonly at: string;
  /** RFC 3339, UTC. */
  readonly endedAt?: string;
}

export interface ImportLookupRunCounts {
  readonly asked: number;
  readonly answered: number;
  readonly failed: number;
  readonly words: Readonly<Record<string, number>>;
}

export interface ImportMappingMapping {
  /** Absent: recognised by the file's beginning. */
  readonly format?: "csv" | "ndjson" | "fixed" | "xlsx";
  /** Absent: by the byte order mark, else UTF-8 if it is that, else CP1252. */
  readonly encoding?: "utf-8" | "utf-16le" | "utf-16be" | "latin-1" | "cp1252";
  /** What stands between two cells. Absent: recognised. */
  readonly delimiter?: string;
  /** Whether the first row holds names, which is usual; of fixed width it is not. */
  readonly header?: boolean;
  /** Of a workbook: the name of the sheet. Absent: the first. */
  readonly sheet?: string;
  /** Numbers and mailboxes in the order in which they are tried. Absent: recognised by their names. */
  readonly columns?: readonly ImportMappingMappingColumn[];
  /** What columns are that `columns` does not name; `field` is usual. */
  readonly rest?: "field" | "nothing";
  /** Who goes in, and how they are to be reached. Of each row the first rule that holds is followed. */
  readonly rules?: readonly (ImportMappingMappingRule | ImportMappingMappingRule2 | ImportMappingMappingRule3)[];
  /** Names of look-ups that the people of the file are asked about when they are in, in the background. */
  readonly lookups?: readonly string[];
}

export interface ImportMappingMappingColumn {
  /** Which column of the file. */
  readonly column: string | number | {
    /** The first character of it, from 1. */
    readonly from: number;
    /** Characters. */
    readonly width: number;
  };
  readonly as: "number" | "mailbox" | "clientId" | "timeZone" | "field" | "nothing";
  /** Of a number whose kind its numbering plan does not tell. */
  readonly kind?: "mobile" | "landline" | "unknown";
  /** Of a field: the name by which scripts and templates know it. */
  readonly name?: string;
}

export interface ImportMappingMappingRule {
  /** By which the report counts the rows. */
  readonly name: string;
  /** All of them hold. Absent: it holds for everybody whom no rule above holds for. */
  readonly when?: readonly ({
    /** A field, by its name in the file or as scripts know it. */
    readonly field: string;
    /** One of these; case does not matter. */
    readonly is: readonly string[];
  } | {
    /** A field, by its name in the file or as scripts know it. */
    readonly field: string;
    /** None of these. */
    readonly isNot: readonly string[];
  } | {
    /** A field, by its name in the file or as scripts know it. */
    readonly field: string;
    /** A number, and more than that. */
    readonly above: number;
  } | {
    /** A field, by its name in the file or as scripts know it. */
    readonly field: string;
    /** A number, and less than that. */
    readonly below: number;
  } | {
    /** A field, by its name in the file or as scripts know it. */
    readonly field: string;
    readonly empty: boolean;
  } | {
    /** Whether one of the addresses that can be used is of that kind. */
    readonly has: "mobile" | "landline" | "unknown" | "email";
  })[];
  /** The row does not go in; this is told as the reason. */
  readonly reject: string;
}

export interface ImportMappingMappingRule2 {
  /** By which the report counts the rows. */
  readonly name: string;
  /** All of them hold. Absent: it holds for everybody whom no rule above holds for. */
  readonly when?: readonly ({
    /** A field, by its name in the file or as scripts know it. */
    readonly field: string;
    /** One of these; case does not matter. */
    readonly is: readonly string[];
  } | {
    /** A field, by its name in the file or as scripts know it. */
    readonly field: string;
    /** None of these. */
    readonly isNot: readonly string[];
  } | {
    /** A field, by its name in the file or as scripts know it. */
    readonly field: string;
    /** A number, and more than that. */
    readonly above: number;
  } | {
    /** A field, by its name in the file or as scripts know it. */
    readonly field: string;
    /** A number, and less than that. */
    readonly below: number;
  } | {
    /** A field, by its name in the file or as scripts know it. */
    readonly field: string;
    readonly empty: boolean;
  } | {
    /** Whether one of the addresses that can be used is of that kind. */
    readonly has: "mobile" | "landline" | "unknown" | "email";
  })[];
  /** Fields that the person gets, such as the channel that a strategy's passes ask for. */
  readonly set: Readonly<Record<string, string>>;
  /** Name of the list that the person goes to; absent, the one that the import is for. */
  readonly list?: string;
}

export interface ImportMappingMappingRule3 {
  /** By which the report counts the rows. */
  readonly name: string;
  /** All of them hold. Absent: it holds for everybody whom no rule above holds for. */
  readonly when?: readonly ({
    /** A field, by its name in the file or as scripts know it. */
    readonly field: string;
    /** One of these; case does not matter. */
    readonly is: readonly string[];
  } | {
    /** A field, by its name in the file or as scripts know it. */
    readonly field: string;
    /** None of these. */
    readonly isNot: readonly string[];
  } | {
    /** A field, by its name in the file or as scripts know it. */
    readonly field: string;
    /** A number, and more than that. */
    readonly above: number;
  } | {
    /** A field, by its name in the file or as scripts know it. */
    readonly field: string;
    /** A number, and less than that. */
    readonly below: number;
  } | {
    /** A field, by its name in the file or as scripts know it. */
    readonly field: string;
    readonly empty: boolean;
  } | {
    /** Whether one of the addresses that can be used is of that kind. */
    readonly has: "mobile" | "landline" | "unknown" | "email";
  })[];
  /** Name of the list that the person goes to; absent, the one that the import is for. */
  readonly list: string;
}

export interface ImportReport {
  /** An id: digits, as text. */
  readonly listId?: string;
  /** Data rows in the file. */
  readonly read: number;
  readonly accepted: number;
  /** Rows that could not be used; `accepted` + `rejected` = `read`. */
  readonly rejected: number;
  /** Of the rejected, those already on the list. */
  readonly duplicates: number;
  /** Of the rejected, those that name somebody who was erased. */
  readonly erased: number;
  /** Numbers and mailboxes that could not be used, of people who have another. */
  readonly dropped: number;
  /** Of the accepted, those who were on the list. */
  readonly updated: number;
  /** People who leave the list, not being in the file. */
  readonly left: number;
  /** Of the accepted, those whom a suppression for all campaigns keeps from the channel now. */
  readonly suppressed: ImportReportSuppressed;
  /** Of the accepted, those who have an address for the channel. */
  readonly reachable: ImportReportSuppressed;
  /** The accepted by time zone; an empty name for those without. */
  readonly zones: Readonly<Record<string, number>>;
  /** The runs (GET /api/v1/lookup-runs/{id}) by which the accepted are looked up, one for each list. */
  readonly lookupRuns?: readonly string[];
  /** Where the mapping has rules: for how many rows each of them was followed. */
  readonly rules?: Readonly<Record<string, number>>;
  /** Where the mapping's rules send people to several lists: each of them by itself. */
  readonly lists?: readonly ImportReportList[];
  /** The first rows that could not be used, and why. */
  readonly rejections: readonly ImportReportRejection[];
}

export interface ImportReportList {
  readonly name: string;
  /** Absent where nobody came onto a new list, or nothing was written. */
  readonly listId?: string;
  readonly accepted: number;
  readonly duplicates: number;
  readonly erased: number;
  /** An id: digits, as text. */
  readonly lookupRun?: string;
  readonly updated: number;
  readonly left: number;
  readonly suppressed: ImportReportSuppressed;
  readonly reachable: ImportReportSuppressed;
  readonly zones: Readonly<Record<string, number>>;
}

export interface ImportReportRejection {
  /** 1 is the first data row. */
  readonly row: number;
  /** Its line in the file; of a workbook its row in the sheet. */
  readonly line: number;
  readonly column: string;
  readonly reason: string;
}

export interface ImportReportSuppressed {
  readonly voice: number;
  readonly sms: number;
  readonly email: number;
}

export interface IncomingMail {
  /** An id: digits, as text. */
  readonly id: string;
  /** The mailbox or receiver it came by. */
  readonly inbox: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** `bounce`: a report of a mail server; `complaint`: a report that it was not wanted; `automatic`: written by no person; `reply`; `opt-out`: a reply that asks for no more; `other`. */
  readonly kind: "bounce" | "complaint" | "automatic" | "reply" | "opt-out" | "other";
  readonly from?: string;
  readonly recipients: readonly string[];
  readonly subject: string;
  /** At most 65,536 characters. Written by somebody else: show it as text. */
  readonly text: string;
  /** RFC 3463. */
  readonly enhanced?: string;
  /** Why it was taken for what it is, for people. */
  readonly reason: string;
  /** An id: digits, as text. */
  readonly attemptId?: string;
  /** An id: digits, as text. */
  readonly campaignId?: string;
  /** An id: digits, as text. */
  readonly contactId?: string;
  /** Octets. */
  readonly size: number;
  /** What hangs on it, at most 20. It is named, and cannot be opened here. */
  readonly attachments: readonly IncomingMailAttachment[];
}

export interface IncomingMailAttachment {
  /** As its sender calls it. */
  readonly filename: string;
  /** As its sender says. */
  readonly type: string;
  readonly octets: number;
}

export interface IncomingMessage {
  /** An id: digits, as text. */
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** The bind or mail pool. */
  readonly via: string;
  readonly from: string;
  readonly to: string;
  /** Written by somebody else: show it as text. */
  readonly text: string;
  /** False when parts of it never came; […] stands for them. */
  readonly complete: boolean;
  /** What it was taken for; `kept` is a text like any other, which nobody answers by itself. */
  readonly state: "waiting" | "kept" | "stop" | "help" | "start" | "keyword" | "conversation";
  readonly keyword?: string;
  /** An id: digits, as text. */
  readonly campaignId?: string;
  /** An id: digits, as text. */
  readonly contactId?: string;
  /** The message of ours it came after. */
  readonly afterMessageId?: string;
  /** The attempt at answering it. */
  readonly answerMessageId?: string;
  /** data_coding, esm_class and the parameters that came. */
  readonly details: Readonly<Record<string, unknown>>;
}

export interface Key {
  readonly id: string;
  readonly name: string;
  readonly role: "owner" | "admin" | "supervisor" | "author" | "agent" | "integrator" | "read-only";
  /** Absent: everything. */
  readonly groupIds?: readonly string[];
  /** Of an agent's key: whose it is. It logs them in and opens nothing else. */
  readonly agentId?: string;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  /** RFC 3339, UTC. */
  readonly expiresAt?: string;
  /** RFC 3339, UTC. */
  readonly revokedAt?: string;
  /** RFC 3339, UTC. */
  readonly lastUsedAt?: string;
}

export interface KeyAnswer {
  readonly id: string;
  readonly name: string;
  readonly role: "owner" | "admin" | "supervisor" | "author" | "agent" | "integrator" | "read-only";
  /** Absent: everything. */
  readonly groupIds?: readonly string[];
  /** Of an agent's key: whose it is. It logs them in and opens nothing else. */
  readonly agentId?: string;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  /** RFC 3339, UTC. */
  readonly expiresAt?: string;
  /** RFC 3339, UTC. */
  readonly revokedAt?: string;
  /** RFC 3339, UTC. */
  readonly lastUsedAt?: string;
  readonly key: string;
}

export interface KeyBulkAnswer {
  /** As if it had been asked for alone. */
  readonly status: number;
  /** Of what was made or named. */
  readonly id?: string;
  /** Why it was not done. */
  readonly problem?: ListContactBulkAnswerProblem;
  readonly key?: string;
}

export interface List {
  /** An id: digits, as text. */
  readonly id: string;
  readonly name: string;
  /** How many people stand on it. */
  readonly contacts: number;
  /** What is known of them: the names that scripts and templates may use. */
  readonly columns: readonly string[];
  /** RFC 3339, UTC. */
  readonly createdAt: string;
}

export interface ListAnswer {
  /** An id: digits, as text. */
  readonly listId: string;
  /** Data rows in the file. */
  readonly read: number;
  readonly accepted: number;
  /** Rows that could not be used; `accepted` + `rejected` = `read`. */
  readonly rejected: number;
  /** Of the rejected, those already on the list. */
  readonly duplicates: number;
  /** Of the rejected, those that name somebody who was erased. */
  readonly erased: number;
  /** Numbers and mailboxes that could not be used, of people who have another. */
  readonly dropped: number;
  /** Of the accepted, those who were on the list. */
  readonly updated: number;
  /** People who leave the list, not being in the file. */
  readonly left: number;
  /** Of the accepted, those whom a suppression for all campaigns keeps from the channel now. */
  readonly suppressed: ImportReportSuppressed;
  /** Of the accepted, those who have an address for the channel. */
  readonly reachable: ImportReportSuppressed;
  /** The accepted by time zone; an empty name for those without. */
  readonly zones: Readonly<Record<string, number>>;
  /** The runs (GET /api/v1/lookup-runs/{id}) by which the accepted are looked up, one for each list. */
  readonly lookupRuns?: readonly string[];
  /** Where the mapping has rules: for how many rows each of them was followed. */
  readonly rules?: Readonly<Record<string, number>>;
  /** Where the mapping's rules send people to several lists: each of them by itself. */
  readonly lists?: readonly ImportReportList[];
  /** The first rows that could not be used, and why. */
  readonly rejections: readonly ImportReportRejection[];
}

export interface ListContactBulkAnswer {
  /** As if it had been asked for alone. */
  readonly status: number;
  /** Of what was made or named. */
  readonly id?: string;
  /** Why it was not done. */
  readonly problem?: ListContactBulkAnswerProblem;
}

/** Why it was not done. */
export interface ListContactBulkAnswerProblem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Stable; what programs look at. */
  readonly code: string;
  readonly errors?: readonly {
    readonly pointer: string;
    readonly message: string;
  }[];
}

export interface Lookup {
  /** As the configuration has it, under `lookups`. */
  readonly name: string;
  /** Whether this server's configuration has it; another node's may. */
  readonly here: boolean;
  readonly kind: "line-type" | "reassigned" | "customer";
  /** Who is asked about. */
  readonly by: "number" | "client-id";
  /** What is done where nobody can be asked; of this server's configuration. */
  readonly fallback?: "allow" | "hold" | "refuse";
  /** Questions a second, of all nodes together. */
  readonly maxPerSecond?: number;
  /** Whether some server has it. Campaigns that want one that is gone do not start, and are paused. */
  readonly ready: boolean;
  /** Questions without an answer yet. */
  readonly waiting: number;
  readonly answered: number;
  /** Questions that got no answer, and are not asked again for now. */
  readonly failed: number;
  /** Why the last question failed. */
  readonly trouble?: string;
}

export interface LookupAnswerSearchAnswer {
  /** As the configuration has it, under `lookups`. */
  readonly name: string;
  readonly state: "wanted" | "answered" | "failed";
  /** The day the question was about. */
  readonly since?: string;
  /** What it says, in our words. */
  readonly word?: string;
  /** Why. */
  readonly reason?: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** Until when an answer is good; of a failed question when it may be asked again. */
  readonly until?: string;
}

export interface LookupTestAnswer {
  /** As the configuration has it, under `lookups`. */
  readonly name: string;
  readonly answered: boolean;
  readonly tookMs: number;
  /** What it says, in our words. */
  readonly word?: string;
  /** Why. */
  readonly reason?: string;
  /** What a contact would learn of itself. */
  readonly fields?: Readonly<Record<string, string>>;
}

export interface MailPool {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly tls: string;
  /** From each node. */
  readonly connections: number;
  /** Messages, over all nodes; absent: as fast as the server takes them. */
  readonly maxPerSecond?: number;
  /** As this node sees it; absent: it does not use it. */
  readonly up?: boolean;
  /** What is wrong, and what to do. */
  readonly note?: string;
}

export interface Me {
  readonly kind: "user" | "key";
  readonly id: string;
  readonly name: string;
  readonly role: "owner" | "admin" | "supervisor" | "author" | "agent" | "integrator" | "read-only";
  readonly groupIds?: readonly string[];
  /** For the header X-CSRF-Token, with a session. */
  readonly csrfToken?: string;
}

export interface MePasswordAnswer {
  readonly user: User;
  readonly csrfToken: string;
  /** RFC 3339, UTC. */
  readonly expiresAt: string;
}

export interface Message {
  /** That of its attempt. */
  readonly id: string;
  readonly channel: "sms" | "email";
  /** RFC 3339, UTC. */
  readonly at: string;
  /** The bind or mail pool. */
  readonly via: string;
  readonly from: string;
  readonly to: string;
  /** Of an e-mail the subject. */
  readonly text: string;
  /** How many PDUs it takes. */
  readonly parts?: number;
  readonly state: "reserved" | "sending" | "ringing" | "answered" | "ended";
  readonly result?: "human" | "machine" | "machine-message" | "no-answer" | "busy" | "bad-number" | "rejected" | "fax" | "sit" | "silence" | "congestion" | "carrier-fault" | "abandoned" | "dropped" | "canceled" | "interrupted" | "sent" | "delivered" | "undelivered" | "expired" | "bounced-hard" | "bounced-soft" | "complained";
  readonly reason?: string;
  /** An id: digits, as text. */
  readonly campaignId?: string;
  /** An id: digits, as text. */
  readonly contactId?: string;
  readonly reports: readonly MessageReport[];
}

/** Something that a webhook is told. */
export interface Message2 {
  /** An id: digits, as text. */
  readonly id: string;
  /** An id: digits, as text. */
  readonly webhookId: string;
  /** Its type. */
  readonly event: string;
  /** `waiting` until it was taken (`delivered`), or given up (`dead`). */
  readonly state: "waiting" | "delivered" | "dead";
  /** What is told: `data` of the request. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly tries: number;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  /** When it is tried next; of one that waits. */
  readonly dueAt?: string;
  /** RFC 3339, UTC. */
  readonly endedAt?: string;
  readonly lastTry?: MessageLastTry;
}

export interface MessageLastTry {
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly tookMs: number;
  /** HTTP status; absent when there was no answer. */
  readonly status?: number;
  /** Why it counts as not taken. */
  readonly reason?: string;
}

export interface MessageReport {
  readonly part: number;
  /** The id the SMSC gave it, without capitals and leading zeros. */
  readonly remoteId: string;
  /** The last one reported. */
  readonly state?: string;
  readonly error?: string;
  /** RFC 3339, UTC. */
  readonly at?: string;
}

export interface MessageTestAnswer {
  readonly text: string;
  readonly bind: string;
  readonly parts: number;
}

export interface NewAgentPhone {
  /** `uri`: called at a SIP URI. `number`: called over a trunk. `device`: called wherever it has registered with us. */
  readonly kind: "uri" | "number" | "device";
  /** Called when the agent logs in and kept on the line until they log out; else rung for each call. */
  readonly nailedUp?: boolean;
  /** Its host has to be among `phones.hosts`. */
  readonly uri?: string;
  readonly number?: string;
  /** A trunk or route; every call takes a line of it. */
  readonly trunk?: string;
  /** What the telephone shows when the trunk may not show the number of the campaign. */
  readonly callerId?: string;
  /** As whom devices register; each agent has another. */
  readonly username?: string;
  /** Left out, it stays as it was. */
  readonly password?: string;
}

/** The supervisor's telephone; it is rung. */
export interface NewAgentSupervisionPhone {
  /** A SIP URI, whose host is among `phones.hosts`… */
  readonly uri?: string;
  /** …or a number, with `trunk` and `callerId`… */
  readonly number?: string;
  readonly trunk?: string;
  readonly callerId?: string;
  /** …or where this agent is reached. */
  readonly agentId?: string;
}

export interface NewCallback {
  /** An id: digits, as text. */
  readonly campaignId: string;
  /** An id: digits, as text. */
  readonly contactId: string;
  /** RFC 3339, with an offset. */
  readonly dueAt: string;
  /** Only for this agent; left out: for everybody in the campaign's groups. */
  readonly agentId?: string;
  /** RFC 3339, with an offset. */
  readonly fallbackAt?: string;
  readonly note?: string;
}

/** The settings of `callerIds:` in the configuration. */
export interface NewCallerIdPool {
  /** What campaigns call it, in place of a caller id. */
  readonly name: string;
  /** Its numbers. Those that fit equally well are shown in turn. */
  readonly numbers: readonly {
    /** A number of yours. */
    readonly number: string;
    /** Numbers for which it is a local one begin with one of these. The number with the longest matching prefix is shown. */
    readonly localTo: readonly string[];
  }[];
  /** Calls on which one number is shown in a day (UTC), at most, over all nodes. */
  readonly dailyCap?: number;
  /** So many calls in a row that are answered 608 (rejected as unwanted, RFC 8688) and a number rests. */
  readonly quarantineAfter?: number;
  /** How long it rests. */
  readonly quarantineHours?: number;
}

export interface NewCampaign {
  /** Default. */
  readonly channel?: "voice";
  /** Unique. */
  readonly name: string;
  /** An id: digits, as text. */
  readonly listId: string;
  /** Name of a script; new calls run the version that is current. Either this or scriptVersionId. */
  readonly script?: string;
  /** A version of a script; the campaign stays on it. */
  readonly scriptVersionId?: string;
  /** Name of a configured trunk or route. */
  readonly trunk: string;
  /** E.164, or the name of a configured pool of numbers. */
  readonly callerId: string;
  /** New calls, or messages, per second over all nodes, at most. */
  readonly maxCps: number;
  /** Calls dialling, ringing or talking at once, at most. */
  readonly maxLines: number;
  /** How long a call rings. */
  readonly ringTimeoutMs?: number;
  /** When people may be called or written to, on the clock of their own zone. */
  readonly window?: CampaignWindow;
  /** IANA zone for people whose zone is not known. */
  readonly defaultTimeZone: string;
  /** How its calls come to be. ivr: a script talks with whoever answers; as many calls as lines and rates allow. ivr-progressive: a script talks, and one call is placed for each of `ports` that is free. ivr-power: a script talks, and `linesPerPort` calls are placed for each of `ports` that is free. manual: agents dial whom they want to. preview: agents see a contact first, and then have it dialled. progressive: `linesPerAgent` calls are placed for each agent who is free. predictive: calls are placed for agents who will be free by the time somebody answers. Default ivr. */
  readonly mode?: "ivr" | "ivr-progressive" | "ivr-power" | "manual" | "preview" | "progressive" | "predictive";
  /** Options of the mode; those that are left out have their defaults. */
  readonly pacing?: CampaignPacing;
  /** Answering-machine detection. Without it whoever answers is taken for a person, at once. */
  readonly amd?: CampaignAmd;
  /** After which results a contact is called, or written to, again, when the rules allow it then. What is said here goes over the defaults, {"carrier-fault":{"afterS":300,"atMost":3},"congestion":{"afterS":300,"atMost":3}}. */
  readonly retries?: Readonly<Record<string, {
    /** Seconds from the end of the attempt. */
    readonly afterS: number;
    /** How often, for this result. 0: never. */
    readonly atMost: number;
  }>>;
}

export interface NewCampaign2 {
  readonly channel: "sms" | "email";
  /** Unique. */
  readonly name: string;
  /** An id: digits, as text. */
  readonly listId: string;
  /** Name of a template; new messages are made of the version that is current. Either this or templateVersionId. */
  readonly template?: string;
  /** A version of a template; the campaign stays on it. */
  readonly templateVersionId?: string;
  /** Name of a configured sender of the channel. */
  readonly sender: string;
  /** New calls, or messages, per second over all nodes, at most. */
  readonly maxCps: number;
  /** When people may be called or written to, on the clock of their own zone. */
  readonly window?: CampaignWindow;
  /** IANA zone for people whose zone is not known. */
  readonly defaultTimeZone: string;
  /** After which results a contact is called, or written to, again, when the rules allow it then. What is said here goes over the defaults, {"carrier-fault":{"afterS":300,"atMost":3},"congestion":{"afterS":300,"atMost":3}}. */
  readonly retries?: Readonly<Record<string, {
    /** Seconds from the end of the attempt. */
    readonly afterS: number;
    /** How often, for this result. 0: never. */
    readonly atMost: number;
  }>>;
}

export interface NewCampaignAgentRule {
  /** In a campaign of the mode preview: whether agents who are ready ask for the next person, or get one by themselves. */
  readonly preview?: "pull" | "push";
  /** How long they may look (s). */
  readonly previewS?: number;
  /** What is done then: the person waits again, or is called. */
  readonly atTimeOut?: "put-back" | "dial";
  /** Why agents do not call somebody. */
  readonly skipReasons?: readonly CampaignAgentRuleSkipReason[];
  /** Whether agents may call a person at a number that they type. */
  readonly typedNumbers?: boolean;
  /** Which share of the conversations with agents is recorded, in the directory of recordings. Have the script say so first: in many places the person must know, or agree. */
  readonly recordingShare?: number;
  /** What people have been told or asked by then, which the script or the agent sees to. Kept with each recording; where their country wants more (`recording` of the configuration) nothing is recorded. */
  readonly recordingConsent?: "none" | "told" | "agreed";
  /** For how many days recordings of its calls, of record steps too, are kept; otherwise as `retention.recordingsDays` says. */
  readonly recordingKeepDays?: number;
  /** When, and how often at most, somebody is called again after a disposition of the category retry. */
  readonly retry?: {
    readonly afterS: number;
    readonly atMost: number;
  };
  /** Templates of SMS and e-mail that agents may send during a conversation and in its wrap-up; left out: any. An empty list: none. */
  readonly templates?: readonly string[];
  /** Payment page of the campaign: `https://`, with `{contact}`, `{client_id}`, `{attempt}` or the name of a field in braces, which are percent-encoded. */
  readonly paymentUrl?: string;
}

export interface NewCampaignOrder {
  readonly order: "start" | "pause" | "resume" | "stop";
  readonly campaignIds?: readonly string[];
  readonly strategyCampaignIds?: readonly string[];
}

export interface NewCampaignSafeguard {
  /** What it contacts people for: consents are to a purpose. */
  readonly purpose?: string;
  /** What it is about. Laws that allow so many contacts on one subject count campaigns with different subjects apart; absent: it counts with every other. */
  readonly subject?: string;
  /** Whether it contacts only people who agreed to the purpose. */
  readonly requireConsent: boolean;
  /** Why national do-not-call lists, and laws that want consent to calls that sell, are not for it; absent: they are. */
  readonly doNotCallExempt?: string;
  /** Names of the lists it heeds beside those that are mandatory. */
  readonly suppressionLists: readonly string[];
  /** Places whose hours by law hold for everybody in the campaign, wherever they are, besides those of where they are: countries, and states of the United States. */
  readonly laws?: readonly string[];
  /** Names of the look-ups that are asked before anybody is contacted; absent: none. */
  readonly lookups?: readonly string[];
}

export interface NewCampaignSchedule {
  /** When it starts; with `every` the first run is not before it. */
  readonly startAt?: string;
  /** When it is stopped; with `every` no run begins from then on. */
  readonly stopAt?: string;
  /** When it starts again and again: `daily 09:00`, `mon-fri 09:00`, `monthly 15 09:00`, `monthly last 09:00`, in the campaign's zone. Each time a copy of it is started, named after the day; the campaign itself never is. */
  readonly every?: string;
  /** With `every`: after so many seconds each run is stopped. */
  readonly runForS?: number;
  /** Whether it goes on when nobody waits any more, for those who come to its list later, until it is told to stop. Default false. */
  readonly staysOpen?: boolean;
}

export interface NewConsent {
  /** `relationship`: they are a customer, or have asked; it stands against national lists, and is no consent. `revocation` takes back. */
  readonly kind: "consent" | "relationship" | "revocation";
  /** E.164. */
  readonly number?: string;
  /** In small letters. */
  readonly mailbox?: string;
  /** The customer's own id of the person. */
  readonly clientId?: string;
  readonly channel?: "voice" | "sms" | "email";
  /** A word; may be absent only in a revocation, of every purpose. */
  readonly purpose?: string;
  /** RFC 3339. */
  readonly obtainedAt: string;
  /** How it came: a form, a call, a letter. */
  readonly source: string;
  /** Their words, or where the proof is kept. */
  readonly proof?: string;
  /** RFC 3339. */
  readonly expiresAt?: string;
}

export interface NewContactBulk {
  /** An id: digits, as text. */
  readonly id: string;
  readonly change?: ContactChange;
  readonly withdraw?: true;
}

export interface NewEmailTest {
  readonly template: string;
  /** A name under email.senders. */
  readonly sender: string;
  readonly to: string;
  readonly fields?: Readonly<Record<string, string>>;
}

export interface NewEvent {
  /** As strategies name it: small letters, digits and hyphens. */
  readonly name: string;
  /** Your own id of the event. Told again, it is the same event, and does nothing more. */
  readonly key?: string;
  /** Whom it is about, on every list. Either this or address, or both. */
  readonly clientId?: string;
  /** Whoever has this number (E.164) or mailbox, on every list. */
  readonly address?: string;
  /** What was paid, say. */
  readonly amount?: number;
  /** ISO 4217. */
  readonly currency?: string;
  /** By which channel of ours it came about, as far as you know. */
  readonly channel?: "voice" | "sms" | "email";
  /** RFC 3339, with its zone; now, when left out. */
  readonly occurredAt?: string;
}

export interface NewFrequencyCap {
  /** Unique. */
  readonly name: string;
  readonly per?: "person" | "address";
  readonly most?: number;
  /** Seconds; the window rolls. */
  readonly windowS?: number;
  /** It counts attempts on this channel and holds for it; left out: over all channels. */
  readonly channel?: "voice" | "sms" | "email";
  /** It holds in this campaign alone, and counts only what that one did; left out: in every campaign, over all of them. */
  readonly campaignId?: string;
  /** Instead of per, most, windowS and channel: the rule for debt collectors in the United States (12 CFR 1006.14(b)(2)), with the field of the contacts that says which debt it is. Of the account it holds for contacts that have the field; of a campaign for everybody in it. */
  readonly usDebtField?: string;
}

export interface NewKey {
  readonly name: string;
  /** What they may do; docs/security.md has the table. An owner everything, an administrator all but make owners. */
  readonly role: "owner" | "admin" | "supervisor" | "author" | "agent" | "integrator" | "read-only";
  /** The groups to whose campaigns, lists and people they are limited. An agent must be; owners and administrators cannot be. */
  readonly groupIds?: readonly string[];
  /** RFC 3339, with an offset. */
  readonly expiresAt?: string;
}

export interface NewListContact {
  /** The customer's own id of the person; once on a list. */
  readonly clientId?: string;
  /** IANA zone of the person. */
  readonly timeZone?: string;
  /** In the order in which they are tried; at most 10 of either sort. */
  readonly addresses: readonly NewListContactAddress[];
  /** What scripts and templates may use. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Whether they come into the campaigns that run on the list, which is usual. */
  readonly enter?: boolean;
}

/** A number or a mailbox. */
export interface NewListContactAddress {
  /** As people write it; without + it is of the configured country. */
  readonly number?: string;
  /** Of a number whose kind its numbering plan does not tell. */
  readonly kind?: "mobile" | "landline" | "unknown";
  readonly mailbox?: string;
}

export interface NewMePassword {
  /** 12 to 128 characters where it is chosen. */
  readonly password: string;
  /** Of the authenticator, or a recovery code. */
  readonly code?: string;
  /** 12 to 128 characters where it is chosen. */
  readonly newPassword: string;
}

export interface NewMessageTest {
  readonly template: string;
  /** A name under sms.senders. */
  readonly sender: string;
  readonly to: string;
  readonly fields?: Readonly<Record<string, string>>;
}

export interface NewNumber {
  /** E.164. */
  readonly number: string;
  readonly name: string;
  /** The campaign whose callers these are, when nothing better is known of a caller. */
  readonly campaignId?: string;
  /** Name of the script that runs for who calls, instead of the campaign's inbound script; its current version. */
  readonly script?: string;
  /** What is said where there is no script, or it cannot serve the caller; then the call is ended. */
  readonly message?: string;
}

export interface NewPersonErase {
  /** E.164. */
  readonly numbers?: readonly string[];
  /** In small letters. */
  readonly mailboxes?: readonly string[];
  /** The customer's own ids of the person. */
  readonly clientIds?: readonly string[];
  /** Why; names nobody, for it is kept. */
  readonly reason: string;
  /** All of them where several people are known by that; refused otherwise (`person-ambiguous`). */
  readonly everybody?: boolean;
}

export interface NewPersonExport {
  /** E.164. */
  readonly numbers?: readonly string[];
  /** In small letters. */
  readonly mailboxes?: readonly string[];
  /** The customer's own ids of the person. */
  readonly clientIds?: readonly string[];
}

/** The settings of `routes:` in the configuration. */
export interface NewRoute {
  /** What campaigns call it, in place of a trunk. No trunk may have the same name. */
  readonly name: string;
  /** INVITEs for one attempt, at most, each over another trunk. The next trunk is tried only when nobody can have noticed the one before. */
  readonly maxTries?: number;
  /** Its trunks. */
  readonly trunks: readonly NewRouteTrunk[];
}

/** A trunk's place in the route. */
export interface NewRouteTrunk {
  /** A trunk's name. */
  readonly name: string;
  /** Trunks of the lowest number take the calls; the next ones when none of these is up and has room. */
  readonly priority: number;
  /** Share of the calls among the trunks of one priority. */
  readonly weight: number;
}

export interface NewRule {
  /** In the Common Expression Language: true for whom the rule holds back. GET /api/v1/rule-language tells its variables. For whom it cannot be decided, they are held back too. */
  readonly expression: string;
  /** It holds on these; left out: on every one. */
  readonly channels?: readonly ("voice" | "sms" | "email")[];
  /** Name of a campaign, with all its passes, or of one pass as CAMPAIGN/PASS, in which it holds; left out: in every one. */
  readonly campaign?: string;
  /** Whom it holds back and why, for people. */
  readonly meaning: string;
  /** Seconds after which somebody held back is asked about again; left out: the refusal is for good. */
  readonly againAfterS?: number;
}

export interface NewRuleBacktest {
  /** Name of a rule that holds; instead of an expression. */
  readonly rule?: string;
  /** In the Common Expression Language: true for whom the rule holds back. GET /api/v1/rule-language tells its variables. For whom it cannot be decided, they are held back too. */
  readonly expression?: string;
  /** It holds on these; left out: on every one. */
  readonly channels?: readonly ("voice" | "sms" | "email")[];
  /** Name of a campaign, with all its passes, or of one pass as CAMPAIGN/PASS, in which it holds; left out: in every one. */
  readonly campaign?: string;
  /** RFC 3339: attempts from this moment on. */
  readonly from: string;
  /** RFC 3339, not included; left out: until now. */
  readonly to?: string;
}

export interface NewRuleTrial {
  /** Name of a rule that holds; instead of an expression. */
  readonly rule?: string;
  /** In the Common Expression Language: true for whom the rule holds back. GET /api/v1/rule-language tells its variables. For whom it cannot be decided, they are held back too. */
  readonly expression?: string;
  /** It holds on these; left out: on every one. */
  readonly channels?: readonly ("voice" | "sms" | "email")[];
  /** Name of a campaign, with all its passes, or of one pass as CAMPAIGN/PASS, in which it holds; left out: in every one. */
  readonly campaign?: string;
  /** An id: digits, as text. */
  readonly campaignId: string;
}

export interface NewScript {
  /** The script, as YAML. */
  readonly source: string;
  /** Its tests, as YAML; they must pass. */
  readonly tests?: string;
  /** Why, for the history. */
  readonly note?: string;
}

export interface NewSession {
  readonly name: string;
  /** 12 to 128 characters where it is chosen. */
  readonly password: string;
  /** Of the authenticator, or a recovery code. */
  readonly code?: string;
}

export interface NewStrategyCampaign {
  /** Unique. Its passes are campaigns, named `NAME/PASS`. */
  readonly name: string;
  /** An id: digits, as text. */
  readonly listId: string;
  /** Name of a published strategy. */
  readonly strategy: string;
  /** This version instead of the current one. */
  readonly version?: number;
  /** IANA zone for people whose zone is not known. */
  readonly defaultTimeZone: string;
}

export interface NewSuppressionBulk {
  /** E.164. */
  readonly number?: string;
  /** In small letters. */
  readonly mailbox?: string;
  /** The customer's own id of the person. */
  readonly clientId?: string;
  /** Name or id of the list it goes on; without one it holds for every campaign. */
  readonly list?: string;
  /** An id: digits, as text. */
  readonly campaignId?: string;
  readonly channel?: "voice" | "sms" | "email";
  /** Why, for people. */
  readonly reason: string;
  /** RFC 3339. */
  readonly expiresAt?: string;
}

export interface NewSuppressionList {
  readonly name: string;
  /** Whether every campaign heeds it; true if not given. Otherwise those that name it. */
  readonly mandatory?: boolean;
  /** Default: those of a national list, else every one. */
  readonly channels?: readonly ("voice" | "sms" | "email")[];
  /** Why, for people. */
  readonly reason: string;
  /** Which national do-not-call list it is. Such a list has a legal age, and consent stands against it. */
  readonly kind?: "us-national" | "us-state" | "ca-national" | "uk-tps" | "uk-ctps";
}

export interface NewSuppressionSearch {
  /** E.164. */
  readonly number?: string;
  /** In small letters. */
  readonly mailbox?: string;
  /** The customer's own id of the person. */
  readonly clientId?: string;
}

export interface NewTemplateCheck {
  /** An id: digits, as text. */
  readonly listId: string;
  /** As the bind has it; udh-8 when left out. */
  readonly concatenation?: "udh-8" | "udh-16" | "sar" | "payload";
  /** As the bind has it; gsm when left out. */
  readonly dataCoding0?: "gsm" | "latin-1";
  /** Counts from 1 for each name. */
  readonly version?: number;
}

export interface NewTemplatePreview {
  /** An id: digits, as text. */
  readonly contactId?: string;
  /** Over what the contact has. */
  readonly fields?: Readonly<Record<string, string>>;
  /** As the bind has it; udh-8 when left out. */
  readonly concatenation?: "udh-8" | "udh-16" | "sar" | "payload";
  /** As the bind has it; gsm when left out. */
  readonly dataCoding0?: "gsm" | "latin-1";
  /** Counts from 1 for each name. */
  readonly version?: number;
}

/** The settings of `trunks:` in the configuration. */
export interface NewTrunk {
  /** For digest authentication. */
  readonly password?: string;
  /** The carrier's SIP host. */
  readonly host: string;
  /** The carrier's SIP port. Without it a host name is looked up as RFC 3263 says (SRV), and where the DNS has nothing of the kind, or the host is an address, it is 5060, with TLS 5061. */
  readonly port?: number;
  /** SIP transport. */
  readonly transport?: "udp" | "tcp" | "tls";
  /** What is offered to the carrier, best first. An empty list offers what FreeSWITCH does: with the profile we ship PCMU, then PCMA. */
  readonly codecs?: readonly ("PCMU" | "PCMA")[];
  /** For digest authentication. */
  readonly username?: string;
  /** New calls per second on this trunk, over all campaigns, at most: as your carrier allows. */
  readonly maxCps?: number;
  /** Calls at once on this trunk, over all campaigns, at most. */
  readonly maxChannels?: number;
  /** Send a P-Asserted-Identity header: caller-id for the number shown, or always one number in E.164 form. */
  readonly assertedIdentity?: string;
  /** Send a Diversion header with this number, on whose behalf calls are made. */
  readonly diversion?: string;
  /** Sign calls (STIR/SHAKEN) with the key under identity:. Leave it false where the carrier signs. */
  readonly signIdentity?: boolean;
  /** An OPTIONS is sent this often to see whether the carrier is there; 0 for never. Calls are not placed on a trunk that is down. */
  readonly keepAliveMs?: number;
  /** OPTIONS in a row without a good answer after which the trunk is down. */
  readonly downAfter?: number;
  /** OPTIONS in a row that are answered after which it is up again. */
  readonly upAfter?: number;
  /** Register with the carrier, with username and password. Calls are placed only while it is registered. */
  readonly register?: boolean;
  /** How long a registration is asked for; it is refreshed before it ends. */
  readonly registerExpiresS?: number;
  /** Caller ids this trunk may show begin with one of these; an empty list allows every one. */
  readonly callerIdPrefixes?: readonly string[];
  /** Numbers this trunk may call begin with one of these; an empty list allows every one. The guard against toll fraud. */
  readonly destinationPrefixes?: readonly string[];
  /** How numbers stand in the Request-URI and From: e164 is +442079460123, digits is 442079460123, national is 02079460123 for numbers of the trunk's countryCode and 00 before those of other countries. */
  readonly numberFormat?: "e164" | "digits" | "national";
  /** Calling code of the trunk's country, for numberFormat national. */
  readonly countryCode?: string;
  /** What stands before a number of that country: 0 in most, nothing in North America. */
  readonly nationalPrefix?: string;
  /** What stands before the calling code of another country: 00 in most, 011 in North America. */
  readonly internationalPrefix?: string;
  /** What the carrier wants before every number that is called, whatever the format. */
  readonly dialPrefix?: string;
  /** Take calls that come in by this trunk, to numbers of yours (carillon number). Others are refused with 403. */
  readonly inbound?: boolean;
  /** Where those calls come from, as IP addresses and networks, when it is not where calls are sent. An empty list means the addresses of host. */
  readonly inboundFrom?: readonly string[];
  /** What campaigns call it. */
  readonly name: string;
}

export interface NewUser {
  readonly name: string;
  /** What they may do; docs/security.md has the table. An owner everything, an administrator all but make owners. */
  readonly role: "owner" | "admin" | "supervisor" | "author" | "agent" | "integrator" | "read-only";
  /** The groups to whose campaigns, lists and people they are limited. An agent must be; owners and administrators cannot be. */
  readonly groupIds?: readonly string[];
}

/** A system that is told what happens here. */
export interface NewWebhook {
  /** Unique; what strategies call it. Small letters, digits, _ and -; it stays. */
  readonly name: string;
  /** Where it is told. Redirects are not followed, and addresses that are not public are not asked unless the configuration allows them. */
  readonly url: string;
  /** What it is told: `attempt.ended`: An attempt on any channel has ended, with its result. `attempt.changed`: What became of an ended attempt is known better: a message was delivered after all, or bounced. `suppression.added`: Somebody may not be contacted any more: an opt-out of any channel, or an entry that was made by hand. One for each address and client id. `campaign.changed`: A campaign, or a pass of a strategy, is in another state. `event.received`: Something that happened outside was reported, such as a payment. `message.received`: Somebody wrote, by SMS or e-mail, and it is known what it was taken for. `disposition.given`: An agent said what came of a conversation. `callback.missed`: A callback was due a quarter of an hour ago, and nobody has taken it. `strategy.webhook`: A strategy has this webhook told about somebody, as its treatment says. `component.down`: A part that Carillon depends on is away: a trunk, a bind, a FreeSWITCH, a drachtio-server. One for each node. `component.up`: It is there again. `webhook.disabled`: A webhook took nothing for so long that it is told nothing any more. */
  readonly events: readonly ("attempt.ended" | "attempt.changed" | "suppression.added" | "campaign.changed" | "event.received" | "message.received" | "disposition.given" | "callback.missed" | "strategy.webhook" | "component.down" | "component.up" | "webhook.disabled")[];
  /** Whether it is told anything. What waits for one that is switched off waits on. */
  readonly active?: boolean;
}

export interface NumberChange {
  readonly name?: string;
  /** The campaign whose callers these are, when nothing better is known of a caller. null takes it away. */
  readonly campaignId?: string | null;
  /** Name of the script that runs for who calls, instead of the campaign's inbound script; its current version. null takes it away. */
  readonly script?: string | null;
  /** What is said where there is no script, or it cannot serve the caller; then the call is ended. null takes it away. */
  readonly message?: string | null;
}

/** A number of yours that may be called. */
export interface NumberEntry {
  /** E.164. */
  readonly number: string;
  readonly name: string;
  /** The campaign whose callers these are, when nothing better is known of a caller. */
  readonly campaignId?: string;
  /** Its name. */
  readonly campaign?: string;
  /** Name of the script that runs for who calls, instead of the campaign's inbound script; its current version. */
  readonly script?: string;
  /** What is said where there is no script, or it cannot serve the caller; then the call is ended. */
  readonly message?: string;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
}

export interface PersonEraseAnswer {
  /** An id: digits, as text. */
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly by: string;
  readonly reason: string;
  /** The hashes under which suppressions and consents still know them. */
  readonly subjects: readonly string[];
  /** What was taken out, by its kind. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface PersonExportAnswer {
  readonly format: "carillon.person/1";
  /** RFC 3339, UTC. */
  readonly exportedAt: string;
  /** What was asked for. */
  readonly asked: readonly {
    /** number, mailbox or client-id */
    readonly kind: string;
    readonly value: string;
  }[];
  /** What they are known by: numbers and mailboxes that nobody else on a list has. */
  readonly knownBy: readonly {
    /** number, mailbox or client-id */
    readonly kind: string;
    readonly value: string;
  }[];
  /** Every kind of what is kept, as docs/privacy.md lists them; each row as it is kept. */
  readonly kinds: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
}

/** An uploaded prompt: its newest version. */
export interface Prompt {
  /** Of the version. */
  readonly id: string;
  /** As scripts name it with `file:`. In an address a slash in it is written %2F. */
  readonly name: string;
  /** Counts from 1 for each name. */
  readonly version: number;
  /** What is spoken in it (BCP 47). */
  readonly language?: string;
  /** Why, for people. */
  readonly note?: string;
  /** Of the file as it was sent. */
  readonly sha256: string;
  readonly bytes: number;
  readonly durationMs: number;
  readonly encoding: "pcm-8" | "pcm-16" | "pcm-24" | "pcm-32" | "float-32" | "mu-law" | "a-law";
  /** Samples per second. */
  readonly sampleRate: number;
  /** Mixed to one where it is played. */
  readonly channels: number;
  /** RFC 3339, UTC. */
  readonly uploadedAt: string;
  /** `key NAME` of an API key, `user NAME` of the command line. */
  readonly uploadedBy: string;
  /** False for an old version of which only this is known: the sounds of the newest ten are kept. */
  readonly soundKept: boolean;
}

export interface PromptAnswer {
  /** Of the version. */
  readonly id: string;
  /** As scripts name it with `file:`. In an address a slash in it is written %2F. */
  readonly name: string;
  /** Counts from 1 for each name. */
  readonly version: number;
  /** What is spoken in it (BCP 47). */
  readonly language?: string;
  /** Why, for people. */
  readonly note?: string;
  /** Of the file as it was sent. */
  readonly sha256: string;
  readonly bytes: number;
  readonly durationMs: number;
  readonly encoding: "pcm-8" | "pcm-16" | "pcm-24" | "pcm-32" | "float-32" | "mu-law" | "a-law";
  /** Samples per second. */
  readonly sampleRate: number;
  /** Mixed to one where it is played. */
  readonly channels: number;
  /** RFC 3339, UTC. */
  readonly uploadedAt: string;
  /** `key NAME` of an API key, `user NAME` of the command line. */
  readonly uploadedBy: string;
  /** False for an old version of which only this is known: the sounds of the newest ten are kept. */
  readonly soundKept: boolean;
  /** False when it is the newest version already: nothing was written. */
  readonly fresh: boolean;
  /** What is doubtful in it; it is heard all the same. */
  readonly warnings: readonly PromptAnswerWarning[];
}

export interface PromptAnswerWarning {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

export interface PromptScript {
  /** Name of a script. */
  readonly script: string;
  /** Counts from 1 for each name. */
  readonly version: number;
  /** Whether new calls of its followers run it; if not, a campaign stays on it, or a script in use goes to it. */
  readonly current: boolean;
  /** Campaigns that have not ended and run it. */
  readonly campaigns: readonly string[];
}

export interface Readyz {
  /** Whether calls can be placed: every part is there, of several FreeSWITCH servers at least one. */
  readonly ready: boolean;
  /** Names of the parts that are away. */
  readonly down: readonly string[];
  readonly components: readonly ReadyzComponent[];
}

export interface ReadyzComponent {
  readonly name: string;
  readonly ready: boolean;
  /** It takes no new calls, by order; such a one is not in `down`. */
  readonly draining?: boolean;
  /** What is wrong and what to do; told only to those with a key. */
  readonly note?: string;
}

export interface ReportAbandonment {
  /** id of the campaign. */
  readonly campaignId: string | null;
  /** its name. */
  readonly campaign: string | null;
  /** people who answered within 24 hours. */
  readonly dayAnswers: number | null;
  /** those of them who were abandoned. */
  readonly dayAbandoned: number | null;
  /** dayAbandoned ÷ dayAnswers. 0..1; null where nothing is divided. */
  readonly dayRate: number | null;
  /** people who answered within 30 days. */
  readonly monthAnswers: number | null;
  /** those of them who were abandoned. */
  readonly monthAbandoned: number | null;
  /** monthAbandoned ÷ monthAnswers. 0..1; null where nothing is divided. */
  readonly monthRate: number | null;
}

export interface ReportAbandonmentPage {
  readonly report: string;
  /** RFC 3339, UTC. */
  readonly from?: string;
  /** RFC 3339, UTC. */
  readonly to?: string;
  readonly zone: string;
  readonly items: readonly ReportAbandonment[];
}

export interface ReportAgent {
  /** id of the agent; empty in the last row, which is all of them. */
  readonly agentId: string | null;
  /** name. */
  readonly agent: string | null;
  /** how often the state talking began. */
  readonly conversations: number | null;
  /** in conversations. In milliseconds. */
  readonly talkMs: number | null;
  /** writing them up. In milliseconds. */
  readonly wrapUpMs: number | null;
  /** ready, and nobody to talk to. In milliseconds. */
  readonly idleMs: number | null;
  /** reserved, and while a telephone rings. In milliseconds. */
  readonly waitMs: number | null;
  /** not ready. In milliseconds. */
  readonly notReadyMs: number | null;
  /** all of these. In milliseconds. */
  readonly loggedInMs: number | null;
  /** talkMs ÷ conversations. In milliseconds. */
  readonly meanTalkMs: number | null;
  /** (talkMs + wrapUpMs) ÷ (talkMs + wrapUpMs + idleMs + waitMs). 0..1; null where nothing is divided. */
  readonly occupancy: number | null;
  /** talkMs ÷ (talkMs + idleMs). 0..1; null where nothing is divided. */
  readonly efficiency: number | null;
}

export interface ReportAgentPage {
  readonly report: string;
  /** RFC 3339, UTC. */
  readonly from?: string;
  /** RFC 3339, UTC. */
  readonly to?: string;
  readonly zone: string;
  readonly items: readonly ReportAgent[];
}

export interface ReportCost {
  /** what the row is about: an id, a channel, or the beginning of a stretch of time; only with by. */
  readonly key?: string | null;
  /** the name of the campaign, list, group or agent; only with by. */
  readonly name?: string | null;
  /** trunk, bind or mail pool. */
  readonly via: string | null;
  /** voice, sms or email. */
  readonly channel: string | null;
  /** attempts that ended like that. */
  readonly attempts: number | null;
  /** calls that were answered. */
  readonly answered: number | null;
  /** how long those lasted. In seconds. */
  readonly talkSeconds: number | null;
  /** the same, each call rounded up by the tariff's increment. In seconds. */
  readonly chargedSeconds: number | null;
  /** second legs that were answered: transfers, and agents' telephones, over this trunk. */
  readonly secondLegs: number | null;
  /** how long those lasted. In seconds. */
  readonly secondTalkSeconds: number | null;
  /** the same, each rounded up by the tariff's increment. In seconds. */
  readonly secondChargedSeconds: number | null;
  /** parts of messages, and e-mails, that were taken. */
  readonly parts: number | null;
  /** of the tariff; empty where there is none. */
  readonly currency: string | null;
  /** (chargedSeconds + secondChargedSeconds) ÷ 60 × perMinute + parts × perPart. In the currency of the row. */
  readonly cost: number | null;
}

export interface ReportCostPage {
  readonly report: string;
  /** RFC 3339, UTC. */
  readonly from?: string;
  /** RFC 3339, UTC. */
  readonly to?: string;
  readonly zone: string;
  readonly items: readonly ReportCost[];
}

export interface ReportDisposition {
  /** what the row is about: an id, a channel, or the beginning of a stretch of time; only with by. */
  readonly key?: string | null;
  /** the name of the campaign, list, group or agent; only with by. */
  readonly name?: string | null;
  /** voice, or that of the written conversation. */
  readonly channel: string | null;
  /** its code. */
  readonly disposition: string | null;
  /** what it means for what comes next. */
  readonly category: string | null;
  /** how often it was said. */
  readonly conversations: number | null;
  /** conversations ÷ all. 0..1; null where nothing is divided. */
  readonly share: number | null;
  /** what was promised or paid, as agents wrote it, in the currency of the campaign. In the currency of the row. */
  readonly amount: number | null;
}

export interface ReportDispositionPage {
  readonly report: string;
  /** RFC 3339, UTC. */
  readonly from?: string;
  /** RFC 3339, UTC. */
  readonly to?: string;
  readonly zone: string;
  readonly items: readonly ReportDisposition[];
}

export interface ReportFigure {
  /** what the row is about: an id, a channel, or the beginning of a stretch of time. */
  readonly key: string | null;
  /** the name of the campaign, list, group or agent. */
  readonly name: string | null;
  /** attempts that left us. */
  readonly attempts: number | null;
  /** calls that left us. */
  readonly calls: number | null;
  /** messages that left us. */
  readonly messages: number | null;
  /** calls that a person answered. */
  readonly persons: number | null;
  /** calls that reached a person. 0..1; null where nothing is divided. */
  readonly contactRate: number | null;
  /** messages that are known to have arrived. */
  readonly delivered: number | null;
  /** messages that arrived. 0..1; null where nothing is divided. */
  readonly deliveryRate: number | null;
  /** attempts after which somebody had heard or got what there was to say. */
  readonly reached: number | null;
  /** attempts that reached somebody. 0..1; null where nothing is divided. */
  readonly reachRate: number | null;
  /** people who were reached for the first time in their campaign. */
  readonly peopleReached: number | null;
  /** people on the list, of one campaign; else empty. */
  readonly people: number | null;
  /** people on the list who were reached, of one campaign. 0..1; null where nothing is divided. */
  readonly peopleReachRate: number | null;
  /** what people did in return. */
  readonly responses: number | null;
  /** responses for each attempt that reached somebody. 0..1; null where nothing is divided. */
  readonly responseRate: number | null;
  /** events that are put down to an attempt. */
  readonly conversions: number | null;
  /** conversions for each attempt that reached somebody. 0..1; null where nothing is divided. */
  readonly conversionRate: number | null;
  /** conversions with an amount. */
  readonly payments: number | null;
  /** payments for each attempt that reached somebody. 0..1; null where nothing is divided. */
  readonly paymentRate: number | null;
  /** conversations of which an agent said so. */
  readonly successes: number | null;
  /** people who answered and got no agent in time. */
  readonly abandoned: number | null;
  /** people who answered and got no agent in time. 0..1; null where nothing is divided. */
  readonly abandonmentRate: number | null;
  /** people who said that they want no more. */
  readonly optOuts: number | null;
  /** opt-outs for each attempt that reached somebody. 0..1; null where nothing is divided. */
  readonly optOutRate: number | null;
  /** calls from outside that were taken for the campaign. */
  readonly inboundCalls: number | null;
  /** how long answered calls lasted, those from outside too. In milliseconds. */
  readonly talkMs: number | null;
}

export interface ReportFigurePage {
  readonly report: string;
  /** RFC 3339, UTC. */
  readonly from?: string;
  /** RFC 3339, UTC. */
  readonly to?: string;
  readonly zone: string;
  readonly items: readonly ReportFigure[];
}

export interface ReportInbound {
  /** id of the campaign. */
  readonly campaignId: string | null;
  /** its name; empty: of nobody's. */
  readonly campaign: string | null;
  /** calls from outside that ended. */
  readonly calls: number | null;
  /** those that were answered. */
  readonly answered: number | null;
  /** how long those lasted. In milliseconds. */
  readonly talkMs: number | null;
}

export interface ReportInboundPage {
  readonly report: string;
  /** RFC 3339, UTC. */
  readonly from?: string;
  /** RFC 3339, UTC. */
  readonly to?: string;
  readonly zone: string;
  readonly items: readonly ReportInbound[];
}

export interface ReportLive {
  /** id of the campaign. */
  readonly campaignId: string | null;
  /** its name. */
  readonly campaign: string | null;
  /** running, paused or stopping. */
  readonly state: string | null;
  /** voice, sms or email. */
  readonly channel: string | null;
  /** attempts that have not ended. */
  readonly underWay: number | null;
  /** attempts that left us. */
  readonly attempts: number | null;
  /** calls that left us. */
  readonly calls: number | null;
  /** messages that left us. */
  readonly messages: number | null;
  /** calls that a person answered. */
  readonly persons: number | null;
  /** calls that reached a person. 0..1; null where nothing is divided. */
  readonly contactRate: number | null;
  /** messages that are known to have arrived. */
  readonly delivered: number | null;
  /** messages that arrived. 0..1; null where nothing is divided. */
  readonly deliveryRate: number | null;
  /** attempts after which somebody had heard or got what there was to say. */
  readonly reached: number | null;
  /** attempts that reached somebody. 0..1; null where nothing is divided. */
  readonly reachRate: number | null;
  /** people who were reached for the first time in their campaign. */
  readonly peopleReached: number | null;
  /** people on the list, of one campaign; else empty. */
  readonly people: number | null;
  /** people on the list who were reached, of one campaign. 0..1; null where nothing is divided. */
  readonly peopleReachRate: number | null;
  /** what people did in return. */
  readonly responses: number | null;
  /** responses for each attempt that reached somebody. 0..1; null where nothing is divided. */
  readonly responseRate: number | null;
  /** events that are put down to an attempt. */
  readonly conversions: number | null;
  /** conversions for each attempt that reached somebody. 0..1; null where nothing is divided. */
  readonly conversionRate: number | null;
  /** conversions with an amount. */
  readonly payments: number | null;
  /** payments for each attempt that reached somebody. 0..1; null where nothing is divided. */
  readonly paymentRate: number | null;
  /** conversations of which an agent said so. */
  readonly successes: number | null;
  /** people who answered and got no agent in time. */
  readonly abandoned: number | null;
  /** people who answered and got no agent in time. 0..1; null where nothing is divided. */
  readonly abandonmentRate: number | null;
  /** people who said that they want no more. */
  readonly optOuts: number | null;
  /** opt-outs for each attempt that reached somebody. 0..1; null where nothing is divided. */
  readonly optOutRate: number | null;
  /** calls from outside that were taken for the campaign. */
  readonly inboundCalls: number | null;
  /** how long answered calls lasted, those from outside too. In milliseconds. */
  readonly talkMs: number | null;
}

export interface ReportLivePage {
  readonly report: string;
  /** RFC 3339, UTC. */
  readonly from?: string;
  /** RFC 3339, UTC. */
  readonly to?: string;
  readonly zone: string;
  readonly items: readonly ReportLive[];
}

export interface ReportOptOut {
  /** what the row is about: an id, a channel, or the beginning of a stretch of time; only with by. */
  readonly key?: string | null;
  /** the name of the campaign, list, group or agent; only with by. */
  readonly name?: string | null;
  /** voice, sms or email. */
  readonly channel: string | null;
  /** attempt: key press, keyword or link; agent: told to one; complaint and opt-out: by e-mail. */
  readonly how: string | null;
  /** how many, each once. */
  readonly optOuts: number | null;
}

export interface ReportOptOutPage {
  readonly report: string;
  /** RFC 3339, UTC. */
  readonly from?: string;
  /** RFC 3339, UTC. */
  readonly to?: string;
  readonly zone: string;
  readonly items: readonly ReportOptOut[];
}

export interface ReportOutcome {
  /** what the row is about: an id, a channel, or the beginning of a stretch of time; only with by. */
  readonly key?: string | null;
  /** the name of the campaign, list, group or agent; only with by. */
  readonly name?: string | null;
  /** voice, sms or email. */
  readonly channel: string | null;
  /** as the script names it. */
  readonly outcome: string | null;
  /** attempts that ended like that. */
  readonly attempts: number | null;
  /** attempts ÷ all with an outcome. 0..1; null where nothing is divided. */
  readonly share: number | null;
}

export interface ReportOutcomePage {
  readonly report: string;
  /** RFC 3339, UTC. */
  readonly from?: string;
  /** RFC 3339, UTC. */
  readonly to?: string;
  readonly zone: string;
  readonly items: readonly ReportOutcome[];
}

export interface ReportPayment {
  /** what the row is about: an id, a channel, or the beginning of a stretch of time; only with by. */
  readonly key?: string | null;
  /** the name of the campaign, list, group or agent; only with by. */
  readonly name?: string | null;
  /** the channel that the event names, else that of the attempt it is put down to; none: neither. */
  readonly channel: string | null;
  /** its name. */
  readonly event: string | null;
  /** ISO 4217; XXX where none was told, empty for events without an amount. */
  readonly currency: string | null;
  /** how many. */
  readonly events: number | null;
  /** events ÷ all of that name. 0..1; null where nothing is divided. */
  readonly share: number | null;
  /** their sum. In the currency of the row. */
  readonly amount: number | null;
  /** how many of them are put down to an attempt. */
  readonly attributed: number | null;
}

export interface ReportPaymentPage {
  readonly report: string;
  /** RFC 3339, UTC. */
  readonly from?: string;
  /** RFC 3339, UTC. */
  readonly to?: string;
  readonly zone: string;
  readonly items: readonly ReportPayment[];
}

export interface ReportResult {
  /** what the row is about: an id, a channel, or the beginning of a stretch of time; only with by. */
  readonly key?: string | null;
  /** the name of the campaign, list, group or agent; only with by. */
  readonly name?: string | null;
  /** voice, sms or email. */
  readonly channel: string | null;
  /** as docs/results.md has it. */
  readonly result: string | null;
  /** its number in the Genesys export. */
  readonly callResult: number | null;
  /** attempts that ended like that. */
  readonly attempts: number | null;
  /** attempts ÷ all of the channel. 0..1; null where nothing is divided. */
  readonly share: number | null;
  /** in words. */
  readonly meaning: string | null;
}

export interface ReportResultPage {
  readonly report: string;
  /** RFC 3339, UTC. */
  readonly from?: string;
  /** RFC 3339, UTC. */
  readonly to?: string;
  readonly zone: string;
  readonly items: readonly ReportResult[];
}

export interface ReportSurvey {
  /** what the row is about: an id, a channel, or the beginning of a stretch of time; only with by. */
  readonly key?: string | null;
  /** the name of the campaign, list, group or agent; only with by. */
  readonly name?: string | null;
  /** the name of the answer in the script. */
  readonly question: string | null;
  /** how many. */
  readonly answers: number | null;
  /** their mean. */
  readonly mean: number | null;
  /** answers 9 and 10. */
  readonly promoters: number | null;
  /** answers 0 to 6. */
  readonly detractors: number | null;
  /** (promoters − detractors) ÷ answers × 100; empty for a question of 1 to 5. */
  readonly nps: number | null;
  /** answers 4 and 5 ÷ answers, of a question of 1 to 5. 0..1; null where nothing is divided. */
  readonly csat: number | null;
}

export interface ReportSurveyPage {
  readonly report: string;
  /** RFC 3339, UTC. */
  readonly from?: string;
  /** RFC 3339, UTC. */
  readonly to?: string;
  readonly zone: string;
  readonly items: readonly ReportSurvey[];
}

export interface Retention {
  readonly kind: "traces" | "message-texts" | "incoming-texts" | "notes" | "recordings" | "delivery-reports" | "imports" | "contacts";
  readonly about: string;
  /** Absent: for ever. */
  readonly days?: number;
  /** When all of it was looked through last. */
  readonly passedAt?: string;
  /** Altogether. */
  readonly removed: number;
}

export interface Route {
  readonly name: string;
  /** Whether the configuration has it, where it is changed then, or it was added over the API. */
  readonly origin: "file" | "api";
  readonly maxTries: number;
  readonly trunks: readonly RouteTrunk[];
}

export interface RouteTrunk {
  readonly name: string;
  readonly priority: number;
  readonly weight: number;
  /** Whether calls may be placed on it. */
  readonly up: boolean;
  /** Why not, for people. */
  readonly note?: string;
}

export interface Rule {
  /** Name of a rule, unique. */
  readonly name: string;
  readonly version: number;
  readonly expression: string;
  readonly meaning: string;
  /** None: every one. */
  readonly channels: readonly ("voice" | "sms" | "email")[];
  readonly campaign?: string;
  readonly againAfterS?: number;
  /** RFC 3339, UTC. */
  readonly changedAt: string;
  /** `key NAME` of an API key, `user NAME` of the command line. */
  readonly changedBy: string;
  /** Every version, the newest first. */
  readonly history: readonly RuleHistory[];
}

/** A rule of the account's own, as it holds. */
export interface Rule2 {
  /** Name of a rule, unique. */
  readonly name: string;
  readonly version: number;
  readonly expression: string;
  readonly meaning: string;
  /** None: every one. */
  readonly channels: readonly ("voice" | "sms" | "email")[];
  readonly campaign?: string;
  readonly againAfterS?: number;
  /** RFC 3339, UTC. */
  readonly changedAt: string;
  /** `key NAME` of an API key, `user NAME` of the command line. */
  readonly changedBy: string;
}

/** What a rule would have done to attempts that were made, by what is known of their people now. */
export interface RuleBacktestAnswer {
  /** People, or attempts, that were asked about. */
  readonly asked: number;
  /** Of them, those that it holds back. */
  readonly held: number;
  /** Of those held back, the ones about whom the expression could not be decided, by reason. */
  readonly undecided: Readonly<Record<string, number>>;
  /** Ids of some of those held back: of contacts, or of attempts. */
  readonly examples: readonly string[];
  /** Attempts to people who were deleted since, about whom nobody can be asked. */
  readonly gone: number;
  readonly campaigns: readonly RuleBacktestAnswerCampaign[];
  /** How the attempts ended that it would have kept from being made. */
  readonly results: Readonly<Record<string, number>>;
}

export interface RuleBacktestAnswerCampaign {
  readonly campaign: string;
  readonly channel: "voice" | "sms" | "email";
  readonly asked: number;
  readonly held: number;
}

export interface RuleHistory {
  /** Name of a rule, unique. */
  readonly name: string;
  readonly version: number;
  readonly expression: string;
  readonly meaning: string;
  /** None: every one. */
  readonly channels: readonly ("voice" | "sms" | "email")[];
  readonly campaign?: string;
  readonly againAfterS?: number;
  /** RFC 3339, UTC. */
  readonly changedAt: string;
  /** `key NAME` of an API key, `user NAME` of the command line. */
  readonly changedBy: string;
  readonly removed: boolean;
}

export interface RuleLanguageVariable {
  readonly name: string;
  readonly type: string;
  readonly meaning: string;
}

/** What a rule would do. */
export interface RuleTrialAnswer {
  /** People, or attempts, that were asked about. */
  readonly asked: number;
  /** Of them, those that it holds back. */
  readonly held: number;
  /** Of those held back, the ones about whom the expression could not be decided, by reason. */
  readonly undecided: Readonly<Record<string, number>>;
  /** Ids of some of those held back: of contacts, or of attempts. */
  readonly examples: readonly string[];
}

export interface Script {
  /** Name of a script, as it stands in the script. */
  readonly name: string;
  /** How many there are, which is the number of the newest. */
  readonly versions: number;
  /** Running campaigns that follow it. */
  readonly running: number;
  readonly current: ScriptCurrent;
  /** Campaigns that have not ended and use the script. */
  readonly campaigns: readonly ScriptCampaign[];
}

export interface Script2 {
  /** Name of a script, as it stands in the script. */
  readonly name: string;
  /** How many there are, which is the number of the newest. */
  readonly versions: number;
  /** Running campaigns that follow it. */
  readonly running: number;
  readonly current: ScriptCurrent;
}

export interface ScriptAnswer {
  /** An id: digits, as text. */
  readonly id: string;
  /** Name of a script, as it stands in the script. */
  readonly name: string;
  /** Counts from 1 for each name. */
  readonly version: number;
  /** RFC 3339, UTC. */
  readonly publishedAt: string;
  /** `key NAME` of an API key, `user NAME` of the command line. */
  readonly publishedBy: string;
  /** The scripts it goes to, each with the version that it stays on. */
  readonly uses: Readonly<Record<string, number>>;
  /** False when this very text was published before: it keeps its number. */
  readonly fresh: boolean;
  /** False when it was current already: nothing was written. */
  readonly released: boolean;
  /** Tests that passed; absent when none were sent. */
  readonly cases?: number;
  /** Doubtful places; they keep nothing from being published. */
  readonly warnings: readonly ScriptAnswerWarning[];
  /** Campaigns that have not ended and use the script. */
  readonly campaigns: readonly ScriptCampaign[];
}

export interface ScriptAnswerWarning {
  readonly severity: "error" | "warning";
  readonly code: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** How to mend it. */
  readonly fix: string;
}

export interface ScriptCampaign {
  readonly campaign: string;
  readonly running: boolean;
  readonly list: string;
  /** The version it stays on; absent when it follows the releases. */
  readonly pinned?: number;
}

export interface ScriptCurrent {
  /** An id: digits, as text. */
  readonly id: string;
  /** Name of a script, as it stands in the script. */
  readonly name: string;
  /** Counts from 1 for each name. */
  readonly version: number;
  /** An id: digits, as text. */
  readonly versionId: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** `key NAME` of an API key, `user NAME` of the command line. */
  readonly by: string;
  readonly note?: string;
}

export interface ScriptDiff {
  /** Name of a script, as it stands in the script. */
  readonly name: string;
  /** Counts from 1 for each name. */
  readonly from: number;
  /** Counts from 1 for each name. */
  readonly to: number;
  /** A unified diff; empty when the texts are the same. */
  readonly diff: string;
}

export interface ScriptReleaseAnswer {
  /** An id: digits, as text. */
  readonly id: string;
  /** Name of a script, as it stands in the script. */
  readonly name: string;
  /** Counts from 1 for each name. */
  readonly version: number;
  /** An id: digits, as text. */
  readonly versionId: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** `key NAME` of an API key, `user NAME` of the command line. */
  readonly by: string;
  readonly note?: string;
  /** What lint finds in it today. */
  readonly findings: readonly ScriptAnswerWarning[];
  /** Campaigns that have not ended and use the script. */
  readonly campaigns: readonly ScriptCampaign[];
}

export interface ScriptVersion {
  /** An id: digits, as text. */
  readonly id: string;
  /** Name of a script, as it stands in the script. */
  readonly name: string;
  /** Counts from 1 for each name. */
  readonly version: number;
  /** RFC 3339, UTC. */
  readonly publishedAt: string;
  /** `key NAME` of an API key, `user NAME` of the command line. */
  readonly publishedBy: string;
  /** The scripts it goes to, each with the version that it stays on. */
  readonly uses: Readonly<Record<string, number>>;
}

export interface Sender {
  readonly channel: "sms" | "email";
  readonly name: string;
  /** The number or word, or the mailbox. */
  readonly address: string;
  /** Its binds, the first one first, or its mail pool; of SMS none: any bind. */
  readonly through: readonly string[];
}

/** A server that carries calls. */
export interface Server {
  /** Kind and name. */
  readonly server: string;
  /** It takes no new calls, by order. */
  readonly draining: boolean;
  /** RFC 3339, UTC. */
  readonly drainingSince?: string;
  /** Sessions on it, of all nodes. A server that is drained may be stopped when it is 0. */
  readonly sessions: number;
  /** How each node sees it; nodes that have noted nothing for ten seconds are left out. */
  readonly nodes: readonly ServerNode[];
}

export interface ServerNode {
  readonly node: string;
  /** silent: an answer is long overdue; down: not connected. */
  readonly state: "up" | "silent" | "down";
  /** Sessions of this node. */
  readonly sessions: number;
  /** How many this node may have there now. */
  readonly maxSessions?: number;
  /** RFC 3339, UTC. */
  readonly at: string;
}

export interface Session {
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  /** RFC 3339, UTC. */
  readonly seenAt: string;
  /** RFC 3339, UTC. */
  readonly expiresAt: string;
  /** Where from. */
  readonly address: string;
  /** What the browser says it is. */
  readonly browser: string;
  /** Whether it is the one that asks. */
  readonly current: boolean;
}

export interface SessionAnswer {
  readonly user: User;
  /** For the header X-CSRF-Token. */
  readonly csrfToken: string;
  /** RFC 3339, UTC. */
  readonly expiresAt: string;
}

export interface Strategy {
  /** Of the version. */
  readonly id: string;
  /** Name of a strategy. */
  readonly name: string;
  /** Counts from 1 for each name. */
  readonly version: number;
  /** RFC 3339, UTC. */
  readonly publishedAt: string;
  /** `key NAME` of an API key, `user NAME` of the command line. */
  readonly publishedBy: string;
  /** In the order of the document. */
  readonly passes: readonly ({
    readonly name: string;
    readonly channel: "voice-ivr" | "voice-agent" | "sms" | "email";
  })[];
  readonly current: boolean;
  /** The pass in which everybody begins. */
  readonly first: string;
  /** The document as its author wrote it, YAML or JSON. */
  readonly source: string;
}

export interface Strategy2 {
  /** Of the version. */
  readonly id: string;
  /** Name of a strategy. */
  readonly name: string;
  /** Counts from 1 for each name. */
  readonly version: number;
  /** RFC 3339, UTC. */
  readonly publishedAt: string;
  /** `key NAME` of an API key, `user NAME` of the command line. */
  readonly publishedBy: string;
  /** In the order of the document. */
  readonly passes: readonly ({
    readonly name: string;
    readonly channel: "voice-ivr" | "voice-agent" | "sms" | "email";
  })[];
}

export interface StrategyAnswer {
  /** Of the version. */
  readonly id: string;
  /** Name of a strategy. */
  readonly name: string;
  /** Counts from 1 for each name. */
  readonly version: number;
  /** RFC 3339, UTC. */
  readonly publishedAt: string;
  /** `key NAME` of an API key, `user NAME` of the command line. */
  readonly publishedBy: string;
  /** In the order of the document. */
  readonly passes: readonly ({
    readonly name: string;
    readonly channel: "voice-ivr" | "voice-agent" | "sms" | "email";
  })[];
  /** False when it is the current version already: nothing was written. */
  readonly fresh: boolean;
}

export interface StrategyCampaign {
  /** An id: digits, as text. */
  readonly id: string;
  /** Unique. Its passes are campaigns, named `NAME/PASS`. */
  readonly name: string;
  /** An id: digits, as text. */
  readonly listId: string;
  /** Name of a published strategy. */
  readonly strategy: string;
  /** Which version of the strategy. */
  readonly version: number;
  /** IANA zone for people whose zone is not known. */
  readonly defaultTimeZone: string;
  readonly state: "draft" | "running" | "paused" | "stopping" | "stopped" | "finished" | "ready";
  readonly passes: readonly StrategyCampaignPass[];
}

export interface StrategyCampaignAnswer {
  /** An id: digits, as text. */
  readonly id: string;
  /** Unique. Its passes are campaigns, named `NAME/PASS`. */
  readonly name: string;
  /** An id: digits, as text. */
  readonly listId: string;
  /** Name of a published strategy. */
  readonly strategy: string;
  /** Which version of the strategy. */
  readonly version: number;
  /** IANA zone for people whose zone is not known. */
  readonly defaultTimeZone: string;
  readonly state: "draft" | "running" | "paused" | "stopping" | "stopped" | "finished" | "ready";
}

export interface StrategyCampaignChange {
  /** RFC 3339, UTC. */
  readonly at: string;
  /** The name of the API key, or the command line. */
  readonly by: string;
  /** An id: digits, as text. */
  readonly beforeVersionId: string;
  /** An id: digits, as text. */
  readonly afterVersionId: string;
}

export interface StrategyCampaignPass {
  /** Its name in the strategy. */
  readonly pass: string;
  /** Its campaign. */
  readonly campaignId: string;
  readonly state: "draft" | "running" | "paused" | "stopping" | "stopped" | "finished" | "ready";
  readonly progress: StrategyCampaignPassProgress;
}

export interface StrategyCampaignPassProgress {
  readonly contacts: number;
  /** To be contacted, or to be contacted again. */
  readonly waiting: number;
  /** Those of them that were tried already and put back. */
  readonly again: number;
  /** On the line, or leaving, now. */
  readonly inFlight: number;
  /** In their final state. */
  readonly done: number;
  /** Ended attempts by result. */
  readonly results: Readonly<Record<string, number>>;
  /** People the gate refused, by rule. */
  readonly refusals: Readonly<Record<string, number>>;
  /** When they were counted, RFC 3339: now, or where they are 20,000 people and more up to a minute ago. */
  readonly countedAt: string;
  /** Of a draft that is being started over a long list: how many of its people have been made due. It is a draft until all have. */
  readonly starting?: {
    readonly done: number;
    readonly total: number;
  };
  /** Why nobody is contacted though it runs, or why the server paused it, for people: its trunk is not there any more. */
  readonly note?: string;
}

export interface Supervision {
  readonly id: string;
  /** An id: digits, as text. */
  readonly agentId: string;
  /** Who hears the supervisor: nobody, the agent alone, or everybody in the conversation. */
  readonly mode: "listen" | "whisper" | "barge";
  /** `ringing`: the supervisor's telephone is not picked up yet. `waiting`: the agent talks to nobody; the next conversation will be heard. */
  readonly state: "ringing" | "waiting" | "listening" | "ended";
  /** Why it has ended. */
  readonly why?: string;
  /** Name of the API key. */
  readonly by: string;
  /** RFC 3339, UTC. */
  readonly since: string;
}

export interface SuppressionList {
  /** An id: digits, as text. */
  readonly id: string;
  readonly name: string;
  readonly kind?: string;
  readonly mandatory: boolean;
  readonly channels: readonly ("voice" | "sms" | "email")[];
  readonly reason: string;
  /** Those that nobody has ended. */
  readonly entries: number;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  readonly createdBy: string;
  readonly loaded?: SuppressionListLoaded;
}

export interface SuppressionListEntry {
  /** An id: digits, as text. */
  readonly id: string;
  /** E.164. */
  readonly number?: string;
  /** In small letters. */
  readonly mailbox?: string;
  /** The customer's own id of the person. */
  readonly clientId?: string;
  /** Absent: every campaign. */
  readonly campaignId?: string;
  /** None: every one. */
  readonly channels: readonly ("voice" | "sms" | "email")[];
  readonly reason: string;
  /** attempt, agent, mail, admin, list, or moved: an opt-out, to an address that the person got later */
  readonly source: string;
  /** An id: digits, as text. */
  readonly attemptId?: string;
  /** Name of its list. */
  readonly list?: string;
  /** Whether every campaign heeds that list. */
  readonly mandatory?: boolean;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  readonly recordedBy?: string;
  /** Past when it has ended; absent when it has no end. */
  readonly expiresAt?: string;
  readonly endedBy?: string;
  readonly endedReason?: string;
}

export interface SuppressionListLoadAnswer {
  /** Rows. */
  readonly read: number;
  /** Rows that could not be used. */
  readonly rejected: number;
  /** Entries that were not there before. */
  readonly added: number;
  /** Entries that the file has no more. */
  readonly ended: number;
  /** What the list holds now. */
  readonly entries: number;
  /** The first 100 rows that could not be used, and why. */
  readonly rejections: readonly SuppressionListLoadAnswerRejection[];
}

export interface SuppressionListLoadAnswerRejection {
  readonly row: number;
  readonly line: number;
  readonly column: string;
  readonly reason: string;
}

export interface SuppressionListLoaded {
  /** RFC 3339, UTC. */
  readonly at: string;
  /** The day its data is of. */
  readonly dated?: string;
  readonly file?: string;
  readonly mode: "append" | "replace";
}

export interface Template {
  /** Of the version. */
  readonly id: string;
  /** Name of a template. */
  readonly name: string;
  readonly channel: "sms" | "email";
  /** Counts from 1 for each name. */
  readonly version: number;
  /** RFC 3339, UTC. */
  readonly publishedAt: string;
  /** `key NAME` of an API key, `user NAME` of the command line. */
  readonly publishedBy: string;
  readonly current: boolean;
  /** The fields without which a contact gets nothing. */
  readonly fields: readonly string[];
  /** The template's document: name, channel, text or subject, html, text, attachments. */
  readonly document: Readonly<Record<string, unknown>>;
}

export interface Template2 {
  /** Of the version. */
  readonly id: string;
  /** Name of a template. */
  readonly name: string;
  readonly channel: "sms" | "email";
  /** Counts from 1 for each name. */
  readonly version: number;
  /** RFC 3339, UTC. */
  readonly publishedAt: string;
  /** `key NAME` of an API key, `user NAME` of the command line. */
  readonly publishedBy: string;
}

export interface TemplateAnswer {
  /** Of the version. */
  readonly id: string;
  /** Name of a template. */
  readonly name: string;
  readonly channel: "sms" | "email";
  /** Counts from 1 for each name. */
  readonly version: number;
  /** RFC 3339, UTC. */
  readonly publishedAt: string;
  /** `key NAME` of an API key, `user NAME` of the command line. */
  readonly publishedBy: string;
  /** False when it is the current version already: nothing was written. */
  readonly fresh: boolean;
}

export interface TemplateCheckAnswer {
  readonly contacts: number;
  /** Who would get it. */
  readonly ready: number;
  /** Who has no address of the channel. */
  readonly unreachable: number;
  readonly held: {
    readonly contacts: number;
    readonly first: readonly TemplateCheckAnswerHeldFirst[];
  };
  /** Fields that are missing or blank, most first. */
  readonly lacks: readonly {
    readonly field: string;
    readonly contacts: number;
  }[];
  /** The one that costs most, of several the longest. */
  readonly worst?: TemplateCheckAnswerWorst;
  readonly sms?: TemplateCheckAnswerSms;
}

export interface TemplateCheckAnswerHeldFirst {
  /** An id: digits, as text. */
  readonly contactId: string;
  readonly clientId?: string;
  readonly reason: string;
}

export interface TemplateCheckAnswerSms {
  /** All together: what it costs. */
  readonly segments: number;
  /** How many contacts get one, two, … segments. */
  readonly bySegments: Readonly<Record<string, number>>;
  readonly ucs2: {
    readonly contacts: number;
    /** What forces UCS-2; the 20 most frequent. */
    readonly characters: readonly {
      readonly character: string;
      readonly contacts: number;
    }[];
  };
}

/** The one that costs most, of several the longest. */
export interface TemplateCheckAnswerWorst {
  /** An id: digits, as text. */
  readonly contactId: string;
  readonly clientId?: string;
  readonly text: string;
  readonly segments?: number;
  /** Septets, or UCS-2 code units. */
  readonly units?: number;
  readonly encoding?: "gsm" | "ucs-2";
}

export interface TemplatePreviewAnswer {
  /** Why the contact would get nothing; then nothing else is here. */
  readonly held?: string;
  /** Fields that are missing or blank. */
  readonly lacks?: readonly string[];
  readonly text?: string;
  readonly subject?: string;
  readonly html?: string;
  readonly sms?: TemplatePreviewAnswerSms;
}

export interface TemplatePreviewAnswerSms {
  readonly encoding: "gsm" | "ucs-2";
  /** Septets, or UCS-2 code units. */
  readonly units: number;
  readonly segments: number;
  /** The characters because of which it goes out in UCS-2. */
  readonly forcing: readonly string[];
}

export interface Trunk {
  readonly name: string;
  /** Whether the configuration has it, where it is changed then, or it was added over the API. */
  readonly origin: "file" | "api";
  readonly host: string;
  /** Absent where the DNS of the host says it. */
  readonly port?: number;
  readonly transport: "udp" | "tcp" | "tls";
  /** Routes that it is in. */
  readonly routes: readonly string[];
  /** Whether calls may be placed on it. */
  readonly up: boolean;
  /** Why it is down, for people. */
  readonly note?: string;
  /** RFC 3339, UTC. */
  readonly registeredUntil?: string;
  /** Lines in use on this node. */
  readonly lines: number;
  readonly maxChannels: number;
  readonly maxCps: number;
  /** INVITEs since the start by final SIP status; 0 where the far side said nothing. */
  readonly invites: Readonly<Record<string, number>>;
  /** All its settings, defaults included, as POST takes them; never the password. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly hasPassword: boolean;
}

export interface Trunk2 {
  readonly name: string;
  /** Whether the configuration has it, where it is changed then, or it was added over the API. */
  readonly origin: "file" | "api";
  readonly host: string;
  /** Absent where the DNS of the host says it. */
  readonly port?: number;
  readonly transport: "udp" | "tcp" | "tls";
  /** Routes that it is in. */
  readonly routes: readonly string[];
  /** Whether calls may be placed on it. */
  readonly up: boolean;
  /** Why it is down, for people. */
  readonly note?: string;
  /** RFC 3339, UTC. */
  readonly registeredUntil?: string;
  /** Lines in use on this node. */
  readonly lines: number;
  readonly maxChannels: number;
  readonly maxCps: number;
  /** INVITEs since the start by final SIP status; 0 where the far side said nothing. */
  readonly invites: Readonly<Record<string, number>>;
}

/** Settings that are to be others; null takes one back to its default. What is not named stays as it is. */
export interface TrunkChange {
  /** For digest authentication. */
  readonly password?: string;
  /** The carrier's SIP host. */
  readonly host?: string;
  /** The carrier's SIP port. Without it a host name is looked up as RFC 3263 says (SRV), and where the DNS has nothing of the kind, or the host is an address, it is 5060, with TLS 5061. */
  readonly port?: number;
  /** SIP transport. */
  readonly transport?: "udp" | "tcp" | "tls";
  /** What is offered to the carrier, best first. An empty list offers what FreeSWITCH does: with the profile we ship PCMU, then PCMA. */
  readonly codecs?: readonly ("PCMU" | "PCMA")[];
  /** For digest authentication. */
  readonly username?: string;
  /** New calls per second on this trunk, over all campaigns, at most: as your carrier allows. */
  readonly maxCps?: number;
  /** Calls at once on this trunk, over all campaigns, at most. */
  readonly maxChannels?: number;
  /** Send a P-Asserted-Identity header: caller-id for the number shown, or always one number in E.164 form. */
  readonly assertedIdentity?: string;
  /** Send a Diversion header with this number, on whose behalf calls are made. */
  readonly diversion?: string;
  /** Sign calls (STIR/SHAKEN) with the key under identity:. Leave it false where the carrier signs. */
  readonly signIdentity?: boolean;
  /** An OPTIONS is sent this often to see whether the carrier is there; 0 for never. Calls are not placed on a trunk that is down. */
  readonly keepAliveMs?: number;
  /** OPTIONS in a row without a good answer after which the trunk is down. */
  readonly downAfter?: number;
  /** OPTIONS in a row that are answered after which it is up again. */
  readonly upAfter?: number;
  /** Register with the carrier, with username and password. Calls are placed only while it is registered. */
  readonly register?: boolean;
  /** How long a registration is asked for; it is refreshed before it ends. */
  readonly registerExpiresS?: number;
  /** Caller ids this trunk may show begin with one of these; an empty list allows every one. */
  readonly callerIdPrefixes?: readonly string[];
  /** Numbers this trunk may call begin with one of these; an empty list allows every one. The guard against toll fraud. */
  readonly destinationPrefixes?: readonly string[];
  /** How numbers stand in the Request-URI and From: e164 is +442079460123, digits is 442079460123, national is 02079460123 for numbers of the trunk's countryCode and 00 before those of other countries. */
  readonly numberFormat?: "e164" | "digits" | "national";
  /** Calling code of the trunk's country, for numberFormat national. */
  readonly countryCode?: string;
  /** What stands before a number of that country: 0 in most, nothing in North America. */
  readonly nationalPrefix?: string;
  /** What stands before the calling code of another country: 00 in most, 011 in North America. */
  readonly internationalPrefix?: string;
  /** What the carrier wants before every number that is called, whatever the format. */
  readonly dialPrefix?: string;
  /** Take calls that come in by this trunk, to numbers of yours (carillon number). Others are refused with 403. */
  readonly inbound?: boolean;
  /** Where those calls come from, as IP addresses and networks, when it is not where calls are sent. An empty list means the addresses of host. */
  readonly inboundFrom?: readonly string[];
}

export interface UnmatchedReport {
  /** An id: digits, as text. */
  readonly id: string;
  readonly bind: string;
  readonly remoteId?: string;
  readonly reference?: number;
  readonly state: "scheduled" | "enroute" | "delivered" | "expired" | "deleted" | "undeliverable" | "accepted" | "unknown" | "rejected" | "skipped";
  readonly error?: string;
  readonly to: string;
  readonly from: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** RFC 3339, UTC. */
  readonly doneAt?: string;
}

export interface User {
  readonly id: string;
  readonly name: string;
  readonly role: "owner" | "admin" | "supervisor" | "author" | "agent" | "integrator" | "read-only";
  /** Absent: everything. */
  readonly groupIds?: readonly string[];
  readonly active: boolean;
  readonly secondFactor: boolean;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  readonly createdBy: string;
  /** When they chose their password; absent until they have. */
  readonly passwordAt?: string;
}

export interface UserAnswer {
  readonly id: string;
  readonly name: string;
  readonly role: "owner" | "admin" | "supervisor" | "author" | "agent" | "integrator" | "read-only";
  /** Absent: everything. */
  readonly groupIds?: readonly string[];
  readonly active: boolean;
  readonly secondFactor: boolean;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  readonly createdBy: string;
  /** When they chose their password; absent until they have. */
  readonly passwordAt?: string;
  /** For POST /api/v1/invitations; holds for three days, once. */
  readonly invitation: string;
}

export interface UserBulkAnswer {
  /** As if it had been asked for alone. */
  readonly status: number;
  /** Of what was made or named. */
  readonly id?: string;
  /** Why it was not done. */
  readonly problem?: ListContactBulkAnswerProblem;
  /** For POST /api/v1/invitations; holds for three days, once. */
  readonly invitation?: string;
}

export interface UserChange {
  /** What they may do; docs/security.md has the table. An owner everything, an administrator all but make owners. */
  readonly role?: "owner" | "admin" | "supervisor" | "author" | "agent" | "integrator" | "read-only";
  readonly groupIds?: readonly string[] | null;
  readonly active?: boolean;
}

export interface Version {
  /** An id: digits, as text. */
  readonly id: string;
  /** Name of a script, as it stands in the script. */
  readonly name: string;
  /** Counts from 1 for each name. */
  readonly version: number;
  /** RFC 3339, UTC. */
  readonly publishedAt: string;
  /** `key NAME` of an API key, `user NAME` of the command line. */
  readonly publishedBy: string;
  /** The scripts it goes to, each with the version that it stays on. */
  readonly uses: Readonly<Record<string, number>>;
  /** The YAML it was published from. */
  readonly source: string;
}

/** A webhook. Its secret is never shown again. */
export interface Webhook {
  /** An id: digits, as text. */
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly events: readonly ("attempt.ended" | "attempt.changed" | "suppression.added" | "campaign.changed" | "event.received" | "message.received" | "disposition.given" | "callback.missed" | "strategy.webhook" | "component.down" | "component.up" | "webhook.disabled" | "webhook.test")[];
  /** Whether it is told anything. What waits for one that is switched off waits on. */
  readonly active: boolean;
  /** Since when it takes nothing; absent while all is well. */
  readonly failingSince?: string;
  /** Why it is told nothing any more, when nobody ordered that. */
  readonly disabledReason?: string;
  /** Until when the secret before the present one signs too. */
  readonly previousSecretUntil?: string;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  /** RFC 3339, UTC. */
  readonly changedAt: string;
}

/** A webhook with its secret. */
export interface WebhookAnswer {
  /** An id: digits, as text. */
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly events: readonly ("attempt.ended" | "attempt.changed" | "suppression.added" | "campaign.changed" | "event.received" | "message.received" | "disposition.given" | "callback.missed" | "strategy.webhook" | "component.down" | "component.up" | "webhook.disabled" | "webhook.test")[];
  /** Whether it is told anything. What waits for one that is switched off waits on. */
  readonly active: boolean;
  /** Since when it takes nothing; absent while all is well. */
  readonly failingSince?: string;
  /** Why it is told nothing any more, when nobody ordered that. */
  readonly disabledReason?: string;
  /** Until when the secret before the present one signs too. */
  readonly previousSecretUntil?: string;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  /** RFC 3339, UTC. */
  readonly changedAt: string;
  /** What its requests are signed with (Standard Webhooks 1.0.0). Shown this once. */
  readonly secret: string;
}

/** What is to be otherwise; the rest stays. */
export interface WebhookChange {
  /** Where it is told. Redirects are not followed, and addresses that are not public are not asked unless the configuration allows them. */
  readonly url?: string;
  /** What it is told: `attempt.ended`: An attempt on any channel has ended, with its result. `attempt.changed`: What became of an ended attempt is known better: a message was delivered after all, or bounced. `suppression.added`: Somebody may not be contacted any more: an opt-out of any channel, or an entry that was made by hand. One for each address and client id. `campaign.changed`: A campaign, or a pass of a strategy, is in another state. `event.received`: Something that happened outside was reported, such as a payment. `message.received`: Somebody wrote, by SMS or e-mail, and it is known what it was taken for. `disposition.given`: An agent said what came of a conversation. `callback.missed`: A callback was due a quarter of an hour ago, and nobody has taken it. `strategy.webhook`: A strategy has this webhook told about somebody, as its treatment says. `component.down`: A part that Carillon depends on is away: a trunk, a bind, a FreeSWITCH, a drachtio-server. One for each node. `component.up`: It is there again. `webhook.disabled`: A webhook took nothing for so long that it is told nothing any more. */
  readonly events?: readonly ("attempt.ended" | "attempt.changed" | "suppression.added" | "campaign.changed" | "event.received" | "message.received" | "disposition.given" | "callback.missed" | "strategy.webhook" | "component.down" | "component.up" | "webhook.disabled")[];
  /** Whether it is told anything. What waits for one that is switched off waits on. */
  readonly active?: boolean;
}

/** What came of the try. */
export interface WebhookTestAnswer {
  /** Whether it answered with a 2xx. */
  readonly taken: boolean;
  readonly tookMs: number;
  readonly status?: number;
  readonly reason?: string;
}

/** What programs look at in a refusal. */
export type ProblemCode =
  | "request-invalid"
  | "cursor-invalid"
  | "unauthorized"
  | "forbidden"
  | "route-unknown"
  | "login-refused"
  | "second-factor-needed"
  | "people-only"
  | "second-factor-missing"
  | "origin-unknown"
  | "csrf"
  | "user-unknown"
  | "session-unknown"
  | "invitation-unknown"
  | "user-exists"
  | "user-last-owner"
  | "second-factor-state"
  | "second-factor-unreadable"
  | "user-name"
  | "password-weak"
  | "key-unknown"
  | "key-name"
  | "access-invalid"
  | "lookup-unknown"
  | "lookup-run-unknown"
  | "lookup-run-state"
  | "lookup-gone"
  | "lookup-invalid"
  | "list-unknown"
  | "contact-unknown"
  | "script-unknown"
  | "prompt-unknown"
  | "template-unknown"
  | "template-invalid"
  | "template-channel"
  | "strategy-unknown"
  | "strategy-invalid"
  | "campaign-unknown"
  | "schedule-unknown"
  | "mail-unknown"
  | "event-unknown"
  | "message-unknown"
  | "attempt-unknown"
  | "trunk-unknown"
  | "route-missing"
  | "pool-unknown"
  | "number-unknown"
  | "server-unknown"
  | "agent-unknown"
  | "phone-unknown"
  | "group-unknown"
  | "conversation-unknown"
  | "conversation-state"
  | "callback-unknown"
  | "agent-exists"
  | "phone-exists"
  | "group-exists"
  | "supervision-unknown"
  | "conversation-failed"
  | "keys-invalid"
  | "agent-state"
  | "agent-session"
  | "nobody-due"
  | "call-refused"
  | "number-not-allowed"
  | "skip-reason-unknown"
  | "callback-state"
  | "phone-invalid"
  | "message-refused"
  | "callback-invalid"
  | "disposition-invalid"
  | "search-too-wide"
  | "contact-exists"
  | "contact-left"
  | "contact-invalid"
  | "person-invalid"
  | "person-unknown"
  | "person-ambiguous"
  | "person-erased"
  | "person-busy"
  | "list-busy"
  | "list-exists"
  | "suppression-list-exists"
  | "suppression-list-unknown"
  | "suppression-unknown"
  | "do-not-call-list-old"
  | "consent-invalid"
  | "suppression-invalid"
  | "cap-exists"
  | "cap-unknown"
  | "rule-unknown"
  | "rule-invalid"
  | "subject-invalid"
  | "law-unknown"
  | "calendar-unknown"
  | "calendar-invalid"
  | "calendar-in-use"
  | "cap-invalid"
  | "campaign-exists"
  | "number-exists"
  | "campaign-channel"
  | "campaign-state"
  | "trunk-exists"
  | "trunk-in-file"
  | "trunk-in-use"
  | "trunk-changed"
  | "route-exists"
  | "route-in-file"
  | "route-in-use"
  | "route-changed"
  | "pool-exists"
  | "pool-in-file"
  | "pool-in-use"
  | "pool-changed"
  | "mark-unknown"
  | "sender-unknown"
  | "suppressed"
  | "template-held"
  | "sms-not-sent"
  | "sms-too-long"
  | "email-not-sent"
  | "idempotency-key-busy"
  | "event-key-reused"
  | "event-too-wide"
  | "idempotency-key-reused"
  | "request-too-large"
  | "media-type"
  | "campaign-invalid"
  | "trunk-invalid"
  | "route-invalid"
  | "pool-invalid"
  | "secret-key-missing"
  | "number-invalid"
  | "config-invalid"
  | "identity-key-unusable"
  | "prompt-in-use"
  | "script-current"
  | "prompt-invalid"
  | "prompt-unplayable"
  | "script-invalid"
  | "script-too-heavy"
  | "script-tests-failed"
  | "feed-unknown"
  | "mapping-unknown"
  | "mapping-invalid"
  | "import-unknown"
  | "import-state"
  | "import-stuck"
  | "import-invalid"
  | "webhook-unknown"
  | "webhook-exists"
  | "webhook-invalid"
  | "webhook-message-unknown"
  | "webhook-message-waiting"
  | "precondition-failed"
  | "rate-limited"
  | "overloaded"
  | "unavailable"
  | "internal";

/** Every operation, by method and path: what it takes and what it answers. */
export interface Operations {
  /** All keys, without what they are */
  "GET /api/v1/keys": {
    readonly call: {
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
      };
    };
    readonly answer: {
      readonly items: readonly Key[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** Make a key for a program */
  "POST /api/v1/keys": {
    readonly call: {
      readonly body: NewKey;
      readonly idempotencyKey?: string;
    };
    readonly answer: KeyAnswer;
  };
  /** One key, without what it is */
  "GET /api/v1/keys/{id}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: Key;
  };
  /** Revoke a key: it opens nothing any more on this node, and on others after a second */
  "POST /api/v1/keys/{id}/revoke": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: Key;
  };
  /** Who changed what */
  "GET /api/v1/audit": {
    readonly call: {
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
        /** Only what this key, user or machine did: the name. */
        readonly actor?: string;
        /** Only what happened to this, or below it. */
        readonly target?: string;
        /** RFC 3339, with an offset. */
        readonly from?: string;
        /** RFC 3339, with an offset. */
        readonly to?: string;
      };
    };
    readonly answer: {
      readonly items: readonly Audit[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** Whether the audit log is whole */
  "GET /api/v1/audit/verification": {
    readonly call: { readonly path?: undefined };
    readonly answer: AuditVerification;
  };
  /** Log in */
  "POST /api/v1/session": {
    readonly call: {
      readonly body: NewSession;
      readonly idempotencyKey?: string;
    };
    readonly answer: SessionAnswer;
  };
  /** Log out */
  "DELETE /api/v1/session": {
    readonly call: { readonly path?: undefined };
    readonly answer: undefined;
  };
  /** Choose a password, with an invitation */
  "POST /api/v1/invitations": {
    readonly call: {
      readonly body: {
        readonly invitation: string;
        /** 12 to 128 characters where it is chosen. */
        readonly password: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: undefined;
  };
  /** Who asks */
  "GET /api/v1/me": {
    readonly call: { readonly path?: undefined };
    readonly answer: Me;
  };
  /** Where you are logged in */
  "GET /api/v1/sessions": {
    readonly call: { readonly path?: undefined };
    readonly answer: {
      readonly items: readonly Session[];
    };
  };
  /** Log out there */
  "POST /api/v1/sessions/{id}/end": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly body: {
        /** 12 to 128 characters where it is chosen. */
        readonly password: string;
        /** Of the authenticator, or a recovery code. */
        readonly code?: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: undefined;
  };
  /** Log out everywhere, here too */
  "POST /api/v1/sessions/end": {
    readonly call: {
      readonly body: {
        /** 12 to 128 characters where it is chosen. */
        readonly password: string;
        /** Of the authenticator, or a recovery code. */
        readonly code?: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: {
      readonly ended: number;
    };
  };
  /** Choose another password */
  "PUT /api/v1/me/password": {
    readonly call: {
      readonly body: NewMePassword;
    };
    readonly answer: MePasswordAnswer;
  };
  /** Begin a second factor */
  "POST /api/v1/me/second-factor": {
    readonly call: {
      readonly body: {
        /** 12 to 128 characters where it is chosen. */
        readonly password: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: {
      /** Base32. */
      readonly secret: string;
      /** What a QR code for it says. */
      readonly uri: string;
    };
  };
  /** Put the second factor in force */
  "POST /api/v1/me/second-factor/confirm": {
    readonly call: {
      readonly body: {
        /** Of the authenticator, or a recovery code. */
        readonly code: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: {
      readonly recoveryCodes: readonly string[];
    };
  };
  /** Log in without a second factor again */
  "POST /api/v1/me/second-factor/remove": {
    readonly call: {
      readonly body: {
        /** 12 to 128 characters where it is chosen. */
        readonly password: string;
        /** Of the authenticator, or a recovery code. */
        readonly code?: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: undefined;
  };
  /** All users */
  "GET /api/v1/users": {
    readonly call: {
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
      };
    };
    readonly answer: {
      readonly items: readonly User[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** Add a user */
  "POST /api/v1/users": {
    readonly call: {
      readonly body: NewUser;
      readonly idempotencyKey?: string;
    };
    readonly answer: UserAnswer;
  };
  /** One user */
  "GET /api/v1/users/{id}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: User;
  };
  /** Change what somebody may do, or whether they may log in */
  "PATCH /api/v1/users/{id}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly body: UserChange;
      readonly ifMatch?: string;
    };
    readonly answer: User;
  };
  /** Have somebody choose a new password */
  "POST /api/v1/users/{id}/invitation": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: {
      /** For POST /api/v1/invitations; holds for three days, once. */
      readonly invitation: string;
    };
  };
  /** Log somebody out everywhere */
  "POST /api/v1/users/{id}/sessions/end": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: User;
  };
  /** Take away a second factor that was lost */
  "POST /api/v1/users/{id}/second-factor/remove": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: User;
  };
  /** After a change of secret.key: seal second factors with the present key */
  "POST /api/v1/users/reseal": {
    readonly call: {
      readonly idempotencyKey?: string;
    };
    readonly answer: {
      readonly resealed: number;
      readonly unreadable: number;
    };
  };
  /** Import a list */
  "POST /api/v1/lists": {
    readonly call: {
      readonly query: {
        /** Name of the list. */
        readonly name: string;
        /** Add to a list that exists; who is on it already is a duplicate. Otherwise its name must be new. */
        readonly append?: boolean;
        /** Instead of `append`. `update`: who is on the list by client id (where the file has none, by first address) gets the file's fields and addresses. `replace`: that too, and whoever is not in the file leaves the list and every campaign. */
        readonly existing?: "update" | "replace";
        /** Who is new on the list comes into the campaigns that run on it. */
        readonly enter?: boolean;
        /** Look-ups that the people who come in are asked about, in the background, with commas between them; those of the mapping besides. */
        readonly lookups?: string;
        /** Name of a mapping (PUT /api/v1/import-mappings/{name}) that says which column is what. */
        readonly mapping?: string;
      };
      readonly body: Upload;
      /** What the body is. */
      readonly type: "text/csv" | "application/x-ndjson" | "application/octet-stream" | "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
      readonly idempotencyKey?: string;
    };
    readonly answer: ListAnswer;
  };
  /** All lists */
  "GET /api/v1/lists": {
    readonly call: {
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
      };
    };
    readonly answer: {
      readonly items: readonly List[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** One list */
  "GET /api/v1/lists/{id}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: List;
  };
  /** The people on a list */
  "GET /api/v1/lists/{id}/contacts": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
      };
    };
    readonly answer: {
      readonly items: readonly Contact[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** Add one person */
  "POST /api/v1/lists/{id}/contacts": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly body: NewListContact;
      readonly idempotencyKey?: string;
    };
    readonly answer: Contact;
  };
  /** One person */
  "GET /api/v1/contacts/{id}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: Contact;
  };
  /** Change one person */
  "PATCH /api/v1/contacts/{id}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly body: ContactChange;
      readonly ifMatch?: string;
    };
    readonly answer: Contact;
  };
  /** Take one person off their list, and out of every campaign */
  "DELETE /api/v1/contacts/{id}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** Look at a file before it goes into a list */
  "POST /api/v1/imports": {
    readonly call: {
      readonly query: {
        /** Name of the list. */
        readonly list: string;
        /** Add to a list that exists; who is on it already is a duplicate. Otherwise its name must be new. */
        readonly append?: boolean;
        /** Instead of `append`. `update`: who is on the list by client id (where the file has none, by first address) gets the file's fields and addresses. `replace`: that too, and whoever is not in the file leaves the list and every campaign. */
        readonly existing?: "update" | "replace";
        /** Who is new on the list comes into the campaigns that run on it. */
        readonly enter?: boolean;
        /** Look-ups that the people who come in are asked about, in the background, with commas between them; those of the mapping besides. */
        readonly lookups?: string;
        /** Name of a mapping (PUT /api/v1/import-mappings/{name}) that says which column is what. */
        readonly mapping?: string;
      };
      readonly body: Upload;
      /** What the body is. */
      readonly type: "text/csv" | "application/x-ndjson" | "application/octet-stream" | "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
      readonly idempotencyKey?: string;
    };
    readonly answer: Import;
  };
  /** The latest imports that were looked at first */
  "GET /api/v1/imports": {
    readonly call: { readonly path?: undefined };
    readonly answer: {
      readonly items: readonly Import[];
    };
  };
  /** One import */
  "GET /api/v1/imports/{id}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: Import;
  };
  /** Bring the file into its list */
  "POST /api/v1/imports/{id}/commit": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: Import;
  };
  /** Forget the file */
  "POST /api/v1/imports/{id}/drop": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: Import;
  };
  /** All mappings of columns */
  "GET /api/v1/import-mappings": {
    readonly call: { readonly path?: undefined };
    readonly answer: {
      readonly items: readonly {
        readonly name: string;
        readonly mapping: ImportMappingMapping;
      }[];
    };
  };
  /** One mapping */
  "GET /api/v1/import-mappings/{name}": {
    readonly call: {
      readonly path: {
        /** Small letters, digits, - and _. */
        readonly name: string;
      };
    };
    readonly answer: {
      readonly name: string;
      readonly mapping: ImportMappingMapping;
    };
  };
  /** Say which column of a file is what, for files that come again */
  "PUT /api/v1/import-mappings/{name}": {
    readonly call: {
      readonly path: {
        /** Small letters, digits, - and _. */
        readonly name: string;
      };
      readonly body: ImportMappingMapping;
      readonly ifMatch?: string;
    };
    readonly answer: {
      readonly name: string;
      readonly mapping: ImportMappingMapping;
    };
  };
  /** Forget a mapping */
  "DELETE /api/v1/import-mappings/{name}": {
    readonly call: {
      readonly path: {
        /** Small letters, digits, - and _. */
        readonly name: string;
      };
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** Folders from which lists come in by themselves */
  "GET /api/v1/feeds": {
    readonly call: { readonly path?: undefined };
    readonly answer: {
      readonly items: readonly Feed[];
    };
  };
  /** One feed, how it stands and what trouble it has */
  "GET /api/v1/feeds/{name}": {
    readonly call: {
      readonly path: {
        /** As the configuration has it, under `feeds`. */
        readonly name: string;
      };
    };
    readonly answer: Feed;
  };
  /** What a feed took, or put there; the newest first */
  "GET /api/v1/feeds/{name}/runs": {
    readonly call: {
      readonly path: {
        /** As the configuration has it, under `feeds`. */
        readonly name: string;
      };
      readonly query?: {
        /** So many at most; 50 if not given. */
        readonly limit?: number;
      };
    };
    readonly answer: {
      readonly items: readonly FeedRun[];
    };
  };
  /** Look at once */
  "POST /api/v1/feeds/{name}/look": {
    readonly call: {
      readonly path: {
        /** As the configuration has it, under `feeds`. */
        readonly name: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: {
      readonly name: string;
    };
  };
  /** Servers that are asked about numbers and people, and how much was asked of them */
  "GET /api/v1/lookups": {
    readonly call: { readonly path?: undefined };
    readonly answer: {
      readonly items: readonly Lookup[];
    };
  };
  /** Ask once, now, and keep nothing of the answer */
  "POST /api/v1/lookups/{name}/test": {
    readonly call: {
      readonly path: {
        /** As the configuration has it, under `lookups`. */
        readonly name: string;
      };
      readonly body: {
        /** A number in E.164 form, or the customer's own id of the person. */
        readonly subject: string;
        /** Of kind reassigned, which cannot be asked without. */
        readonly date?: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: LookupTestAnswer;
  };
  /** What look-ups said of a number, or of a client id; the newest first, 100 at most */
  "POST /api/v1/lookup-answers/search": {
    readonly call: {
      readonly body: {
        /** A number in E.164 form, or the customer's own id of the person. */
        readonly subject: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: {
      readonly items: readonly LookupAnswerSearchAnswer[];
    };
  };
  /** Lists that are looked up, and those that were; the newest first */
  "GET /api/v1/lookup-runs": {
    readonly call: {
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
      };
    };
    readonly answer: {
      readonly items: readonly ImportLookupRun[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** Have everybody on a list looked up */
  "POST /api/v1/lookup-runs": {
    readonly call: {
      readonly body: {
        /** An id: digits, as text. */
        readonly listId: string;
        readonly lookups: readonly string[];
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: ImportLookupRun;
  };
  /** How far a run is, and what came of it */
  "GET /api/v1/lookup-runs/{id}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: ImportLookupRun;
  };
  /** Ask nothing more for a run; what is known by now stays */
  "POST /api/v1/lookup-runs/{id}/cancel": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: ImportLookupRun;
  };
  /** All that is known of a person */
  "POST /api/v1/persons/export": {
    readonly call: {
      readonly body: NewPersonExport;
      readonly idempotencyKey?: string;
    };
    readonly answer: PersonExportAnswer;
  };
  /** Forget a person */
  "POST /api/v1/persons/erase": {
    readonly call: {
      readonly body: NewPersonErase;
      readonly idempotencyKey?: string;
    };
    readonly answer: PersonEraseAnswer;
  };
  /** Who was forgotten, by their hashes; the newest first */
  "GET /api/v1/erasures": {
    readonly call: {
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
      };
    };
    readonly answer: {
      readonly items: readonly PersonEraseAnswer[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** For how many days what is kept of people stays, and how far that has been seen to */
  "GET /api/v1/retention": {
    readonly call: { readonly path?: undefined };
    readonly answer: {
      readonly items: readonly Retention[];
    };
  };
  /** Add people */
  "POST /api/v1/lists/{id}/contacts/bulk": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly body: {
        readonly items: readonly NewListContact[];
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: {
      /** One for each, in the order of the request. */
      readonly items: readonly ListContactBulkAnswer[];
    };
  };
  /** Change people, or take them off their lists */
  "POST /api/v1/contacts/bulk": {
    readonly call: {
      readonly body: {
        readonly items: readonly NewContactBulk[];
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: {
      /** One for each, in the order of the request. */
      readonly items: readonly ListContactBulkAnswer[];
    };
  };
  /** Suppress many: numbers, mailboxes or people */
  "POST /api/v1/suppressions/bulk": {
    readonly call: {
      readonly body: {
        readonly items: readonly NewSuppressionBulk[];
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: {
      /** One for each, in the order of the request. */
      readonly items: readonly ListContactBulkAnswer[];
    };
  };
  /** End many suppressions */
  "POST /api/v1/suppressions/bulk/end": {
    readonly call: {
      readonly body: {
        readonly items: readonly {
          /** An id: digits, as text. */
          readonly id: string;
          /** Why, for people. */
          readonly reason: string;
        }[];
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: {
      /** One for each, in the order of the request. */
      readonly items: readonly ListContactBulkAnswer[];
    };
  };
  /** Start, pause, resume or stop many campaigns */
  "POST /api/v1/campaign-orders": {
    readonly call: {
      readonly body: NewCampaignOrder;
      readonly idempotencyKey?: string;
    };
    readonly answer: {
      /** One for each, in the order of the request. */
      readonly items: readonly ListContactBulkAnswer[];
    };
  };
  /** Add users */
  "POST /api/v1/users/bulk": {
    readonly call: {
      readonly body: {
        readonly items: readonly NewUser[];
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: {
      /** One for each, in the order of the request. */
      readonly items: readonly UserBulkAnswer[];
    };
  };
  /** Change what users may do, or whether they may log in */
  "POST /api/v1/users/bulk/change": {
    readonly call: {
      readonly body: {
        readonly items: readonly {
          /** An id: digits, as text. */
          readonly id: string;
          readonly change: UserChange;
        }[];
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: {
      /** One for each, in the order of the request. */
      readonly items: readonly ListContactBulkAnswer[];
    };
  };
  /** Make keys for programs */
  "POST /api/v1/keys/bulk": {
    readonly call: {
      readonly body: {
        readonly items: readonly NewKey[];
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: {
      /** One for each, in the order of the request. */
      readonly items: readonly KeyBulkAnswer[];
    };
  };
  /** Revoke keys */
  "POST /api/v1/keys/bulk/revoke": {
    readonly call: {
      readonly body: {
        readonly ids: readonly string[];
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: {
      /** One for each, in the order of the request. */
      readonly items: readonly ListContactBulkAnswer[];
    };
  };
  /** Why a person was contacted, or was not */
  "GET /api/v1/contacts/{id}/timeline": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
      };
    };
    readonly answer: ContactTimelinePage;
  };
  /** Make a list of whom nobody may contact */
  "POST /api/v1/suppression-lists": {
    readonly call: {
      readonly body: NewSuppressionList;
      readonly idempotencyKey?: string;
    };
    readonly answer: SuppressionList;
  };
  /** The lists of whom nobody may contact */
  "GET /api/v1/suppression-lists": {
    readonly call: { readonly path?: undefined };
    readonly answer: {
      readonly items: readonly SuppressionList[];
    };
  };
  /** One list */
  "GET /api/v1/suppression-lists/{id}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: SuppressionList;
  };
  /** Load a file into a list */
  "POST /api/v1/suppression-lists/{id}/load": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly query: {
        /** `replace` also ends what the file has no more. */
        readonly mode: "append" | "replace";
        /** Its name, for people. */
        readonly file?: string;
        /** The day its data is of; today if not given. */
        readonly dated?: string;
        /** The country of numbers that are written without one. Default: that of a national list, else contact.defaultCountry. */
        readonly country?: string;
      };
      readonly body: Upload;
      /** What the body is. */
      readonly type: "text/csv";
      readonly idempotencyKey?: string;
    };
    readonly answer: SuppressionListLoadAnswer;
  };
  /** What a list holds */
  "GET /api/v1/suppression-lists/{id}/entries": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
      };
    };
    readonly answer: {
      readonly items: readonly SuppressionListEntry[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** Suppress somebody: a number, a mailbox or a person by client id */
  "POST /api/v1/suppressions": {
    readonly call: {
      readonly body: NewSuppressionBulk;
      readonly idempotencyKey?: string;
    };
    readonly answer: SuppressionListEntry;
  };
  /** Why somebody is suppressed */
  "POST /api/v1/suppressions/search": {
    readonly call: {
      readonly body: NewSuppressionSearch;
      readonly idempotencyKey?: string;
    };
    readonly answer: {
      readonly items: readonly SuppressionListEntry[];
    };
  };
  /** End a suppression, with the reason; it stays as evidence */
  "POST /api/v1/suppressions/{id}/end": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly body: {
        /** Why, for people. */
        readonly reason: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: SuppressionListEntry;
  };
  /** Record a consent, a relationship of business, or a revocation */
  "POST /api/v1/consents": {
    readonly call: {
      readonly body: NewConsent;
      readonly idempotencyKey?: string;
    };
    readonly answer: ConsentAnswer;
  };
  /** The chain of consents, in its order */
  "GET /api/v1/consents": {
    readonly call: {
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
      };
    };
    readonly answer: {
      readonly items: readonly ConsentAnswer[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** Record a file of consents, relationships and revocations with their proof */
  "POST /api/v1/consents/load": {
    readonly call: {
      readonly query?: {
        /** Of rows that do not say; `consent` if not given. */
        readonly kind?: "consent" | "relationship" | "revocation";
        /** Of rows that name none. */
        readonly purpose?: string;
        readonly channel?: "voice" | "sms" | "email";
        /** How those came whose row does not say. */
        readonly source?: string;
        /** When those were obtained whose row does not say; RFC 3339. */
        readonly obtainedAt?: string;
        /** The country of numbers that are written without one. */
        readonly country?: string;
      };
      readonly body: Upload;
      /** What the body is. */
      readonly type: "text/csv";
      readonly idempotencyKey?: string;
    };
    readonly answer: ConsentLoadAnswer;
  };
  /** All that was recorded of somebody */
  "POST /api/v1/consents/evidence": {
    readonly call: {
      readonly body: NewSuppressionSearch;
      readonly idempotencyKey?: string;
    };
    readonly answer: {
      readonly subjects: readonly {
        readonly kind: string;
        /** The hash under which the chain knows them. */
        readonly subject: string;
      }[];
      readonly records: readonly ConsentAnswer[];
    };
  };
  /** What a campaign wants of consents and lists */
  "GET /api/v1/campaigns/{id}/safeguards": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: CampaignSafeguard;
  };
  /** Say what a campaign wants of consents and lists; it holds at once */
  "PUT /api/v1/campaigns/{id}/safeguards": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly body: NewCampaignSafeguard;
      readonly ifMatch?: string;
    };
    readonly answer: CampaignSafeguard;
  };
  /** Publish a script */
  "POST /api/v1/scripts": {
    readonly call: {
      readonly query?: {
        /** Why, for the history. */
        readonly note?: string;
      };
      readonly body: NewScript | Upload;
      /** What the body is, when it is no JSON. */
      readonly type?: "application/yaml";
      readonly idempotencyKey?: string;
    };
    readonly answer: ScriptAnswer;
  };
  /** All scripts */
  "GET /api/v1/scripts": {
    readonly call: {
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
      };
    };
    readonly answer: {
      readonly items: readonly Script2[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** Look for mistakes in a script */
  "POST /api/v1/scripts/lint": {
    readonly call: {
      readonly query?: {
        /** A list whose columns it is held against, besides those of the campaigns that follow it. */
        readonly listId?: string;
      };
      readonly body: Upload;
      /** What the body is. */
      readonly type: "application/yaml";
      readonly idempotencyKey?: string;
    };
    readonly answer: {
      /** Whether it has no errors. */
      readonly valid: boolean;
      /** In reading order; of each severity the first 500. */
      readonly findings: readonly ScriptAnswerWarning[];
    };
  };
  /** One script, with the version that is current and who uses it */
  "GET /api/v1/scripts/{name}": {
    readonly call: {
      readonly path: {
        /** Name of a script, as it stands in the script. */
        readonly name: string;
      };
    };
    readonly answer: Script;
  };
  /** Its versions, the newest first */
  "GET /api/v1/scripts/{name}/versions": {
    readonly call: {
      readonly path: {
        /** Name of a script, as it stands in the script. */
        readonly name: string;
      };
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
      };
    };
    readonly answer: {
      readonly items: readonly ScriptVersion[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** One version, with its text */
  "GET /api/v1/scripts/{name}/versions/{version}": {
    readonly call: {
      readonly path: {
        /** Name of a script, as it stands in the script. */
        readonly name: string;
        /** Counts from 1 for each name. */
        readonly version: number;
      };
    };
    readonly answer: Version;
  };
  /** What changed from one version to another */
  "GET /api/v1/scripts/{name}/diff": {
    readonly call: {
      readonly path: {
        /** Name of a script, as it stands in the script. */
        readonly name: string;
      };
      readonly query: {
        /** Counts from 1 for each name. */
        readonly from: number;
        /** Counts from 1 for each name. */
        readonly to: number;
      };
    };
    readonly answer: ScriptDiff;
  };
  /** Which version was current since when, by whom and why; the newest first */
  "GET /api/v1/scripts/{name}/releases": {
    readonly call: {
      readonly path: {
        /** Name of a script, as it stands in the script. */
        readonly name: string;
      };
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
      };
    };
    readonly answer: {
      readonly items: readonly ScriptCurrent[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** Make a published version current again */
  "POST /api/v1/scripts/{name}/releases": {
    readonly call: {
      readonly path: {
        /** Name of a script, as it stands in the script. */
        readonly name: string;
      };
      readonly body: {
        /** Counts from 1 for each name. */
        readonly version: number;
        /** Why, for the history. */
        readonly note?: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: ScriptReleaseAnswer;
  };
  /** All uploaded prompts */
  "GET /api/v1/prompts": {
    readonly call: {
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
        /** What is spoken in it (BCP 47). */
        readonly language?: string;
      };
    };
    readonly answer: {
      readonly items: readonly Prompt[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** One uploaded prompt */
  "GET /api/v1/prompts/{name}": {
    readonly call: {
      readonly path: {
        /** As scripts name it with `file:`. In an address a slash in it is written %2F. */
        readonly name: string;
      };
    };
    readonly answer: Prompt;
  };
  /** Upload a prompt, or another recording for it */
  "PUT /api/v1/prompts/{name}": {
    readonly call: {
      readonly path: {
        /** As scripts name it with `file:`. In an address a slash in it is written %2F. */
        readonly name: string;
      };
      readonly query?: {
        /** What is spoken in it (BCP 47). */
        readonly language?: string;
        /** Why, for people. */
        readonly note?: string;
      };
      readonly body: Upload;
      /** What the body is. */
      readonly type: "audio/wav" | "audio/x-wav" | "audio/wave" | "audio/vnd.wave";
      readonly ifMatch?: string;
    };
    readonly answer: PromptAnswer;
  };
  /** Take a prompt away, with its versions */
  "DELETE /api/v1/prompts/{name}": {
    readonly call: {
      readonly path: {
        /** As scripts name it with `file:`. In an address a slash in it is written %2F. */
        readonly name: string;
      };
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** What is heard: the file as it was sent */
  "GET /api/v1/prompts/{name}/sound": {
    readonly call: {
      readonly path: {
        /** As scripts name it with `file:`. In an address a slash in it is written %2F. */
        readonly name: string;
      };
      readonly query?: {
        /** Counts from 1 for each name. */
        readonly version?: number;
      };
    };
    readonly answer: undefined;
    readonly file: "audio/wav";
  };
  /** Its versions, the newest first */
  "GET /api/v1/prompts/{name}/versions": {
    readonly call: {
      readonly path: {
        /** As scripts name it with `file:`. In an address a slash in it is written %2F. */
        readonly name: string;
      };
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
      };
    };
    readonly answer: {
      readonly items: readonly Prompt[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** The scripts that play it, in the versions that calls may still run */
  "GET /api/v1/prompts/{name}/scripts": {
    readonly call: {
      readonly path: {
        /** As scripts name it with `file:`. In an address a slash in it is written %2F. */
        readonly name: string;
      };
    };
    readonly answer: {
      readonly items: readonly PromptScript[];
    };
  };
  /** Publish a template */
  "POST /api/v1/templates": {
    readonly call: {
      readonly body: Readonly<Record<string, unknown>> | Upload;
      /** What the body is, when it is no JSON. */
      readonly type?: "application/yaml";
      readonly idempotencyKey?: string;
    };
    readonly answer: TemplateAnswer;
  };
  /** All templates, each with its current version */
  "GET /api/v1/templates": {
    readonly call: {
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
      };
    };
    readonly answer: {
      readonly items: readonly Template2[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** The current version of a template */
  "GET /api/v1/templates/{name}": {
    readonly call: {
      readonly path: {
        /** Name of a template. */
        readonly name: string;
      };
    };
    readonly answer: Template;
  };
  /** Its versions, the newest first */
  "GET /api/v1/templates/{name}/versions": {
    readonly call: {
      readonly path: {
        /** Name of a template. */
        readonly name: string;
      };
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
      };
    };
    readonly answer: {
      readonly items: readonly Template2[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** One version, with its document */
  "GET /api/v1/templates/{name}/versions/{version}": {
    readonly call: {
      readonly path: {
        /** Name of a template. */
        readonly name: string;
        /** Counts from 1 for each name. */
        readonly version: number;
      };
    };
    readonly answer: Template;
  };
  /** What one contact would read, and what it costs */
  "POST /api/v1/templates/{name}/preview": {
    readonly call: {
      readonly path: {
        /** Name of a template. */
        readonly name: string;
      };
      readonly body: NewTemplatePreview;
      readonly idempotencyKey?: string;
    };
    readonly answer: TemplatePreviewAnswer;
  };
  /** What a template comes to over a whole list */
  "POST /api/v1/templates/{name}/check": {
    readonly call: {
      readonly path: {
        /** Name of a template. */
        readonly name: string;
      };
      readonly body: NewTemplateCheck;
      readonly idempotencyKey?: string;
    };
    readonly answer: TemplateCheckAnswer;
  };
  /** Publish a strategy */
  "POST /api/v1/strategies": {
    readonly call: {
      readonly body: Readonly<Record<string, unknown>> | Upload;
      /** What the body is, when it is no JSON. */
      readonly type?: "application/yaml";
      readonly idempotencyKey?: string;
    };
    readonly answer: StrategyAnswer;
  };
  /** All strategies, each with its current version */
  "GET /api/v1/strategies": {
    readonly call: {
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
      };
    };
    readonly answer: {
      readonly items: readonly Strategy2[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** The current version of a strategy, with its document */
  "GET /api/v1/strategies/{name}": {
    readonly call: {
      readonly path: {
        /** Name of a strategy. */
        readonly name: string;
      };
    };
    readonly answer: Strategy;
  };
  /** Its versions, the newest first */
  "GET /api/v1/strategies/{name}/versions": {
    readonly call: {
      readonly path: {
        /** Name of a strategy. */
        readonly name: string;
      };
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
      };
    };
    readonly answer: {
      readonly items: readonly Strategy2[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** One version, with its document */
  "GET /api/v1/strategies/{name}/versions/{version}": {
    readonly call: {
      readonly path: {
        /** Name of a strategy. */
        readonly name: string;
        /** Counts from 1 for each name. */
        readonly version: number;
      };
    };
    readonly answer: Strategy;
  };
  /** Carry out a strategy on a list */
  "POST /api/v1/strategy-campaigns": {
    readonly call: {
      readonly body: NewStrategyCampaign;
      readonly idempotencyKey?: string;
    };
    readonly answer: StrategyCampaignAnswer;
  };
  /** All strategies that are carried out */
  "GET /api/v1/strategy-campaigns": {
    readonly call: {
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
      };
    };
    readonly answer: {
      readonly items: readonly StrategyCampaignAnswer[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** One of them, with how many people stand where in each pass */
  "GET /api/v1/strategy-campaigns/{id}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: StrategyCampaign;
  };
  /** Start all its passes; everybody on the list begins in the first */
  "POST /api/v1/strategy-campaigns/{id}/start": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: StrategyCampaignAnswer;
  };
  /** Nobody new is contacted for now, in no pass; calls that are up go on */
  "POST /api/v1/strategy-campaigns/{id}/pause": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: StrategyCampaignAnswer;
  };
  /** Go on after a pause */
  "POST /api/v1/strategy-campaigns/{id}/resume": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: StrategyCampaignAnswer;
  };
  /** Nobody new is contacted any more; calls that are up go on to their end */
  "POST /api/v1/strategy-campaigns/{id}/stop": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: StrategyCampaignAnswer;
  };
  /** Go over to another version of its strategy, also while it runs */
  "PUT /api/v1/strategy-campaigns/{id}/strategy": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly body: {
        /** The version to go over to; without it the current one. */
        readonly version?: number;
      };
      readonly ifMatch?: string;
    };
    readonly answer: StrategyCampaignAnswer;
  };
  /** Which versions of its strategy it has gone over to */
  "GET /api/v1/strategy-campaigns/{id}/changes": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: {
      /** Oldest first, at most the first 500. */
      readonly items: readonly StrategyCampaignChange[];
    };
  };
  /** Make a campaign like this one */
  "POST /api/v1/campaigns/{id}/copy": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly body: {
        /** Of the copy. Unique. */
        readonly name: string;
        /** Whom the copy is for; without it the same list. */
        readonly listId?: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: Campaign | Campaign2;
  };
  /** Carry out the same strategy once more */
  "POST /api/v1/strategy-campaigns/{id}/copy": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly body: {
        /** Of the copy. Unique. */
        readonly name: string;
        /** Whom the copy is for; without it the same list. */
        readonly listId?: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: StrategyCampaignAnswer;
  };
  /** Give it a schedule, in place of the one that it has */
  "PUT /api/v1/campaigns/{id}/schedule": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly body: NewCampaignSchedule;
      readonly ifMatch?: string;
    };
    readonly answer: CampaignScheduleAnswer;
  };
  /** Its schedule */
  "GET /api/v1/campaigns/{id}/schedule": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: CampaignScheduleAnswer;
  };
  /** Take its schedule away */
  "DELETE /api/v1/campaigns/{id}/schedule": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** Each time it was to start again, and what came of it */
  "GET /api/v1/campaigns/{id}/runs": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: {
      /** The newest first, at most 500. */
      readonly items: readonly CampaignRun[];
    };
  };
  /** Give it a schedule, in place of the one that it has */
  "PUT /api/v1/strategy-campaigns/{id}/schedule": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly body: NewCampaignSchedule;
      readonly ifMatch?: string;
    };
    readonly answer: CampaignScheduleAnswer;
  };
  /** Its schedule */
  "GET /api/v1/strategy-campaigns/{id}/schedule": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: CampaignScheduleAnswer;
  };
  /** Take its schedule away */
  "DELETE /api/v1/strategy-campaigns/{id}/schedule": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** Each time it was to start again, and what came of it */
  "GET /api/v1/strategy-campaigns/{id}/runs": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: {
      /** The newest first, at most 500. */
      readonly items: readonly CampaignRun[];
    };
  };
  /** Tell of something that happened outside: a payment, a confirmation */
  "POST /api/v1/events": {
    readonly call: {
      readonly body: NewEvent;
      readonly idempotencyKey?: string;
    };
    readonly answer: EventAnswer;
  };
  /** What was told of from outside, in the order in which it came */
  "GET /api/v1/events": {
    readonly call: {
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
      };
    };
    readonly answer: {
      readonly items: readonly Event2[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** One event, and what it did to whom */
  "GET /api/v1/events/{id}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: Event;
  };
  /** Make a campaign */
  "POST /api/v1/campaigns": {
    readonly call: {
      readonly body: NewCampaign | NewCampaign2;
      readonly idempotencyKey?: string;
    };
    readonly answer: Campaign | Campaign2;
  };
  /** All campaigns */
  "GET /api/v1/campaigns": {
    readonly call: {
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
      };
    };
    readonly answer: {
      readonly items: readonly (Campaign | Campaign2)[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** One campaign */
  "GET /api/v1/campaigns/{id}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: Campaign | Campaign2;
  };
  /** Change a campaign, also while it runs */
  "PATCH /api/v1/campaigns/{id}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly body: CampaignChange;
      readonly ifMatch?: string;
    };
    readonly answer: Campaign | Campaign2;
  };
  /** Start a campaign that was never started */
  "POST /api/v1/campaigns/{id}/start": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: Campaign | Campaign2;
  };
  /** Place no new calls for now; calls that are up go on */
  "POST /api/v1/campaigns/{id}/pause": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: Campaign | Campaign2;
  };
  /** Go on after a pause */
  "POST /api/v1/campaigns/{id}/resume": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: Campaign | Campaign2;
  };
  /** Place no new calls any more; calls that are up go on to their end */
  "POST /api/v1/campaigns/{id}/stop": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: Campaign | Campaign2;
  };
  /** How far it is */
  "GET /api/v1/campaigns/{id}/progress": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: StrategyCampaignPassProgress;
  };
  /** The attempts of a campaign */
  "GET /api/v1/campaigns/{id}/attempts": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
        /** Only attempts that ended like this. */
        readonly result?: "human" | "machine" | "machine-message" | "no-answer" | "busy" | "bad-number" | "rejected" | "fax" | "sit" | "silence" | "congestion" | "carrier-fault" | "abandoned" | "dropped" | "canceled" | "interrupted" | "sent" | "delivered" | "undelivered" | "expired" | "bounced-hard" | "bounced-soft" | "complained";
        /** An id: digits, as text. */
        readonly contactId?: string;
        /** Calls that were placed (the default), or those of people who called. */
        readonly direction?: "outbound" | "inbound";
      };
    };
    readonly answer: {
      readonly items: readonly CampaignAttempt[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** What was changed of a campaign, when and by whom */
  "GET /api/v1/campaigns/{id}/changes": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: {
      /** Oldest first, at most the last 500. */
      readonly items: readonly CampaignChange2[];
    };
  };
  /** How a campaign stands with abandoned people */
  "GET /api/v1/campaigns/{id}/abandonment": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: CampaignAbandonment;
  };
  /** One attempt, with what its script left and what happened on the wire */
  "GET /api/v1/attempts/{id}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: Attempt;
  };
  /** The account's own holiday calendars */
  "GET /api/v1/calendars": {
    readonly call: { readonly path?: undefined };
    readonly answer: {
      readonly items: readonly Calendar2[];
    };
  };
  /** A calendar, with every version of it */
  "GET /api/v1/calendars/{name}": {
    readonly call: {
      readonly path: {
        /** Name of a calendar, unique. */
        readonly name: string;
      };
    };
    readonly answer: Calendar;
  };
  /** Make a calendar, or change it */
  "PUT /api/v1/calendars/{name}": {
    readonly call: {
      readonly path: {
        /** Name of a calendar, unique. */
        readonly name: string;
      };
      readonly body: {
        /** What it is for, for people. */
        readonly meaning: string;
        /** Days on which nobody is contacted, where the person is: one (2026-12-24), one of every year (12-24, 11-thu-4, easter+1), a range of either (2026-12-24..2027-01-02, 12-24..01-02), or all of a country's (US). With regions before it a day holds for people who may be there: US-NY,US-CT: 02-12. */
        readonly days: readonly string[];
      };
      readonly ifMatch?: string;
    };
    readonly answer: Calendar2;
  };
  /** Take a calendar away */
  "DELETE /api/v1/calendars/{name}": {
    readonly call: {
      readonly path: {
        /** Name of a calendar, unique. */
        readonly name: string;
      };
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** How often people may be contacted */
  "GET /api/v1/frequency-caps": {
    readonly call: {
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
      };
    };
    readonly answer: {
      readonly items: readonly FrequencyCap[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** Say how often people may be contacted */
  "POST /api/v1/frequency-caps": {
    readonly call: {
      readonly body: NewFrequencyCap;
      readonly idempotencyKey?: string;
    };
    readonly answer: {
      readonly items: readonly FrequencyCap[];
    };
  };
  /** One cap */
  "GET /api/v1/frequency-caps/{id}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: FrequencyCap;
  };
  /** Take a cap away */
  "DELETE /api/v1/frequency-caps/{id}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** The account's own rules about who may be contacted */
  "GET /api/v1/rules": {
    readonly call: { readonly path?: undefined };
    readonly answer: {
      readonly items: readonly Rule2[];
    };
  };
  /** A rule, with every version of it */
  "GET /api/v1/rules/{name}": {
    readonly call: {
      readonly path: {
        /** Name of a rule, unique. */
        readonly name: string;
      };
    };
    readonly answer: Rule;
  };
  /** Make a rule, or change it */
  "PUT /api/v1/rules/{name}": {
    readonly call: {
      readonly path: {
        /** Name of a rule, unique. */
        readonly name: string;
      };
      readonly body: NewRule;
      readonly ifMatch?: string;
    };
    readonly answer: Rule2;
  };
  /** Take a rule away */
  "DELETE /api/v1/rules/{name}": {
    readonly call: {
      readonly path: {
        /** Name of a rule, unique. */
        readonly name: string;
      };
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** What an expression may speak of */
  "GET /api/v1/rule-language": {
    readonly call: { readonly path?: undefined };
    readonly answer: {
      readonly variables: readonly RuleLanguageVariable[];
      /** Those that CEL has not itself. */
      readonly functions: readonly {
        readonly signature: string;
        readonly meaning: string;
      }[];
    };
  };
  /** Whom a rule would hold back in a campaign, now */
  "POST /api/v1/rules/trial": {
    readonly call: {
      readonly body: NewRuleTrial;
      readonly idempotencyKey?: string;
    };
    readonly answer: RuleTrialAnswer;
  };
  /** Which attempts a rule would have kept from being made */
  "POST /api/v1/rules/backtest": {
    readonly call: {
      readonly body: NewRuleBacktest;
      readonly idempotencyKey?: string;
    };
    readonly answer: RuleBacktestAnswer;
  };
  /** Why a campaign may contact a person now, or may not */
  "GET /api/v1/campaigns/{id}/contacts/{contactId}/why": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
        /** An id: digits, as text. */
        readonly contactId: string;
      };
    };
    readonly answer: CampaignContactWhy;
  };
  /** Who would be contacted by a campaign and who would not, by reason and hour */
  "GET /api/v1/campaigns/{id}/preflight": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: CampaignPreflight;
  };
  /** E-mails that came in */
  "GET /api/v1/incoming-mails": {
    readonly call: {
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
        /** An id: digits, as text. */
        readonly campaignId?: string;
        /** An id: digits, as text. */
        readonly contactId?: string;
        /** An id: digits, as text. */
        readonly attemptId?: string;
        /** `bounce`: a report of a mail server; `complaint`: a report that it was not wanted; `automatic`: written by no person; `reply`; `opt-out`: a reply that asks for no more; `other`. */
        readonly kind?: "bounce" | "complaint" | "automatic" | "reply" | "opt-out" | "other";
      };
    };
    readonly answer: {
      readonly items: readonly IncomingMail[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** One e-mail that came in */
  "GET /api/v1/incoming-mails/{id}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: IncomingMail;
  };
  /** Send one test SMS */
  "POST /api/v1/messages/test": {
    readonly call: {
      readonly body: NewMessageTest;
      readonly idempotencyKey?: string;
    };
    readonly answer: MessageTestAnswer;
  };
  /** Messages that were sent */
  "GET /api/v1/messages": {
    readonly call: {
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
        /** An id: digits, as text. */
        readonly campaignId?: string;
        /** An id: digits, as text. */
        readonly contactId?: string;
      };
    };
    readonly answer: {
      readonly items: readonly Message[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** One message that was sent */
  "GET /api/v1/messages/{id}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: Message;
  };
  /** What people wrote by SMS */
  "GET /api/v1/incoming-messages": {
    readonly call: {
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
        /** An id: digits, as text. */
        readonly campaignId?: string;
        /** An id: digits, as text. */
        readonly contactId?: string;
      };
    };
    readonly answer: {
      readonly items: readonly IncomingMessage[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** Reports of delivery that fit no message */
  "GET /api/v1/unmatched-reports": {
    readonly call: {
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
      };
    };
    readonly answer: {
      readonly items: readonly UnmatchedReport[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** What a campaign that writes has of its own */
  "GET /api/v1/campaigns/{id}/message-rules": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: CampaignMessageRule;
  };
  /** Replace it; what is left out is as for the account, or as the sender says */
  "PUT /api/v1/campaigns/{id}/message-rules": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly body: CampaignMessageRule;
      readonly ifMatch?: string;
    };
    readonly answer: CampaignMessageRule;
  };
  /** It has nothing of its own again */
  "DELETE /api/v1/campaigns/{id}/message-rules": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly ifMatch?: string;
    };
    readonly answer: CampaignMessageRule;
  };
  /** All trunks, as they stand on this node */
  "GET /api/v1/trunks": {
    readonly call: { readonly path?: undefined };
    readonly answer: {
      readonly items: readonly Trunk2[];
    };
  };
  /** Add a trunk */
  "POST /api/v1/trunks": {
    readonly call: {
      readonly body: NewTrunk;
      readonly idempotencyKey?: string;
    };
    readonly answer: Trunk;
  };
  /** One trunk, with its settings */
  "GET /api/v1/trunks/{name}": {
    readonly call: {
      readonly path: {
        readonly name: string;
      };
    };
    readonly answer: Trunk;
  };
  /** Change settings of a trunk */
  "PATCH /api/v1/trunks/{name}": {
    readonly call: {
      readonly path: {
        readonly name: string;
      };
      readonly body: TrunkChange;
      readonly ifMatch?: string;
    };
    readonly answer: Trunk;
  };
  /** Remove a trunk */
  "DELETE /api/v1/trunks/{name}": {
    readonly call: {
      readonly path: {
        readonly name: string;
      };
      readonly query?: {
        /** Also while routes and campaigns use it; they wait then, as for a trunk that is down. */
        readonly force?: boolean;
      };
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** Seal passwords with the present key */
  "POST /api/v1/trunks/reseal": {
    readonly call: {
      readonly idempotencyKey?: string;
    };
    readonly answer: {
      /** Trunks whose password is sealed with the present key now. */
      readonly resealed: readonly string[];
      /** Trunks whose password none of this node's keys opens: give it anew. */
      readonly unreadable: readonly string[];
    };
  };
  /** Read the configuration anew */
  "POST /api/v1/trunks/reload": {
    readonly call: {
      readonly idempotencyKey?: string;
    };
    readonly answer: {
      /** What is otherwise now, one line each. */
      readonly changed: readonly string[];
      /** What is otherwise in the configuration and waits for a restart. */
      readonly needsRestart: readonly string[];
    };
  };
  /** All routes, as they stand on this node */
  "GET /api/v1/routes": {
    readonly call: { readonly path?: undefined };
    readonly answer: {
      readonly items: readonly Route[];
    };
  };
  /** Add a route */
  "POST /api/v1/routes": {
    readonly call: {
      readonly body: NewRoute;
      readonly idempotencyKey?: string;
    };
    readonly answer: Route;
  };
  /** Look at a route */
  "GET /api/v1/routes/{name}": {
    readonly call: {
      readonly path: {
        readonly name: string;
      };
    };
    readonly answer: Route;
  };
  /** Change a route */
  "PATCH /api/v1/routes/{name}": {
    readonly call: {
      readonly path: {
        readonly name: string;
      };
      readonly body: {
        /** INVITEs for one attempt, at most, each over another trunk. The next trunk is tried only when nobody can have noticed the one before. */
        readonly maxTries?: number;
        /** Its trunks. */
        readonly trunks?: readonly NewRouteTrunk[];
      };
      readonly ifMatch?: string;
    };
    readonly answer: Route;
  };
  /** Remove a route */
  "DELETE /api/v1/routes/{name}": {
    readonly call: {
      readonly path: {
        readonly name: string;
      };
      readonly query?: {
        /** Also while campaigns use it; they wait then, and call nobody. */
        readonly force?: boolean;
      };
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** All pools of caller ids, as they stand on this node */
  "GET /api/v1/caller-id-pools": {
    readonly call: { readonly path?: undefined };
    readonly answer: {
      readonly items: readonly CallerIdPool[];
    };
  };
  /** Add a pool of caller ids */
  "POST /api/v1/caller-id-pools": {
    readonly call: {
      readonly body: NewCallerIdPool;
      readonly idempotencyKey?: string;
    };
    readonly answer: CallerIdPool;
  };
  /** Look at a pool of caller ids */
  "GET /api/v1/caller-id-pools/{name}": {
    readonly call: {
      readonly path: {
        readonly name: string;
      };
    };
    readonly answer: CallerIdPool;
  };
  /** Change a pool of caller ids */
  "PATCH /api/v1/caller-id-pools/{name}": {
    readonly call: {
      readonly path: {
        readonly name: string;
      };
      readonly body: CallerIdPoolChange;
      readonly ifMatch?: string;
    };
    readonly answer: CallerIdPool;
  };
  /** Remove a pool of caller ids */
  "DELETE /api/v1/caller-id-pools/{name}": {
    readonly call: {
      readonly path: {
        readonly name: string;
      };
      readonly query?: {
        /** Also while campaigns use it; they wait then, and call nobody. */
        readonly force?: boolean;
      };
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** The servers that carry the calls, as every node sees them */
  "GET /api/v1/servers": {
    readonly call: { readonly path?: undefined };
    readonly answer: {
      readonly items: readonly Server[];
    };
  };
  /** Place no new calls on a server, for maintenance; calls that are up go on */
  "POST /api/v1/servers/{server}/drain": {
    readonly call: {
      readonly path: {
        /** Kind and name; the kind may be left out where only one server is called so. */
        readonly server: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: Server;
  };
  /** Place calls on it again */
  "POST /api/v1/servers/{server}/resume": {
    readonly call: {
      readonly path: {
        /** Kind and name; the kind may be left out where only one server is called so. */
        readonly server: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: Server;
  };
  /** The ways to SMSCs, and how they are */
  "GET /api/v1/binds": {
    readonly call: { readonly path?: undefined };
    readonly answer: {
      readonly items: readonly Bind[];
    };
  };
  /** The servers that take e-mail, and how they are */
  "GET /api/v1/mail-pools": {
    readonly call: { readonly path?: undefined };
    readonly answer: {
      readonly items: readonly MailPool[];
    };
  };
  /** Whom messages show themselves to be from */
  "GET /api/v1/senders": {
    readonly call: { readonly path?: undefined };
    readonly answer: {
      readonly items: readonly Sender[];
    };
  };
  /** What people write to and fro with agents, in the order in which it began */
  "GET /api/v1/conversations": {
    readonly call: {
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
        readonly state?: "waiting" | "taken" | "closed";
      };
    };
    readonly answer: {
      readonly items: readonly Conversation2[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** One conversation, with its last 100 messages */
  "GET /api/v1/conversations/{id}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: Conversation;
  };
  /** The numbers that may be called */
  "GET /api/v1/numbers": {
    readonly call: {
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
      };
    };
    readonly answer: {
      readonly items: readonly NumberEntry[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** Add a number that may be called */
  "POST /api/v1/numbers": {
    readonly call: {
      readonly body: NewNumber;
      readonly idempotencyKey?: string;
    };
    readonly answer: NumberEntry;
  };
  /** One number */
  "GET /api/v1/numbers/{number}": {
    readonly call: {
      readonly path: {
        /** E.164. */
        readonly number: string;
      };
    };
    readonly answer: NumberEntry;
  };
  /** Change what happens to those who call a number */
  "PATCH /api/v1/numbers/{number}": {
    readonly call: {
      readonly path: {
        /** E.164. */
        readonly number: string;
      };
      readonly body: NumberChange;
      readonly ifMatch?: string;
    };
    readonly answer: NumberEntry;
  };
  /** Remove a number; calls to it are refused from then on, unless campaigns show it */
  "DELETE /api/v1/numbers/{number}": {
    readonly call: {
      readonly path: {
        /** E.164. */
        readonly number: string;
      };
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** What a campaign does about people who call, and what came of it */
  "GET /api/v1/campaigns/{id}/inbound": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: CampaignInbound;
  };
  /** Say which script the people hear who call back */
  "PUT /api/v1/campaigns/{id}/inbound": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly body: {
        /** Name of the script that runs for who is taken for a caller of this campaign; its current version. null takes it away. */
        readonly script: string | null;
      };
      readonly ifMatch?: string;
    };
    readonly answer: CampaignInbound;
  };
  /** Add an agent */
  "POST /api/v1/agents": {
    readonly call: {
      readonly body: {
        /** Unique. */
        readonly name: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: Agent;
  };
  /** All agents, and what each does now */
  "GET /api/v1/agents": {
    readonly call: {
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
      };
    };
    readonly answer: {
      readonly items: readonly Agent[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** One agent */
  "GET /api/v1/agents/{id}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: Agent;
  };
  /** Make a key with which the agent logs in */
  "POST /api/v1/agents/{id}/keys": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: {
      readonly id: string;
      readonly key: string;
    };
  };
  /** Say what an agent does */
  "POST /api/v1/agents/{id}/state": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly body: {
        readonly state: "ready" | "not-ready" | "logged-out";
        /** For not-ready; `supervisor` if not given. */
        readonly reason?: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: Agent;
  };
  /** Take an agent out */
  "POST /api/v1/agents/{id}/deactivate": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: Agent;
  };
  /** Let an agent in again, with a new key */
  "POST /api/v1/agents/{id}/activate": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: Agent;
  };
  /** Every state an agent was in */
  "GET /api/v1/agents/{id}/log": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
        /** Only states that began then or later. */
        readonly from?: string;
        /** …and before then. */
        readonly to?: string;
      };
    };
    readonly answer: {
      readonly items: readonly AgentLog[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** How long an agent was in each state */
  "GET /api/v1/agents/{id}/times": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly query: {
        /** RFC 3339, with an offset. */
        readonly from: string;
        /** RFC 3339, with an offset. */
        readonly to: string;
      };
    };
    readonly answer: {
      /** Milliseconds by state. */
      readonly ms: Readonly<Record<string, number>>;
    };
  };
  /** Listen in on an agent */
  "POST /api/v1/agents/{id}/supervision": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly body: {
        /** Who hears the supervisor: nobody, the agent alone, or everybody in the conversation. */
        readonly mode: "listen" | "whisper" | "barge";
        /** The supervisor's telephone; it is rung. */
        readonly phone: NewAgentSupervisionPhone;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: Supervision;
  };
  /** Who listens in on an agent, or did of late */
  "GET /api/v1/agents/{id}/supervision": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: {
      readonly items: readonly Supervision[];
    };
  };
  /** One who listens in */
  "GET /api/v1/agents/{id}/supervision/{supervisionId}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
        readonly supervisionId: string;
      };
    };
    readonly answer: Supervision;
  };
  /** Say who hears a supervisor */
  "PATCH /api/v1/agents/{id}/supervision/{supervisionId}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
        readonly supervisionId: string;
      };
      readonly body: {
        /** Who hears the supervisor: nobody, the agent alone, or everybody in the conversation. */
        readonly mode: "listen" | "whisper" | "barge";
      };
      readonly ifMatch?: string;
    };
    readonly answer: Supervision;
  };
  /** Hang up on a supervisor */
  "DELETE /api/v1/agents/{id}/supervision/{supervisionId}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
        readonly supervisionId: string;
      };
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** An agent's telephone, and what has registered as it */
  "GET /api/v1/agents/{id}/phone": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: AgentPhone;
  };
  /** Say where an agent is called */
  "PUT /api/v1/agents/{id}/phone": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly body: NewAgentPhone;
      readonly ifMatch?: string;
    };
    readonly answer: AgentPhone;
  };
  /** Take an agent's telephone away */
  "DELETE /api/v1/agents/{id}/phone": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** Seal the passwords of devices with the present key */
  "POST /api/v1/phones/reseal": {
    readonly call: {
      readonly idempotencyKey?: string;
    };
    readonly answer: {
      /** Trunks whose password is sealed with the present key now. */
      readonly resealed: readonly string[];
      /** Trunks whose password none of this node's keys opens: give it anew. */
      readonly unreadable: readonly string[];
    };
  };
  /** Add a group of agents */
  "POST /api/v1/groups": {
    readonly call: {
      readonly body: {
        /** Unique. */
        readonly name: string;
        readonly wrapUp?: GroupWrapUp;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: Group;
  };
  /** All groups */
  "GET /api/v1/groups": {
    readonly call: {
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
      };
    };
    readonly answer: {
      readonly items: readonly Group[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** One group */
  "GET /api/v1/groups/{id}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: Group;
  };
  /** How long its agents may write up a conversation */
  "PUT /api/v1/groups/{id}/wrap-up": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly body: GroupWrapUp;
      readonly ifMatch?: string;
    };
    readonly answer: Group;
  };
  /** Put an agent into a group, or change their place in it */
  "PUT /api/v1/groups/{id}/members/{agentId}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
        /** An id: digits, as text. */
        readonly agentId: string;
      };
      readonly body: {
        /** 1 gets calls first; 5 if not given. */
        readonly priority?: number;
        readonly skills?: readonly string[];
      };
      readonly ifMatch?: string;
    };
    readonly answer: Group;
  };
  /** Take an agent out of a group */
  "DELETE /api/v1/groups/{id}/members/{agentId}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
        /** An id: digits, as text. */
        readonly agentId: string;
      };
      readonly ifMatch?: string;
    };
    readonly answer: Group;
  };
  /** Let a group work for a campaign */
  "PUT /api/v1/groups/{id}/campaigns/{campaignId}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
        /** An id: digits, as text. */
        readonly campaignId: string;
      };
      readonly ifMatch?: string;
    };
    readonly answer: Group;
  };
  /** Let a group work for a campaign no more */
  "DELETE /api/v1/groups/{id}/campaigns/{campaignId}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
        /** An id: digits, as text. */
        readonly campaignId: string;
      };
      readonly ifMatch?: string;
    };
    readonly answer: Group;
  };
  /** What the agents of the campaign see and may do */
  "GET /api/v1/campaigns/{id}/agent-rules": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: CampaignAgentRule;
  };
  /** Replace them; what is left out is as by default */
  "PUT /api/v1/campaigns/{id}/agent-rules": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly body: NewCampaignAgentRule;
      readonly ifMatch?: string;
    };
    readonly answer: CampaignAgentRule;
  };
  /** Give the campaign the default ones again */
  "DELETE /api/v1/campaigns/{id}/agent-rules": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly ifMatch?: string;
    };
    readonly answer: CampaignAgentRule;
  };
  /** Why agents take no calls, as they may say it */
  "GET /api/v1/reason-codes": {
    readonly call: { readonly path?: undefined };
    readonly answer: {
      readonly items: readonly {
        readonly code: string;
        readonly label: string;
      }[];
    };
  };
  /** Replace the reason codes */
  "PUT /api/v1/reason-codes": {
    readonly call: {
      readonly body: {
        readonly items: readonly {
          readonly code: string;
          readonly label: string;
        }[];
      };
      readonly ifMatch?: string;
    };
    readonly answer: {
      readonly items: readonly {
        readonly code: string;
        readonly label: string;
      }[];
    };
  };
  /** What agents may say of a conversation of the campaign */
  "GET /api/v1/campaigns/{id}/dispositions": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: {
      readonly items: readonly CampaignDisposition[];
    };
  };
  /** Give the campaign dispositions of its own */
  "PUT /api/v1/campaigns/{id}/dispositions": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly body: {
        readonly items: readonly CampaignDisposition[];
      };
      readonly ifMatch?: string;
    };
    readonly answer: {
      readonly items: readonly CampaignDisposition[];
    };
  };
  /** Give the campaign the default dispositions again */
  "DELETE /api/v1/campaigns/{id}/dispositions": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly ifMatch?: string;
    };
    readonly answer: {
      readonly items: readonly CampaignDisposition[];
    };
  };
  /** Who is to be called again, and who waited in vain */
  "GET /api/v1/callbacks": {
    readonly call: {
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
        /** An id: digits, as text. */
        readonly campaignId?: string;
        /** Also those that are done or canceled. */
        readonly ended?: boolean;
      };
    };
    readonly answer: {
      readonly items: readonly Callback[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** Have somebody called again */
  "POST /api/v1/callbacks": {
    readonly call: {
      readonly body: NewCallback;
      readonly idempotencyKey?: string;
    };
    readonly answer: Callback;
  };
  /** Show a callback */
  "GET /api/v1/callbacks/{id}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: Callback;
  };
  /** Call somebody back no more */
  "POST /api/v1/callbacks/{id}/cancel": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: Callback;
  };
  /** Send one test e-mail */
  "POST /api/v1/emails/test": {
    readonly call: {
      readonly body: NewEmailTest;
      readonly idempotencyKey?: string;
    };
    readonly answer: {
      readonly subject: string;
      /** What the mail server said. */
      readonly response: string;
    };
  };
  /** Somebody has unsubscribed on your own page */
  "POST /api/v1/unsubscribes": {
    readonly call: {
      readonly body: {
        /** As it stood in the link. */
        readonly mark: string;
        /** All e-mail of yours, or that of the campaign. */
        readonly scope?: "account" | "campaign";
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: undefined;
  };
  /** The systems that are told what happens here */
  "GET /api/v1/webhooks": {
    readonly call: {
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
      };
    };
    readonly answer: {
      readonly items: readonly Webhook[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** Have a system told what happens here */
  "POST /api/v1/webhooks": {
    readonly call: {
      readonly body: NewWebhook;
      readonly idempotencyKey?: string;
    };
    readonly answer: WebhookAnswer;
  };
  /** One webhook */
  "GET /api/v1/webhooks/{id}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
    };
    readonly answer: Webhook;
  };
  /** Change a webhook, or switch it on or off */
  "PATCH /api/v1/webhooks/{id}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly body: WebhookChange;
      readonly ifMatch?: string;
    };
    readonly answer: Webhook;
  };
  /** Tell a system nothing any more */
  "DELETE /api/v1/webhooks/{id}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** Give a webhook another secret */
  "POST /api/v1/webhooks/{id}/rotate": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly body: {
        /** For how long requests are signed with the secret before it too; 24 if not given. */
        readonly previousHours?: number;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: WebhookAnswer;
  };
  /** Try a webhook */
  "POST /api/v1/webhooks/{id}/test": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: WebhookTestAnswer;
  };
  /** What a webhook was told, and is to be told */
  "GET /api/v1/webhooks/{id}/messages": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly query?: {
        /** Items per page; 100 if not given. */
        readonly limit?: number;
        /** `next` of the previous page; none for the first. */
        readonly cursor?: string;
        /** `waiting` until it was taken (`delivered`), or given up (`dead`). */
        readonly state?: "waiting" | "delivered" | "dead";
      };
    };
    readonly answer: {
      readonly items: readonly Message2[];
      /** Cursor of the next page; absent on the last. */
      readonly next?: string;
    };
  };
  /** One message of a webhook */
  "GET /api/v1/webhooks/{id}/messages/{messageId}": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
        /** An id: digits, as text. */
        readonly messageId: string;
      };
    };
    readonly answer: Message2;
  };
  /** Send a message of a webhook again */
  "POST /api/v1/webhooks/{id}/messages/{messageId}/replay": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
        /** An id: digits, as text. */
        readonly messageId: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: Message2;
  };
  /** Send all that was given up again */
  "POST /api/v1/webhooks/{id}/replay": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly idempotencyKey?: string;
    };
    readonly answer: {
      /** How many. */
      readonly replayed: number;
    };
  };
  /** What happens, as it happens */
  "GET /api/v1/stream": {
    readonly call: {
      readonly query?: {
        /** Only these types, in commas: attempt.ended, attempt.changed, suppression.added, campaign.changed, event.received, message.received, disposition.given, callback.missed, strategy.webhook, component.down, component.up, webhook.disabled, webhook.test. */
        readonly types?: string;
        /** Only what names this campaign. */
        readonly campaignId?: string;
        /** As the header Last-Event-ID, for programs that cannot set it. */
        readonly lastEventId?: string;
      };
    };
    readonly answer: undefined;
    readonly file: "text/event-stream";
  };
  /** Delivery and reach, response, contact, conversion and payment rates, opt-outs and abandonment, by campaign, list, group, agent, channel or stretch of time */
  "GET /api/v1/reports/figures": {
    readonly call: {
      readonly query?: {
        /** json, if not given. Texts that a spreadsheet would take for formulas get an apostrophe in CSV. */
        readonly format?: "json" | "csv" | "xlsx";
        /** IANA zone in which days begin; UTC, if not given. */
        readonly zone?: string;
        /** Only this campaign. */
        readonly campaignId?: string;
        /** Only the passes of this campaign of a strategy. */
        readonly strategyCampaignId?: string;
        /** Only campaigns on this list. */
        readonly listId?: string;
        /** Only campaigns that this group works for; of agents, its members. */
        readonly groupId?: string;
        /** A day, a month or an instant (RFC 3339), rounded down to a quarter of an hour; the beginning of today, if not given. */
        readonly from?: string;
        /** The same; a day and a month are included as a whole, an instant is not. Now, if not given. */
        readonly to?: string;
        /** What it is added up by; all, if not given. */
        readonly by?: "all" | "campaign" | "list" | "group" | "agent" | "channel" | "hour" | "day" | "week" | "month";
        /** Only this channel. */
        readonly channel?: "voice" | "sms" | "email";
        /** Only what is this agent's. */
        readonly agentId?: string;
      };
    };
    readonly answer: ReportFigurePage;
    readonly file: "text/csv" | "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  };
  /** Attempts by result, with the call_result of the Genesys export */
  "GET /api/v1/reports/results": {
    readonly call: {
      readonly query?: {
        /** json, if not given. Texts that a spreadsheet would take for formulas get an apostrophe in CSV. */
        readonly format?: "json" | "csv" | "xlsx";
        /** IANA zone in which days begin; UTC, if not given. */
        readonly zone?: string;
        /** Only this campaign. */
        readonly campaignId?: string;
        /** Only the passes of this campaign of a strategy. */
        readonly strategyCampaignId?: string;
        /** Only campaigns on this list. */
        readonly listId?: string;
        /** Only campaigns that this group works for; of agents, its members. */
        readonly groupId?: string;
        /** A day, a month or an instant (RFC 3339), rounded down to a quarter of an hour; the beginning of today, if not given. */
        readonly from?: string;
        /** The same; a day and a month are included as a whole, an instant is not. Now, if not given. */
        readonly to?: string;
        /** What it is added up by; all, if not given. */
        readonly by?: "all" | "campaign" | "list" | "group" | "agent" | "channel" | "hour" | "day" | "week" | "month";
        /** Only this channel. */
        readonly channel?: "voice" | "sms" | "email";
        /** Only what is this agent's. */
        readonly agentId?: string;
      };
    };
    readonly answer: ReportResultPage;
    readonly file: "text/csv" | "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  };
  /** How scripts ended for those who were reached */
  "GET /api/v1/reports/outcomes": {
    readonly call: {
      readonly query?: {
        /** json, if not given. Texts that a spreadsheet would take for formulas get an apostrophe in CSV. */
        readonly format?: "json" | "csv" | "xlsx";
        /** IANA zone in which days begin; UTC, if not given. */
        readonly zone?: string;
        /** Only this campaign. */
        readonly campaignId?: string;
        /** Only the passes of this campaign of a strategy. */
        readonly strategyCampaignId?: string;
        /** Only campaigns on this list. */
        readonly listId?: string;
        /** Only campaigns that this group works for; of agents, its members. */
        readonly groupId?: string;
        /** A day, a month or an instant (RFC 3339), rounded down to a quarter of an hour; the beginning of today, if not given. */
        readonly from?: string;
        /** The same; a day and a month are included as a whole, an instant is not. Now, if not given. */
        readonly to?: string;
        /** What it is added up by; all, if not given. */
        readonly by?: "all" | "campaign" | "list" | "group" | "agent" | "channel" | "hour" | "day" | "week" | "month";
        /** Only this channel. */
        readonly channel?: "voice" | "sms" | "email";
        /** Only what is this agent's. */
        readonly agentId?: string;
      };
    };
    readonly answer: ReportOutcomePage;
    readonly file: "text/csv" | "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  };
  /** What agents said of conversations */
  "GET /api/v1/reports/dispositions": {
    readonly call: {
      readonly query?: {
        /** json, if not given. Texts that a spreadsheet would take for formulas get an apostrophe in CSV. */
        readonly format?: "json" | "csv" | "xlsx";
        /** IANA zone in which days begin; UTC, if not given. */
        readonly zone?: string;
        /** Only this campaign. */
        readonly campaignId?: string;
        /** Only the passes of this campaign of a strategy. */
        readonly strategyCampaignId?: string;
        /** Only campaigns on this list. */
        readonly listId?: string;
        /** Only campaigns that this group works for; of agents, its members. */
        readonly groupId?: string;
        /** A day, a month or an instant (RFC 3339), rounded down to a quarter of an hour; the beginning of today, if not given. */
        readonly from?: string;
        /** The same; a day and a month are included as a whole, an instant is not. Now, if not given. */
        readonly to?: string;
        /** What it is added up by; all, if not given. */
        readonly by?: "all" | "campaign" | "list" | "group" | "agent" | "channel" | "hour" | "day" | "week" | "month";
        /** Only this channel. */
        readonly channel?: "voice" | "sms" | "email";
        /** Only what is this agent's. */
        readonly agentId?: string;
      };
    };
    readonly answer: ReportDispositionPage;
    readonly file: "text/csv" | "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  };
  /** Events such as payments by the channel they came by: the preferred one is the first */
  "GET /api/v1/reports/payments": {
    readonly call: {
      readonly query?: {
        /** json, if not given. Texts that a spreadsheet would take for formulas get an apostrophe in CSV. */
        readonly format?: "json" | "csv" | "xlsx";
        /** IANA zone in which days begin; UTC, if not given. */
        readonly zone?: string;
        /** Only this campaign. */
        readonly campaignId?: string;
        /** Only the passes of this campaign of a strategy. */
        readonly strategyCampaignId?: string;
        /** Only campaigns on this list. */
        readonly listId?: string;
        /** Only campaigns that this group works for; of agents, its members. */
        readonly groupId?: string;
        /** A day, a month or an instant (RFC 3339), rounded down to a quarter of an hour; the beginning of today, if not given. */
        readonly from?: string;
        /** The same; a day and a month are included as a whole, an instant is not. Now, if not given. */
        readonly to?: string;
        /** What it is added up by; all, if not given. */
        readonly by?: "all" | "campaign" | "list" | "group" | "agent" | "channel" | "hour" | "day" | "week" | "month";
        /** Only this channel. */
        readonly channel?: "voice" | "sms" | "email";
        /** Only what is this agent's. */
        readonly agentId?: string;
      };
    };
    readonly answer: ReportPaymentPage;
    readonly file: "text/csv" | "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  };
  /** People who said that they want no more, by channel */
  "GET /api/v1/reports/opt-outs": {
    readonly call: {
      readonly query?: {
        /** json, if not given. Texts that a spreadsheet would take for formulas get an apostrophe in CSV. */
        readonly format?: "json" | "csv" | "xlsx";
        /** IANA zone in which days begin; UTC, if not given. */
        readonly zone?: string;
        /** Only this campaign. */
        readonly campaignId?: string;
        /** Only the passes of this campaign of a strategy. */
        readonly strategyCampaignId?: string;
        /** Only campaigns on this list. */
        readonly listId?: string;
        /** Only campaigns that this group works for; of agents, its members. */
        readonly groupId?: string;
        /** A day, a month or an instant (RFC 3339), rounded down to a quarter of an hour; the beginning of today, if not given. */
        readonly from?: string;
        /** The same; a day and a month are included as a whole, an instant is not. Now, if not given. */
        readonly to?: string;
        /** What it is added up by; all, if not given. */
        readonly by?: "all" | "campaign" | "list" | "group" | "agent" | "channel" | "hour" | "day" | "week" | "month";
        /** Only this channel. */
        readonly channel?: "voice" | "sms" | "email";
        /** Only what is this agent's. */
        readonly agentId?: string;
      };
    };
    readonly answer: ReportOptOutPage;
    readonly file: "text/csv" | "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  };
  /** NPS and CSAT of questions that are answered with a number from 0 to 10 */
  "GET /api/v1/reports/surveys": {
    readonly call: {
      readonly query?: {
        /** json, if not given. Texts that a spreadsheet would take for formulas get an apostrophe in CSV. */
        readonly format?: "json" | "csv" | "xlsx";
        /** IANA zone in which days begin; UTC, if not given. */
        readonly zone?: string;
        /** Only this campaign. */
        readonly campaignId?: string;
        /** Only the passes of this campaign of a strategy. */
        readonly strategyCampaignId?: string;
        /** Only campaigns on this list. */
        readonly listId?: string;
        /** Only campaigns that this group works for; of agents, its members. */
        readonly groupId?: string;
        /** A day, a month or an instant (RFC 3339), rounded down to a quarter of an hour; the beginning of today, if not given. */
        readonly from?: string;
        /** The same; a day and a month are included as a whole, an instant is not. Now, if not given. */
        readonly to?: string;
        /** What it is added up by; all, if not given. */
        readonly by?: "all" | "campaign" | "list" | "group" | "agent" | "channel" | "hour" | "day" | "week" | "month";
        /** Only this channel. */
        readonly channel?: "voice" | "sms" | "email";
        /** Only what is this agent's. */
        readonly agentId?: string;
      };
    };
    readonly answer: ReportSurveyPage;
    readonly file: "text/csv" | "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  };
  /** Talk, idle and wrap-up time, per agent and overall */
  "GET /api/v1/reports/agents": {
    readonly call: {
      readonly query?: {
        /** json, if not given. Texts that a spreadsheet would take for formulas get an apostrophe in CSV. */
        readonly format?: "json" | "csv" | "xlsx";
        /** IANA zone in which days begin; UTC, if not given. */
        readonly zone?: string;
        /** Only this campaign. */
        readonly campaignId?: string;
        /** Only the passes of this campaign of a strategy. */
        readonly strategyCampaignId?: string;
        /** Only campaigns on this list. */
        readonly listId?: string;
        /** Only campaigns that this group works for; of agents, its members. */
        readonly groupId?: string;
        /** A day, a month or an instant (RFC 3339), rounded down to a quarter of an hour; the beginning of today, if not given. */
        readonly from?: string;
        /** The same; a day and a month are included as a whole, an instant is not. Now, if not given. */
        readonly to?: string;
        /** Only what is this agent's. */
        readonly agentId?: string;
      };
    };
    readonly answer: ReportAgentPage;
    readonly file: "text/csv" | "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  };
  /** People who answered calls that were placed for agents and got none in time, over 24 hours and 30 days that roll, as the pacer keeps count */
  "GET /api/v1/reports/abandonment": {
    readonly call: {
      readonly query?: {
        /** json, if not given. Texts that a spreadsheet would take for formulas get an apostrophe in CSV. */
        readonly format?: "json" | "csv" | "xlsx";
        /** IANA zone in which days begin; UTC, if not given. */
        readonly zone?: string;
        /** Only this campaign. */
        readonly campaignId?: string;
        /** Only the passes of this campaign of a strategy. */
        readonly strategyCampaignId?: string;
        /** Only campaigns on this list. */
        readonly listId?: string;
        /** Only campaigns that this group works for; of agents, its members. */
        readonly groupId?: string;
      };
    };
    readonly answer: ReportAbandonmentPage;
    readonly file: "text/csv" | "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  };
  /** Calls from outside by the campaign whose callers they were taken for */
  "GET /api/v1/reports/inbound": {
    readonly call: {
      readonly query?: {
        /** json, if not given. Texts that a spreadsheet would take for formulas get an apostrophe in CSV. */
        readonly format?: "json" | "csv" | "xlsx";
        /** IANA zone in which days begin; UTC, if not given. */
        readonly zone?: string;
        /** Only this campaign. */
        readonly campaignId?: string;
        /** Only the passes of this campaign of a strategy. */
        readonly strategyCampaignId?: string;
        /** Only campaigns on this list. */
        readonly listId?: string;
        /** Only campaigns that this group works for; of agents, its members. */
        readonly groupId?: string;
        /** A day, a month or an instant (RFC 3339), rounded down to a quarter of an hour; the beginning of today, if not given. */
        readonly from?: string;
        /** The same; a day and a month are included as a whole, an instant is not. Now, if not given. */
        readonly to?: string;
        /** Only what is this agent's. */
        readonly agentId?: string;
      };
    };
    readonly answer: ReportInboundPage;
    readonly file: "text/csv" | "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  };
  /** What trunks, binds and mail pools cost, by the tariffs of the configuration */
  "GET /api/v1/reports/cost": {
    readonly call: {
      readonly query?: {
        /** json, if not given. Texts that a spreadsheet would take for formulas get an apostrophe in CSV. */
        readonly format?: "json" | "csv" | "xlsx";
        /** IANA zone in which days begin; UTC, if not given. */
        readonly zone?: string;
        /** Only this campaign. */
        readonly campaignId?: string;
        /** Only the passes of this campaign of a strategy. */
        readonly strategyCampaignId?: string;
        /** Only campaigns on this list. */
        readonly listId?: string;
        /** Only campaigns that this group works for; of agents, its members. */
        readonly groupId?: string;
        /** A day, a month or an instant (RFC 3339), rounded down to a quarter of an hour; the beginning of today, if not given. */
        readonly from?: string;
        /** The same; a day and a month are included as a whole, an instant is not. Now, if not given. */
        readonly to?: string;
        /** What it is added up by; all, if not given. */
        readonly by?: "all" | "campaign" | "list" | "group" | "agent" | "channel" | "hour" | "day" | "week" | "month";
        /** Only this channel. */
        readonly channel?: "voice" | "sms" | "email";
        /** Only what is this agent's. */
        readonly agentId?: string;
      };
    };
    readonly answer: ReportCostPage;
    readonly file: "text/csv" | "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  };
  /** Campaigns that run, as they stand now, with their figures of the day so far */
  "GET /api/v1/reports/live": {
    readonly call: {
      readonly query?: {
        /** json, if not given. Texts that a spreadsheet would take for formulas get an apostrophe in CSV. */
        readonly format?: "json" | "csv" | "xlsx";
        /** IANA zone in which days begin; UTC, if not given. */
        readonly zone?: string;
        /** Only this campaign. */
        readonly campaignId?: string;
        /** Only the passes of this campaign of a strategy. */
        readonly strategyCampaignId?: string;
        /** Only campaigns on this list. */
        readonly listId?: string;
        /** Only campaigns that this group works for; of agents, its members. */
        readonly groupId?: string;
        /** Only this channel. */
        readonly channel?: "voice" | "sms" | "email";
        /** Only what is this agent's. */
        readonly agentId?: string;
      };
    };
    readonly answer: ReportLivePage;
    readonly file: "text/csv" | "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  };
  /** Everybody on the list of a campaign, with the last attempt there */
  "GET /api/v1/campaigns/{id}/calling-list": {
    readonly call: {
      readonly path: {
        /** An id: digits, as text. */
        readonly id: string;
      };
      readonly query?: {
        /** json, if not given. Texts that a spreadsheet would take for formulas get an apostrophe in CSV. */
        readonly format?: "json" | "csv" | "xlsx";
        /** Columns of the list to be shown beside, with commas between them. */
        readonly fields?: string;
      };
    };
    readonly answer: readonly (CampaignCallingList & (Readonly<Record<string, string | number | null>>))[];
    readonly file: "text/csv" | "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  };
  /** Whether the process lives */
  "GET /healthz": {
    readonly call: { readonly path?: undefined };
    readonly answer: {
      readonly alive: boolean;
    };
  };
  /** Whether calls can be placed, part by part */
  "GET /readyz": {
    readonly call: { readonly path?: undefined };
    readonly answer: Readyz;
  };
  /** Metrics for Prometheus */
  "GET /metrics": {
    readonly call: { readonly path?: undefined };
    readonly answer: undefined;
    readonly file: "text/plain";
  };
}
