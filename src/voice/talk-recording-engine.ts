import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import type { Random } from "../kernel/random.ts";
import type { DeskCall, DeskCalls } from "./desk-call.ts";
import type { CallRecording } from "./ports.ts";

export interface TalkRecordingParts {
  readonly calls: DeskCalls;
  /** Which share of a campaign's conversations is recorded (0..1). */
  readonly shareOf: (campaignId: string) => Promise<number>;
  /** Writes down that there will be a recording of that name. @returns whether it may be: what the person was told or asked is enough where they are */
  readonly keep: (recording: { readonly attemptId: string; readonly campaignId: string; readonly name: string }) => Promise<boolean>;
  readonly random: Random;
  readonly clock: Clock;
  readonly log: Log;
}

/** One conversation, which is recorded or may yet be. */
interface Kept {
  readonly call: DeskCall;
  /** Undefined until it has begun, and when it is over. */
  recording: CallRecording | undefined;
  paused: boolean;
  /** What is done about it comes one after the other. */
  work: Promise<void>;
}

/**
 * Records conversations of this node's agents with people, as the rules of their campaigns want it: from the moment the two hear each other until one of them has
 * left. While it is paused silence is kept. One that cannot be paused is ended: what must not be kept never is.
 */
export class TalkRecordings {
  readonly #parts: TalkRecordingParts;
  readonly #kept = new Map<string, Kept>();
  readonly #stop: () => void;

  constructor(parts: TalkRecordingParts) {
    this.#parts = parts;
    this.#stop = parts.calls.onBegin((call) => this.#begin(call));
  }

  /** @throws Fault `agent-state` when the agent's conversation is not recorded, `recording-unavailable` when it has been ended instead */
  async order(agentId: string, order: "pause" | "resume"): Promise<void> {
    const kept = this.#kept.get(agentId);
    if (!kept?.recording) throw new Fault("agent-state", "No conversation of yours is being recorded.");
    await this.#pause(kept, order === "pause");
  }

  /** Secrets are about to be said. Nothing happens when nothing is recorded. @throws Fault `recording-unavailable` as `order` */
  async pauseFor(agentId: string): Promise<void> {
    const kept = this.#kept.get(agentId);
    if (kept) await this.#pause(kept, true);
  }

  close(): void {
    this.#stop();
  }

  #begin(call: DeskCall): void {
    const { campaignId } = call.asking;
    if (campaignId === undefined) return;
    const kept: Kept = { call, recording: undefined, paused: false, work: Promise.resolve() };
    this.#kept.set(call.agentId, kept);
    const over = Promise.race([call.person.left, call.ended]);
    let isOver = false;
    void over.then(() => {
      isOver = true;
      // At once: the person's endpoint may be somebody else's soon.
      void this.#end(kept, "ended");
      if (this.#kept.get(call.agentId) === kept) this.#kept.delete(call.agentId);
    });
    kept.work = this.#start(kept, campaignId, () => isOver).catch((error: unknown) => {
      this.#parts.log.error({ err: error, attempt: call.attemptId, agent: call.agentId }, "a conversation could not be recorded");
    });
  }

  async #start(kept: Kept, campaignId: string, isOver: () => boolean): Promise<void> {
    const { shareOf, keep, random, clock } = this.#parts;
    const { call } = kept;
    const share = await shareOf(campaignId);
    if (isOver() || share <= 0 || random.next() >= share) return;
    const name = `talk-${call.attemptId}-${call.agentId}-${Math.round(clock.now())}`;
    // The row is there before the file: nobody's voice is kept that is not known of.
    if (!(await keep({ attemptId: call.attemptId, campaignId, name })) || isOver()) return;
    const recording = await call.person.endpoint.recordCall(name);
    if (isOver()) return await recording.stop();
    kept.recording = recording;
    this.#tell(kept, "begun");
    if (kept.paused) await this.#mask(kept, recording, true);
    else call.show({ recording: "on" });
  }

  async #pause(kept: Kept, paused: boolean): Promise<void> {
    kept.paused = paused;
    const done = kept.work.then(async () => {
      if (kept.recording) await this.#mask(kept, kept.recording, paused);
    });
    kept.work = done.catch(() => undefined);
    await done;
  }

  async #mask(kept: Kept, recording: CallRecording, paused: boolean): Promise<void> {
    try {
      await recording.mask(paused);
    } catch (error) {
      await this.#end(kept, "ended, for it could not be paused");
      kept.call.show({ recording: undefined });
      throw error;
    }
    this.#tell(kept, paused ? "paused" : "resumed");
    kept.call.show({ recording: paused ? "paused" : "on" });
  }

  async #end(kept: Kept, why: string): Promise<void> {
    const { recording } = kept;
    if (!recording) return;
    kept.recording = undefined;
    await recording.stop();
    this.#tell(kept, why, recording);
  }

  #tell({ call, recording }: Kept, what: string, of = recording): void {
    if (of) call.asking.mediaEvent?.("recording", `${of.file}, ${what}`);
  }
}
