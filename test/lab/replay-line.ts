import { systemClock } from "../../src/adapter/system/clock.ts";
import { pause } from "../../src/kernel/clock.ts";
import type { EslClient, EslMessage } from "./freeswitch-kit.ts";
import type { Telephone } from "./telephone.ts";

/** Longer than any wait in a transcript: what has not come by then is missing. */
const patienceMs = 3000;

/** One event socket: replies and events are taken each in their order. */
export class Line {
  readonly client: EslClient;
  readonly #taken = { reply: 0, event: 0 };

  constructor(client: EslClient) {
    this.client = client;
  }

  /** The next reply, or the next event of that label; `skipped` gets what came before it. */
  async take(kind: "reply" | "event", label: string, skipped: string[]): Promise<EslMessage | undefined> {
    const from = this.#taken[kind];
    const fits = (message: EslMessage) => isReply(message) === (kind === "reply") && (kind === "reply" || labelOf(message) === label);
    const found = await patiently(this.client.until(fits, from));
    if (!found) return undefined;
    const at = this.client.messages.indexOf(found);
    const passed = this.client.messages.slice(from, at).filter((message) => isReply(message) === (kind === "reply"));
    skipped.push(...passed.map((message) => `${labelOf(message)} came before`));
    this.#taken[kind] = at + 1;
    return found;
  }

  /** What came and nobody has taken. */
  get rest(): EslMessage[] {
    return this.client.messages.filter((message, at) => at >= this.#taken[isReply(message) ? "reply" : "event"]);
  }
}

function isReply(message: EslMessage): boolean {
  return /^(command\/reply|api\/response)$/.test(message.headers.get("Content-Type") ?? "");
}

export async function patiently<T>(coming: Promise<T>): Promise<T | undefined> {
  let timer: { cancel(): void } | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = systemClock.after(patienceMs, () => resolve(undefined));
  });
  const first = await Promise.race([coming, late]);
  timer?.cancel();
  return first;
}

export function labelOf({ headers, event }: Pick<EslMessage, "headers" | "event">): string {
  const name = event["Event-Name"];
  return [
    name ?? headers.get("Content-Type"),
    event["Action"],
    event["Application"],
    name === "CHANNEL_CALLSTATE" ? event["Channel-Call-State"] : event["DTMF-Digit"],
  ]
    .filter((part) => part !== undefined)
    .join(" ");
}

/** The port of the audio in an SDP. */
export function portOf(sdp: string): string | undefined {
  return /^m=audio (\d+)/m.exec(sdp)?.[1];
}

/** Silent, and long enough for the last sound to be through every queue. */
export async function hushed(telephone: Telephone): Promise<void> {
  telephone.stream.hush();
  const sent = telephone.packetsOut + 15;
  while (telephone.packetsOut < sent) await pause(systemClock, 5);
}

/** What differs from run to run: numbers of ports and channels, the version's, where tables put their columns. */
export function shapeOf(text: string): string {
  return text
    .trim()
    .replace(/ +sip:mod_sofia@[\d.:]+/, " sip:mod_sofia@host")
    .replace(/^FreeSWITCH Version [\d.]+-release.*/, "FreeSWITCH Version")
    .replace(/("(?:run_time|join_time|last_talking)":\t)\d+/g, "$1n")
    .replace(/^\d+ total\.$/, "n total.");
}
