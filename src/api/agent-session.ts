import { randomUUID } from "node:crypto";
import type { WebSocket } from "@fastify/websocket";
import type { Timer } from "../kernel/clock.ts";
import { Fault, toFault } from "../kernel/fault.ts";
import { dots, holdsDots } from "../privacy/mask.ts";
import { hidingOf } from "../privacy/masking.ts";
import type { AgentDesk } from "./agent-desk.ts";
import type { LoggedIn } from "./agent-handlers.ts";
import { shownToAgents } from "./agent-shown.ts";
import type { ApiParts } from "./parts.ts";
import { toProblem } from "./problem.ts";
import { showDesk } from "./schema/agent.ts";
import { showCall } from "./schema/agent-call.ts";
import { type Reply, type ReplyBody, type Request, type RequestBody, readId, readRequest } from "./schema/agent-message.ts";
import { showPreview, showPreviewEnd } from "./schema/agent-preview.ts";
import { showWrittenCard } from "./schema/agent-written.ts";

const loginWithinMs = 10_000;
/** A program that is alive answers a ping; one that does not within this time is gone. */
const pingEveryMs = 15_000;
/** Messages that wait for their turn, at most: a person sends none that fast. */
const mostWaiting = 50;
/** Refused ones, until the connection is ended. */
const mostRefused = 200;
/** What a program has not read, at most. */
const mostUnreadBytes = 4 * 1024 * 1024;

/** WebSocket close codes (RFC 6455 §7.4.1; from 4000 on our own). */
const closeCodes: Readonly<Record<ReplyBody<"bye">["code"], number>> = {
  replaced: 4000,
  "logged-out": 4001,
  unauthorized: 4002,
  "login-late": 4003,
  "rate-limited": 4004,
  "too-many-messages": 1008,
};

/** One connection of an agent's program. Messages are answered one after the other, in their order. */
export class AgentSession {
  readonly #socket: WebSocket;
  readonly #desk: AgentDesk;
  readonly #parts: Pick<ApiParts, "agents" | "masking" | "clock" | "log">;
  readonly #countWrongKey: () => Promise<void>;
  readonly #session = randomUUID();
  /** From where it came. */
  readonly #address: string;
  #agent: LoggedIn | undefined;
  #keyId: string | undefined;
  #open = true;
  #waiting = 0;
  #refused = 0;
  #working: Promise<void> = Promise.resolve();
  #alive = true;
  #timer: Timer;

