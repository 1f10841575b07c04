import type { Clock, Timer } from "../kernel/clock.ts";
import { intBetween, type Random } from "../kernel/random.ts";
import type { Stores } from "../main.ts";
import { type AgentLine, connectAgent, type Message } from "./agent-line.ts";
import { fieldOf, textOf } from "./api-client.ts";
import type { Ask } from "./named.ts";

export interface DemoAgentsOptions {
  readonly stores: Pick<Stores, "agents" | "phones">;
  /** As an administrator. */
  readonly ask: Ask;
  /** Where their telephones are. */
  readonly phones: { readonly host: string; readonly sipPort: number };
  /** Of the API. */
  readonly url: string;
  /** Unique among demos. */
  readonly name: string;
  readonly count: number;
  readonly campaignId: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Whether whoever has this number tells the agent to be left alone. */
  readonly complains: (number: string) => boolean;
}

/** Somebody told an agent to be left alone. */
export interface ToldAgent {
  readonly number: string;
  /** Epoch ms; it was kept by then. */
  readonly at: number;
}

export interface DemoAgents {
  readonly told: readonly ToldAgent[];
  close(): void;
}

/** How long an agent listens before doing as they are told, talks at most, and writes afterwards, ms. */
const listenMs = [1500, 2500] as const;
const talkMs = [7000, 9000] as const;
const wrapMs = [300, 800] as const;
const againMs = 1000;

/** Agents with telephones in the lab and a program each over the WebSocket, as an agent's desk has it. */
export async function openDemoAgents(options: DemoAgentsOptions): Promise<DemoAgents> {
  const { stores, ask, phones, name, count, campaignId, url } = options;
  const told: ToldAgent[] = [];
  const group = await stores.agents.addGroup(name, { wrapUpMs: 20_000, extensionMs: 10_000, maxExtensions: 1 });
  await stores.agents.assign(group.id, campaignId);
  const agents = await Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const phone = `agent-${at + 1}`;
      const { id } = await stores.agents.addAgent(`${name} ${phone}`);
      await stores.agents.join({ agentId: id, groupId: group.id, priority: 5, skills: [] });
      await stores.phones.set({ agentId: id, place: { kind: "uri", uri: `sip:${phone}@${phones.host}:${phones.sipPort}` }, nailedUp: true });
      const agent = new DemoAgent(options, told);
      await agent.login(url, textOf(await ask("POST", `agents/${id}/keys`), "key") ?? "");
      return agent;
    }),
  );
  return {
    told,
    close: () => {
      for (const agent of agents) agent.close();
    },
  };
}

/** An agent as a script: takes every call, does what the person asks, says goodbye, writes it up, and is ready again. */
class DemoAgent {
  readonly #options: DemoAgentsOptions;
  readonly #told: ToldAgent[];
  #line: AgentLine | undefined;
  #timer: Timer | undefined;
  #state = "";
  #call: { readonly contactId: string | undefined; readonly address: string } | undefined;

  constructor(options: DemoAgentsOptions, told: ToldAgent[]) {
    this.#options = options;
    this.#told = told;
  }

  /** @throws Fault of the server, or `agent-line` */
  async login(url: string, key: string): Promise<void> {
    this.#line = await connectAgent({ url, heard: (message) => this.#heard(message), closed: () => this.#timer?.cancel() });
    await this.#line.ask("login", { key });
    await this.#do("ready");
  }

  close(): void {
    this.#timer?.cancel();
    this.#line?.close();
  }

  #heard(message: Message): void {
    const call = message["call"];
    if (message["type"] === "call") this.#call = { address: textOf(call, "address") ?? "", contactId: textOf(fieldOf(call, "contact"), "contactId") };
    if (message["type"] !== "desk") return;
    const state = textOf(message["desk"], "state") ?? "";
    const attemptId = textOf(message["desk"], "attemptId");
    if (state === this.#state && state !== "not-ready") return;
    this.#state = state;
    this.#timer?.cancel();
    if (state === "talking") this.#talk();
    // The telephone is not there yet, or a call came to nothing.
    else if (state === "not-ready") this.#later([againMs, againMs], () => this.#do("ready"));
    else if (state === "wrap-up")
      this.#later(wrapMs, async () => {
        if (!(await this.#do("dispose", { ...(attemptId && { attemptId }), code: "processed", ready: true }))) await this.#do("ready");
      });
  }

  #talk(): void {
    const { address = "", contactId } = this.#call ?? {};
    const complains = contactId !== undefined && this.#options.complains(address);
    this.#later(complains ? listenMs : talkMs, async () => {
      if (complains && (await this.#do("opt-out", { contactId }))) this.#told.push({ number: address, at: this.#options.clock.now() });
      await this.#do("hang-up");
    });
  }

  #later([lowMs, highMs]: readonly [number, number], act: () => Promise<unknown>): void {
    this.#timer = this.#options.clock.after(intBetween(this.#options.random, lowMs, highMs), () => void act());
  }

  /** @returns whether it was granted: a state may have changed just before */
  async #do(type: string, body: Message = {}): Promise<boolean> {
    return (
      (await this.#line?.ask(type, body).then(
        () => true,
        () => false,
      )) ?? false
    );
  }
}
