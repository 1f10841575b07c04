import type { ChannelName } from "../../src/attempt/result.ts";
import type { Retries } from "../../src/attempt/treatment.ts";
import type { NewCap } from "../../src/compliance/frequency.ts";
import type { Address, NewContact } from "../../src/contact/contact.ts";
import { isMailbox } from "../../src/kernel/mailbox.ts";
import { isPhoneNumber } from "../../src/kernel/phone.ts";
import { intBetween, pick, type Random } from "../../src/kernel/random.ts";
import type { CallingWindow } from "../../src/strategy/campaign.ts";
import { drawStrategy } from "./draw-strategy.ts";
import { areaCodes } from "./law.ts";
import { wallClock } from "./time.ts";

/* What a run is about, drawn from its seed: people on lists, and the campaigns that contact them. */

export interface Wanted {
  /** People of each list; some stand on both, by client id or by an address. */
  readonly lists: readonly (readonly NewContact[])[];
  readonly campaigns: readonly WantedCampaign[];
  readonly strategies: readonly WantedStrategy[];
  /** Frequency caps of the account. */
  readonly caps: readonly NewCap[];
  /** Whether the hours of the law are kept, too. */
  readonly law: boolean;
  readonly startAt: number;
  /** Whether clocks are set back now and then. */
  readonly setBack: boolean;
  readonly nodes: number;
}

export interface WantedStrategy {
  readonly document: string;
  /** Place of its list. */
  readonly list: number;
}

export interface WantedCampaign {
  readonly channel: ChannelName;
  /** Place of its list. */
  readonly list: number;
  readonly window: CallingWindow;
  readonly defaultTimeZone: string;
  readonly retries: Retries;
  readonly maxLines: number;
}

export const zones = [
  "America/New_York",
  "America/Chicago",
  "America/Los_Angeles",
  "America/Phoenix",
  "America/St_Johns",
  "Pacific/Honolulu",
  "Europe/Berlin",
  "Europe/London",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
  "Pacific/Apia",
] as const;

/** Some hours before clocks change somewhere: in North America, in Europe, on Lord Howe Island (by half an hour), and on an ordinary day. */
export const starts = [
  Date.UTC(2026, 2, 7, 22),
  Date.UTC(2026, 10, 1, 0),
  Date.UTC(2026, 2, 28, 18),
  Date.UTC(2026, 9, 24, 20),
  Date.UTC(2026, 3, 4, 10),
  Date.UTC(2026, 9, 3, 10),
  Date.UTC(2026, 5, 17, 9),
];

const retriable: Readonly<Record<ChannelName, readonly (keyof Retries)[]>> = {
  voice: ["no-answer", "busy", "machine", "congestion"],
  sms: ["undelivered", "congestion"],
  email: ["congestion", "carrier-fault"],
};

/**
 * @param run no two runs may share numbers, since opt-outs outlive them
 * @param whole whether strategies, caps and the hours of the law are drawn, too
 */
