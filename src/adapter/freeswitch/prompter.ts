import type { Broken, Collected, CollectRequest, PromptFile, RecordEnd, RecordRequest } from "../../ivr/ports.ts";
import { type Clock, pause } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import type { Log } from "../../kernel/log.ts";
import type { ChannelCommands } from "./channel-commands.ts";
import { digitsArgument, digitsVariables, joinPrompts, readCollected } from "./digits.ts";
import { EndingKeys } from "./ending-keys.ts";
import { readRecorded, recordArgument, withBeep } from "./recording.ts";
import type { MediaServerState } from "./server-state.ts";

/** A file that is told to break ends with its next frame; then it is time to break the next one. */
const breakMs = 40;

/** What one channel plays, and what it hears for it: keys, words to be kept. */
export class Prompter {
  readonly #id: string;
  readonly #server: Pick<MediaServerState, "name" | "recordings">;
  readonly #channel: ChannelCommands;
  readonly #keys: EndingKeys;
  readonly #clock: Clock;
  readonly #log: Log;
  #stops = 0;

  constructor(id: string, channel: ChannelCommands, server: Pick<MediaServerState, "name" | "recordings">, clock: Clock, log: Log) {
    this.#id = id;
    this.#channel = channel;
    this.#server = server;
    this.#keys = new EndingKeys((keys) => channel.api("uuid_setvar", `${id} playback_terminators ${keys}`));
    this.#clock = clock;
    this.#log = log;
  }

  async play(prompts: readonly PromptFile[]): Promise<"played" | Broken> {
    return (await this.#playback(joinPrompts(prompts))) === "lost" ? "lost" : "played";
  }

  async collect(request: CollectRequest): Promise<Collected> {
    if (!request.bargeIn && request.prompts.length > 0) {
      const played = await this.#playback(joinPrompts(request.prompts));
      if (played === "lost") return { end: played };
      if (played === "cut") return { end: "timeout", digits: "" };
    }
    const event = await this.#channel.execute("play_and_get_digits", digitsArgument(request));
    if (request.secret) for (const variable of digitsVariables) this.#channel.api("uuid_setvar", `${this.#id} ${variable}`);
    return event ? readCollected(event, request) : { end: "lost" };
  }

  /** A person whose recording is cut by our death is hung up on: `record` ends the call when it is taken away in the middle. */
  async record(request: RecordRequest): Promise<RecordEnd> {
    const place = this.#server.recordings;
    if (!place) throw new Fault("recording-unavailable", `FreeSWITCH ${this.#server.name} has no directory for recordings: set voice.recordingsDir.`);
    const argument = recordArgument(place, request);
    // Keys pressed before the recording begins are swallowed by what plays.
    const stops = this.#stops;
    const played = await this.#playback(withBeep(request));
    if (played === "lost") return { end: played };
    if (played === "cut" || stops !== this.#stops) return { end: "silent" };
    this.#keys.arm(request.terminators);
    this.#channel.api("uuid_setvar", `${this.#id} record_ms`);
    const event = await this.#channel.execute("record", argument);
    if (!event) return { end: "lost" };
    if (!event.getHeader("variable_record_ms")) {
      // It hangs up then.
      this.#log.error({ dir: place.mediaDir }, "FreeSWITCH cannot record; can it write to voice.recordingsDir?");
      return { end: "lost" };
    }
    this.#keys.tell(event, request.terminators);
    return readRecorded(event, place, request);
  }

  async stop(): Promise<void> {
    this.#stops += 1;
    const { running } = this.#channel;
    let over = running === undefined;
    running?.then(() => {
      over = true;
    });
    while (!over) {
      // A break ends one file of a list, and the next begins. Not "all": that also throws away applications still queued, whose end would
      // then never be told.
      await this.#channel.api("uuid_break", this.#id);
      await Promise.race([running, pause(this.#clock, breakMs)]);
    }
  }

  listen(keys: string, pressed: (key: string) => void): void {
    this.#keys.listen(keys, pressed);
  }

  async #playback(files: string): Promise<"played" | "cut" | "lost"> {
    this.#keys.arm();
    const event = await this.#channel.execute("playback", files);
    if (!event) return "lost";
    if (event.getHeader("Application-Response") !== "FILE NOT FOUND") return this.#keys.tell(event) ? "cut" : "played";
    this.#log.error({ files }, "FreeSWITCH cannot open a prompt; is prompts.mediaDir the same directory there?");
    return "lost";
  }
}
