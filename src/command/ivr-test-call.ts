import { readFile } from "node:fs/promises";
import { systemClock } from "../adapter/system/clock.ts";
import { Turns } from "../adapter/tts/turns.ts";
import type { Effect } from "../attempt/ports.ts";
import type { CaseEvent } from "../ivr/case.ts";
import { disagreements } from "../ivr/case-agree.ts";
import { describe, type Seen, spoken, unheard } from "../ivr/case-walk.ts";
import { goodbyeIn } from "../ivr/goodbye.ts";
import { primary } from "../ivr/language.ts";
import type { Caller, PromptFile, PromptStore } from "../ivr/ports.ts";
import type { WalkedCase } from "../ivr/run-cases.ts";
import type { Script } from "../ivr/script.ts";
import { preparePrompts, runScript, type ScriptEnd } from "../ivr/session.ts";
import { toFault } from "../kernel/fault.ts";
import { findSound } from "../lab/carrier/match.ts";
import type { Persona } from "../lab/carrier/persona.ts";
import { encode } from "../lab/media/g711.ts";
import { Ticker } from "../lab/media/ticker.ts";
import { readWav } from "../lab/media/wav.ts";
import { PatientTime } from "../lab/patient-time.ts";
import { mediaFor, placeLoneCall } from "../start/script-call.ts";
import { transferOver } from "../voice/transfer-session.ts";
import { openTries, Trunks } from "../voice/trunk-engine.ts";
import { type CallLab, type CallLabOptions, openCallLab } from "./ivr-call-lab.ts";
import { notePrompts } from "./ivr-call-prompts.ts";
import { Director, type Played, type TransferPeer } from "./ivr-test-director.ts";
import { Directions } from "./ivr-test-party.ts";
import { openTestWebhooks } from "./ivr-test-webhooks.ts";

/** A case to be called, of a script that may have others. */
export interface CallCase extends WalkedCase {
  readonly script: Script;
}

/** What came of a call: what was wrong with it, a line each. Undefined for a case that could not be followed even without a telephone. */
export type CalledCase = readonly string[] | undefined;

export interface CallCasesOptions extends Pick<CallLabOptions, "prompts" | "sounds" | "seed"> {
  readonly onProgress?: (text: string) => void;
  /** Is given what the reader of the results should know. */
  readonly onNote?: (text: string) => void;
}

/** Calls at once: both sides of each are played and heard in this process. */
const mostAtOnce = 100;
/** Nobody listens: everything goes so much faster than life, at the same length of every prompt, key and pause. */
const speed = 2;
const callerId = "+15550100000";
/** Calls that are being set up at once: what all want at the same moment comes late for each. */
const mostStarting = 6;
/** How much of a prompt that was to be heard to its end must have been, and of one that was cut short. */
const shares = { whole: 0.95, begun: 0.01, perhaps: 0 } as const;

/** A case on its way: who is called, and who takes its transfers. */
interface Cast {
  readonly number: string;
  readonly person: Directions;
  readonly peers: readonly TransferPeer[];
  readonly unanswered: string;
  readonly personas: Readonly<Record<string, Persona>>;
}

/** Where the calls are, and the time there. */
interface Place {
  readonly lab: CallLab;
  readonly time: PatientTime;
}

/**
 * Plays cases as real calls, SIP and RTP and HTTP, against the lab, and holds each against its walk.
 * @returns in the same order
 * @throws Fault when the lab cannot be started
 */
export async function callCases(cases: readonly CallCase[], { prompts, sounds, seed, ...tell }: CallCasesOptions): Promise<readonly CalledCase[]> {
  const casts = cases.map(({ one }, index) => castOf(index, one.events));
  const all: Readonly<Record<string, Persona>> = Object.assign({}, ...casts.map(({ personas }) => personas));
  // Everybody has a persona of their own, called as the number is.
  const numbers = Object.fromEntries(Object.keys(all).map((number) => [number, number]));
  const time = new PatientTime();
  const lab = await openTestLab(time, { prompts, ...(sounds && { sounds }), seed, personas: { seed, personas: all, numbers } });
  const ends: CalledCase[] = [];
  const starts = new Turns(mostStarting);
  let done = 0;
  const waiting = cases.keys();
  const work = async () => {
    for (const index of waiting) {
      const [one, cast] = [cases[index], casts[index]];
      if (!one || !cast) continue;
      ends[index] = one.walk.stuck === undefined ? await callOne({ lab, time }, one, cast, starts) : undefined;
      done++;
      tell.onProgress?.(`${done} of ${cases.length} calls are over`);
    }
  };
  try {
    for (const language of unspoken(lab, cases)) tell.onNote?.(`no voice speaks ${language}: it is read as if it were English (prompts.voices)`);
    // Everything is spoken before the calls: the machine has its hands free for the media then. What cannot be spoken its call says.
    for (const { one, script, walk } of cases) {
      if (walk.stuck !== undefined) continue;
      const store = testPrompts(lab, new Map());
      await preparePrompts(script, one.contact, store, [one.verdict]).catch(() => {});
      await store.ensure(walk.prompts).catch(() => {});
    }
    await Promise.all(Array.from({ length: mostAtOnce }, work));
    return ends;
  } finally {
    for (const { person, peers } of casts) for (const { directions } of [{ directions: person }, ...peers]) directions.end();
    await lab.close();
    time.close();
  }
}

