import type { PhoneNumber } from "../kernel/phone.ts";

/** A number of ours that may be called, as an administrator makes it. */
export interface NewNumber {
  readonly number: PhoneNumber;
  readonly name: string;
  /** Id of the campaign whose callers these are, when nothing better is known of the caller. */
  readonly campaignId?: string;
  /** Name of the script that runs, instead of the campaign's inbound script. */
  readonly script?: string;
  /** What is said when there is no script to be run. */
  readonly message?: string;
}

/** The same with what it is called elsewhere. */
export interface OwnNumber extends NewNumber {
  /** Name of the campaign. */
  readonly campaign?: string;
  /** Epoch ms. */
  readonly createdAt: number;
}

/** A change; null takes something away. */
export interface NumberChange {
  readonly name?: string;
  readonly campaignId?: string | null;
  readonly script?: string | null;
  readonly message?: string | null;
}

/** The numbers of ours that may be called. */
export interface NumberBook {
  /** At most `limit`, in ascending order, all after `after`. */
  list(limit: number, after?: string): Promise<readonly OwnNumber[]>;
  find(number: string): Promise<OwnNumber | undefined>;
  /** @throws Fault `number-exists`, `number-invalid` when its campaign or script does not exist */
  create(number: NewNumber): Promise<OwnNumber>;
  /** @returns undefined when there is no such number. @throws Fault `number-invalid` */
  change(number: string, change: NumberChange): Promise<OwnNumber | undefined>;
  /** @returns whether there was one */
  remove(number: string): Promise<boolean>;
  /** What a campaign does about those who call; undefined when there is no such campaign. */
  callersOf(campaignId: string): Promise<CampaignCallers | undefined>;
  /**
   * Who is taken for a caller of the campaign hears this script from now on, unless the number has its own; undefined: the message.
   * @returns undefined when there is no such campaign. @throws Fault `number-invalid` when there is no such script
   */
  answerWith(campaignId: string, script: string | undefined): Promise<CampaignCallers | undefined>;
}

/** What a campaign does about those who call, and what came of it. */
export interface CampaignCallers {
  readonly script?: string;
  /** Its own numbers. */
  readonly numbers: readonly string[];
  /** Calls that are over, by result. */
  readonly results: Readonly<Record<string, number>>;
  readonly onTheLine: number;
}

/** Who calls, and what is to be done. */
export interface InboundMatch {
  /** The campaign whose caller it is. */
  readonly campaign?: { readonly id: string; readonly name: string; readonly trunk: string };
  /** The contact, when the caller is one. */
  readonly contactId?: string;
  readonly addressId?: string;
  /** Of the contact, with `time_zone` when it is known; of somebody unknown each column of the campaign's list, empty. */
  readonly fields: Readonly<Record<string, string>>;
  readonly scriptVersionId?: string;
  readonly message?: string;
}

/** A call from outside that is about to be answered. */
export interface NewInbound {
  readonly at: number;
  readonly called: PhoneNumber;
  /** Undefined when the caller hides. */
  readonly caller: PhoneNumber | undefined;
  readonly match: InboundMatch;
  readonly legIds: {
    readonly callId: string;
    readonly dialogId: string;
    readonly transactionId: string;
    readonly mediaServer?: string;
    readonly endpointId?: string;
  };
}

/** What is known of callers, and the record of their calls. */
export interface InboundLog {
  /**
   * Whom the caller is taken for: the contact and campaign of the last attempt on that number among the campaigns that own or show the number
   * called; else the contact with that number on the list of its campaign.
   * @param pools names of the caller id pools that have the number called
   * @returns undefined when the number called is none of ours
   */
  match(called: PhoneNumber, caller: PhoneNumber | undefined, pools: readonly string[]): Promise<InboundMatch | undefined>;
  /** Commits the attempt, before the call is answered, so that somebody else can end it. @returns its id. @throws Fault `node-unregistered` when this process's name is taken */
  open(call: NewInbound): Promise<string>;
}
