import { createInterface } from "node:readline";
import { systemClock } from "../adapter/system/clock.ts";
import { type Clock, pause } from "../kernel/clock.ts";
import { Fault, toFault } from "../kernel/fault.ts";
import { type AgentLine, connectAgent, type Message } from "./agent-line.ts";
import { attemptIn, showMessage, stateIn } from "./agent-show.ts";
import { readLine } from "./agent-words.ts";
import { baseOf } from "./api-client.ts";
import { type CommonOptions, configFor } from "./context.ts";
import { terminalText } from "./table.ts";

export interface AgentOptions extends CommonOptions {
  /** Base URL of the server's API; default where the configuration has it listen. */
  readonly url?: string;
  /** Default: $CARILLON_AGENT_KEY. */
  readonly key?: string;
}

interface Desk {
  readonly url: string;
  readonly key: string;
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly clock: Clock;
}

/** With these the callback is not the agent's any more. */
const endsCallback = new Set(["dispose", "put-back-callback"]);

const onCall = ["reserved", "ringing", "talking"];
const retryEveryMs = 500;

/**
 * `carillon agent`: an agent's desk in a terminal. On a pipe each line is a command; at their end the agent is logged out.
 * @returns 0 when the agent logged out, 1 when the connection ended otherwise
 * @throws Fault `unauthorized`, `agent-line`
 */
export async function agent(options: AgentOptions): Promise<number> {
  const { key } = options;
  if (key === undefined) throw new Fault("unauthorized", "Give your key with --key, or in CARILLON_AGENT_KEY. An administrator makes one for you.");
  const { api } = configFor(options, "admin");
  const url = options.url ?? baseOf({ api }, {});
  return await new AgentTerminal({ url, key, input: process.stdin, output: process.stdout, clock: systemClock }).run();
}

class AgentTerminal {
  readonly #desk: Desk;
  readonly #reader: ReturnType<typeof createInterface>;
  /** From the first moment: whoever writes to a pipe does not wait for the login, and may be gone by then. */
  readonly #lines: AsyncIterable<string>;
  #line: AgentLine | undefined;
  #callbackId: string | undefined;
  /** The call that the agent has, or had last. */
  #attemptId: string | undefined;
  /** What the agent does, as the server said last. */
  #state = "";
  /** For how long the server keeps the agent's place. */
  #graceMs = 0;
  /** Set when it is over. */
  #code: number | undefined;

  constructor(desk: Desk) {
    this.#desk = desk;
    this.#reader = createInterface({ input: desk.input, ...(desk.output.isTTY && { output: desk.output, prompt: "> " }) });
    const lines = this.#reader[Symbol.asyncIterator]();
    this.#lines = { [Symbol.asyncIterator]: () => lines };
  }

  async run(): Promise<number> {
    try {
      await this.#connect();
      this.#say("help tells what you can do.");
      for await (const text of this.#lines) {
        if (this.#code !== undefined) break;
        await this.#obey(text);
      }
      if (this.#code === undefined) await this.#leave();
    } finally {
      this.#reader.close();
      this.#line?.close();
    }
    return this.#code ?? 0;
  }

  async #connect(): Promise<void> {
    const { url, key } = this.#desk;
    let farewell: Message | undefined;
    const line = await connectAgent({
      url,
      heard: (message) => {
        if (message["type"] === "bye") farewell = message;
        // Why a login is refused is told by the fault that comes of it.
        if (message !== farewell || this.#line) this.#show(message);
      },
      closed: (_code, reason) => this.#closed(farewell !== undefined || reason === "logged-out", reason),
    });
    const welcome = await line.ask("login", { key }).catch((error: unknown) => {
      throw farewell ? new Fault(String(farewell["code"]), String(farewell["message"])) : error;
    });
    this.#line = line;
    this.#graceMs = Number(welcome["graceMs"]);
    this.#show(welcome);
  }

  #closed(meant: boolean, reason: string): void {
    if (!this.#line) return;
    this.#line = undefined;
    if (this.#code !== undefined) return;
    if (meant) this.#end(reason === "logged-out" ? 0 : 1);
    else void this.#again();
  }

  /** The server keeps the agent's place for a while. Never rejects. */
  async #again(): Promise<void> {
    const { clock } = this.#desk;
    this.#say("The connection is gone; trying again.");
    for (const until = clock.now() + this.#graceMs; clock.now() < until && this.#code === undefined; ) {
      const back = await this.#connect().then(
        () => true,
        (error: unknown) => {
          const { code, message } = toFault(error, "agent-line");
          if (code !== "unauthorized") return false;
          this.#say(message);
          return this.#end(1);
        },
      );
      if (back) return;
      await pause(clock, retryEveryMs);
    }
    this.#say("The server does not come back.");
    this.#end(1);
  }

  async #obey(text: string): Promise<void> {
    const hand = {
      now: this.#desk.clock.now(),
      ...(this.#callbackId !== undefined && { callbackId: this.#callbackId }),
      ...(this.#attemptId !== undefined && { attemptId: this.#attemptId }),
    };
    const meaning = readLine(text, hand);
    if ("leave" in meaning) await this.#leave();
    else if ("say" in meaning) this.#say(meaning.say);
    else if ("ask" in meaning) {
      try {
        const answer = await this.#ask(meaning.ask, meaning.body);
        if (meaning.ask === "take-callback") this.#callbackId = String(meaning.body["callbackId"]);
        if (meaning.body["callbackId"] === this.#callbackId && endsCallback.has(meaning.ask)) this.#callbackId = undefined;
        // Who is before the agent was shown when they came.
        if (answer["type"] !== "preview") this.#show(answer);
      } catch (error) {
        this.#say(toFault(error, "agent-line").message);
      }
    } else this.#prompt();
  }

  /** Logs out; when the server cannot be told, it finds out by itself. */
  async #leave(): Promise<void> {
    await this.#ask("logout", {}).catch(() => undefined);
    if (onCall.includes(this.#state)) this.#say("Your conversation goes on over your telephone; you are logged out when it is over.");
    this.#end(0);
  }

  async #ask(type: string, body: Message): Promise<Message> {
    if (!this.#line) throw new Fault("agent-line", "There is no connection just now.", { retryable: true });
    return await this.#line.ask(type, body);
  }

  #show(message: Message): void {
    this.#attemptId = attemptIn(message) ?? this.#attemptId;
    this.#state = stateIn(message) ?? this.#state;
    const text = showMessage(message);
    if (text !== undefined) this.#say(text);
  }

  #say(text: string): void {
    this.#desk.output.write(`${terminalText(text)}\n`);
    this.#prompt();
  }

  #prompt(): void {
    if (this.#desk.output.isTTY && this.#code === undefined) this.#reader.prompt(true);
  }

  #end(code: number): boolean {
    this.#code ??= code;
    this.#reader.close();
    return true;
  }
}
