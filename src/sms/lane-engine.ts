import type { MessageLog } from "../attempt/message-ports.ts";
import { dueAgain, type Treatments } from "../attempt/treatment.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import { Ahead } from "./ahead.ts";
import type { Endings } from "./ending-engine.ts";
import type { BindOptions, SenderOptions } from "./options.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import type { Binds, Part } from "./ports.ts";
import { senderOf, senderRate } from "./route.ts";
import { segment } from "./segment.ts";

/** A message that is to leave over one bind. */
export interface Outgoing {
  readonly attemptId: string;
  /** Absent for what no campaign pulls. */
  readonly campaignId?: string;
  /** E.164. */
  readonly to: string;
  readonly text: string;
  readonly treatments?: Treatments;
  /** How long the network tries to deliver it, in place of what the bind says. */
  readonly validityS?: number;
  /** Of what no campaign pulls: it waits for its bind until then (epoch ms). Left out: no longer than others. */
  readonly untilMs?: number;
}

/** Told of a message that no campaign pulls. */
export interface Listener {
  /** It is begun, or ended. */
  readonly onSettled: () => void;
  /** Where another attempt is made of what did not leave. Absent: this one is tried again until its time is over. @param later nothing of it has left, through nobody's fault */
  readonly onEnd?: (later: boolean) => void;
}

/** Reserved, or begun. */
interface Ready extends Outgoing {
  readonly parts: readonly Part[];
  readonly reference: number;
  /** It goes back then (epoch ms). */
  readonly lateAt: number;
  readonly listener: Listener | undefined;
}

export interface LaneParts {
  readonly bind: BindOptions;
  readonly sender: SenderOptions;
  readonly binds: Binds;
  readonly log: MessageLog;
  readonly endings: Endings;
  readonly clock: Clock;
  readonly logger: Log;
  /** Something left or came to its end: there may be room for others. */
  readonly onMoved: () => void;
  /** What the SMSC said of a message. */
  readonly onSaid: (message: Outgoing, outcome: Outcome) => void;
  /** The bind is down, and this waits for it. @returns true when another one has taken it over */
  readonly onDown: (message: Outgoing, listener: Listener) => boolean;
}

/** Whoever opts out now must not get what was committed to leave long before: what waited longer for its bind goes back. */
const longestWaitMs = 2000;
/** How long whom a bind has no room for waits, at least. */
const againMs = 2000;
/** The messages of one sender over one bind, from their last commit to what became of them. */
export class Lane {
  readonly #parts: LaneParts;
  readonly #ahead: Ahead;
  /** Reserved, and not begun yet: what campaigns pull, */
  readonly #waiting: Ready[] = [];
  /** and what goes before them: what somebody is answered, or was promised. */
  #first: Ready[] = [];
  /** Begun, and not taken by the SMSC, which had no room for it. */
  #back: Ready[] = [];
  readonly #ready: Ready[] = [];
  /** Being committed. */
  #beginning = 0;
  #atSmsc = 0;
  /** What became of them is being written down. */
  #ending = 0;
  #closed = false;
  #draining = false;

  constructor(parts: LaneParts) {
    this.#parts = parts;
    this.#ahead = new Ahead(Math.min(parts.bind.maxPerSecond, senderRate(parts.sender) ?? Number.POSITIVE_INFINITY));
  }

  get busy(): number {
    return this.held + this.#atSmsc + this.#ending;
  }

  /** Reserved, and not with the SMSC yet. */
  get held(): number {
    return this.#first.length + this.#back.length + this.#waiting.length + this.#beginning + this.#ready.length;
  }

  get up(): boolean {
    const { binds, bind } = this.#parts;
    return binds.all.some(({ name, up }) => up && name === bind.name);
  }

