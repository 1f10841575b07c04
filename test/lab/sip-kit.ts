import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import t, { type Test } from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { intBetween, pick, type Random, seededRandom } from "../../src/kernel/random.ts";
import { selfSigned } from "../../src/lab/sip/certificate.ts";
import type { IncomingCall } from "../../src/lab/sip/incoming-call.ts";
import { responseTo, type SipMessage, type SipRequest, writeMessage } from "../../src/lab/sip/message.ts";
import { parseMessage } from "../../src/lab/sip/parse.ts";
import type { WireMessage } from "../../src/lab/sip/stack.ts";
import { SipAgent } from "../../src/lab/sip/user-agent.ts";

/** Said by every test that draws lots; SEED=n repeats a run. */
export const seed = Number(process.env["SEED"] ?? 20261122);
let drawn = 0;
const identity = selfSigned("127.0.0.1", Date.now());

export interface TestAgent {
  readonly agent: SipAgent;
  /** Everything that passed its wire. */
  readonly wire: WireMessage[];
  /** First lines of what left or came, retransmissions too. */
  lines(direction: "in" | "out"): string[];
  uri(user: string, params?: string): string;
}

/** An agent that listens on a free port. */
export async function openAgent(clock: Clock = systemClock): Promise<TestAgent> {
  const wire: WireMessage[] = [];
  drawn += 1;
  const agent = new SipAgent({
    clock,
    random: seededRandom(seed + drawn),
    host: "127.0.0.1",
    port: 0,
    transports: ["udp", "tcp", "tls"],
    tls: { identity, port: 0 },
    onWire: (message) => wire.push(message),
  });
  await agent.listen();
  return {
    agent,
    wire,
    lines: (direction) => wire.filter((entry) => entry.direction === direction).map(({ text }) => text.slice(0, text.indexOf("\r\n"))),
    uri: (user, params = "") => `sip:${user}@127.0.0.1:${agent.stack.portOf(params.endsWith("=tls") ? "tls" : "udp")}${params}`,
  };
}

/** A far side that does nothing by itself: a UDP socket, in the test's hands. */
export class RawPeer {
  readonly #socket: Socket = createSocket("udp4");
  readonly #came: SipMessage[] = [];
  readonly #waiting: { readonly holds: (message: SipMessage) => boolean; readonly resolve: (message: SipMessage) => void }[] = [];
  /** Datagrams that came and were no SIP. */
  readonly unreadable: string[] = [];