/** Everything of a call goes by one time that waits for this process: how busy the machine is must not change how a call goes. */
async function openTestLab(time: PatientTime, options: Pick<CallLabOptions, "prompts" | "sounds" | "seed" | "personas">): Promise<CallLab> {
  const startsAt = systemClock.now();
  const far = { clock: time.clock(startsAt, speed), ticker: new Ticker(time.beat(speed)) };
  try {
    return await openCallLab({ ...options, clock: time.clock(startsAt), far });
  } catch (error) {
    time.close();
    throw error;
  }
}

function castOf(index: number, events: readonly CaseEvent[]): Cast {
  const person = new Directions();
  const numberOf = (place: number) => `+1990${String(index).padStart(5, "0")}${String(place).padStart(2, "0")}`;
  const personas: Record<string, Persona> = { [numberOf(0)]: directed(person) };
  // Somebody who hangs up while it rings is one more whom nobody answers.
  const transfers = events.filter(({ kind }) => kind === "transfer" || kind === "queue" || kind === "hang-up");
  const peers = transfers.map((event, at): TransferPeer => {
    const directions = new Directions();
    const number = numberOf(at + 1);
    const answers = event.kind === "transfer" || event.kind === "queue";
    personas[number] = answers ? peerFor(event.end, directions) : { ...ringing, ending: { kind: "ring-on" } };
    return { number, directions };
  });
  const unanswered = numberOf(transfers.length + 1);
  personas[unanswered] = { ...ringing, ending: { kind: "ring-on" } };
  return { number: numberOf(0), person, peers, unanswered, personas };
}

const ringing = { about: "as a test says", ringing: { status: 180, forMs: [300, 300] } } as const;

function directed(acts: Directions): Persona {
  return { ...ringing, ending: { kind: "answer", acts } };
}

function peerFor(end: Extract<CaseEvent, { kind: "transfer" | "queue" }>["end"], acts: Directions): Persona {
  switch (end) {
    case "talked":
      return directed(acts);
    case "busy":
      return { ...ringing, ending: { kind: "reject", status: 486, q850: 17 } };
    case "failed":
      return { ...ringing, ending: { kind: "reject", status: 503, q850: 34 } };
    default:
      // A carrier that gives up ringing: user alerted, no answer (ITU-T Q.850).
      return { ...ringing, ending: { kind: "reject", status: 480, q850: 19 } };
  }
}

async function callOne(
  { lab, time }: Place,
  { one, walk, script }: CallCase,
  { number, person, peers, unanswered }: Cast,
  starts: Turns,
): Promise<readonly string[]> {
  const attemptId = `test-${number.slice(1)}`;
  const path: string[] = [];
  const effects: Effect[] = [];
  const texts = new Map<string, string>();
  const store = testPrompts(lab, texts);
  const names = [...script.steps.values()].flatMap((step) => (step.verb === "webhook" ? [step.name] : []));
  const webhooks = await openTestWebhooks([...new Set(names)], lab.parts.clock);
  let director: Director | undefined;
  const started = Promise.withResolvers<void>();
  try {
    const prompts = await preparePrompts(script, one.contact, store, [one.verdict]);
    const makeRoom = async () => lab.parts.pool.recycle(await mediaFor(lab.parts), false);
    const talk = (line: Caller): Promise<ScriptEnd> => {
      started.resolve();
      director = new Director({ line, events: one.events, step: () => path.at(-1) ?? "", person, webhooks, peers, unanswered, makeRoom });
      return runScript({
        script,
        attemptId,
        fields: one.contact,
        prompts,
        store,
        caller: director,
        webhooks: director.webhooks,
        groups: groupsOf(script),
        clock: time.clock(one.at ?? systemClock.now(), speed),
        startAt: one.verdict,
        sink: {
          step: (step) => void path.push(step),
          effect: async (more) => void effects.push(...more),
        },
      });
    };
    const trunk = trunkOf(lab);
    const headers = { "X-Carillon-Attempt": attemptId };
    const line = { ...lab.parts, signalling: () => lab.parts.signalling, callerId, headers: { "X-Carillon-Attempt": `${attemptId};transfer` } };
    const note = async (peer: "dialling" | "dialled" | "connected") => {
      if (peer === "connected") director?.connected();
    };
    const ways = new Trunks([trunk], [], systemClock).find(trunk.name);
    const transfer = transferOver({ ...line, open: (suits) => ways && openTries(ways, suits), note });
    const uri = `sip:${number}@${trunk.host}:${trunk.port};transport=udp`;
    await new Promise<void>((begin) => {
      const begun = () => {
        begin();
        return started.promise;
      };
      starts.take(begun, false);
    });
    const end = await placeLoneCall(lab.parts, { uri, from: `sip:${callerId}@${trunk.host}`, ringTimeoutMs: 20_000, headers, transfer, talk });
    if (!end.answered) return [`the call was not answered: ${end.failure.status} ${end.failure.phrase}`];
    if (!director) return ["the call had no script"];
    const seen = seenOf(script, end.talked, path, effects, director, texts);
    const left = director.stuck ?? restOf(director.left);
    return [...(left === undefined ? [] : [left]), ...disagreements(walk, seen), ...(await unheardOf(lab, attemptId, director.played, texts))];
  } catch (error) {
    return [`the call failed: ${toFault(error, "call-failed").message}`];
  } finally {
    started.resolve();
    person.end();
    await webhooks.close();
  }
}

