import type { Random } from "../kernel/random.ts";
import type { AgentPacingState, PacingEvent } from "./pacing/event.ts";
import { type Figures, Tally } from "./simulation-figures.ts";
import { EventQueue } from "./simulation-queue.ts";
import { type Callee, drawCallee, type Workload } from "./simulation-workload.ts";

/** What dials: the pacer, or one it is compared with. */
export interface DialPolicy {
  observe(event: PacingEvent): void;
  /** How many calls are to be dialled now. */
  decide(nowMs: number): number;
}

export interface SimulationSetup {
  readonly agents: number;
  readonly workload: Workload;
  /** Whom there is to call; the same for every policy. */
  readonly random: Random;
  /** Who has answered is abandoned after this. */
  readonly graceMs: number;
  /** The policy is asked after each event, and at least so often. */
  readonly tickMs: number;
  /** How long agents work, and how long nobody does before the next shift; 0 is a day without end, told of in stretches of `shiftMs`. */
  readonly shiftMs: number;
  readonly breakMs: number;
  /** Not counted, except for the peak of lines. */
  readonly warmUpMs: number;
  /** It ends when so many have answered, so many have been dialled, or so many shifts are over. */
  readonly until: { readonly answers?: number; readonly contacts?: number; readonly shifts?: number };
  /** Again and again a share of the agents leaves without a word, and comes back. */
  readonly absence?: { readonly everyMs: number; readonly share: number; readonly forMs: number };
}

/** Lines are closed for new calls so long before the end of a shift. */
const lastCallMs = 30_000;

type Happening =
  | { readonly kind: "call-over"; readonly call: string; readonly callee: Callee; readonly live: boolean }
  | { readonly kind: "patience-over"; readonly call: string }
  | { readonly kind: "talk-over" | "wrap-over"; readonly agent: string; readonly callee: Callee }
  | { readonly kind: "tick" | "shift" | "shift-over" | "absence" | "return" };

interface Seat {
  state: AgentPacingState;
  absent: boolean;
}

/** A day of dialling in virtual time: discrete events, the same seed gives the same day. */
export function simulate(setup: SimulationSetup, policy: DialPolicy): Figures {
  return new Floor(setup, policy).run();
}

class Floor {
  readonly #setup: SimulationSetup;
  readonly #policy: DialPolicy;
  readonly #queue = new EventQueue<Happening>();
  readonly #seats = new Map<string, Seat>();
  readonly #ready: string[] = [];
  readonly #waiting = new Map<string, { readonly callee: Callee; readonly sinceMs: number }>();
  readonly #tally: Tally;
  #nowMs = 0;
  #shiftEndsMs = 0;
  #shifts = 0;
  #open = false;
  #dialled = 0;
  #lines = 0;

  constructor(setup: SimulationSetup, policy: DialPolicy) {
    this.#setup = setup;
    this.#policy = policy;
    this.#tally = new Tally(setup.shiftMs, setup.breakMs, setup.warmUpMs);
    for (let index = 0; index < setup.agents; index++) this.#seats.set(`a${index}`, { state: "away", absent: false });
  }

