import type { MessageChannel } from "../attempt/message-ports.ts";
import type { Callback } from "./callback.ts";
import type { Answerer, Disposition, DispositionCategory, DispositionTreatment } from "./disposition.ts";
import type { Agent, Group, Membership, ReasonCode } from "./group.ts";
import type { Staff } from "./staff.ts";
import type { AgentState, Desk, WrapUpRules } from "./state.ts";

/** An agent at one moment of the database's clock. */
export interface Moment {
  readonly agentId: string;
  readonly desk: Desk;
  /** Epoch ms. */
  readonly at: number;
  /** Of the group they are held for. */
  readonly wrapUp: WrapUpRules;
}

/** Where the agent goes, why (a word for the log), and by whom if not by the agent. */
export interface Decision {
  readonly desk: Desk;
  readonly cause: string;
  readonly by?: string;
}

/** Called with the agent's row locked: quick and pure. It may throw; then nothing has changed. */
export type Decide = (moment: Moment) => Decision;

/** Why an agent is looked at who did nothing. */
export type Overdue = "lapse" | "session-lost" | "holder-lost";

/** How an agent's program sees that something has changed. */
export interface Seen {
  readonly agentId: string;
  readonly session: string | undefined;
  readonly desk: Desk;
  readonly memberships: readonly Membership[];
}

/** Who is asked for, and for which attempt. */
export interface Wanted {
  readonly attemptId: string;
  /** Of one of these. */
  readonly groupIds: readonly string[];
  /** With all of these. */
  readonly skills?: readonly string[];
  /** Nobody else. */
  readonly agentId?: string;
  /** Only somebody whose program is connected to this node. */
  readonly here?: boolean;
  /** Beside the agent who has the attempt. */
  readonly beside?: boolean;
}

export interface Reserved {
  readonly agentId: string;
  readonly desk: Desk;
}

/** What every agent does at this moment, over all nodes. Every change is in the log when it resolves. */
export interface DeskStore {
  /**
   * The agent's program is here, on this node; an earlier one of the same agent has no say any more.
   * @throws Fault `agent-unknown`
   */
  attach(agentId: string, session: string, decide: Decide): Promise<Moment>;
  /** The program's connection is gone; what follows from it is decided when it has not come back for a while. */
  detach(agentId: string, session: string): Promise<void>;
  /**
   * @param session only if this is still the agent's program; left out: whoever it is
   * @throws Fault `agent-unknown`, `agent-session`
   */
  change(agentId: string, session: string | undefined, decide: Decide): Promise<Moment>;
  /**
   * Picks the ready agent who is first by priority in a group, then idle longest, has the skills, and whose program is connected; no
   * agent is ever given twice, whichever nodes ask. The hold is this node's until it is released, and falls when the node dies.
   * @param decide told also as a member of which group
   */
  reserve(wanted: Wanted, decide: (moment: Moment, groupId: string) => Decision): Promise<Reserved | undefined>;
  /**
   * As `change`, and what the agent is held for is this node's from now on.
   * @throws Fault `agent-unknown`, `agent-session`
   */
  hold(agentId: string, session: string | undefined, decide: Decide): Promise<Moment>;
  /**
   * The groups of that name, or that work for that campaign.
   * @returns with the agents of this node who are logged in there
   */
  groupsOf(whose: { readonly name: string } | { readonly campaignId: string }): Promise<readonly StaffedGroup[]>;
  /**
   * Agents whose time is over, whose program has been gone for `graceMs`, or whose node is gone.
   * @param connected the sessions that this node has; others that the store thinks it has are gone from now on
   * @returns how many were changed
   */
  overdue(graceMs: number, connected: readonly string[], decide: (moment: Moment, why: Overdue) => Decision): Promise<number>;
  seen(agentIds: readonly string[]): Promise<readonly Seen[]>;
}

/** A group, and which of its members are logged in on this node. */
export interface StaffedGroup {
  readonly groupId: string;
  readonly agentIds: readonly string[];
}

