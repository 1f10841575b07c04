import type { VoiceName } from "../media/voice.ts";

/** A time between two bounds, drawn anew for each call; milliseconds at pace 1. */
export type SpanMs = readonly [low: number, high: number];

/** Something a called party can be heard saying. */
export type Utterance =
  /** Speech nobody can understand, of about this length. `exact`: not scaled by pace. */
  | { readonly speechMs: SpanMs; readonly exact?: boolean }
  /** A tone_stream line or a WAV file, as FreeSWITCH names them. */
  | { readonly sound: string };

/** `own`: the one that belongs to the number of whoever speaks. */
export type ActVoice = VoiceName | "own";

/** One thing a called party does on the line, after the other. Each ends early when the call does. */
export type Act =
  | { readonly do: "say"; readonly what: Utterance }
  /** Says it again and again, for as long as the call lasts; the acts that follow go on meanwhile. */
  | { readonly do: "keep-saying"; readonly what: Utterance; readonly pauseMs: SpanMs }
  /** Speaks from now on with a voice that the other side's books can name, until something else is said; the acts that follow go on meanwhile. */
  | { readonly do: "speak"; readonly voice: ActVoice }
  /** Says nothing any more. */
  | { readonly do: "hush" }
  /** Waits until an agent's voice is heard. */
  | { readonly do: "meet" }
  /** @property exact not scaled by pace */
  | { readonly do: "wait"; readonly forMs: SpanMs; readonly exact?: boolean }
  /** Waits until the other side is heard speaking. */
  | { readonly do: "hear-prompt" }
  /** Waits until the other side, once heard, has been silent that long. Not scaled by pace: prompts are not either. */
  | { readonly do: "hear-out"; readonly silenceMs: number }
  /** Waits until so much of a prompt has been heard from now on, 60 ms at least. Not scaled by pace. */
  | { readonly do: "hear"; readonly forMs: SpanMs }
  /** Waits until a prompt is heard from now on, and then silence for so long. Not scaled by pace. */
  | { readonly do: "listen"; readonly silenceMs: number }
  /** Presses one of these key sequences, each key 100 ms long, and goes on when they are sent. */
  | { readonly do: "press"; readonly oneOf: readonly string[] }
  | { readonly do: "hang-up" }
  /** Is gone without a BYE, as a telephone without power. */
  | { readonly do: "vanish" }
  /** Stays on the line until the other side hangs up. */
  | { readonly do: "stay" };

/** Acts in their order. Such as come one by one are waited for: whoever gives them directs the party during its call, and ends them. */
export type Acts = readonly Act[] | AsyncIterable<Act>;

/** What comes before the end of the ringing. */
export interface Ringing {
  /** 180, or 183 with early media; left out: neither. */
  readonly status?: 180 | 183;
  readonly forMs: SpanMs;
  /** Not scaled by pace. */
  readonly exact?: boolean;
  /** What is heard as early media; needs status 183. It plays from the beginning of the ringing. */
  readonly media?: Utterance;
  /** Repeats the early media until the ringing ends. */
  readonly mediaLoops?: boolean;
  /** Goes on sending RTP this long after a CANCEL or a rejection; real gateways do. Not scaled by pace. */
  readonly mediaLingersMs?: number;
}

/** How the ringing ends. */
export type Ending =
  | { readonly kind: "reject"; readonly status: number; readonly reason?: string; readonly q850?: number }
  | { readonly kind: "redirect"; readonly status: 301 | 302; readonly to: string }
  /** Rings until a CANCEL or the Expires of the INVITE. */
  | { readonly kind: "ring-on" /** Answers 200 when the CANCEL comes, as if the two had crossed on the way. */; readonly crossing?: boolean }
  | {
      readonly kind: "answer";
      readonly acts: Acts;
      /** A second telephone answers the same INVITE with a To tag of its own. */
      readonly fork?: boolean;
    };

/** A called party, as data. */
export interface Persona {
  /** One line for people. */
  readonly about: string;
  /** Asks for digest credentials first (407, RFC 3261 §22.3). */
  readonly challenge?: boolean;
  readonly ringing: Ringing;
  readonly ending: Ending;
  /** Sees a missed call and calls the number that was shown, after a while. */
  readonly callsBack?: CallBack;
  /** On the line no longer than this. Default `longestCallMs`. */
  readonly longestCallMs?: number;
  /** What it sounds like; by default as the number that was called. */
  readonly voice?: VoiceName;
}

/** What somebody does who calls back. */
export interface CallBack {
  readonly afterMs: SpanMs;
  /** Once it is answered. */
  readonly acts: Acts;
}

/** However long an act list is, no called party stays on the line longer than this: a person gets tired, a line costs money. */
export const longestCallMs = 300_000;
