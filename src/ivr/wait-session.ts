import type { KeyWatch } from "./key-session.ts";
import type { TimeLimit } from "./limit-session.ts";
import { openAnswers } from "./machine.ts";
import type { CallEvent, Place, QueueAction, TransferAction } from "./place.ts";
import type { Broken, Caller, PromptFile, PromptRef, QueueRequest } from "./ports.ts";
import type { ReadyPrompts } from "./ready-session.ts";

export interface WaitParts {
  readonly caller: Pick<Caller, "transfer" | "queue">;
  /** The numbers (E.164) of each group that a transfer may name. */
  readonly groups: ReadonlyMap<string, readonly string[]> | undefined;
  readonly keys: KeyWatch;
  readonly limit: TimeLimit;
  readonly ready: ReadyPrompts;
  /** The files of what is heard next, as soon as they are there. */
  readonly files: (refs: readonly PromptRef[]) => Promise<PromptFile[]>;
}

/** A session's steps in which the person waits for somebody of ours, and talks with them. */
export class Waits {
  readonly #parts: WaitParts;

  constructor(parts: WaitParts) {
    this.#parts = parts;
  }

  /** To an outside number. */
  async transfer(action: TransferAction): Promise<CallEvent> {
    const { caller, groups } = this.#parts;
    const { target, ringTimeoutMs, maxTalkMs } = action;
    const to = "number" in target ? [target.number] : (groups?.get(target.group) ?? []);
    if (to.length === 0) return { kind: "transferred", end: "failed" };
    const { holdPrompts, whisperPrompts } = await this.#prompts(action);
    const request = { to, ringTimeoutMs, holdPrompts, whisperPrompts, ...(maxTalkMs !== undefined && { maxTalkMs }) };
    return this.#unlessKey(
      action.keys,
      (withdraw) => caller.transfer({ ...request, withdraw }),
      (end = "failed") => ({ kind: "transferred", end }),
    );
  }

  /** In the queue of a group of agents. */
  async queue(action: QueueAction, place: Place): Promise<CallEvent> {
    const { caller, ready } = this.#parts;
    const { group, skills, priority, maxWaitMs, positions, positionMore, positionEveryMs } = action;
    // How far they have come is said as soon as it can be; nobody waits for that.
    ready.warm([...positions.flat(), ...positionMore]);
    const positionPrompts = (position: number) => {
      const refs = positions[position - 1] ?? positionMore;
      return refs.length === 0 ? undefined : ready.found(refs);
    };
    const request: Omit<QueueRequest, "withdraw"> = {
      group,
      skills,
      priority,
      maxWaitMs,
      ...(await this.#prompts(action)),
      ...(positions.length > 0 && { positionPrompts, positionEveryMs }),
      answers: shownAnswers(place),
    };
    return this.#unlessKey(
      action.keys,
      (withdraw) => caller.queue({ ...request, withdraw }),
      (end = "no-agent") => ({ kind: "queued", end }),
    );
  }

  async #prompts(action: TransferAction | QueueAction): Promise<{ holdPrompts: readonly PromptFile[]; whisperPrompts: readonly PromptFile[] }> {
    const { ready, files } = this.#parts;
    // Rather a conversation that begins without the whisper than none.
    const whisperPrompts = await ready.files(action.whisperPrompts).catch(() => []);
    return { holdPrompts: await files(action.holdPrompts), whisperPrompts };
  }

  /** Does what makes them wait until it is over or one of the keys is pressed. @param event what an end means; undefined: it was not begun, or not ended well */
  async #unlessKey<T extends string>(
    keys: string,
    work: (withdraw: AbortSignal) => Promise<T | Broken | "withdrawn">,
    event: (end?: T) => CallEvent,
  ): Promise<CallEvent> {
    // The limit is for time alone with the machine; a conversation has its own.
    this.#parts.limit.suspend();
    const withdrawal = new AbortController();
    try {
      const { end, key } = await this.#parts.keys.during(
        keys,
        () => work(withdrawal.signal),
        () => withdrawal.abort(),
      );
      if (isBroken(end)) return { kind: "left", how: end };
      // A key that came when they had already been connected was for the other one.
      if (end !== undefined && end !== "withdrawn") return event(end as T);
      return key === undefined ? event() : { kind: "key", key };
    } finally {
      this.#parts.limit.resume();
    }
  }
}

const isBroken = (end: string | undefined): end is Broken => end === "hung-up" || end === "lost";

/** What an agent is shown of what was answered: no secrets, and not where a recording is kept. */
function shownAnswers(place: Place): Record<string, string> {
  const answers = Object.entries(openAnswers(place)).filter(([, { durationMs }]) => durationMs === undefined);
  return Object.fromEntries(answers.map(([name, { value }]) => [name, value]));
}