export function drawWanted(random: Random, run: number, people: number, whole: boolean): Wanted {
  const shared = intBetween(random, 0, 10);
  const law = whole && random.next() < 0.3;
  const codes = law ? areaCodes : undefined;
  const placed = (person: NewContact, place: number): NewContact => ({ ...person, fields: { place: String(place) } });
  const first = Array.from({ length: Math.ceil(people * 0.6) }, (_, at) => placed(drawPerson(random, run, at, codes), at));
  const second = Array.from({ length: people - first.length }, (_, at) => {
    const person = placed(drawPerson(random, run, 1000 + at, codes), at);
    const known = at < shared ? first[at] : undefined;
    if (!known) return person;
    if (known.clientId !== undefined && random.next() < 0.5) return { ...person, clientId: known.clientId };
    return { ...person, addresses: known.addresses };
  });
  const withStrategy = whole && random.next() < 0.5;
  const wantedStrategies = withStrategy ? [{ document: drawStrategy(random, `run-${run}`), list: intBetween(random, 0, 1) }] : [];
  const campaigns = Array.from({ length: withStrategy ? intBetween(random, 0, 1) : intBetween(random, 1, 3) }, (): WantedCampaign => {
    const channel = pick(random, ["voice", "voice", "sms", "sms", "email"] as const);
    const startMinute = intBetween(random, 0, 1320);
    const retries = retriable[channel].filter(() => random.next() < 0.6).map((result) => [result, drawRetry(random)] as const);
    return {
      channel,
      list: intBetween(random, 0, 1),
      window: {
        startMinute,
        endMinute: intBetween(random, startMinute + 30, 1440),
        weekdays: random.next() < 0.6 ? [1, 2, 3, 4, 5, 6, 7] : [1, 2, 3, 4, 5, 6, 7].filter((day) => day === 6 || random.next() < 0.6),
      },
      defaultTimeZone: pick(random, zones),
      retries: Object.fromEntries(retries),
      maxLines: random.next() < 0.3 ? intBetween(random, 3, 12) : 1000,
    };
  });
  const startAt = pick(random, starts) + intBetween(random, 0, 12 * 60) * 60_000;
  const caps =
    whole && random.next() < 0.4 ? Array.from({ length: intBetween(random, 1, 2) }, (_, at) => drawCap(random, `run ${run} cap ${at}`)) : [];
  const setBack = random.next() < 0.2;
  return { lists: [first, second], campaigns, strategies: wantedStrategies, caps, law, startAt, setBack, nodes: intBetween(random, 1, 3) };
}

function drawCap(random: Random, name: string): NewCap {
  const channel = pick(random, ["any", "any", "voice", "sms"] as const);
  const per = pick(random, ["person", "address"] as const);
  return {
    name,
    kind: "cap",
    per,
    most: intBetween(random, 1, 3),
    windowS: pick(random, [3600, 86_400, 7 * 86_400]),
    ...(channel !== "any" && { channel }),
  };
}

function drawRetry(random: Random) {
  return { afterS: pick(random, [60, 600, 3600, 26 * 3600]), atMost: intBetween(random, 1, 3) };
}

/** @param codes area codes; without any the numbers are nobody's */
function drawPerson(random: Random, run: number, at: number, codes: readonly string[] | undefined): NewContact {
  const code = codes && pick(random, codes);
  const number = (line: number): Address => {
    const own = run * 4000 + at * 3 + line;
    // An area code has numbers for so many runs.
    if (own >= 8_000_000) throw new RangeError(`run ${run} has no numbers of its own`);
    const text = code === undefined ? `+1${2_000_000_000 + own}` : `+1${code}${2_000_000 + own}`;
    if (!isPhoneNumber(text)) throw new RangeError(text);
    return { kind: pick(random, ["mobile", "mobile", "landline", "unknown"] as const), number: text };
  };
  const text = `p${run}-${at}@example.com`;
  if (!isMailbox(text)) throw new RangeError(text);
  const numbers = Array.from({ length: intBetween(random, 0, 2) }, (_, line) => number(line));
  const addresses: Address[] = numbers.length === 0 || random.next() < 0.7 ? [...numbers, { kind: "email", mailbox: text }] : numbers;
  const zone = random.next() < 0.02 ? "Mars/Olympus" : random.next() < 0.85 ? pick(random, zones) : undefined;
  return {
    ...(random.next() < 0.8 && { clientId: `r${run}-${at}` }),
    ...(zone !== undefined && { timeZone: zone }),
    addresses,
    fields: {},
  };
}

/** Whether somebody may be contacted by the wall clock; undefined where nobody knows what it shows. */
export function isOpen(at: number, zone: string, { startMinute, endMinute, weekdays }: CallingWindow): boolean | undefined {
  try {
    const { weekday, minute } = wallClock(at, zone);
    return weekdays.includes(weekday) && minute >= startMinute && minute < endMinute;
  } catch {
    return undefined;
  }
}