  /** How many more may be reserved for it now. */
  get room(): number {
    const [room, now] = [this.#roomNow, this.#parts.clock.now()];
    if (room === 0 && !(this.#ahead.moving(now) && this.up)) return 0;
    return this.#ahead.reserved(now, room) - this.held;
  }

  /** Commits it when it is soon to leave, and sends it when the bind has room. @param listener of what no campaign pulls: it goes first */
  take(outgoing: Outgoing, listener?: Listener): void {
    const { bind, clock, logger } = this.#parts;
    const { attemptId, text } = outgoing;
    const lateAt = outgoing.untilMs ?? clock.now() + longestWaitMs;
    // Unique over all nodes, since ids of attempts are; begun is only one that no unresolved submit of the bind has.
    const reference = Number(BigInt(attemptId) % 65_535n) + 1;
    try {
      const { parts, segments } = segment(text, { concatenation: bind.concatenation, dataCoding0: bind.dataCoding0, reference });
      if (segments > 1) logger.debug({ attempt: attemptId, segments }, "a message in several segments");
      const queue = listener ? this.#first : this.#waiting;
      queue.push({ ...outgoing, parts, reference, lateAt, listener });
      this.#drainSoon();
    } catch (error) {
      const ended = () => this.#tell(listener, false);
      if (error instanceof Fault && error.code === "sms-too-long") this.#withhold(attemptId, error.message).then(ended);
      else {
        logger.error({ err: error, attempt: attemptId }, "a message could not be made ready");
        ended();
      }
    }
  }

  /** Sends what may leave now, begins what leaves next, and gives back what waited too long. */
  drain(): void {
    const now = this.#parts.clock.now();
    let room = this.#roomNow;
    for (const each of this.#back.splice(0)) {
      if (this.#isLate(each, now)) this.#giveBack(each);
      else if (room === 0) this.#back.push(each);
      else {
        room -= 1;
        this.#submit(each);
      }
    }
    for (let first = this.#ready[0]; first; first = this.#ready[0]) {
      const late = this.#isLate(first, now);
      if (!late && room === 0) break;
      this.#ready.shift();
      if (late) this.#giveBack(first);
      else {
        // Of a message in several parts one is under way at a time.
        room -= 1;
        this.#submit(first);
      }
    }
    this.#ahead.feed(now, room === 0 || this.#atSmsc > 0);
    let more = this.#ahead.toBegin(now, room, this.#beginning + this.#ready.length);
    more -= this.#drainFirst(now, room - this.#beginning - this.#ready.length);
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      const late = this.#isLate(first, now);
      if (!late && more <= 0) break;
      this.#waiting.shift();
      if (late) this.#giveBack(first);
      else {
        more -= 1;
        this.#begin(first, now);
      }
    }
  }

  /**
   * Each of them waits for itself; and none is begun before there is room, since it would not go back to waiting.
   * @returns how many are begun
   */
  #drainFirst(now: number, room: number): number {
    if (this.#first.length === 0) return 0;
    const { onDown } = this.#parts;
    const down = !this.up;
    const waiting: Ready[] = [];
    for (const each of this.#first) {
      if (this.#isLate(each, now)) this.#giveBack(each);
      else if (!down || !each.listener || !onDown(each, each.listener)) waiting.push(each);
    }
    const begun = waiting.splice(0, Math.max(0, room));
    this.#first = waiting;
    for (const each of begun) this.#begin({ ...each, lateAt: now + longestWaitMs }, now);
    return begun.length;
  }

  /** Nothing more leaves; what has not left goes back. */
  close(): void {
    this.#closed = true;
    this.drain();
  }

  /** Many are taken, or begun, at once: looked at once for all of them. */
  #drainSoon(): void {
    if (this.#draining) return;
    this.#draining = true;
    queueMicrotask(() => {
      this.#draining = false;
      this.drain();
    });
  }

  get #roomNow(): number {
    const { binds, bind, sender } = this.#parts;
    return binds.roomFor(bind.name, sender.address);
  }

  #isLate({ lateAt }: Ready, now: number): boolean {
    return this.#closed || now > lateAt;
  }

  /** Reserved → sending. */
  #begin(message: Ready, at: number): void {
    const { bind, sender, log, clock, logger } = this.#parts;
    const { attemptId, reference, text, parts, listener } = message;
    this.#beginning += 1;
    const settle = () => {
      this.#beginning -= 1;
      listener?.onSettled();
      this.#drainSoon();
    };
    log.begin({ attemptId, at, via: bind.name, from: sender.address, reference, text, parts: parts.length }).then(
      (going) => {
        if (going) this.#ready.push(message);
        else listener?.onEnd?.(false);
        this.#ahead.began(clock.now() - at);
        settle();
      },
      (error: unknown) => {
        logger.warn({ err: error, attempt: attemptId }, "a message could not be begun; its contact is due again");
        listener?.onEnd?.(true);
        settle();
      },
    );
  }

  #giveBack(message: Ready): void {
    this.#end(message, { result: "canceled", reason: "no room on the bind in time", remoteIds: [], again: true });
  }

  #submit(message: Ready): void {
    const { binds, bind, sender, clock, onMoved, onSaid } = this.#parts;
    const { to, parts, reference, untilMs = Number.POSITIVE_INFINITY, validityS } = message;
    this.#atSmsc += 1;
    // It may have waited for a part of that.
    const ownS = validityS === undefined ? bind.validityS : Math.max(1, Math.min(validityS, Math.ceil((untilMs - clock.now()) / 1000)));
    const validity = ownS > 0 ? { validityS: ownS } : {};
    binds.submit(bind.name, { sender: senderOf(sender), to, parts, reference, ...validity }).then((ends) => {
      this.#atSmsc -= 1;
      this.#ahead.answered();
      const outcome = outcomeOf(ends);
      if (outcome.again && this.#isTriedAgain(message)) this.#back.push({ ...message, lateAt: untilMs });
      else this.#end(message, outcome);
      onSaid(message, outcome);
      onMoved();
    });
  }

  /** What somebody is answered has one attempt; no opt-out calls it back. */
  #isTriedAgain({ listener, untilMs = 0 }: Ready): boolean {
    return !this.#closed && listener !== undefined && listener.onEnd === undefined && untilMs > this.#parts.clock.now();
  }

  /** It has ended. */
  #tell(listener: Listener | undefined, later: boolean): void {
    listener?.onSettled();
    listener?.onEnd?.(later);
  }

  #end({ attemptId, treatments, listener }: Ready, { result, reason, remoteIds, again }: Omit<Outcome, "standing">): void {
    const { bind, log, endings, clock, logger, onMoved } = this.#parts;
    const at = clock.now();
    const againAt = again ? at + againMs : dueAgain(treatments, result, at);
    this.#ending += 1;
    const written = log.handed({ attemptId, at, result, reason, remoteIds, ...(againAt !== undefined && { againAt }) });
    endings.follow(bind.name, remoteIds, written);
    const done = () => {
      this.#ending -= 1;
      this.#tell(listener, again);
      onMoved();
    };
    written.then(done, (error: unknown) => {
      logger.error({ err: error, attempt: attemptId, result }, "what became of a message could not be written down");
      done();
    });
  }

  async #withhold(attemptId: string, reason: string): Promise<void> {
    const { log, clock, logger } = this.#parts;
    this.#ending += 1;
    await log.withhold(attemptId, clock.now(), "canceled", reason).catch((error: unknown) => {
      logger.error({ err: error, attempt: attemptId }, "a message that cannot be sent could not be ended");
    });
    this.#ending -= 1;
  }
}
