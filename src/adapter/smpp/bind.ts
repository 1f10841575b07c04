import type { Clock, Timer } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import type { Random } from "../../kernel/random.ts";
import type { BindOptions } from "../../sms/options.ts";
import type { BindState, Part, PartEnd, Submission } from "../../sms/ports.ts";
import { messageIdOf, type OnDelivered, type Role } from "./connection.ts";
import { Link } from "./link.ts";
import { statusCode } from "./pdu.ts";
import type { Rate } from "./rate.ts";
import { writeSubmitSm } from "./submit-sm.ts";
import { Throttle } from "./throttle.ts";
import type { Answer } from "./unanswered.ts";

/** A part after the first one that is throttled is tried again so often: nothing of it was taken, and half a message helps nobody. */
const mostTries = 8;
const unsent: PartEnd = { end: "unsent" };

export interface BindParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Of the bind. */
  readonly rate: Rate;
  /** Of a sender, by its address; undefined: none. */
  readonly rateOf: (address: string) => Rate | undefined;
  readonly onChange: () => void;
  readonly onDelivered: OnDelivered;
}

/** A submission on its way. */
interface Journey {
  readonly submission: Submission;
  readonly ends: PartEnd[];
  readonly settle: (ends: readonly PartEnd[]) => void;
  readonly waitsUntil: number;
  tries: number;
}

/** One way to an SMSC: its sessions, what waits for a place on them, its rate, and its keeping back. */
export class Bind {
  readonly #options: BindOptions;
  readonly #parts: BindParts;
  readonly #links: readonly Link[];
  readonly #throttle: Throttle;
  /** What waits, by sender: a slow one keeps no other back. */
  readonly #lanes = new Map<string, Journey[]>();
  #timer: Timer | undefined;
  #waiting = 0;
  #closed = false;

  constructor(options: BindOptions, parts: BindParts) {
    this.#options = options;
    this.#parts = parts;
    this.#throttle = new Throttle(parts.random);
    const roles: readonly Role[] = options.bindType === "transmitter-receiver" ? ["transmitter", "receiver"] : [options.bindType];
    const events = { onChange: () => this.#changed(), onDelivered: parts.onDelivered };
    this.#links = Array.from({ length: options.sessions }, () =>
      roles.map((role) => new Link(options, role, parts.clock, parts.random, parts.log, events)),
    ).flat();
  }

  open(): void {
    for (const link of this.#links) link.open();
  }

  get #up(): boolean {
    return !this.#closed && this.#links.some((link) => link.submits && link.up);
  }

