import type { Application, Channel } from "./channel.ts";
import { record } from "./record-message.ts";
import { Recorder, recordable } from "./recorder.ts";

/** The recordings that run beside the channels, so that their frames are driven and they end with the call. */
export class Recordings {
  readonly #running = new Map<Channel, Recorder[]>();

  /** uuid_record start and record_session. @param own variables of this recording alone: {NAME=value,…} @returns false when FreeSWITCH would refuse the file's name; an unwritable file is no refusal */
  start(channel: Channel, path: string, limitS: number | undefined, own = ""): boolean {
    if (!recordable.test(path)) return false;
    const running = this.#running.get(channel) ?? [];
    if (running.some((recorder) => recorder.path === path)) return true;
    const recorder: Recorder = new Recorder(channel, path, {
      own,
      limitMs: limitS === undefined ? Number.POSITIVE_INFINITY : limitS * 1000,
      onLimit: () => this.stop(channel, path),
    });
    const writable = recorder.start();
    this.#running.set(channel, [...running, recorder]);
    if (!writable) channel.variables.set("record_completion_cause", "uri-failure");
    return true;
  }

  /** @param path of the recording, or `all` @returns false when there is no such recording */
  stop(channel: Channel, path: string): boolean {
    const running = this.#running.get(channel) ?? [];
    const ended = running.filter((recorder) => path === "all" || recorder.path === path);
    const left = running.filter((recorder) => !ended.includes(recorder));
    if (left.length > 0) this.#running.set(channel, left);
    else this.#running.delete(channel);
    for (const recorder of ended) recorder.stop();
    for (const recorder of ended) recorder.detach();
    return ended.length > 0;
  }

  /** switch_ivr_record_session_mask. @returns false when there is no such recording */
  mask(channel: Channel, path: string, masked: boolean): boolean {
    const recorder = this.#running.get(channel)?.find((each) => each.path === path);
    if (recorder) recorder.masked = masked;
    return recorder !== undefined;
  }

  frame(channel: Channel): void {
    for (const recorder of this.#running.get(channel) ?? []) recorder.frame();
  }

  applications(): [string, Application][] {
    return [
      ["record", record],
      ["record_session", (channel, data) => void this.start(channel, data.split("+")[0]?.trim() ?? "", undefined)],
      ["stop_record_session", (channel, data) => void this.stop(channel, data.trim())],
    ];
  }
}