/** A stretch of rows in ascending id order. */
export interface Page {
  readonly limit: number;
  readonly afterId?: string;
}

export interface AgentView extends Agent {
  readonly desk: Desk;
  readonly memberships: readonly Membership[];
}

export interface GroupView extends Group {
  readonly members: readonly Membership[];
  readonly campaignIds: readonly string[];
}

/** One entry of the log. */
export interface LogEntry {
  readonly id: string;
  readonly at: number;
  readonly state: AgentState;
  readonly reason: string | undefined;
  readonly cause: string;
  readonly by: string | undefined;
  readonly attemptId: string | undefined;
}

/** Agents, groups, and what is configured for them. */
export interface AgentDirectory {
  /** @throws Fault `agent-exists` */
  addAgent(name: string): Promise<Agent>;
  agents(page: Page): Promise<readonly AgentView[]>;
  agent(id: string): Promise<AgentView | undefined>;
  /** @returns false when there is no such agent */
  setActive(id: string, active: boolean): Promise<boolean>;
  /** @throws Fault `group-exists` */
  addGroup(name: string, wrapUp: WrapUpRules): Promise<Group>;
  setWrapUp(id: string, wrapUp: WrapUpRules): Promise<boolean>;
  groups(page: Page): Promise<readonly GroupView[]>;
  group(id: string): Promise<GroupView | undefined>;
  /** @throws Fault `agent-unknown`, `group-unknown` */
  join(membership: Membership): Promise<void>;
  leave(agentId: string, groupId: string): Promise<boolean>;
  /** @throws Fault `group-unknown`, `campaign-unknown` */
  assign(groupId: string, campaignId: string): Promise<void>;
  unassign(groupId: string, campaignId: string): Promise<boolean>;
  reasonCodes(): Promise<readonly ReasonCode[]>;
  setReasonCodes(codes: readonly ReasonCode[]): Promise<void>;
  staffOf(campaignId: string): Promise<Staff>;
  /** The campaign's own set, or the default one. */
  dispositions(campaignId: string): Promise<readonly Disposition[]>;
  /** None: the campaign has the default set again. */
  setDispositions(campaignId: string, set: readonly Disposition[] | undefined): Promise<void>;
  /** @param within only the states that began from then on, and before then (epoch ms) */
  log(agentId: string, page: Page, within?: { readonly from?: number; readonly to?: number }): Promise<readonly LogEntry[]>;
  /** Milliseconds in each state between two times (epoch ms); states the agent was not in are left out. */
  times(agentId: string, from: number, to: number): Promise<Readonly<Partial<Record<AgentState, number>>>>;
}

/** Somebody to be called again, with what the gate and the agent have to know of them. */
export interface CallbackView extends Callback {
  readonly campaign: string;
  /** First number of the contact. */
  readonly address: string;
  readonly timeZone: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
  readonly suppressed: boolean;
}

export interface NewCallback {
  readonly campaignId: string;
  readonly contactId: string;
  readonly attemptId?: string;
  readonly dueAt: number;
  readonly agentId?: string;
  readonly fallbackAt?: number;
  readonly note?: string;
  readonly source: string;
}

export interface CallbackFilter {
  readonly campaignId?: string;
  /** Also those that are done or canceled. */
  readonly ended?: boolean;
}

export interface CallbackStore {
  /** Makes callbacks of what scripts asked for since. @returns how many */
  collect(): Promise<number>;
  /** @throws Fault `contact-unknown`: there is none, or it is not on the campaign's list; `callback-invalid`: they must not be called */
  schedule(callback: NewCallback): Promise<CallbackView>;
  callbacks(filter: CallbackFilter, page: Page): Promise<readonly CallbackView[]>;
  /** What an agent may take now or later, or has: of the campaigns of their groups, nobody else's; by when they are due. */
  callbacksFor(agentId: string, limit: number): Promise<readonly CallbackView[]>;
  callback(id: string): Promise<CallbackView | undefined>;
  /**
   * With the row locked. @param decide the next state, or throws
   * @throws Fault `callback-unknown`
   */
  change(
    id: string,
    decide: (callback: CallbackView, at: number) => { readonly state: Callback["state"]; readonly takenBy?: string },
  ): Promise<CallbackView>;
  /** Those that agents had who have logged out wait again. @returns how many */
  giveBack(): Promise<number>;
}

