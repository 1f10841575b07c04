import { callerScript } from "./caller-script.ts";
import type { Act, Persona, Ringing, Utterance } from "./persona.ts";

const hello: Act = { do: "say", what: { speechMs: [600, 1200] } };
const hears: Act = { do: "hear-prompt" };
const stay: Act = { do: "stay" };
const hangUp: Act = { do: "hang-up" };
const ring: Ringing = { status: 180, forMs: [1000, 4000] };
const ringback = "tone_stream://v=-16;%(2000,4000,440,480)";
/** ITU-T E.180 supplement 2, North America. */
const busyTone = "tone_stream://v=-16;%(500,500,480,620)";
/** Reorder-type special information tone: 985.2, 1370.6, 1776.7 Hz (ITU-T E.180 annex, Telcordia SR-2275). */
const sitTones = "tone_stream://v=-14;%(380,0,985.2);%(276,0,1370.6);%(380,600,1776.7)";
/** Called station's answer of a fax: 2100 Hz for 2.6–4 s (ITU-T T.30 §4.3.3.1). */
const cedTone = "tone_stream://v=-11;%(3000,500,2100)";
const beep = "tone_stream://v=-12;%(400,200,1000)";

function answers(about: string, acts: readonly Act[], ringing: Ringing = ring): Persona {
  return { about, ringing, ending: { kind: "answer", acts } };
}

function refuses(about: string, status: number, q850?: number, ringing: Ringing = { forMs: [100, 400] }): Persona {
  return { about, ringing, ending: { kind: "reject", status, ...(q850 === undefined ? {} : { q850 }) } };
}

function tone(hz: number, ms: number, level = -12): string {
  return `tone_stream://v=${level};%(${ms},200,${hz})`;
}

/** Says these, with pauses (ms) between them, and listens until ten seconds of silence. As in life: a detector's times are. */
function voicemail(about: string, says: readonly (Utterance | number)[]): Persona {
  const acts = says.map((part): Act => {
    if (typeof part === "number") return { do: "wait", forMs: [part, part], exact: true };
    return { do: "say", what: "speechMs" in part ? { ...part, exact: true } : part };
  });
  return answers(`voicemail: ${about}`, [...acts, hears, { do: "hear-out", silenceMs: 10_000 }, hangUp], { status: 180, forMs: [4000, 6000] });
}

