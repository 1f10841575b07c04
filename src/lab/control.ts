import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Clock } from "../kernel/clock.ts";
import { Fault, toFault } from "../kernel/fault.ts";
import type { BackOffice } from "./back-office.ts";
import type { LabCarrier } from "./carrier/lab-carrier.ts";
import type { LabFreeswitch } from "./freeswitch/lab-freeswitch.ts";
import type { LabMailbox } from "./mailbox/lab-mailbox.ts";
import { mailboxHandlers } from "./mailbox/mailbox-control.ts";
import { SoundLibrary } from "./media/sound.ts";
import type { LabPhones } from "./phone/lab-phones.ts";
import { phoneHandlers } from "./phone/phone-control.ts";
import type { LabSmsc } from "./smsc/lab-smsc.ts";
import { smscHandlers } from "./smsc/smsc-control.ts";

/** Where everything is. */
export interface LabAddresses {
  readonly drachtio: { readonly host: string; readonly adminPort: number; readonly sipPort: number; readonly tlsPort: number };
  readonly freeswitch: { readonly host: string; readonly eslPort: number; readonly sipPort: number };
  readonly carrier: { readonly host: string; readonly sipPort: number; readonly tlsPort: number };
  /** The agents' telephones: `sip:agent-1@host:sipPort`, … */
  readonly phones: { readonly host: string; readonly sipPort: number };
  /** The mail exchanger. */
  readonly mail: { readonly host: string; readonly smtpPort: number };
  readonly smsc: { readonly host: string; readonly port: number };
  /** Base URL of the books and controls. */
  readonly control: string;
}

export interface LabControlOptions {
  readonly clock: Clock;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly carrier: LabCarrier;
  readonly freeswitch: LabFreeswitch;
  readonly phones: LabPhones;
  readonly mailbox: LabMailbox;
  readonly smsc: LabSmsc;
  readonly office: BackOffice;
}

/** What a request to change personas may say; all of it is optional. */
interface PersonaChange {
  /** Personas by number: the first call meets the first, and so on. An empty list takes the assignment back. */
  readonly numbers?: Record<string, string | string[]>;
  readonly mix?: Record<string, number>;
  /** One persona for everybody, as in an outage; null lifts it. */
  readonly everybody?: string | null;
}

type Handler = (body: unknown) => unknown;

const mostBodyBytes = 16 * 1024 * 1024;

/**
 * The books and the controls of a running lab over HTTP and JSON, for another process on this machine. It has no password and is to be
 * reached from this machine alone.
 *
 *     GET  /addresses    LabAddresses
 *     GET  /books        {calls: CallSummary[], unreadable}     /books.ndjson: one CallSummary a line
 *     GET  /legs         LegUp[]: who rings or is on the line at the carrier now
 *     GET  /channels     uuids up at FreeSWITCH, and unknownCommands
 *     GET  /load         CPU and memory of this process since the last time it was asked
 *     POST /personas     PersonaChange
 *     POST /calls        {from, to, persona}: somebody at the carrier, or "anonymous", calls a number -> {callId}
 *     GET  /webhooks     what the back office was asked, OfficeEntry[]
 *     POST /webhooks/NAME   asks it: take_payment, find_appointment, move_appointment
 *     …    /phones…      the agents' telephones, see phone/phone-control.ts
 *     …    /mails…       the mail exchanger, see mailbox/mailbox-control.ts
 *     …    /smsc/…       the SMSC, see smsc/smsc-control.ts
 *     POST /references   {name: path of a WAV file}; /books then says who heard it
 *     POST /heard        {files: [path], attempt?, callId?} -> [{callId, attempt, matches: [Match]}]
 */
export class LabControl {
  readonly #options: LabControlOptions;
  readonly #sounds = new SoundLibrary();
  readonly #routes: Readonly<Record<string, Handler>>;
  #server: Server | undefined;
  #load = { atMs: 0, cpu: process.cpuUsage() };
  addresses: LabAddresses | undefined;

