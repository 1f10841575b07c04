import type { Party } from "../agent/conversation.ts";
import type { Clock, Timer } from "../kernel/clock.ts";
import type { DeskCall } from "./desk-call.ts";
import type { Endpoint } from "./ports.ts";

/** Should this process hang, an agent who hears nobody is told goodbye after so long; renewed well before. */
const aloneGuardMs = 60_000;
const renewMs = 20_000;

/** Who hears whom in one conversation, on the media servers. */
export class Arranging {
  readonly #call: DeskCall;
  readonly #clock: Clock;
  #together: readonly Party[] = ["person", "agent"];
  #timer: Timer | undefined;
  /** Whoever was brought in. */
  third: Endpoint | undefined;

  constructor(call: DeskCall, clock: Clock) {
    this.#call = call;
    this.#clock = clock;
  }

  /** Parts those who are not to hear each other. From a pair to three, and back, nobody is: they are in one room then, or come into it. */
  async part(wanted: readonly Party[]): Promise<void> {
    const was = this.#together;
    const stay = was.filter((party) => wanted.includes(party));
    if (stay.length >= 2 || was.length === 0) return;
    this.#together = [];
    // The first takes its partner along; of three each leaves by itself.
    for (const party of was.length === 2 ? was.slice(0, 1) : was) await this.#endpoint(party)?.unbridge();
    if (was.length === 2) await this.#leaveRoom(was[1]);
    if (!wanted.includes("agent")) this.#guardAgent();
  }

  /** Connects those who are to hear each other. */
  async join(wanted: readonly Party[]): Promise<void> {
    const was = this.#together;
    this.#together = wanted;
    if (wanted.length === 0) return;
    if (wanted.includes("agent")) this.#timer?.cancel();
    const [first, ...others] = wanted.flatMap((party) => this.#endpoint(party) ?? []);
    if (!first || others.length === 0 || was.length >= wanted.length) return;
    await Promise.all([first, ...others].map((endpoint) => endpoint.liftGuard()));
    const [second] = others;
    if (others.length > 1) await first.meet(others);
    else if (second) await first.bridge(second);
  }

  close(): void {
    this.#timer?.cancel();
  }

  #endpoint(party: Party): Endpoint | undefined {
    if (party === "person") return this.#call.person.endpoint;
    return party === "agent" ? this.#call.leg.endpoint : this.third;
  }

  /** Two who were once three are in a room still, where each has to be sent out. */
  async #leaveRoom(party: Party | undefined): Promise<void> {
    if (party) await this.#endpoint(party)?.unbridge();
  }

  #guardAgent(): void {
    void this.#call.leg.endpoint.guard(aloneGuardMs).catch(() => undefined);
    this.#timer?.cancel();
    this.#timer = this.#clock.after(renewMs, () => this.#guardAgent());
  }
}
