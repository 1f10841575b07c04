import type { Clock, Timer } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { redialMs } from "./phone.ts";
import type { Missed } from "./phone-dial-session.ts";
import { type LineEnd, OpenLine } from "./phone-line-session.ts";
import type { PhoneLeg, PhoneMiss, PhoneRequest } from "./phone-ports.ts";
import { withdrawn } from "./transfer-session.ts";

export interface NailedParts {
  readonly agentId: string;
  /** Calls the telephone. Never rejects. */
  readonly dial: (withdraw: AbortSignal) => Promise<OpenLine | Missed>;
  /** Moves its sound to another media session; undefined when that cannot be done. Never rejects. */
  readonly move: (line: OpenLine) => Promise<OpenLine | undefined>;
  /** It is there, or not any more. */
  readonly moved: (there: boolean) => void;
  readonly clock: Clock;
  readonly log: Log;
  /** See `OpenLine.keep`. */
  readonly renewMs: number | undefined;
}

/** Whoever wants it before does not have it called sooner than this after it could not be had; later, the more often that was so. */
const longestWaitMs = 8000;

/** A telephone that is kept on the line from the agent's login to their logout. */
export class NailedPhone {
  readonly #parts: NailedParts;
  readonly #end = new AbortController();
  /** Of the call that is being made: what listens to it goes with that call, and not with the agent. */
  #dialling = new AbortController();
  readonly #running: Promise<void>;
  #line: OpenLine | undefined;
  /** What comes of calling it next: settled at each answer and each miss. */
  #next = Promise.withResolvers<OpenLine | PhoneMiss>();
  #trouble: string | undefined;
  /** Ends a pause before the telephone is called again; undefined while there is none. */
  #wake: (() => void) | undefined;

  constructor(parts: NailedParts) {
    this.#parts = parts;
    this.#running = this.#run();
  }

  /** Whether somebody could be connected to it now. */
  get free(): boolean {
    return this.#line?.free === true;
  }

  /** Whether it is on the line, be it in a conversation or not. */
  get up(): boolean {
    return this.#line !== undefined && !this.#line.over;
  }

  /** Why it could not be had last, for people; undefined while it is on the line, and before it was called. */
  get trouble(): string | undefined {
    return this.up ? undefined : this.#trouble;
  }

  /** Calls it soon if it is not on the line: the agent is there, and wants it. */
  wake(): void {
    this.#wake?.();
  }

  /** See Phones. */
  async take(request: PhoneRequest): Promise<PhoneLeg | PhoneMiss> {
    if (this.up) return this.#lend(this.#line, request);
    const { clock } = this.#parts;
    this.wake();
    request.ringing?.();
    const late = Promise.withResolvers<PhoneMiss>();
    const timer = clock.after(request.ringTimeoutMs, () => late.resolve("missed"));
    const got = await Promise.race([withdrawn(request.withdraw), this.#next.promise, late.promise]);
    timer.cancel();
    return typeof got === "string" ? got : this.#lend(got, request);
  }

  /** Hangs up, whatever it does. Never rejects. */
  async close(): Promise<void> {
    this.#end.abort();
    this.#dialling.abort();
    this.#wake?.();
    await this.#line?.close();
    await this.#running;
  }

  #lend(line: OpenLine | undefined, { attemptId }: PhoneRequest): PhoneLeg | PhoneMiss {
    // Who is being given to two people at once is not there for the second.
    if (!line?.free) return "unreachable";
    return line.lend(this.#parts.agentId, attemptId, () => line.takeBack());
  }

  async #run(): Promise<void> {
    const { dial, moved, log } = this.#parts;
    const { signal } = this.#end;
    for (let failures = 0; !signal.aborted; ) {
      this.#dialling = new AbortController();
      const dialled = await dial(this.#dialling.signal);
      const next = this.#next;
      this.#next = Promise.withResolvers();
      if (!(dialled instanceof OpenLine)) {
        failures += 1;
        next.resolve(dialled.miss);
        if (signal.aborted) break;
        const redialInMs = redialMs(failures);
        log.warn({ reason: dialled.why, miss: dialled.miss, redialInMs }, "an agent's telephone is not to be had");
        moved(false);
        this.#trouble = dialled.why;
        // A telephone that is busy does not ring any sooner for being called ever again.
        await this.#pause(redialInMs, Math.min(redialInMs, longestWaitMs));
        continue;
      }
      failures = 0;
      this.#trouble = undefined;
      log.info({ mediaServer: dialled.endpoint.mediaServer, callId: dialled.dialog.callId }, "an agent's telephone is on the line");
      next.resolve(dialled);
      const ended = await this.#live(dialled);
      this.#line = undefined;
      if (signal.aborted) break;
      log.info({ ended }, "an agent's telephone is not on the line any more");
      moved(false);
      // Who hangs up is not called again until they want to be; what a server of ours has cut is.
      if (ended === "hung-up") {
        this.#trouble = "the agent has hung up; it is called when they want to be ready";
        await this.#pause();
      }
    }
    this.#next.resolve("withdrawn");
  }

  /** To the end of the call, on whichever media sessions. */
  async #live(first: OpenLine): Promise<LineEnd> {
    const { move, log } = this.#parts;
    for (let line = this.#enter(first); ; ) {
      const over = await Promise.race([line.ended, line.stale]);
      if (over !== "unheard" && over !== "stale") return over;
      line.withhold();
      const other = this.#end.signal.aborted ? undefined : await move(line);
      if (other) {
        const [from, mediaServer] = [line, other].map(({ endpoint }) => endpoint.mediaServer);
        log.info({ from, mediaServer }, "an agent's telephone is heard on another media session");
        await line.leave();
        line = this.#enter(other);
        this.#next.resolve(line);
        this.#next = Promise.withResolvers();
      } else if (over === "stale") {
        line.restore();
      } else {
        const ended = await Promise.race([line.dialog.ended, undefined]);
        await line.close();
        return ended?.by === "them" ? "hung-up" : over;
      }
    }
  }

  #enter(line: OpenLine): OpenLine {
    this.#line = line;
    line.keep(this.#parts.clock, this.#parts.renewMs);
    // Whoever is let go has no say in what the agent does.
    if (this.#end.signal.aborted) void line.close();
    else this.#parts.moved(true);
    return line;
  }

  /** @param pauseMs left out: until it is woken. @param leastMs it is woken no sooner, unless it is to be closed */
  #pause(pauseMs?: number, leastMs = 0): Promise<void> {
    const { clock } = this.#parts;
    const since = clock.now();
    return new Promise((resolve) => {
      let timer: Timer | undefined;
      const over = () => {
        timer?.cancel();
        this.#wake = undefined;
        resolve();
      };
      if (pauseMs !== undefined) timer = clock.after(pauseMs, over);
      this.#wake = () => {
        const restMs = this.#end.signal.aborted ? 0 : since + leastMs - clock.now();
        if (restMs <= 0) return over();
        timer?.cancel();
        timer = clock.after(restMs, over);
      };
    });
  }
}