/** The cast: every called party by name. `describe` in the lab's control lists them. */
export const cast = {
  person: answers("says hello, presses 1 or 2 into the prompt, then listens to the end", [
    hello,
    hears,
    { do: "wait", forMs: [800, 2500] },
    { do: "press", oneOf: ["1", "2"] },
    stay,
  ]),
  patient: answers("hears the prompt out before pressing 1", [hello, hears, { do: "hear-out", silenceMs: 400 }, { do: "press", oneOf: ["1"] }, stay]),
  hasty: answers("presses 1 as soon as a prompt is heard", [hears, { do: "press", oneOf: ["1"] }, stay]),
  listener: answers("says hello and only listens", [hello, stay]),
  mumbler: answers("presses a key that is not offered, then 1", [
    hello,
    hears,
    { do: "wait", forMs: [500, 1500] },
    { do: "press", oneOf: ["7"] },
    { do: "wait", forMs: [2500, 3500] },
    hears,
    { do: "press", oneOf: ["1"] },
    stay,
  ]),
  commenter: answers("hears the prompt and the beep out, then speaks for some seconds, as into a recording", [
    hello,
    { do: "listen", silenceMs: 1000 },
    { do: "say", what: { speechMs: [3000, 5000], exact: true } },
    stay,
  ]),
  "hangs-up": answers("hangs up in the middle of the prompt", [hello, hears, { do: "wait", forMs: [500, 1500] }, hangUp]),
  "hangs-up-at-once": answers("answers and hangs up before anything is said", [{ do: "wait", forMs: [50, 200] }, hangUp]),
  "opt-out": answers("presses 9 to be left alone", [hello, hears, { do: "wait", forMs: [800, 2000] }, { do: "press", oneOf: ["9"] }, stay]),
  silent: answers("answers and says nothing at all", [stay]),
  voicemail: answers(
    "greeting of some seconds, a beep, then records until ten seconds of silence",
    [
      { do: "say", what: { speechMs: [3500, 6000] } },
      { do: "wait", forMs: [200, 400] },
      { do: "say", what: { sound: beep } },
      hears,
      { do: "hear-out", silenceMs: 10_000 },
      hangUp,
    ],
    { status: 180, forMs: [4000, 6000] },
  ),
  "voicemail-short-beep": voicemail("a greeting and a beep of a sixth of a second", [{ speechMs: [4500, 5500] }, 250, { sound: tone(1400, 160) }]),
  "voicemail-late-beep": voicemail("a greeting, and a low beep more than a second after it", [
    { speechMs: [4500, 5500] },
    1400,
    { sound: tone(440, 900) },
  ]),
  "voicemail-no-beep": voicemail("a greeting and no beep", [{ speechMs: [5500, 6500] }]),
  "voicemail-pauses": voicemail("a greeting of two sentences, a soft beep", [
    { speechMs: [2500, 3000] },
    600,
    { speechMs: [2500, 3000] },
    300,
    { sound: tone(2000, 300, -18) },
  ]),
  "voicemail-beep-only": voicemail("a beep and no greeting", [800, { sound: tone(1000, 500) }]),
  business: answers("a receptionist who names the firm first, then listens", [{ do: "say", what: { speechMs: [2000, 2600], exact: true } }, stay]),
  fax: answers("a fax machine: 2100 Hz, then hangs up", [{ do: "say", what: { sound: cedTone } }, { do: "wait", forMs: [3000, 3000] }, hangUp]),
  agent: answers("a transfer target: answers and talks until the other side hangs up", [
    hello,
    { do: "keep-saying", what: { speechMs: [1500, 3000] }, pauseMs: [500, 1500] },
    stay,
  ]),
  clerk: answers("a transfer target who settles the matter in some seconds and hangs up", [
    hello,
    { do: "wait", forMs: [500, 1000] },
    { do: "say", what: { speechMs: [4000, 9000] } },
    { do: "wait", forMs: [500, 1000] },
    hangUp,
  ]),
  drop: answers("answers, listens for a moment and is gone without BYE", [hello, { do: "wait", forMs: [1000, 2000] }, { do: "vanish" }]),
  "early-media": answers("183 with an announcement before the answer, then like person", [hello, hears, { do: "press", oneOf: ["1"] }, stay], {
    status: 183,
    forMs: [2000, 3000],
    media: { speechMs: [1500, 2000] },
  }),
  "early-ringback": answers("the ringing tone as early media before a person answers", [hello, stay], {
    status: 183,
    forMs: [4000, 5000],
    media: { sound: ringback },
    mediaLoops: true,
  }),
  announcement: answers(
    "special information tones as early media; then an announcement is answered, and charged for",
    [{ do: "say", what: { speechMs: [3000, 4000] } }, hangUp],
    {
      status: 183,
      forMs: [3000, 3000],
      exact: true,
      media: { sound: sitTones },
    },
  ),
  challenge: { ...answers("wants digest credentials (407) first, then listens", [hello, stay]), challenge: true },
  fork: {
    about: "two telephones answer the same INVITE",
    ringing: { status: 180, forMs: [1000, 2000] },
    ending: { kind: "answer", acts: [hello, stay], fork: true },
  },
  busy: refuses("486 Busy Here", 486, 17),
  declined: refuses("603 Decline after a little ringing", 603, 21, { status: 180, forMs: [1000, 2500] }),
  "bad-number": refuses("404 Not Found", 404, 1),
  incomplete: refuses("484 Address Incomplete", 484, 28),
  unavailable: refuses("480 Temporarily Unavailable", 480, 20),
  congestion: refuses("503 Service Unavailable", 503, 34),
  slow: refuses("408 Request Timeout after a long silence", 408, 102, { forMs: [8000, 10_000] }),
  sit: refuses("special information tones as early media, then 404", 404, 1, {
    status: 183,
    forMs: [2500, 2500],
    media: { sound: sitTones },
  }),
  "sit-congestion": refuses("special information tones as early media, then 503", 503, 42, {
    status: 183,
    forMs: [2500, 2500],
    media: { sound: sitTones },
  }),
  "no-answer": { about: "rings for ever", ringing: { status: 180, forMs: [0, 0] }, ending: { kind: "ring-on" } },
  "calls-back": {
    about: "does not answer, and calls the number back a moment later: listens, presses 1, and hears it out",
    ringing: { status: 180, forMs: [0, 0] },
    ending: { kind: "ring-on" },
    callsBack: { afterMs: [1000, 4000], acts: [hears, { do: "wait", forMs: [800, 2500] }, { do: "press", oneOf: ["1"] }, stay] },
  },
  "calls-back-to-opt-out": {
    about: "does not answer, and calls back to be left alone: presses 9",
    ringing: { status: 180, forMs: [0, 0] },
    ending: { kind: "ring-on" },
    callsBack: { afterMs: [1000, 4000], acts: [hears, { do: "wait", forMs: [800, 2000] }, { do: "press", oneOf: ["9"] }, stay] },
  },
  "no-answer-early-media": {
    about: "rings for ever with the ringing tone as early media, and goes on sending 2 s after the CANCEL",
    ringing: { status: 183, forMs: [0, 0], media: { sound: ringback }, mediaLoops: true, mediaLingersMs: 2000 },
    ending: { kind: "ring-on" },
  },
  "busy-tone": {
    about: "183 with the busy tone, for ever",
    ringing: { status: 183, forMs: [0, 0], media: { sound: busyTone }, mediaLoops: true },
    ending: { kind: "ring-on" },
  },
  "no-progress": { about: "100 Trying and then nothing for ever", ringing: { forMs: [0, 0] }, ending: { kind: "ring-on" } },
  crossing: {
    about: "answers 200 the moment the CANCEL comes",
    ringing: { status: 180, forMs: [0, 0] },
    ending: { kind: "ring-on", crossing: true },
  },
  redirect: { about: "302 to another number", ringing: { forMs: [50, 100] }, ending: { kind: "redirect", status: 302, to: "+15550199001" } },
} as const satisfies Record<string, Persona>;

export type PersonaName = keyof typeof cast;

export function isPersonaName(name: string): name is PersonaName {
  return Object.hasOwn(cast, name);
}

/**
 * A called party by name: one of the cast, or made to measure: `presses:12#` says hello, hears a prompt begin and presses those keys;
 * `rejects:410` sends that status (300 to 699); `does:listen then press 1` is a script of its own, see `callerScript`. Undefined for any other name.
 * @throws Fault `caller-script`
 */
export function personaNamed(name: string): Persona | undefined {
  if (isPersonaName(name)) return cast[name];
  const keys = /^presses:([0-9*#A-D]{1,40})$/.exec(name)?.[1];
  if (keys !== undefined) {
    return answers(`presses ${keys} into the prompt`, [hello, hears, { do: "wait", forMs: [800, 1500] }, { do: "press", oneOf: [keys] }, stay]);
  }
  if (name.startsWith("does:")) return callerScript(name.slice("does:".length).trim());
  const status = Number(/^rejects:([3-6]\d\d)$/.exec(name)?.[1]);
  return status >= 300 ? refuses(`sends ${status}`, status) : undefined;
}