  async open(): Promise<this> {
    this.#socket.on("message", (bytes: Buffer, _from: RemoteInfo) => {
      const parsed = parseMessage(bytes);
      if (!parsed.ok) this.unreadable.push(bytes.toString());
      else this.#take(parsed.message);
    });
    this.#socket.bind(0, "127.0.0.1");
    await once(this.#socket, "listening");
    return this;
  }

  #take(message: SipMessage): void {
    const index = this.#waiting.findIndex(({ holds }) => holds(message));
    if (index === -1) this.#came.push(message);
    else this.#waiting.splice(index, 1)[0]?.resolve(message);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** The next message (come already or still to come) for which it holds. */
  #next(holds: (message: SipMessage) => boolean): Promise<SipMessage> {
    const index = this.#came.findIndex(holds);
    const [found] = index === -1 ? [] : this.#came.splice(index, 1);
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((resolve) => {
      this.#waiting.push({ holds, resolve });
    });
  }

  async request(method: string): Promise<SipRequest> {
    const message = await this.#next((one) => one.kind === "request" && one.method === method);
    if (message.kind !== "request") throw new Error("no request");
    return message;
  }

  async response(status: number, method?: string) {
    const holds = (one: SipMessage) =>
      one.kind === "response" && one.status === status && (method === undefined || (one.headers.get("cseq") ?? "").endsWith(method));
    const message = await this.#next(holds);
    if (message.kind !== "response") throw new Error("no response");
    return message;
  }

  /** How many such requests came and were not asked for. */
  count(method: string): number {
    return this.#came.filter((one) => one.kind === "request" && one.method === method).length;
  }

  send(text: string | Buffer, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(text, port, "127.0.0.1", (error) => (error === null ? resolve() : reject(error)));
    });
  }

  /** Answers a request that came. */
  answer(request: SipRequest, status: number, port: number, toTag: string, headers: Record<string, string> = {}, sdp?: string): Promise<void> {
    const contact = status < 300 ? `<sip:raw@127.0.0.1:${this.port}>` : undefined;
    return this.send(writeMessage(responseTo(request, status, { toTag, headers, sdp, contact })), port);
  }

  /** A request with everything a request needs. */
  write(
    method: string,
    to: { readonly port: number },
    parts: { branch?: string; toTag?: string; fromTag?: string; callId?: string; cseq?: number; extra?: string; body?: string } = {},
  ): string {
    const { branch = "z9hG4bKraw1", fromTag = "raw", callId = "raw-call", cseq = 1, extra = "", body = "" } = parts;
    const toTag = parts.toTag === undefined ? "" : `;tag=${parts.toTag}`;
    return (
      `${method} sip:agent@127.0.0.1:${to.port} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:${this.port};branch=${branch}\r\nMax-Forwards: 70\r\n` +
      `From: <sip:raw@127.0.0.1>;tag=${fromTag}\r\nTo: <sip:agent@127.0.0.1>${toTag}\r\nCall-ID: ${callId}\r\nCSeq: ${cseq} ${method}\r\n` +
      `Contact: <sip:raw@127.0.0.1:${this.port}>\r\n${extra}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
    );
  }

  close(): void {
    this.#socket.close();
  }
}

/** One to six bytes of the text changed, lost, doubled, or cut off. */
export function mutate(bytes: Buffer, random: Random): Buffer {
  let copy = Buffer.from(bytes);
  for (let edits = intBetween(random, 1, 6); edits > 0; edits -= 1) {
    const at = intBetween(random, 0, copy.length - 1);
    const kind = pick(random, ["flip", "drop", "double", "cut", "junk"] as const);
    if (kind === "flip") copy[at] = intBetween(random, 0, 255);
    else if (kind === "drop") copy = Buffer.concat([copy.subarray(0, at), copy.subarray(at + intBetween(random, 1, 20))]);
    else if (kind === "double") copy = Buffer.concat([copy.subarray(0, at), copy.subarray(Math.max(0, at - 30))]);
    else if (kind === "cut") copy = copy.subarray(0, at + 1);
    else copy = Buffer.concat([copy.subarray(0, at), Buffer.from([13, 10, 58, 34, 60, 0, 255].slice(intBetween(random, 0, 5))), copy.subarray(at)]);
    if (copy.length === 0) copy = Buffer.from("\n");
  }
  return copy;
}

export const from = "<sip:+15550001111@lab.example>";

export interface Pair {
  readonly caller: TestAgent;
  readonly callee: TestAgent;
  /** A far side of the test's own, closed with the agents. */
  readonly raw: RawPeer;
}

/** A test with two agents; afterwards no dialog, and once closed no transaction or connection may be left. */
export function between(name: string, body: (test: Test, pair: Pair) => Promise<void>): void {
  t.test(name, async (test) => {
    const [caller, callee, raw] = [await openAgent(), await openAgent(), await new RawPeer().open()];
    try {
      await body(test, { caller, callee, raw });
    } finally {
      const left = [caller.agent.counts.dialogs, callee.agent.counts.dialogs];
      await caller.agent.close();
      await callee.agent.close();
      raw.close();
      test.same(left, [0, 0], "no dialog left");
      const nothing = { dialogs: 0, clients: 0, servers: 0, connections: 0 };
      test.same([caller.agent.counts, callee.agent.counts], [nothing, nothing], "nothing left after close");
    }
  });
}

/** Resolves with the next call that comes in. */
export function nextCall(side: TestAgent): Promise<IncomingCall> {
  return new Promise((resolve) => {
    side.agent.onInvite = resolve;
  });
}
