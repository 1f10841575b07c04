import { jsonText, plainHeaders, type SwitchEvent, xmlText } from "./event.ts";
import { eventNameOf } from "./event-names.ts";

/** Events that `myevents` stands for (mod_event_socket.c, parse_command). */
const myEvents =
  "CHANNEL_ANSWER CHANNEL_APPLICATION CHANNEL_BRIDGE CHANNEL_CREATE CHANNEL_DATA CHANNEL_DESTROY CHANNEL_EXECUTE CHANNEL_EXECUTE_COMPLETE " +
  "CHANNEL_HANGUP CHANNEL_HANGUP_COMPLETE CHANNEL_ORIGINATE CHANNEL_UUID CHANNEL_OUTGOING CHANNEL_PARK CHANNEL_PROGRESS " +
  "CHANNEL_PROGRESS_MEDIA CHANNEL_STATE CHANNEL_UNBRIDGE CHANNEL_UNPARK DETECTED_SPEECH DTMF NOTALK TALK";

/** Which events a connection wants, through which filters, in which form: the commands event, nixevent, noevents, myevents and filter. */
export class Subscription {
  readonly #events = new Set<string>();
  readonly #subclasses = new Set<string>();
  #filters: [name: string, value: string][] = [];
  /** Only of this channel, after `myevents`. */
  #mine: string | undefined;
  #format: "plain" | "json" | "xml" = "plain";

  get isEmpty(): boolean {
    return this.#events.size === 0;
  }

  wants(name: string, subclass: string | undefined): boolean {
    if (!this.#events.has(name) && !this.#events.has("ALL")) return false;
    return name !== "CUSTOM" || subclass === undefined || this.#events.has("ALL") || this.#subclasses.has(subclass);
  }

  /** The channels let through, when the filters do nothing but name channels. */
  get onlyChannels(): ReadonlySet<string> | undefined {
    if (this.#mine !== undefined && this.#filters.length === 0) return new Set([this.#mine]);
    if (this.#filters.length === 0) return undefined;
    const plain = this.#filters.every(([name, value]) => name.toLowerCase() === "unique-id" && /^[0-9a-f]/i.test(value));
    return plain ? new Set(this.#filters.map(([, value]) => value)) : undefined;
  }

  /** Positive filters let through, negative ones (-value) keep out (mod_event_socket.c, event_handler). */
  passes(event: SwitchEvent): boolean {
    if (this.#mine !== undefined && event.header("Unique-ID") !== this.#mine) return false;
    if (this.#filters.length === 0) return true;
    let send = false;
    for (const [name, wanted] of this.#filters) {
      const value = event.header(name);
      const negative = /^[ +]*-/.test(wanted);
      if (value === undefined || (send && !negative)) continue;
      const bare = wanted.replace(/^[ +-]+/, "");
      const matches = wanted.startsWith("/") ? wanted.length > 2 && value.includes(wanted.slice(1, -1)) : value.toLowerCase() === bare.toLowerCase();
      if (matches && negative) return false;
      if (matches) send = true;
    }
    return send;
  }

  /** The event as it goes over the wire. */
  frame(event: SwitchEvent): string {
    const text = this.#format === "json" ? jsonText(event) : this.#format === "xml" ? xmlText(event) : plainHeaders(event);
    return `Content-Length: ${Buffer.byteLength(text)}\nContent-Type: text/event-${this.#format}\n\n${text}`;
  }

  /** event [plain|json|xml] NAME … [CUSTOM subclass …] */
  event(rest: string): string {
    const words = rest.split(" ").filter((word) => word !== "");
    const format = words[0]?.toLowerCase();
    if (format === "json" || format === "plain" || format === "xml") {
      this.#format = format;
      words.shift();
    }
    const { names, subclasses } = sort(words);
    for (const name of names) this.#events.add(name);
    for (const subclass of subclasses) this.#subclasses.add(subclass);
    return names.length === 0 ? "-ERR no keywords supplied" : `+OK event listener enabled ${this.#format}`;
  }

  nixevent(rest: string): string {
    const { names, subclasses } = sort(rest.split(" ").filter((word) => word !== ""));
    for (const subclass of subclasses) this.#subclasses.delete(subclass);
    for (const name of names) {
      if (name === "ALL") this.#events.clear();
      else if (name !== "CUSTOM") this.#events.delete(name);
    }
    return names.length === 0 ? "-ERR no keywords supplied" : "+OK events nixed";
  }

  noevents(): string {
    const had = !this.isEmpty;
    this.#events.clear();
    this.#subclasses.clear();
    return had ? "+OK no longer listening for events" : "-ERR not listening for events";
  }

  filter(rest: string): string {
    const [first = "", ...more] = rest.split(" ");
    if (first.toLowerCase() === "delete" && more.length > 0) {
      const [name = "", ...values] = more;
      const value = values.join(" ");
      const goes = ([key, held]: [string, string]) => key.toLowerCase() === name.toLowerCase() && (value === "" || held === value);
      this.#filters = name.toLowerCase() === "all" ? [] : this.#filters.filter((filter) => !goes(filter));
      return `+OK filter deleted. [${name}][${value}]`;
    }
    const [name = "", ...values] = first.toLowerCase() === "add" && more.length > 1 ? more : [first, ...more];
    if (values.length === 0) return "-ERR invalid syntax";
    this.#filters.push([name, values.join(" ")]);
    return `+OK filter added. [${name}]=[${values.join(" ")}]`;
  }

  /** @param own the channel the connection controls, if it does: then rest need not name one */
  myevents(rest: string, own: string | undefined): string {
    if (this.#mine !== undefined) return "-ERR aready enabled.";
    if (own === undefined && rest === "") return "-ERR command not found";
    for (const name of myEvents.split(" ")) this.#events.add(name);
    if (/\bjson\b/i.test(rest)) this.#format = "json";
    else if (/\bxml\b/i.test(rest)) this.#format = "xml";
    this.#mine = own ?? rest.split(" ")[0];
    return "+OK Events Enabled";
  }
}

/** What follows CUSTOM are subclasses; words that are no event are passed over. */
function sort(words: readonly string[]): { names: string[]; subclasses: string[] } {
  const names: string[] = [];
  const subclasses: string[] = [];
  for (const word of words) {
    if (names.at(-1) === "CUSTOM") subclasses.push(word);
    else {
      const name = eventNameOf(word);
      if (name !== undefined) names.push(name);
    }
  }
  return { names, subclasses };
}
