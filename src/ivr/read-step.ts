import type { ChannelName } from "../attempt/result.ts";
import { readBranch } from "./read-branch.ts";
import { readQueue, readSend, readTransfer, readWebhook } from "./read-outside.ts";
import type { Written, WrittenStep } from "./schema.ts";
import type {
  CallbackStep,
  CollectStep,
  Listening,
  MenuStep,
  PlayStep,
  Prompt,
  RecordStep,
  SetStep,
  Step,
  SurveyStep,
  SwitchLanguageStep,
} from "./script.ts";
import type { StepReader } from "./step-reader.ts";

/** A step whose form is sound, with everything in it that only makes sense in the whole of the script. */
export function readStep(written: WrittenStep, reader: StepReader): Step | undefined {
  switch (written.verb) {
    case "play":
      return readPlay(written.step, reader);
    case "menu":
      return readMenu(written.step, reader);
    case "collect":
      return readCollect(written.step, reader);
    case "survey":
      return readSurvey(written.step, reader);
    case "branch":
      return readBranch(written.step, reader);
    case "transfer":
      return readTransfer(written.step, reader);
    case "queue":
      return readQueue(written.step, reader);
    case "set":
      return readSet(written.step, reader);
    case "send":
      return readSend(written.step, reader);
    case "webhook":
      return readWebhook(written.step, reader);
    case "record":
      return readRecord(written.step, reader);
    case "callback":
      return readCallback(written.step, reader);
    case "switch_language":
      return readSwitch(written.step, reader);
    case "script":
      return { verb: "script", script: written.step.script };
  }
}

function readPlay(written: Written<"play">, reader: StepReader): PlayStep | undefined {
  const { play, suppress } = written;
  const channels: readonly ChannelName[] = suppress?.channels ?? [];
  const prompts = reader.prompts(play, "play");
  const way = reader.way(written);
  return way && { verb: "play", prompts, ...(suppress && { suppress: { channels, scope: suppress.scope } }), way };
}

function readMenu(written: Written<"menu">, reader: StepReader): MenuStep {
  const keys = new Map(Object.entries(written.keys).map(([key, name]) => [key, reader.step(name, "keys", key)]));
  const maxDigits = Math.max(...[...keys.keys()].map((key) => key.length));
  return { verb: "menu", ...listening(written, reader.prompts(written.menu, "menu"), reader), keys, maxDigits };
}

function readCollect(written: Written<"collect">, reader: StepReader): CollectStep | undefined {
  const { collect, into, min_digits: minDigits = 1, max_digits: maxDigits, terminators = "#", secret = false, next } = written;
  const heard = listening(written, reader.prompts(collect, "collect"), reader);
  const to = reader.step(next, "next");
  if (minDigits > maxDigits) {
    const message = `min_digits ${minDigits} is more than max_digits ${maxDigits}`;
    return reader.report("bad-value", reader.key("min_digits"), message, "Make it the smaller of the two.");
  }
  return { verb: "collect", ...heard, into, minDigits, maxDigits, terminators, secret, next: to };
}

function readSurvey(written: Written<"survey">, reader: StepReader): SurveyStep | undefined {
  const { survey, question, from = 0, to = 10, next } = written;
  const heard = listening(written, reader.prompts(survey, "survey"), reader);
  const onward = reader.step(next, "next");
  if (from >= to) {
    return reader.report(
      "bad-value",
      reader.value(written.from === undefined ? "to" : "from"),
      `there is no score from ${from} to ${to}`,
      "Make `from` the smaller of the two.",
    );
  }
  return { verb: "survey", ...heard, question, from, to, maxDigits: String(to).length, next: onward };
}

function listening(written: Written<"menu"> | Written<"collect"> | Written<"survey">, prompts: readonly Prompt[], reader: StepReader): Listening {
  const { no_input: noInput, no_match: noMatch } = written;
  return {
    prompts,
    retryPrompts: reader.prompts(written.retry, "retry"),
    firstDigitMs: (written.first_digit_s ?? 5) * 1000,
    interDigitMs: (written.inter_digit_s ?? 2) * 1000,
    tries: written.tries ?? 3,
    bargeIn: written.barge_in ?? true,
    noInput: reader.step(noInput, "no_input"),
    noMatch: noMatch === undefined ? noInput : reader.step(noMatch, "no_match"),
  };
}

function readSet(written: Written<"set">, reader: StepReader): SetStep | undefined {
  const values = reader.templates(written.set, "set");
  const way = reader.way(written);
  return way && { verb: "set", values, way };
}

function readRecord(written: Written<"record">, reader: StepReader): RecordStep | undefined {
  const { record, into, consent, declined, max_s: maxS = 60, silence_s: silenceS = 3, terminators = "#", beep = true } = written;
  const prompts = reader.prompts(record, "record");
  const asked = reader.prompts(consent, "consent");
  const next = reader.step(written.next, "next");
  const noInput = reader.step(written.no_input, "no_input");
  const refused = declined === undefined ? undefined : reader.step(declined, "declined");
  if (consent && refused === undefined) {
    return reader.report("missing-key", reader.key("consent"), "it is not said what happens when somebody does not agree", "Add `declined: STEP`.");
  }
  if (!consent && refused !== undefined) {
    const fix = "Add `consent:` with what is asked, or leave `declined` out.";
    return reader.report("missing-key", reader.key("declined"), "nobody is asked, so nobody can decline", fix);
  }
  return {
    verb: "record",
    prompts,
    into,
    ...(refused !== undefined && { consent: { prompts: asked, declined: refused } }),
    maxMs: maxS * 1000,
    silenceMs: silenceS * 1000,
    terminators,
    beep,
    next,
    noInput,
  };
}

function readCallback(written: Written<"callback">, reader: StepReader): CallbackStep | undefined {
  const { callback, else: otherwise } = written;
  const unclear = otherwise === undefined ? undefined : reader.step(otherwise, "else");
  const way = reader.way(written);
  if ("in_s" in callback) {
    if (unclear !== undefined) return reader.report("bad-value", reader.key("else"), "a time in seconds is always clear", "Leave `else` out.");
    return way && { verb: "callback", when: { inS: callback.in_s }, way };
  }
  const at = reader.template(callback.at, "line", "callback", "at");
  const zone = reader.head?.script.zone;
  return way && at && { verb: "callback", when: { at, ...(zone !== undefined && { zone }) }, ...(unclear !== undefined && { unclear }), way };
}

function readSwitch(written: Written<"switch_language">, reader: StepReader): SwitchLanguageStep {
  const { switch_language: language, next } = written;
  const languages = reader.head?.script.languages;
  if (languages && !languages.includes(language)) reader.languageUnknown(language, languages, reader.value("switch_language"));
  return { verb: "switch_language", language, next: reader.step(next, "next") };
}
