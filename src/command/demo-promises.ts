import type { CallSummary } from "../lab/carrier/call-record.ts";
import type { ToldAgent } from "./demo-agents.ts";
import type { MailBooksView, SmsBooksView } from "./demo-books.ts";
import { localTime, type Person, type Role, stopWord } from "./demo-cast.ts";

/* The four promises, judged by the far side's books alone. */

export interface PromiseFacts {
  readonly people: ReadonlyMap<Person, Role>;
  readonly calls: readonly CallSummary[];
  readonly texts: SmsBooksView;
  readonly mails: MailBooksView;
  readonly told: readonly ToldAgent[];
  /** Where each of the two kinds of people lives. */
  readonly zones: { readonly awake: string; readonly asleep: string };
  /** What whoever wrote STOP gets once more. */
  readonly stopAnswer: string;
}

export interface Promised {
  readonly what: string;
  readonly broken: readonly string[];
  /** Out of what. */
  readonly of: string;
}

type Channel = "call" | "text" | "mail";

interface Contacted {
  readonly channel: Channel;
  readonly address: string;
  readonly at: number;
}

interface OptOut {
  readonly how: typeof stopWord | "key" | "link" | "agent";
  readonly person: Person;
  readonly at: number;
  readonly channels: readonly Channel[];
}

/** Between a word on the far side's wire and its being kept here. */
const keptWithinMs = 2000;
/** Whoever is gone sooner need not have heard anything. */
const owedAfterMs = 2500;
const [opensMinute, closesMinute] = [8 * 60, 20 * 60];

export function promises(facts: PromiseFacts): readonly Promised[] {
  const byAddress = new Map<string, Person>();
  for (const person of facts.people.keys())
    for (const address of [person.number, person.mailbox]) if (address !== undefined) byAddress.set(address, person);
  const contacted = contactedBy(facts).filter(({ address }) => byAddress.has(address));
  const counts = (["text", "call", "mail"] as const).map((channel) => `${contacted.filter((one) => one.channel === channel).length} ${channel}s`);
  const optOuts = optOutsOf(facts, byAddress);
  const ways = [...Map.groupBy(optOuts, ({ how }) => how)].map(([how, own]) => `${own.length} by ${how}`);
  const answered = facts.calls.filter(({ answeredAtMs }) => answeredAtMs !== null);
  const asleep = [...facts.people].filter(([, { asleep }]) => asleep).length;
  return [
    { what: "called or written to twice by mistake", broken: twice(facts), of: `of ${counts.join(", ")}` },
    {
      what: "contacted after opting out",
      broken: after(optOuts, contacted, byAddress),
      of: `of ${optOuts.length} who opted out: ${ways.join(", ")}`,
    },
    {
      what: "contacted outside 8:00 to 20:00 on their own clock",
      broken: outside(facts, contacted, byAddress),
      of: `${asleep} people in ${facts.zones.asleep} wait for their morning`,
    },
    { what: "left in silence", broken: silent(answered), of: `of ${answered.length} calls that were answered` },
  ];
}

function contactedBy({ calls, texts, mails, stopAnswer }: PromiseFacts): readonly Contacted[] {
  return [
    ...calls.map(({ called, invitedAtMs }) => ({ channel: "call" as const, address: called, at: invitedAtMs })),
    ...texts.submits
      .filter(({ id, text }) => id !== "" && text !== stopAnswer)
      .map(({ to, at }) => ({ channel: "text" as const, address: `+${to}`, at })),
    ...mails.mails.filter(({ taken }) => taken).flatMap(({ to, atMs }) => to.map((address) => ({ channel: "mail" as const, address, at: atMs }))),
  ];
}

