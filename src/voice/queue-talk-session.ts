import type { CallCard } from "../agent/card.ts";
import type { QueueRequest } from "../ivr/ports.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Person } from "./caller-session.ts";
import type { DeskCall, Parted } from "./desk-call.ts";
import type { PhoneLeg } from "./phone-ports.ts";
import type { Asking } from "./queue-ports.ts";

export interface TalkParts {
  readonly asking: Asking;
  readonly request: QueueRequest;
  readonly leg: PhoneLeg;
  readonly card: CallCard;
  /** Shows the agent the card as it is now. */
  readonly show: (card: CallCard) => void;
  readonly clock: Clock;
}

/** For people. */
export const partedTexts: Readonly<Record<Parted, string>> = {
  "person-left": "the person hung up",
  "agent-left": "the agent hung up",
  "handed-over": "the person goes on without the agent",
  failed: "the media or the signalling of one of them is gone",
};

/** An agent and a person who hear each other. */
export class Talk implements DeskCall {
  readonly agentId: string;
  readonly attemptId: string;
  readonly person: Person;
  readonly leg: PhoneLeg;
  readonly asking: Asking;
  readonly request: QueueRequest;
  readonly since: number;
  /** Resolves when they are not to hear each other any more. */
  readonly parted: Promise<Parted>;
  readonly ended: Promise<Parted>;
  whenAgentLeaves: (() => Promise<void>) | undefined;
  settle: (() => Promise<void>) | undefined;
  /** Whether the agent wanted it to be over, rather than that the telephone went away. */
  meant = false;
  #card: CallCard;
  #goesOn: Promise<void> = Promise.resolve();
  #over = false;
  readonly #show: (card: CallCard) => void;
  readonly #parted = Promise.withResolvers<Parted>();
  readonly #ended = Promise.withResolvers<Parted>();

  constructor({ asking, request, leg, card, show, clock }: TalkParts) {
    const { attemptId, person } = asking;
    this.agentId = leg.agentId;
    this.attemptId = attemptId;
    this.person = person;
    this.asking = asking;
    this.request = request;
    this.leg = leg;
    this.since = clock.now();
    this.parted = this.#parted.promise;
    this.ended = this.#ended.promise;
    this.#card = card;
    this.#show = show;
    const agentGone = (lost: boolean) => {
      if (this.whenAgentLeaves) this.handOver(this.whenAgentLeaves);
      else this.#part(lost ? "failed" : "agent-left");
    };
    person.left.then((how) => this.#part(how === "lost" ? "failed" : "person-left"));
    leg.dialog.ended.then(({ by }) => agentGone(by === "lost"));
    leg.gone.then(() => agentGone(true));
  }

  get card(): CallCard {
    return this.#card;
  }

  /** For how long the person has no need of their script: resolves when what they were handed over to is over. */
  get goesOn(): Promise<void> {
    return this.#goesOn;
  }

  hangUp(): void {
    if (!this.#over) this.meant = true;
    this.#part("agent-left");
  }

  handOver(goesOn: () => Promise<void>): void {
    if (this.#over) return;
    this.#goesOn = goesOn().catch(() => undefined);
    this.#part("handed-over");
  }

  show(change: Partial<CallCard>): void {
    this.#card = { ...this.#card, ...change };
    this.#show(this.#card);
  }

  /** The agent's telephone has been given back. */
  end(how: Parted): void {
    this.#ended.resolve(how);
  }

  #part(how: Parted): void {
    this.#over = true;
    this.#parted.resolve(how);
  }
}
