import { isPerson, keysBeside, keysIn, surveyEnd } from "./everywhere.ts";
import type { Action, CollectAction, Place } from "./place.ts";
import type { PromptRef } from "./ports.ts";
import { positionRefs, refOf } from "./prompt.ts";
import { fill, isSecret, scopeOf } from "./scope.ts";
import type { CollectStep, MenuStep, Prompt, QueueStep, RecordStep, Script, Step, SurveyStep, WebhookStep } from "./script.ts";

/** A person thinks this long, at most, about whether to be recorded. */
const consentMs = 6000;

/**
 * What a step wants on the line at this place; undefined when it wants nothing, and is only passed through.
 * @throws Fault `template-too-long`, `template-render`
 */
export function actionOf(script: Script, place: Place, step: Step): Action | undefined {
  switch (step.verb) {
    case "play":
      return step.prompts.length === 0 ? undefined : { kind: "play", prompts: refs(script, place, step.prompts), keys: keysFor(script, place, step) };
    case "menu":
    case "collect":
    case "survey":
      return collectAction(script, place, step);
    case "transfer":
      return {
        kind: "transfer",
        target: step.target,
        holdPrompts: refs(script, place, step.holdPrompts),
        whisperPrompts: refs(script, place, step.whisperPrompts),
        ringTimeoutMs: step.ringTimeoutMs,
        ...(step.maxTalkMs !== undefined && { maxTalkMs: step.maxTalkMs }),
        keys: keysFor(script, place, step),
      };
    case "queue":
      return queueAction(script, place, step);
    case "webhook":
      return webhookAction(script, place, step);
    case "record":
      return recordAction(script, place, step);
    default:
      return undefined;
  }
}

/** The keys that lead away from the step at once. */
function keysFor(script: Script, place: Place, step: Step): string {
  return isPerson(place.verdict) ? [...keysIn(script, place.step, step).keys()].join("") : "";
}

function refs(script: Script, place: Place, prompts: readonly Prompt[]): PromptRef[] {
  const scope = scopeOf(place);
  return prompts.flatMap((prompt) => refOf(script, prompt, place.language, (template) => fill(template, scope)) ?? []);
}

function collectAction(script: Script, place: Place, step: MenuStep | CollectStep | SurveyStep): CollectAction {
  const prompts = place.tries > 0 ? [...step.retryPrompts, ...step.prompts] : step.prompts;
  return {
    kind: "collect",
    asks: step.verb,
    prompts: refs(script, place, prompts),
    minDigits: step.verb === "collect" ? step.minDigits : 1,
    maxDigits: step.maxDigits,
    firstDigitMs: step.firstDigitMs,
    interDigitMs: step.interDigitMs,
    terminators: step.verb === "menu" ? "" : step.verb === "survey" ? surveyEnd : step.terminators,
    bargeIn: step.bargeIn,
    secret: step.verb === "collect" && step.secret,
    keys: isPerson(place.verdict) ? keysBeside(script, place.step, step) : "",
  };
}

function queueAction(script: Script, place: Place, step: QueueStep): Action {
  const { group, skills, priority, maxWaitMs, positionEveryMs } = step;
  const scope = scopeOf(place);
  return {
    kind: "queue",
    group,
    skills,
    priority,
    maxWaitMs,
    holdPrompts: refs(script, place, step.holdPrompts),
    positions: positionRefs(script, step, place.language, (template, own) =>
      fill(template, (name) => (Object.hasOwn(own, name) ? own.position : scope(name))),
    ),
    positionMore: refs(script, place, step.positionMore),
    positionEveryMs,
    whisperPrompts: refs(script, place, step.whisperPrompts),
    keys: keysFor(script, place, step),
  };
}

function webhookAction(script: Script, place: Place, step: WebhookStep): Action {
  const open = scopeOf(place, "open");
  return {
    kind: "webhook",
    webhook: step.name,
    body: Object.fromEntries([...step.body].map(([key, template]) => [key, fill(template, open)])),
    secretKeys: [...step.body].flatMap(([key, template]) => (isSecret(template, place) ? [key] : [])),
    visit: place.visits,
    timeoutMs: step.timeoutMs,
    result: step.result,
    save: step.save,
    holdPrompts: refs(script, place, step.holdPrompts),
    keys: keysFor(script, place, step),
  };
}

function recordAction(script: Script, place: Place, step: RecordStep): Action {
  if (step.consent && !place.agreed) {
    return {
      kind: "collect",
      asks: "consent",
      prompts: refs(script, place, step.consent.prompts),
      minDigits: 1,
      maxDigits: 1,
      firstDigitMs: consentMs,
      interDigitMs: consentMs,
      terminators: "",
      bargeIn: true,
      secret: false,
      keys: keysFor(script, place, step),
    };
  }
  const { maxMs, silenceMs, terminators, beep } = step;
  const keys = keysFor(script, place, step);
  return { kind: "record", prompts: refs(script, place, step.prompts), visit: place.visits, maxMs, silenceMs, terminators, beep, keys };
}
