import { Fault } from "../kernel/fault.ts";

/** A message as it came: its `type`, and what belongs to it. */
export type Message = Readonly<Record<string, unknown>>;

export interface AgentLineOptions {
  /** Base URL of the server's API: http://127.0.0.1:8080. */
  readonly url: string;
  /** Told of every message that answers no request. */
  readonly heard: (message: Message) => void;
  /** The connection is gone; code and reason as WebSocket has them (RFC 6455 §7.4). */
  readonly closed: (code: number, reason: string) => void;
}

/** A connection to /api/v1/agent. */
export interface AgentLine {
  /** Sends a request. @returns its answer. @throws Fault with the code that the server gave, or `agent-line` when the connection is gone */
  ask(type: string, body?: Message): Promise<Message>;
  close(): void;
}

/** @throws Fault `agent-line` */
export async function connectAgent({ url, heard, closed }: AgentLineOptions): Promise<AgentLine> {
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ""))
    throw new Fault("agent-line", `${url} is no address of a server. --url wants one such as http://127.0.0.1:8080.`);
  const socket = new WebSocket(`${url.replace(/^http/, "ws").replace(/\/+$/, "")}/api/v1/agent`);
  const asked = new Map<string, { readonly resolve: (answer: Message) => void; readonly reject: (fault: Fault) => void }>();
  const gone = () => new Fault("agent-line", `The server does not answer at ${url}.`, { retryable: true });
  let requests = 0;
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve(), { once: true });
    socket.addEventListener("error", () => reject(gone()), { once: true });
    socket.addEventListener("close", () => reject(gone()), { once: true });
  });
  socket.addEventListener("message", ({ data }) => {
    const message = parse(String(data));
    const waiting = asked.get(String(message["id"]));
    if (!waiting) {
      heard(message);
      return;
    }
    asked.delete(String(message["id"]));
    if (message["type"] === "error") waiting.reject(new Fault(String(message["code"]), String(message["message"])));
    else waiting.resolve(message);
  });
  socket.addEventListener("close", ({ code, reason }) => {
    for (const { reject } of asked.values()) reject(gone());
    asked.clear();
    closed(code, reason);
  });
  return {
    ask(type, body = {}) {
      if (socket.readyState !== WebSocket.OPEN) return Promise.reject(gone());
      requests += 1;
      const id = String(requests);
      socket.send(JSON.stringify({ type, id, ...body }));
      return new Promise((resolve, reject) => asked.set(id, { resolve, reject }));
    },
    close: () => socket.close(),
  };
}

function parse(text: string): Message {
  const value: unknown = JSON.parse(text);
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
