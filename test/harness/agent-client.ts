import { type AgentLine, connectAgent, type Message } from "../../src/command/agent-line.ts";
import { type Clock, pause } from "../../src/kernel/clock.ts";
import { intBetween, type Random } from "../../src/kernel/random.ts";

export type Span = readonly [lowMs: number, highMs: number];

export interface AgentManner {
  /** Hangs up a conversation that the person has not ended by then. */
  readonly talkMs: Span;
  /** Writes so long afterwards, then says what it was and takes the next. */
  readonly wrapMs: Span;
}

export interface AgentClientOptions extends AgentManner {
  /** Base URL of the API. */
  readonly url: string;
  readonly key: string;
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Puts the telephone down. */
  readonly hangUpPhone: () => Promise<void>;
}

/** Something that an agent's program was told, or that happened to it. */
export interface ClientEvent {
  readonly atMs: number;
  readonly what: "desk" | "call" | "call-ended" | "bye" | "lost" | "back" | "refused";
  /** Of a desk: state and, if there is one, reason; else what was told. */
  readonly text: string;
  readonly attemptId?: string;
}

interface DeskMessage {
  readonly state: string;
  readonly reason?: string;
  readonly attemptId?: string;
}

const againMs = 500;

/** An agent's program as a script, over the real WebSocket: takes calls, hangs up the long ones, disposes of each, and comes back when the connection breaks. */
export class AgentClient {
  readonly name: string;
  readonly events: ClientEvent[] = [];
  /** What the server said last. */
  desk: DeskMessage = { state: "logged-out" };
  /** Whether it logs in again when the connection breaks. */
  comesBack = true;
  readonly #options: AgentClientOptions;
  #line: AgentLine | undefined;
  #wantsReady = false;
  #over = false;
  /** Changes with each state: what was meant for an earlier one is not done. */
  #turn = 0;

  constructor(options: AgentClientOptions) {
    this.#options = options;
    this.name = options.name;
  }

  /** Logs in. @throws Fault of the server, or `agent-line` */
  async login(): Promise<void> {
    const { url, key } = this.#options;
    const line = await connectAgent({
      url,
      heard: (message) => this.#heard(message),
      closed: (code, reason) => {
        if (this.#line === line) this.#lost(`${code} ${reason}`);
      },
    });
    this.#line = line;
    const welcome = await line.ask("login", { key });
    const desk = welcome["desk"] as DeskMessage;
    this.#unheard(desk);
    // Whatever was meant to be done before the connection broke is begun anew.
    this.desk = { state: "unknown" };
    this.#desk(desk);
  }

  /** Takes calls from now on. */
  ready(): void {
    this.#wantsReady = true;
    this.#askReady();
  }

  /** Takes no more calls; resolves when that was said. */
  async notReady(reason = "break"): Promise<void> {
    this.#wantsReady = false;
    await this.#ask("not-ready", { reason });
  }

  async logout(): Promise<void> {
    this.#over = true;
    this.#wantsReady = false;
    await this.#ask("logout");
    this.#line?.close();
  }

  /** Logs in after `logout` or `quit`, and takes calls. Tried until it is let in. */
  async again(): Promise<void> {
    this.#over = false;
    this.#wantsReady = true;
    this.comesBack = true;
    await this.#return();
  }

  /** The program is closed, without a word to the server. */
  quit(): void {
    this.#over = true;
    this.#line?.close();
  }

  #heard(message: Message): void {
    const type = message["type"];
    if (type === "desk") this.#desk(message["desk"] as DeskMessage);
    else if (type === "call") {
      const { attemptId, address } = message["call"] as { readonly attemptId: string; readonly address?: string };
      this.#note("call", address ?? "", attemptId);
    } else if (type === "call-ended") this.#note("call-ended", String(message["why"]), String(message["attemptId"]));
    else if (type === "bye") this.#note("bye", String(message["code"]));
  }

  #note(what: ClientEvent["what"], text: string, attemptId?: string): void {
    this.events.push({ atMs: this.#options.clock.now(), what, text, ...(attemptId !== undefined && { attemptId }) });
  }

  /** The server may not know of the conversation any more, nor have said that it is over, while the two still hear each other. */
  #unheard(next: DeskMessage): void {
    const { state, attemptId } = this.desk;
    if (state !== "talking" || (next.state === "talking" && next.attemptId === attemptId)) return;
    this.#options.clock.after(againMs, () => {
      const told = this.events.some((event) => event.what === "call-ended" && event.attemptId === attemptId);
      if (!told && !this.#over) this.#putDown();
    });
  }

  #desk(desk: DeskMessage): void {
    this.#unheard(desk);
    const { talkMs, wrapMs } = this.#options;
    const changed = desk.state !== this.desk.state || desk.attemptId !== this.desk.attemptId;
    this.desk = desk;
    if (!changed && desk.state !== "not-ready") return;
    this.#note("desk", desk.reason === undefined ? desk.state : `${desk.state} ${desk.reason}`, desk.attemptId);
    this.#turn += 1;
    if (desk.state === "talking") this.#later(talkMs, () => this.#ask("hang-up"));
    else if (desk.state === "wrap-up") this.#later(wrapMs, () => this.#dispose(desk.attemptId));
    else if (desk.state === "not-ready" && this.#wantsReady) this.#later([againMs, againMs], async () => this.#askReady());
  }

  async #dispose(attemptId: string | undefined): Promise<void> {
    const code = intBetween(this.#options.random, 0, 3) === 0 ? "cross-sell" : "processed";
    const said = attemptId !== undefined && (await this.#ask("dispose", { attemptId, code, ready: this.#wantsReady }));
    // Who cannot say what it was takes the next call all the same.
    if (!said && this.#wantsReady) this.#askReady();
  }

  #askReady(): void {
    void this.#ask("ready").then((ok) => {
      if (!ok && this.#wantsReady) this.#later([againMs, againMs], async () => this.#askReady());
    });
  }

  #putDown(): void {
    const { clock, random, talkMs, hangUpPhone } = this.#options;
    clock.after(intBetween(random, ...talkMs), () => {
      // In a conversation by now, it is another one.
      if (this.desk.state !== "talking") void hangUpPhone().catch(() => {});
    });
  }

  /** Does it after a while, unless the state is another by then. */
  #later([lowMs, highMs]: Span, act: () => Promise<unknown>): void {
    const turn = this.#turn;
    this.#options.clock.after(intBetween(this.#options.random, lowMs, highMs), () => {
      if (turn === this.#turn && !this.#over) void act();
    });
  }

  /** @returns whether it was granted */
  async #ask(type: string, body: Message = {}): Promise<boolean> {
    try {
      await this.#line?.ask(type, body);
      return this.#line !== undefined;
    } catch (error) {
      this.#note("refused", `${type}: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
  }

  #lost(why: string): void {
    this.#line = undefined;
    this.#note("lost", why);
    this.#turn += 1;
    if (this.comesBack && !this.#over) void this.#return();
  }

  async #return(): Promise<void> {
    while (!this.#over && !this.#line) {
      await pause(this.#options.clock, againMs);
      try {
        await this.login();
        this.#note("back", this.desk.state);
        if (this.#wantsReady && this.desk.state === "not-ready") this.#askReady();
        return;
      } catch {
        this.#line = undefined;
      }
    }
  }
}