  get state(): BindState {
    const backOffMs = this.#throttle.until - this.#parts.clock.now();
    const note = this.#links.find(({ note }) => note !== undefined)?.note ?? (backOffMs > 0 ? "the SMSC asked for less" : undefined);
    return { name: this.#options.name, up: this.#up, room: this.#room, ...(note !== undefined && { note }) };
  }

  roomFor(from: string): number {
    const room = this.#room;
    return room === 0 ? 0 : Math.min(room, this.#parts.rateOf(from)?.room ?? room);
  }

  get #room(): number {
    if (!this.#up || this.#parts.clock.now() < this.#throttle.until) return 0;
    const places = this.#links.reduce((sum, { room }) => sum + room, 0) - this.#waiting;
    return places <= 0 ? 0 : Math.min(places, this.#parts.rate.room);
  }

  submit(submission: Submission): Promise<readonly PartEnd[]> {
    if (!this.#up) return Promise.resolve(submission.parts.map(() => unsent));
    return new Promise((settle) => {
      const waitsUntil = this.#parts.clock.now() + this.#options.responseTimeoutMs;
      this.#wait({ submission, ends: [], settle, waitsUntil, tries: 0 });
      this.pump();
    });
  }

  /** Sends what may leave now. */
  pump(): void {
    const now = this.#parts.clock.now();
    if (now < this.#throttle.until && !this.#closed) {
      this.#again(this.#throttle.until - now);
      return;
    }
    if (this.#waiting === 0) return;
    for (const [from, lane] of this.#lanes) {
      for (let journey = lane[0]; journey; journey = lane[0]) {
        if (journey.ends.length === 0 && now >= journey.waitsUntil) {
          this.#leave(from, lane);
          this.#settle(journey);
          continue;
        }
        const rate = this.#parts.rateOf(from);
        if (rate?.room === 0) break;
        const link = this.#freest();
        if (!link || this.#parts.rate.room === 0) {
          this.#again(journey.waitsUntil - now);
          return;
        }
        rate?.take();
        this.#parts.rate.take();
        this.#leave(from, lane);
        this.#send(journey, link);
      }
    }
    const next = Math.min(...[...this.#lanes.values()].map(([first]) => first?.waitsUntil ?? Number.POSITIVE_INFINITY));
    if (Number.isFinite(next)) this.#again(Math.max(1, next - now));
  }

  /** Those under way get their time; what has not left never does. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    this.#drop();
    await Promise.all(this.#links.map((link) => link.close()));
    this.#parts.rate.close();
  }

  #freest(): Link | undefined {
    let best: Link | undefined;
    for (const link of this.#links) if (link.room > (best?.room ?? 0)) best = link;
    return best;
  }

  #wait(journey: Journey, first = false): void {
    const from = journey.submission.sender.address;
    const lane = this.#lanes.get(from);
    if (!lane) this.#lanes.set(from, [journey]);
    else if (first) lane.unshift(journey);
    else lane.push(journey);
    this.#waiting += 1;
  }

  #leave(from: string, lane: Journey[]): void {
    lane.shift();
    this.#waiting -= 1;
    if (lane.length === 0) this.#lanes.delete(from);
  }

  #send(journey: Journey, link: Link): void {
    const { submission, ends } = journey;
    const part = submission.parts[ends.length];
    const connection = link.connection;
    if (part === undefined || connection === undefined) {
      this.#settle(journey);
      return;
    }
    const sentAt = this.#parts.clock.now();
    connection.submit(
      (sequence) => writeSubmitSm(sequence, submission, part, this.#options),
      (answer) => {
        if (!("lost" in answer)) link.trust();
        this.#goOn(journey, this.#endOf(answer, sentAt), part);
      },
    );
  }

  #endOf(answer: Answer, sentAt: number): PartEnd {
    if ("lost" in answer) return { end: "unknown", why: answer.lost };
    const { status, pdu } = answer;
    if (status === statusCode.ok) {
      this.#throttle.accepted(sentAt);
      return { end: "accepted", remoteId: messageIdOf(pdu) };
    }
    const again = status === statusCode.throttled || status === statusCode.queueFull;
    if (again) this.#throttle.refused(sentAt, this.#parts.clock.now());
    return { end: "refused", status, again };
  }

  #goOn(journey: Journey, end: PartEnd, part: Part): void {
    const { submission, ends } = journey;
    if (end.end === "refused" && end.again && ends.length > 0 && journey.tries < mostTries && this.#up) {
      journey.tries += 1;
      this.#wait(journey, true);
    } else {
      ends.push(end);
      if (end.end === "accepted" && part !== submission.parts.at(-1) && this.#up) this.#wait(journey, true);
      else this.#settle(journey);
    }
    this.#changed();
  }

  /** What has no end yet has not left. */
  #settle({ submission, ends, settle }: Journey): void {
    settle(submission.parts.map((_, at) => ends[at] ?? unsent));
  }

  #changed(): void {
    if (!this.#up) this.#drop();
    this.pump();
    this.#parts.onChange();
  }

  #drop(): void {
    const lanes = [...this.#lanes.values()];
    this.#lanes.clear();
    this.#waiting = 0;
    for (const lane of lanes) for (const journey of lane) this.#settle(journey);
  }

  #again(afterMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#parts.clock.after(Math.max(1, Math.ceil(afterMs)), () => {
      this.#timer = undefined;
      this.#changed();
    });
  }
}