function trunkOf({ lab }: CallLab) {
  const { host, sipPort: port } = lab.addresses.carrier;
  const open = { callerIdPrefixes: [], destinationPrefixes: [], numberFormat: "e164" } as const;
  return { name: "lab", host, port, transport: "udp", maxCps: 1000, maxChannels: 1000, ...open } as const;
}

/** The groups a script names, each with somebody in it; the director sends the call to whomever the test means. */
function groupsOf(script: Script): ReadonlyMap<string, readonly string[]> {
  const named = [...script.steps.values()].flatMap((step) => (step.verb === "transfer" && "group" in step.target ? [step.target.group] : []));
  return new Map(named.map((name) => [name, [callerId]]));
}

/** The languages of these scripts that no voice speaks. */
function unspoken(lab: CallLab, cases: readonly CallCase[]): ReadonlySet<string> {
  return new Set(cases.flatMap(({ script }) => script.languages).filter((language) => !speaks(lab, language)));
}

function speaks({ languages }: CallLab, language: string): boolean {
  return languages.includes("*") || languages.includes(primary(language.toLowerCase()));
}

/** A test is of what is said when, not of how it sounds: a language that no voice speaks is left to the English one. */
function testPrompts(lab: CallLab, texts: Map<string, string>): PromptStore {
  return notePrompts(lab.prompts, texts, (ref) => ("say" in ref && !speaks(lab, ref.language) ? { ...ref, language: "en-US" } : ref));
}

function seenOf(
  script: Script,
  end: ScriptEnd,
  path: readonly string[],
  effects: readonly Effect[],
  director: Director,
  texts: ReadonlyMap<string, string>,
): Seen {
  // What the machine says by itself is nothing the script says.
  const goodbyes = new Set(["en-US", ...script.languages].map((language) => spoken(goodbyeIn(language))));
  const answers = Object.entries(end.answers).map(([name, answer]) => [
    name,
    director.recordings.has(answer.value) ? { ...answer, value: unheard } : answer,
  ]);
  const heard = director.played.map(({ file }) => texts.get(file.path) ?? file.path).filter((text) => !goodbyes.has(text));
  return { path, heard, effects, answers: Object.fromEntries(answers), end: end.end, outcome: end.outcome };
}

function restOf([event]: readonly CaseEvent[]): string | undefined {
  return event && `the call is over, and ${describe(event)} is still to happen`;
}

/** Prompts of which the person's telephone did not get what it should have. */
async function unheardOf({ lab }: CallLab, attemptId: string, played: readonly Played[], texts: ReadonlyMap<string, string>): Promise<string[]> {
  const [record] = lab.carrier.books.callsOf(attemptId);
  if (!record) return ["the carrier knows nothing of the call"];
  const needed = new Map<string, { readonly file: PromptFile; readonly share: number }>();
  for (const { file, heard } of played) {
    if (shares[heard] > (needed.get(file.path)?.share ?? 0)) needed.set(file.path, { file, share: shares[heard] });
  }
  const faults: string[] = [];
  for (const { file, share } of needed.values()) {
    const pcm = readWav(await readFile(file.path));
    // A pure tone looks the same everywhere, and is not found even in itself.
    if (!findSound(encode("PCMU", pcm), "PCMU", pcm).complete) continue;
    const { fraction } = lab.carrier.books.heard(record, pcm);
    if (fraction < share) faults.push(`heard: ${Math.floor(100 * fraction)} % of “${texts.get(file.path) ?? file.path}” came over the line`);
  }
  return faults;
}