  run(): Figures {
    const { absence, until } = this.#setup;
    this.#queue.put(0, { kind: "shift" });
    this.#queue.put(0, { kind: "tick" });
    if (absence) this.#queue.put(absence.everyMs, { kind: "absence" });
    for (let next = this.#queue.take(); next; next = this.#queue.take()) {
      this.#nowMs = next.atMs;
      this.#happen(next.what);
      if (this.#tally.answers >= (until.answers ?? Number.POSITIVE_INFINITY)) break;
      if (this.#shifts >= (until.shifts ?? Number.POSITIVE_INFINITY) && !this.#open && this.#idle()) break;
      if (this.#left() === 0 && this.#idle()) break;
      if (this.#open) this.#dial();
    }
    return this.#tally.figures(this.#nowMs, this.#dialled, this.#left() === 0);
  }

  #left(): number {
    return (this.#setup.until.contacts ?? Number.POSITIVE_INFINITY) - this.#dialled;
  }

  #idle(): boolean {
    return this.#lines === 0 && this.#waiting.size === 0 && [...this.#seats.values()].every(({ state }) => state === "ready" || state === "away");
  }

  #happen(what: Happening): void {
    switch (what.kind) {
      case "tick":
        if (this.#open) this.#queue.put(this.#nowMs + this.#setup.tickMs, what);
        break;
      case "shift":
        this.#begin();
        break;
      case "shift-over":
        this.#end();
        break;
      case "absence":
      case "return":
        this.#absent(what.kind === "absence");
        break;
      case "call-over":
        this.#over(what.call, what.callee, what.live);
        break;
      case "patience-over":
        this.#giveUp(what.call);
        break;
      case "talk-over":
        this.#move(what.agent, "wrap-up");
        this.#queue.put(this.#nowMs + what.callee.wrapMs, { ...what, kind: "wrap-over" });
        break;
      case "wrap-over":
        this.#free(what.agent);
    }
  }

  #begin(): void {
    const { shiftMs, breakMs } = this.#setup;
    this.#open = true;
    this.#shiftEndsMs = breakMs === 0 ? Number.POSITIVE_INFINITY : this.#nowMs + shiftMs;
    if (breakMs > 0) {
      this.#queue.put(this.#shiftEndsMs, { kind: "shift-over" });
      if (this.#nowMs > 0) this.#queue.put(this.#nowMs, { kind: "tick" });
    }
    for (const agent of this.#seats.keys()) this.#free(agent);
  }

  #end(): void {
    this.#open = false;
    this.#shifts += 1;
    for (const agent of this.#ready.splice(0)) this.#move(agent, "away");
    if (this.#shifts < (this.#setup.until.shifts ?? Number.POSITIVE_INFINITY)) this.#queue.put(this.#nowMs + this.#setup.breakMs, { kind: "shift" });
  }

  #absent(absent: boolean): void {
    const { absence, agents } = this.#setup;
    if (!absence) return;
    this.#queue.put(this.#nowMs + (absent ? absence.forMs : absence.everyMs), { kind: absent ? "return" : "absence" });
    const count = Math.round(absence.share * agents);
    for (const [agent, seat] of [...this.#seats].slice(0, count)) {
      seat.absent = absent;
      const place = this.#ready.indexOf(agent);
      if (absent && place >= 0) {
        this.#ready.splice(place, 1);
        this.#move(agent, "away");
      }
      if (!absent && seat.state === "away" && this.#open) this.#free(agent);
    }
  }

  /** An agent who has nothing to do takes who has waited longest, waits, or goes. */
  #free(agent: string): void {
    const seat = this.#seats.get(agent);
    const stays = this.#open && !seat?.absent;
    this.#move(agent, stays ? "ready" : "away");
    if (!stays) return;
    const [first] = this.#waiting;
    if (first) this.#connect(first[0], first[1].callee, agent, this.#nowMs - first[1].sinceMs);
    else this.#ready.push(agent);
  }

  #over(call: string, callee: Callee, live: boolean): void {
    this.#lines -= 1;
    this.#policy.observe({ kind: "ended", atMs: this.#nowMs, call, how: live ? "answered" : "unanswered" });
    if (!live) return;
    this.#tally.answered(this.#nowMs);
    const agent = this.#ready.shift();
    if (agent === undefined) {
      this.#waiting.set(call, { callee, sinceMs: this.#nowMs });
      this.#queue.put(this.#nowMs + this.#setup.graceMs, { kind: "patience-over", call });
    } else this.#connect(call, callee, agent, 0);
  }

  #giveUp(call: string): void {
    if (!this.#waiting.delete(call)) return;
    this.#tally.abandoned(this.#nowMs);
    this.#policy.observe({ kind: "abandoned", atMs: this.#nowMs, call });
  }

  #connect(call: string, callee: Callee, agent: string, waitedMs: number): void {
    this.#waiting.delete(call);
    this.#tally.waited(this.#nowMs, waitedMs);
    this.#policy.observe({ kind: "connected", atMs: this.#nowMs, call });
    this.#move(agent, "talking");
    this.#queue.put(this.#nowMs + callee.talkMs, { kind: "talk-over", agent, callee });
  }

  #move(agent: string, state: AgentPacingState): void {
    const seat = this.#seats.get(agent);
    if (!seat || seat.state === state) return;
    this.#tally.moved(this.#nowMs, seat.state, state);
    seat.state = state;
    const leaves = Number.isFinite(this.#shiftEndsMs) && state !== "away" ? { leavesAtMs: this.#shiftEndsMs } : {};
    this.#policy.observe({ kind: "agent", atMs: this.#nowMs, agent, state, ...leaves });
  }

  #dial(): void {
    if (this.#nowMs > this.#shiftEndsMs - lastCallMs) return;
    const { workload, random } = this.#setup;
    const wanted = Math.min(this.#policy.decide(this.#nowMs), this.#left());
    for (let index = 0; index < wanted; index++) {
      const callee = drawCallee(random, workload);
      const live = callee.luck < workload.hitRate(this.#nowMs);
      const call = `c${this.#dialled}`;
      this.#dialled += 1;
      this.#lines += 1;
      this.#policy.observe({ kind: "dialled", atMs: this.#nowMs, call, list: "list", attempt: 1 });
      this.#queue.put(this.#nowMs + (live ? callee.ringMs : callee.deadMs), { kind: "call-over", call, callee, live });
    }
    this.#tally.lines(this.#lines);
  }
}