  constructor(options: LabControlOptions) {
    this.#options = options;
    const { carrier, freeswitch, office, phones, mailbox, smsc } = options;
    this.#load.atMs = options.clock.now();
    this.#routes = {
      "GET /addresses": () => this.addresses,
      "GET /books": () => carrier.books.toJSON(),
      "GET /books.ndjson": () => carrier.books.toNdjson(),
      "GET /legs": () => carrier.books.legsUp(),
      "GET /channels": () => ({ channels: freeswitch.channels().map((channel) => channel.uuid), unknownCommands: freeswitch.unknownCommands }),
      "GET /load": () => this.#measure(),
      "GET /webhooks": () => office.entries,
      ...Object.fromEntries(
        ["take_payment", "find_appointment", "move_appointment"].map((name): [string, Handler] => [
          `POST /webhooks/${name}`,
          (body) => office.ask(name, object(body)),
        ]),
      ),
      "POST /personas": (body) => this.#assign(object(body)),
      "POST /calls": (body) => this.#place(object(body)),
      "POST /references": (body) => this.#refer(object(body)),
      "POST /heard": (body) => this.#heard(object(body)),
      ...phoneHandlers(phones),
      ...mailboxHandlers(mailbox),
      ...smscHandlers(smsc),
    };
  }

  get port(): number {
    const address = this.#server?.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  listen(): Promise<void> {
    const server = createServer((request, response) => {
      void this.#answer(request, response);
    });
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#options.port, this.#options.host, () => {
        this.#server = server;
        resolve();
      });
    });
  }

  close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return Promise.resolve();
    return new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const handler = this.#routes[`${request.method} ${request.url?.split("?")[0]}`];
      if (!handler) throw new Fault("not-found", `there is no ${request.method} ${request.url}; there are: ${Object.keys(this.#routes).join(", ")}`);
      const said = await handler(request.method === "POST" ? await readJson(request) : undefined);
      const text = typeof said === "string" ? said : JSON.stringify(said ?? null);
      response.setHeader("Content-Type", typeof said === "string" ? "application/x-ndjson" : "application/json");
      response.end(text);
    } catch (error) {
      const fault = toFault(error, "lab-fault");
      response.statusCode = fault.code === "not-found" ? 404 : 400;
      response.setHeader("Content-Type", "application/json");
      response.end(JSON.stringify({ code: fault.code, message: fault.message }));
    }
  }

  #assign(body: Record<string, unknown>): unknown {
    const { numbers, mix, everybody } = body as PersonaChange;
    const { directory } = this.#options.carrier;
    for (const [number, names] of Object.entries(object(numbers ?? {}))) directory.assign(number, [names].flat().map(String));
    if (mix !== undefined) directory.setMix(Object.fromEntries(Object.entries(object(mix)).map(([name, share]) => [name, Number(share)])));
    if (everybody !== undefined) directory.setEverybody(everybody ?? undefined);
    return { ok: true };
  }

  async #place(body: Record<string, unknown>): Promise<unknown> {
    const text = (name: string, usual?: string) => {
      const value = body[name] ?? usual;
      if (typeof value !== "string" || !/^[ -~]{1,4000}$/.test(value)) throw new Fault("not-a-call", `a call needs ${name}, a text`);
      return value;
    };
    const number = (name: string) => {
      if (!/^\+?\d{1,20}$/.test(text(name))) throw new Fault("not-a-call", `${name} is not a number`);
      return text(name);
    };
    const from = body["from"] === "anonymous" ? "anonymous" : number("from");
    return { callId: await this.#options.carrier.place({ from, to: number("to"), persona: text("persona", "person") }) };
  }

  async #refer(body: Record<string, unknown>): Promise<unknown> {
    for (const [name, path] of Object.entries(body)) this.#options.carrier.books.addReference(name, (await this.#sounds.load(String(path))).pcm);
    return { ok: true };
  }

  async #heard(body: Record<string, unknown>): Promise<unknown> {
    const { books } = this.#options.carrier;
    const files = [body["files"] ?? []].flat().map(String);
    const sounds = await Promise.all(files.map((file) => this.#sounds.load(file)));
    const calls = books.calls.filter(
      ({ callId, attempt }) =>
        (body["callId"] === undefined || body["callId"] === callId) && (body["attempt"] === undefined || body["attempt"] === attempt),
    );
    return calls.map((call) => ({
      callId: call.callId,
      attempt: call.attempt ?? null,
      matches: sounds.map((sound) => books.heard(call, sound.pcm)),
    }));
  }

  #measure(): unknown {
    const { clock, carrier } = this.#options;
    const atMs = clock.now();
    const cpu = process.cpuUsage();
    const sinceMs = atMs - this.#load.atMs;
    const cpuMs = (cpu.user + cpu.system - this.#load.cpu.user - this.#load.cpu.system) / 1000;
    this.#load = { atMs, cpu };
    return {
      sinceMs,
      cpuMs,
      coreShare: sinceMs > 0 ? cpuMs / sinceMs : 0,
      memoryBytes: process.memoryUsage.rss(),
      skippedFrames: carrier.skippedFrames,
    };
  }
}

function object(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Fault("not-an-object", "a JSON object is expected here");
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    bytes += part.length;
    if (bytes > mostBodyBytes) throw new Fault("too-large", `the body is larger than ${mostBodyBytes} bytes`);
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch (cause) {
    throw new Fault("not-json", "the body is no JSON", { cause });
  }
}
