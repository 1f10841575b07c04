import { lookup, resolveSrv } from "node:dns/promises";
import { isIP } from "node:net";
import type { PromptStore } from "../ivr/ports.ts";
import { promptKey } from "../ivr/ports.ts";
import { again } from "../kernel/again.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { ReadyScript } from "../voice/ports.ts";

const lookUpMs = 60_000;
/** Until a look-up has succeeded: a trunk that was just added is soon known. */
const firstLookUpMs = 2000;
const services = ["_sip._udp", "_sip._tcp", "_sips._tcp"];

/** What those hear for whom there is no script. */
export interface MessageOptions {
  readonly inboundMessage: string;
  /** BCP 47. */
  readonly inboundLanguage: string;
}

/** Says a text to a caller and hangs up. */
export function messagesOver(prompts: PromptStore, { inboundMessage, inboundLanguage: language }: MessageOptions) {
  return async (text = inboundMessage): Promise<ReadyScript> => {
    const ref = { say: text, language };
    const file = (await prompts.ensure([ref], { urgent: true })).get(promptKey(ref));
    return {
      starts: ["human"],
      async run(caller) {
        const played = await caller.play(file ? [file] : []);
        if (played === "played") await caller.hangUp();
        return { outcome: "message", end: played === "played" ? "completed" : played, answers: {} };
      },
    };
  };
}

/** The addresses of trunks that are named by a host name, looked up again and again. */
export class HostAddresses {
  readonly #hosts: () => readonly string[];
  readonly #log: Log;
  readonly #known = new Map<string, readonly string[]>();
  readonly #end: () => Promise<void>;
  #askedAt = 0;

  /** @param hosts those of the trunks as they are now */
  constructor(hosts: () => readonly string[], clock: Clock, log: Log) {
    this.#hosts = hosts;
    this.#log = log;
    this.#askedAt = clock.now();
    this.refresh();
    this.#end = again(clock, firstLookUpMs, async () => {
      const unknown = this.#names.some((host) => !this.#known.has(host));
      if (unknown || clock.now() - this.#askedAt >= lookUpMs) {
        this.#askedAt = clock.now();
        await this.refresh();
      }
      return true;
    });
  }

  /** None while it is not known. */
  readonly of = (host: string): readonly string[] => this.#known.get(host) ?? [];

  /** Never rejects: what was known stays known while the DNS is away. */
  async refresh(): Promise<void> {
    const names = this.#names;
    for (const host of this.#known.keys()) if (!names.includes(host)) this.#known.delete(host);
    await Promise.all(names.map((host) => this.#ask(host)));
  }

  close(): Promise<void> {
    return this.#end();
  }

  get #names(): readonly string[] {
    return [...new Set(this.#hosts())].filter((host) => isIP(host) === 0);
  }

  async #ask(host: string): Promise<void> {
    // A carrier answers from where RFC 3263 sends calls: the hosts of its SRV records, and the name itself.
    const records = await Promise.allSettled(services.map((service) => resolveSrv(`${service}.${host}`)));
    const hosts = new Set([host, ...valuesOf(records).map(({ name }) => name)]);
    const addresses = valuesOf(await Promise.allSettled([...hosts].map((name) => lookup(name, { all: true }))));
    if (addresses.length > 0) this.#known.set(host, [...new Set(addresses.map(({ address }) => address))]);
    else this.#log.debug({ host }, "the addresses of a trunk cannot be looked up");
  }
}

function valuesOf<T>(settled: readonly PromiseSettledResult<readonly T[]>[]): readonly T[] {
  return settled.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
}