/** Nobody on two calls at once, no text and no mail submitted twice; that there is one call for each attempt is compared besides. */
function twice({ calls, texts, mails }: PromiseFacts): readonly string[] {
  const broken: string[] = [];
  for (const [called, own] of Map.groupBy(calls, (call) => call.called)) {
    const inOrder = own.filter(({ attempt }) => !attempt?.endsWith(";transfer")).toSorted((a, b) => a.invitedAtMs - b.invitedAtMs);
    for (const [at, call] of inOrder.entries()) {
      const next = inOrder[at + 1];
      if (next && next.invitedAtMs < (call.endedAtMs ?? Number.POSITIVE_INFINITY)) broken.push(`${called} was called twice at once`);
    }
  }
  const references = texts.submits.filter(({ id }) => id !== "").map(({ reference, part }) => `text ${reference} part ${part?.number ?? 1}`);
  const ids = mails.mails.filter(({ taken }) => taken).map(({ messageId }) => `mail ${messageId}`);
  const seen = new Set<string>();
  for (const one of [...references, ...ids]) {
    if (seen.has(one)) broken.push(`${one} was submitted twice`);
    seen.add(one);
  }
  return broken;
}

function optOutsOf({ people, calls, texts, mails, told }: PromiseFacts, byAddress: ReadonlyMap<string, Person>): readonly OptOut[] {
  const found = (address: string, rest: Omit<OptOut, "person">): readonly OptOut[] => {
    const person = byAddress.get(address);
    return person ? [{ person, ...rest }] : [];
  };
  const everything = ["call", "text", "mail"] as const;
  return [
    ...texts.delivers
      .filter(
        ({ kind, status, from }) =>
          kind === "message" && status === 0 && roleOf(people, byAddress.get(`+${from}`))?.texts?.[0] === `says:${stopWord}`,
      )
      .flatMap(({ from, at }) => found(`+${from}`, { how: stopWord, at, channels: everything })),
    // In the payment reminder 9 ends calls.
    ...calls
      .filter(({ digitsSent }) => digitsSent === "9")
      .flatMap(({ called, endedAtMs }) => found(called, { how: "key", at: endedAtMs ?? Number.POSITIVE_INFINITY, channels: ["call"] })),
    ...mails.answers
      .filter(({ kind, reply }) => kind === "one-click" && reply === "200")
      .flatMap(({ to, atMs }) => found(to, { how: "link", at: atMs, channels: ["mail"] })),
    ...told.flatMap(({ number, at }) => found(number, { how: "agent", at, channels: everything })),
  ];
}

function roleOf(people: ReadonlyMap<Person, Role>, person: Person | undefined): Role | undefined {
  return person && people.get(person);
}

function after(optOuts: readonly OptOut[], contacted: readonly Contacted[], byAddress: ReadonlyMap<string, Person>): readonly string[] {
  return optOuts.flatMap(({ how, person, at, channels }) =>
    contacted
      .filter((one) => byAddress.get(one.address) === person && channels.includes(one.channel) && one.at > at + keptWithinMs)
      .map((one) => `${one.address} had a ${one.channel} ${one.at - at} ms after opting out by ${how}`),
  );
}

function outside({ people, zones }: PromiseFacts, contacted: readonly Contacted[], byAddress: ReadonlyMap<string, Person>): readonly string[] {
  return contacted.flatMap(({ channel, address, at }) => {
    const zone = roleOf(people, byAddress.get(address))?.asleep ? zones.asleep : zones.awake;
    const { minute, text } = localTime(at, zone);
    return minute >= opensMinute && minute < closesMinute ? [] : [`${address} had a ${channel} at ${text} (${zone})`];
  });
}

/** Whoever answers and stays hears something: the script, a message, an agent. */
function silent(answered: readonly CallSummary[]): readonly string[] {
  return answered
    .filter(
      ({ answeredAtMs, endedAtMs, audio }) => (endedAtMs ?? Number.POSITIVE_INFINITY) - (answeredAtMs ?? 0) > owedAfterMs && audio.soundMs === 0,
    )
    .map(({ called }) => `${called} answered, and heard nothing`);
}
