import { type Clock, pause } from "../../kernel/clock.ts";
import { Fault, toFault } from "../../kernel/fault.ts";
import type { Log } from "../../kernel/log.ts";
import type { SeenServer } from "../../voice/fleet-ports.ts";
import { type Capture, openCapture } from "./capture.ts";
import { connectDrachtio, type DrachtioAddress, type DrachtioConnection } from "./connection.ts";
import { DrachtioSignalling } from "./signalling.ts";
import { DrachtioTrunkRequests } from "./trunk-requests.ts";

export interface DrachtioOptions extends DrachtioAddress {
  /** Told from the others by it; one that is alone needs none. */
  readonly name?: string;
  readonly capturePort?: number;
  readonly captureAddress?: string;
}

const retryMs = 2000;

/** What there is of a drachtio-server once it has been connected. */
export interface Connected {
  readonly connection: DrachtioConnection;
  readonly signalling: DrachtioSignalling;
  readonly requests: DrachtioTrunkRequests;
}

/** One drachtio-server of the fleet. */
export class DrachtioMember {
  readonly name: string;
  readonly #options: DrachtioOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #other: () => DrachtioMember | undefined;
  readonly #there = Promise.withResolvers<Connected>();
  #connected: Connected | undefined;
  #capture: Capture | undefined;
  #closed = false;
  /** For maintenance: it gets no new calls. */
  draining = false;

  /** @param other another member that can be reached */
  constructor(options: DrachtioOptions, name: string, clock: Clock, log: Log, other: () => DrachtioMember | undefined) {
    this.#other = other;
    this.name = name;
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
  }

  /** It may be lost again since. */
  get connected(): Connected | undefined {
    return this.#connected;
  }

  /** Resolves when it was connected for the first time. */
  get there(): Promise<Connected> {
    return this.#there.promise;
  }

  get state(): SeenServer["state"] {
    return this.#connected?.connection.state ?? "down";
  }

  get takesCalls(): boolean {
    return this.state === "up" && !this.draining;
  }

  /** @throws Fault of `connectDrachtio` or `openCapture` */
  async connect(): Promise<void> {
    const { capturePort: port, captureAddress: host = "127.0.0.1" } = this.#options;
    const connection = await connectDrachtio(this.#options, this.#clock, this.#log);
    const signalling = new DrachtioSignalling(connection, this.#clock, this.#log, () => this.#other()?.connected?.connection.srf);
    try {
      if (port === undefined)
        this.#log.info({}, "drachtio.capturePort is not set: of two people who answer one call only the first can be hung up on");
      else this.#capture = await openCapture({ host, port }, (captured) => signalling.takeCopy(captured));
      if (this.#closed) throw new Fault("drachtio-unreachable", "closed while connecting", { retryable: true });
    } catch (error) {
      connection.close();
      await this.#capture?.close();
      throw error;
    }
    this.#connected = { connection, signalling, requests: new DrachtioTrunkRequests(connection, this.#clock) };
    this.#there.resolve(this.#connected);
  }

  /** Goes on trying, for one that could not be connected at the start. */
  async keepTrying(): Promise<void> {
    while (!this.#closed && !this.#connected) {
      await pause(this.#clock, retryMs);
      if (this.#closed) return;
      await this.connect().catch((error) =>
        this.#log.debug({ err: toFault(error, "drachtio-unreachable") }, "drachtio-server still cannot be reached"),
      );
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#connected?.connection.close();
    await this.#capture?.close();
  }
}
