import { pick, type Random } from "../kernel/random.ts";

/* Who is who in the demo: what each of the list does with a text, a call and a mail. Written for a list of a hundred people. */

/** Says who it is, and goes through the payment reminder to this key of its second question. */
const chooses = (key: string) =>
  `does:ring 1..3s then say 1s then hear 1s then press 1 then wait 1s then hear 1..2s then press ${key} then wait 1s then hear 500ms then press 1`;
const pays = chooses("1");
/** Is connected with an agent, and talks. */
const talks = "does:ring 1..2s then speak then meet then wait 2..4s then hang up";
/** Waits until the agent has understood and hangs up. */
const complains = "does:ring 1..2s then speak then meet then stay";

/** Of the words of docs/sms.md: that which covers every channel. */
export const stopWord = "STOP ALL";

export interface Role {
  readonly name: string;
  readonly count: number;
  /** With texts: personas of the lab's SMSC, the first for the first text. */
  readonly texts?: readonly string[];
  /** With calls: personas of the lab's carrier, the first for the first call. */
  readonly calls?: readonly string[];
  /** With a mail. */
  readonly mail?: string;
  /** Pays by themselves, a moment after the text: the bank says so. */
  readonly paysAfterText?: true;
  /** Tells the agent to be left alone. */
  readonly tellsAgent?: true;
  /** It is night where they live. */
  readonly asleep?: true;
}

export const roles: readonly Role[] = [
  { name: "asleep", count: 5, calls: [pays], asleep: true },
  { name: "pays after the text", count: 16, calls: [pays], paysAfterText: true },
  { name: `answers ${stopWord}`, count: 6, texts: [`says:${stopWord}`, "delivered"], calls: [pays] },
  { name: "cannot be texted", count: 4, texts: ["undeliverable"], calls: [pays] },
  { name: "presses 9", count: 7, calls: ["opt-out"] },
  { name: "wants a payment link", count: 5, calls: [chooses("2")] },
  { name: "wants an agent", count: 4, calls: [chooses("3")] },
  { name: "hangs up", count: 3, calls: ["hangs-up"] },
  { name: "has a machine, talks later", count: 6, calls: ["voicemail-short-beep", talks] },
  { name: "has a machine, unsubscribes", count: 3, calls: ["voicemail-short-beep", talks], mail: "unsubscribes" },
  { name: "has a machine, tells the agent", count: 3, calls: ["voicemail-short-beep", complains], tellsAgent: true },
  { name: "is busy", count: 5, calls: ["busy", pays] },
  { name: "is busy for long", count: 5, calls: ["busy", "busy", talks] },
  { name: "declines", count: 2, calls: ["declined"] },
  { name: "has another number by now", count: 2, calls: ["bad-number"] },
  { name: "has moved altogether", count: 1, texts: ["undeliverable"], calls: ["bad-number"], mail: "nobody" },
  { name: "does not pick up", count: 3, calls: ["no-answer"] },
];
/** Everybody else. */
const others: Role = { name: "pays on the telephone", count: 0, calls: [pays] };

export interface Person {
  readonly contactId: string;
  readonly clientId: string;
  readonly number: string;
  readonly mailbox: string | undefined;
}

/** A role for each of the people, by chance. A list shorter than a hundred has the first roles in proportion. */
export function deal(people: readonly Person[], random: Random): ReadonlyMap<Person, Role> {
  const share = Math.min(1, people.length / 100);
  const left = [...people];
  const dealt = new Map<Person, Role>();
  for (const role of roles) {
    for (let count = Math.ceil(role.count * share); count > 0 && left.length > 0; count -= 1) {
      const person = pick(random, left);
      left.splice(left.indexOf(person), 1);
      dealt.set(person, role);
    }
  }
  for (const person of left) dealt.set(person, others);
  return dealt;
}

/** Round the world: at any moment it is early in the afternoon in one of them, and deep in the night in another. */
const zones = [
  ...["Pacific/Auckland", "Australia/Brisbane", "Asia/Tokyo", "Asia/Singapore", "Asia/Kolkata", "Asia/Dubai", "Africa/Nairobi"],
  ...["Europe/Berlin", "Europe/London", "America/Sao_Paulo", "America/New_York", "America/Denver", "America/Los_Angeles", "Pacific/Honolulu"],
];

/** Hours and minutes of a zone, and its minute of the day. @param at epoch ms */
export function localTime(at: number, zone: string): { readonly text: string; readonly minute: number } {
  const text = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
  const [hours = 0, minutes = 0] = text.split(":").map(Number);
  return { text, minute: hours * 60 + minutes };
}

/** The zone in which the time of day is nearest to an hour. @param at epoch ms */
export function zoneNear(at: number, hour: number): string {
  const off = (zone: string) => {
    const minutes = Math.abs(localTime(at, zone).minute - hour * 60);
    return Math.min(minutes, 1440 - minutes);
  };
  return zones.reduce((nearest, zone) => (off(zone) < off(nearest) ? zone : nearest));
}
