import { Fault } from "../../kernel/fault.ts";
import { isVoiceName } from "../media/voice.ts";
import type { Act, Persona, Ringing, SpanMs, Utterance } from "./persona.ts";

/** So much silence after a prompt means that an answer is waited for; pauses between sentences are shorter. */
const turnMs = 800;
const longestScript = 4000;
const longestTimeMs = 300_000;
const quickly: Ringing = { status: 180, forMs: [300, 600] };

const words = "ring TIME, say TIME|FILE, speak [VOICE], meet, hear [TIME], listen [TIME], wait TIME, press KEYS[|KEYS], hang up, vanish, stay";

/**
 * A called party told what to do, one thing after the other, as a line of text: the persona name `does:ACTION then ACTION then …`, for tests of IVR scripts.
 *
 *     ring 2s           rings so long first; only at the beginning (default about half a second)
 *     say 3s            speaks, unintelligibly, for so long; `say FILE`: a WAV file, tone_stream:// or silence_stream:// line
 *     speak             from now on with the tone that the books call person-N, N by its number; `speak agent-3`: as an agent's telephone
 *     meet              until an agent's telephone is heard
 *     hear              until a prompt begins; `hear 700ms`: until so much of it, from now on, has been heard
 *     listen            until a prompt, begun or heard from now on, is over and 0.8 s of silence follow: it is our turn. `listen 2s`: another silence
 *     wait 1s           that long
 *     press 12#         these keys, and goes on when they are sent; `press 1|2`: one of them, by chance
 *     hang up           BYE        vanish: is gone without one        stay: until the other side hangs up
 *
 * TIME is `700ms`, `2s`, `1.5s`, or drawn anew each time from `1..3s`; the carrier's pace does not change it. Who does nothing on a prompt listens twice: `listen then
 * listen then press 1` lets the first one pass. After the last action the party stays.
 * @throws Fault `caller-script` that names the action
 */
export function callerScript(text: string): Persona {
  if (text.length > longestScript) throw new Fault("caller-script", `a caller's script has at most ${longestScript} characters`);
  const actions = text.split(/\s+then\s+/).map((action) => action.trim());
  const [first = ""] = actions;
  const ringTime = /^ring (\S+)$/.exec(first)?.[1];
  const ringing: Ringing = ringTime === undefined ? quickly : { status: 180, forMs: spanOf(ringTime, first), exact: true };
  const acts = (ringTime === undefined ? actions : actions.slice(1)).map((action) => actOf(action));
  return { about: `does: ${text}`, ringing, ending: { kind: "answer", acts: [...acts, { do: "stay" }] } };
}

function actOf(action: string): Act {
  const [, verb = "", rest = ""] = /^(\S*)\s*(.*)$/.exec(action) ?? [];
  switch (rest === "" ? verb : `${verb} …`) {
    case "say …":
      return { do: "say", what: utteranceOf(rest, action) };
    case "speak":
      return { do: "speak", voice: "own" };
    case "speak …":
      if (!isVoiceName(rest)) throw wrong(action, "voices are called agent-3 or person-17");
      return { do: "speak", voice: rest };
    case "meet":
      return { do: "meet" };
    case "hear":
      return { do: "hear", forMs: [0, 0] };
    case "hear …":
      return { do: "hear", forMs: spanOf(rest, action) };
    case "listen":
      return { do: "listen", silenceMs: turnMs };
    case "listen …":
      return { do: "listen", silenceMs: spanOf(rest, action)[0] };
    case "wait …":
      return { do: "wait", forMs: spanOf(rest, action), exact: true };
    case "press …":
      if (!/^[0-9*#A-D]{1,40}(\|[0-9*#A-D]{1,40}){0,19}$/.test(rest)) throw wrong(action, "keys are 0–9, *, # and A–D");
      return { do: "press", oneOf: rest.split("|") };
    case "hang …":
      if (rest === "up") return { do: "hang-up" };
      break;
    case "vanish":
      return { do: "vanish" };
    case "stay":
      return { do: "stay" };
  }
  throw wrong(action, `there are: ${words}`);
}

function utteranceOf(what: string, action: string): Utterance {
  return /^[\d.]+(ms|s)$/.test(what) ? { speechMs: spanOf(what, action), exact: true } : { sound: what };
}

/** `700ms`, `2s`, `1..3s`. */
function spanOf(text: string, action: string): SpanMs {
  const [, low = "", high = low, unit] = /^(\d+(?:\.\d+)?)(?:\.\.(\d+(?:\.\d+)?))?(ms|s)$/.exec(text) ?? [];
  const factor = unit === "s" ? 1000 : 1;
  const span: SpanMs = [Math.round(Number(low) * factor), Math.round(Number(high) * factor)];
  if (unit === undefined || span[1] < span[0] || span[1] > longestTimeMs) throw wrong(action, "a time is 700ms, 2s or 1..3s, five minutes at most");
  return span;
}

function wrong(action: string, why: string): Fault {
  return new Fault("caller-script", `a caller cannot ${JSON.stringify(action)}: ${why}`);
}
