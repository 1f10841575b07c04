import type { MessageLog } from "../attempt/message-ports.ts";
import { dueAgain, type Treatments } from "../attempt/treatment.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import type { BindOptions, SenderOptions } from "./options.ts";
import { outcomeOf } from "./outcome.ts";
import type { Binds, Part } from "./ports.ts";
import { senderOf } from "./route.ts";
import { segment } from "./segment.ts";

/** A message that is to leave over one bind. */
export interface Outgoing {
  readonly attemptId: string;
  /** E.164. */
  readonly to: string;
  readonly text: string;
  readonly treatments?: Treatments;
}

interface Ready extends Outgoing {
  readonly parts: readonly Part[];
  readonly reference: number;
  readonly begunAt: number;
}

export interface LaneParts {
  readonly bind: BindOptions;
  readonly sender: SenderOptions;
  readonly binds: Binds;
  readonly log: MessageLog;
  readonly clock: Clock;
  readonly logger: Log;
  /** Something left or came to its end: there may be room for others. */
  readonly onMoved: () => void;
}

/** Whoever opts out now must not get what was committed to leave long before: what waited longer for its bind goes back. */
const longestReadyMs = 2000;
/** How long whom a bind has no room for waits, at least. */
const againMs = 2000;
/** How much is made ready ahead of the bind, in seconds of what it took lately: as long as it takes to commit what leaves next. */
const aheadS = 0.4;
const rateOverMs = 500;

/** The messages of one sender over one bind, from their last commit to what became of them. */
export class Lane {
  readonly #parts: LaneParts;
  readonly #ready: Ready[] = [];
  /** Being committed. */
  #beginning = 0;
  /** At the SMSC, or being written down. */
  #under = 0;
  #left = 0;
  #leftSince: number;
  #perSecond = 0;
  #closed = false;

  constructor(parts: LaneParts) {
    this.#parts = parts;
    this.#leftSince = parts.clock.now();
  }

  get busy(): number {
    return this.#beginning + this.#ready.length + this.#under;
  }

  get up(): boolean {
    const { binds, bind } = this.#parts;
    return binds.all.some(({ name, up }) => up && name === bind.name);
  }

  /** How many more may be reserved for it now. */
  get room(): number {
    const { binds, bind, sender } = this.#parts;
    const now = binds.roomFor(bind.name, sender.address);
    if (now === 0 && (this.#perSecond === 0 || !this.up)) return 0;
    return Math.max(now, Math.ceil(this.#rate() * aheadS)) - this.#beginning - this.#ready.length;
  }

  /** Commits it, and sends it when the bind has room. Settles when it is made ready or ended; never rejects. */
  async add(outgoing: Outgoing): Promise<void> {
    const { bind, sender, log, clock, logger } = this.#parts;
    const { attemptId, text } = outgoing;
    // Unique over all nodes, since ids of attempts are; begun is only one that no unresolved submit of the bind has.
    const reference = Number(BigInt(attemptId) % 65_535n) + 1;
    this.#beginning += 1;
    try {
      const { parts, segments } = segment(text, { concatenation: bind.concatenation, dataCoding0: bind.dataCoding0, reference });
      const sending = { attemptId, at: clock.now(), via: bind.name, from: sender.address, reference, text, parts: parts.length };
      if (segments > 1) logger.debug({ attempt: attemptId, segments }, "a message in several segments");
      if (await log.begin(sending)) this.#ready.push({ ...outgoing, parts, reference, begunAt: clock.now() });
    } catch (error) {
      if (error instanceof Fault && error.code === "sms-too-long") await this.#withhold(attemptId, error.message);
      else logger.warn({ err: error, attempt: attemptId }, "a message could not be begun; its contact is due again");
    } finally {
      this.#beginning -= 1;
    }
    this.drain();
  }

  /** Sends what may leave now, and gives back what waited too long. */
  drain(): void {
    const { binds, bind, sender, clock } = this.#parts;
    while (this.#ready.length > 0) {
      const [first] = this.#ready;
      if (!first) break;
      if (this.#closed || clock.now() - first.begunAt > longestReadyMs) {
        this.#ready.shift();
        this.#end(first, { result: "canceled", reason: "no room on the bind in time", remoteIds: [], again: true });
        continue;
      }
      if (binds.roomFor(bind.name, sender.address) === 0) break;
      this.#ready.shift();
      this.#submit(first);
    }
  }

  /** Nothing more leaves; what has not left goes back. */
  close(): void {
    this.#closed = true;
    this.drain();
  }

  async #submit(message: Ready): Promise<void> {
    const { binds, bind, sender, onMoved } = this.#parts;
    const { to, parts, reference } = message;
    this.#under += 1;
    this.#left += 1;
    const validity = bind.validityS > 0 ? { validityS: bind.validityS } : {};
    const ends = await binds.submit(bind.name, { sender: senderOf(sender), to, parts, reference, ...validity });
    this.#under -= 1;
    this.#end(message, outcomeOf(ends));
    onMoved();
  }

  #end({ attemptId, treatments }: Outgoing, { result, reason, remoteIds, again }: ReturnType<typeof outcomeOf>): void {
    const { log, clock, logger, onMoved } = this.#parts;
    const at = clock.now();
    const againAt = again ? at + againMs : dueAgain(treatments, result, at);
    this.#under += 1;
    log
      .handed({ attemptId, at, result, reason, remoteIds, ...(againAt !== undefined && { againAt }) })
      .catch((error: unknown) => logger.error({ err: error, attempt: attemptId, result }, "what became of a message could not be written down"))
      .finally(() => {
        this.#under -= 1;
        onMoved();
      });
  }

  async #withhold(attemptId: string, reason: string): Promise<void> {
    const { log, clock, logger } = this.#parts;
    await log.withhold(attemptId, clock.now(), "canceled", reason).catch((error: unknown) => {
      logger.error({ err: error, attempt: attemptId }, "a message that cannot be sent could not be ended");
    });
  }

  /** Messages per second, lately. */
  #rate(): number {
    const now = this.#parts.clock.now();
    const forMs = now - this.#leftSince;
    if (forMs >= rateOverMs) {
      this.#perSecond = (this.#left * 1000) / forMs;
      this.#left = 0;
      this.#leftSince = now;
    }
    // While it picks up speed the stretch that is under way says more.
    return Math.max(this.#perSecond, forMs >= 50 ? (this.#left * 1000) / Math.max(forMs, rateOverMs / 2) : 0);
  }
}
