import type { Broken, Caller } from "../ivr/ports.ts";
import type { Verdict as StartVerdict } from "../ivr/script.ts";
import type { Clock } from "../kernel/clock.ts";
import { actionFor, answererOf, stepFor, type Witnessed } from "./amd/answered.ts";
import type { Detection } from "./amd/campaign.ts";
import { type Listening, listenTo } from "./amd/listen-session.ts";
import type { MessagePlace, Verdict } from "./amd/verdict.ts";
import { guardSlackMs } from "./hold-session.ts";
import type { Endpoint } from "./ports.ts";

/** Who answered a call, and what was decided. */
export interface Answerer {
  /** None when nobody listened, or when it was hung up on us before there was one. */
  readonly verdict?: Verdict;
  /** Where the script begins; without it the call is ended. */
  readonly startAt?: StartVerdict;
  /** What a message waited for. */
  readonly place?: MessagePlace;
  /** It is a machine, and treated as a person to learn whether it is one. */
  readonly heldOut?: true;
}

export interface AnswerParts {
  readonly endpoint: Endpoint;
  readonly detection: Detection;
  readonly clock: Clock;
  /** Where the script has something to say. */
  readonly starts: readonly StartVerdict[];
  /** As in `AgentCall`. */
  readonly holdsOut?: (() => boolean) | undefined;
}

/** Listens from the moment of the answer on: the first word may come before the media is connected. */
export class AnswerSession {
  readonly #parts: AnswerParts;
  readonly #listening: Listening;

  constructor(parts: AnswerParts) {
    this.#parts = parts;
    this.#listening = listenTo(parts.endpoint.tap, parts.detection.options, parts.clock);
  }

  /**
   * Resolves when the script may begin: at the verdict, and with a machine that is to have a message once it listens. The tap is let go
   * of then, so that its session serves others. Never rejects.
   * @param left resolves when the far side is not there any more
   */
  async decide(left: Promise<Broken>): Promise<Answerer> {
    const { detection } = this.#parts;
    try {
      this.#guard(detection.options.totalAnalysisMs);
      const verdict = await Promise.race([this.#listening.verdict, left.then(() => undefined)]);
      // Whoever hangs up that soon is as likely a person: the script takes note of it.
      if (!verdict) return { startAt: "human" };
      return await this.#act(verdict, left);
    } finally {
      this.close();
    }
  }

  close(): void {
    this.#listening.stop();
    this.#parts.endpoint.tap?.close();
  }

  async #act(verdict: Verdict, left: Promise<Broken>): Promise<Answerer> {
    const { detection, starts, holdsOut } = this.#parts;
    if (answererOf(verdict.outcome) === "machine" && holdsOut?.()) return { verdict, startAt: "human", heldOut: true };
    const action = actionFor(verdict.outcome, detection);
    const startAt = stepFor(verdict.outcome, action);
    if (startAt === undefined || action !== "message") return { verdict, ...(startAt && { startAt }) };
    // Nobody waits for the beep who has nothing to say.
    if (!starts.includes(startAt)) return { verdict };
    this.#guard(detection.options.messageEndTimeoutMs);
    const place = await Promise.race([this.#listening.message, left.then(() => undefined)]);
    return place ? { verdict, startAt, place } : { verdict };
  }

  /** Should we hang meanwhile, nobody is left in silence. */
  #guard(forMs: number): void {
    this.#parts.endpoint.guard(forMs + guardSlackMs);
  }
}

/** The same caller, and what can be told from what happened to it. */
export function witness<C extends Caller>(line: C): { readonly caller: C; readonly seen: Witnessed } {
  const seen = { told: false, responded: false, talked: false };
  const watched: Partial<Caller> = {
    async play(prompts) {
      const end = await line.play(prompts);
      if (end === "played" && prompts.length > 0) seen.told = true;
      return end;
    },
    async collect(request) {
      const collected = await line.collect(request);
      if ("digits" in collected && collected.digits !== "") seen.responded = true;
      return collected;
    },
    async record(request) {
      const end = await line.record(request);
      if (end.end === "recorded") seen.responded = true;
      return end;
    },
    async transfer(request) {
      const end = await line.transfer(request);
      if (end === "talked") seen.talked = true;
      return end;
    },
    async queue(request) {
      const end = await line.queue(request);
      if (end === "talked") seen.talked = true;
      return end;
    },
  };
  const caller = new Proxy(line, {
    get(target, name) {
      const own: unknown = Reflect.get(watched, name) ?? Reflect.get(target, name);
      return typeof own === "function" ? own.bind(target) : own;
    },
  });
  return { caller, seen };
}
