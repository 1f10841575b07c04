import type { Listening, Prompt, Step, Way } from "./script.ts";

/** A step with every step it names called otherwise, and every prompt replaced. */
export function renamed(step: Step, to: (name: string) => string, heard: (prompt: Prompt) => Prompt): Step {
  const way = (written: Way): Way => ("next" in written ? { next: to(written.next) } : written);
  const byValue = (on: ReadonlyMap<string, string>) => new Map([...on].map(([value, name]) => [value, to(name)]));
  const listening = ({ prompts, retryPrompts, noInput, noMatch }: Listening) => ({
    prompts: prompts.map(heard),
    retryPrompts: retryPrompts.map(heard),
    noInput: to(noInput),
    noMatch: to(noMatch),
  });
  switch (step.verb) {
    case "play":
      return { ...step, prompts: step.prompts.map(heard), way: way(step.way) };
    case "set":
    case "send":
      return { ...step, way: way(step.way) };
    case "callback":
      return { ...step, way: way(step.way), ...(step.unclear !== undefined && { unclear: to(step.unclear) }) };
    case "menu":
      return { ...step, ...listening(step), keys: byValue(step.keys) };
    case "collect":
    case "survey":
      return { ...step, ...listening(step), next: to(step.next) };
    case "branch":
      return { ...step, cases: step.cases.map((item) => ({ ...item, to: to(item.to) })), otherwise: to(step.otherwise) };
    case "transfer": {
      const { answered, busy, noAnswer, failed, hungUp } = step;
      return {
        ...step,
        holdPrompts: step.holdPrompts.map(heard),
        whisperPrompts: step.whisperPrompts.map(heard),
        answered: to(answered),
        busy: to(busy),
        noAnswer: to(noAnswer),
        failed: to(failed),
        ...(hungUp !== undefined && { hungUp: to(hungUp) }),
      };
    }
    case "queue": {
      const { answered, noAgent, nobody, hungUp } = step;
      return {
        ...step,
        holdPrompts: step.holdPrompts.map(heard),
        positionPrompts: step.positionPrompts.map(heard),
        positionMore: step.positionMore.map(heard),
        whisperPrompts: step.whisperPrompts.map(heard),
        answered: to(answered),
        noAgent: to(noAgent),
        nobody: to(nobody),
        ...(hungUp !== undefined && { hungUp: to(hungUp) }),
      };
    }
    case "webhook": {
      const { on, otherwise, timedOut, error } = step;
      const ways = { on: byValue(on), otherwise: to(otherwise), timedOut: to(timedOut), error: to(error) };
      return { ...step, holdPrompts: step.holdPrompts.map(heard), ...ways };
    }
    case "record": {
      const consent = step.consent && { prompts: step.consent.prompts.map(heard), declined: to(step.consent.declined) };
      return { ...step, prompts: step.prompts.map(heard), ...(consent && { consent }), next: to(step.next), noInput: to(step.noInput) };
    }
    case "switch_language":
      return { ...step, next: to(step.next) };
    case "script":
      return step;
  }
}