export interface SaidDisposition {
  readonly contactId: string;
  readonly campaignId: string;
  readonly attemptId?: string;
  readonly callbackId?: string;
  readonly agentId: string;
  readonly code: string;
  readonly category: DispositionCategory;
  /** Whom the agent had on the line. */
  readonly answeredBy?: Answerer;
  readonly amount?: number;
  readonly day?: string;
  readonly note?: string;
  /** Of a written conversation that of its messages; left out: on the telephone. */
  readonly channel?: MessageChannel;
}

/** A person as an agent sees them. */
export interface KnownContact {
  readonly contactId: string;
  readonly clientId: string | undefined;
  readonly timeZone: string | undefined;
  readonly addresses: readonly { readonly kind: string; readonly number: string }[];
  readonly fields: Readonly<Record<string, string>>;
  /** Campaigns of the agent's groups on whose lists they stand. */
  readonly campaignIds: readonly string[];
}

/** What was said about a person, newest first. */
export interface PastEntry {
  readonly at: number;
  readonly kind: "attempt" | "disposition" | "note" | "suppressed" | "message" | "wrote";
  readonly text: string;
}

/** What an agent does not see of people, and so does not find them by: by its beginnings it could be found out letter by letter. */
export interface Unseen {
  /** Names of fields. */
  readonly fields: readonly string[];
  /** Numbers and mailboxes, whichever field they stand in. */
  readonly numbers: boolean;
  readonly mailboxes: boolean;
}

/** What agents may see and write of people: only of those on the lists of their groups' campaigns. */
export interface AgentContacts {
  /** By client id or number (E.164), else by the beginning of any field that the agent may see; at most `limit`. @throws Fault `search-too-wide` */
  search(agentId: string, text: string, limit: number, unseen: Unseen): Promise<readonly KnownContact[]>;
  contact(agentId: string, contactId: string): Promise<KnownContact | undefined>;
  history(contactId: string, limit: number): Promise<readonly PastEntry[]>;
  /** Whoever is on the line is shown to the agent who talks to them, whatever lists they are on. Undefined when they are on none. */
  person(contactId: string): Promise<Omit<KnownContact, "campaignIds"> | undefined>;
  /** Whom the agent talked to in this attempt; undefined when they did not, or it was nobody of a campaign's list. */
  spokenTo(agentId: string, attemptId: string): Promise<{ readonly contactId: string; readonly campaignId: string } | undefined>;
  /** Undefined when there is none. */
  campaignName(campaignId: string): Promise<string | undefined>;
  /** Whether the person can be written to, for a campaign: they have an address for it, and have not opted out. */
  reach(contactId: string, campaignId: string, channel: MessageChannel): Promise<"reachable" | "no-address" | "suppressed">;
  note(contactId: string, agentId: string, text: string): Promise<void>;
  /** Writes it, and treats the person accordingly. With a callback: the agent has it, and it is done with this. @throws Fault `callback-state` */
  say(said: SaidDisposition, treatment: DispositionTreatment): Promise<void>;
  /**
   * The person wants no more calls (or messages): a suppression is written, what waits for them is withdrawn, what rings is taken back, their callbacks are canceled.
   * @param agentId who was told
   * @param campaignId only of this campaign; undefined: of all
   * @param at epoch ms
   */
  optOut(agentId: string, contactId: string, campaignId: string | undefined, reason: string, at: number): Promise<void>;
}