  /** @param countWrongKey rejects with `rate-limited` when there were too many from that address */
  constructor(
    socket: WebSocket,
    address: string,
    desk: AgentDesk,
    parts: Pick<ApiParts, "agents" | "masking" | "clock" | "log">,
    countWrongKey: () => Promise<void>,
  ) {
    this.#countWrongKey = countWrongKey;
    this.#socket = socket;
    this.#address = address;
    this.#desk = desk;
    this.#parts = parts;
    this.#timer = parts.clock.after(loginWithinMs, () => this.#bye("login-late", "Send a login message with your key within 10 s."));
    socket.on("message", (data, binary) => this.#receive(String(data), binary));
    socket.on("pong", () => {
      this.#alive = true;
    });
    // A broken frame or one that is too large: ws closes the connection with the code that says so (1002, 1007, 1009).
    socket.on("error", (error) => parts.log.debug({ agent: this.#agent?.id, error: error.message }, "an agent's connection broke"));
    socket.on("close", () => this.#closed());
  }

  /** The key that it was opened with; undefined before that, and when it is over. */
  get keyId(): string | undefined {
    return this.#open ? this.#keyId : undefined;
  }

  /** That key holds no more. What is going on goes on without the program. */
  shut(): void {
    this.#bye("unauthorized", "Your key is over, or has been revoked.");
  }

  #receive(text: string, binary: boolean): void {
    if (!this.#open) return;
    if (binary || this.#waiting >= mostWaiting) {
      this.#refuse(
        binary
          ? new Fault("request-invalid", "A message is text: one JSON object with a type.")
          : new Fault("rate-limited", "Wait for answers before you send more.", { detail: { id: readId(text) } }),
      );
      return;
    }
    this.#waiting += 1;
    this.#working = this.#working
      .then(() => this.#work(text))
      .finally(() => {
        this.#waiting -= 1;
      });
  }

  /** Never rejects. */
  async #work(text: string): Promise<void> {
    if (!this.#open) return;
    const request = this.#read(text);
    if (!request) return;
    try {
      const reply = await this.#answer(request);
      if (reply) this.#send({ ...reply, ...(request.id !== undefined && { id: request.id }) });
    } catch (error) {
      this.#fail(toFault(error, "internal"), request.id);
    }
  }

  #read(text: string): Request | undefined {
    try {
      return readRequest(text);
    } catch (error) {
      this.#refuse(toFault(error, "internal"));
      return undefined;
    }
  }

  async #answer({ type, body }: Request): Promise<Reply | undefined> {
    const agent = this.#agent;
    if (type === "login") {
      if (agent) throw new Fault("agent-state", "You are logged in already.");
      return await this.#login(body as RequestBody<"login">);
    }
    if (!agent) throw new Fault("unauthorized", "Log in first: the first message has the type login, and your key.");
    if (hidingOf(this.#parts.masking, "agent").hides.size > 0 && holdsDots(body))
      throw new Fault(
        "request-invalid",
        `The message holds ${dots}, which stands for what you do not see: it would take the place of what is there.`,
      );
    // It was held against the schema of that type.
    return await this.#desk.answer(agent, type, body as RequestBody<typeof type>);
  }

  async #login({ key }: RequestBody<"login">): Promise<Reply | undefined> {
    try {
      const { agent, keyId, welcome } = await this.#desk.login(key, this.#session, {
        changed: (desk) => this.#send({ type: "desk", desk: showDesk(desk) }),
        call: (card) => this.#send({ type: "call", call: showCall(card) }),
        callEnded: (attemptId, why) => this.#send({ type: "call-ended", attemptId, why }),
        preview: (card) => this.#send({ type: "preview", preview: showPreview(card) }),
        previewEnded: (attemptId, end) => this.#send({ type: "preview-ended", attemptId, ...showPreviewEnd(end) }),
        conversation: (card) => this.#send({ type: "conversation", conversation: showWrittenCard(card, card.takenBy ?? "") }),
        conversationEnded: (conversationId) => this.#send({ type: "conversation-ended", conversationId }),
        over: (why) => {
          if (why === "replaced") this.#bye(why, "You have logged in elsewhere.");
          // What was asked for is answered before.
          else void this.#working.then(() => this.#bye(why, "You are logged out."));
        },
      });
      this.#agent = agent;
      this.#keyId = keyId;
      this.#timer.cancel();
      // It went away while it was being let in.
      if (!this.#open) await this.#parts.agents.desks.lost(agent.id, this.#session);
      else this.#ping();
      this.#parts.log.info({ agent: agent.id, address: this.#address }, "an agent has logged in");
      return welcome;
    } catch (error) {
      const fault = toFault(error, "internal");
      if (fault.code !== "unauthorized") throw fault;
      this.#parts.log.warn({ code: fault.code, address: this.#address }, "an agent's login was refused");
      const tooMany = await this.#countWrongKey().then(
        () => undefined,
        (error: unknown) => toFault(error, "internal"),
      );
      if (tooMany === undefined) this.#bye("unauthorized", fault.message);
      else this.#bye("rate-limited", tooMany.message);
      return undefined;
    }
  }

  #ping(): void {
    this.#timer = this.#parts.clock.after(pingEveryMs, () => {
      if (!this.#alive) {
        this.#socket.terminate();
        return;
      }
      this.#alive = false;
      this.#socket.ping();
      this.#ping();
    });
  }

  #refuse(fault: Fault): void {
    this.#refused += 1;
    const { id } = fault.detail;
    if (this.#refused > mostRefused) this.#bye("too-many-messages", "Too many messages that cannot be taken.");
    else this.#fail(fault, typeof id === "string" ? id : undefined);
  }

  #fail(fault: Fault, id: string | undefined): void {
    const { code, detail: message, errors, status } = toProblem(fault);
    if (status >= 500)
      this.#parts.log.error({ agent: this.#agent?.id, code: fault.code, error: fault.message, stack: fault.stack }, "an agent's request failed");
    const places = errors && { errors: errors.map((each) => ({ ...each })) };
    this.#send({ type: "error", code, message, ...places, ...(id !== undefined && { id }) });
  }

  #send(message: Reply & { readonly id?: string }): void {
    if (!this.#open) return;
    this.#socket.send(JSON.stringify(shownToAgents(message, hidingOf(this.#parts.masking, "agent"))));
    if (this.#socket.bufferedAmount > mostUnreadBytes) this.#socket.terminate();
  }

  #bye(code: ReplyBody<"bye">["code"], message: string): void {
    if (!this.#open) return;
    this.#send({ type: "bye", code, message });
    this.#open = false;
    this.#timer.cancel();
    this.#socket.close(closeCodes[code], code);
  }

  #closed(): void {
    this.#open = false;
    this.#timer.cancel();
    if (this.#agent) void this.#parts.agents.desks.lost(this.#agent.id, this.#session);
  }
}
