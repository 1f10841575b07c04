import type { ChannelCommands } from "./channel-commands.ts";
import { goodbyeTarget } from "./dialplan.ts";

/** What FreeSWITCH does by itself with one channel should nobody lead it any more. */
export class Guard {
  readonly #id: string;
  readonly #channel: Pick<ChannelCommands, "api">;
  #isSet = false;

  constructor(id: string, channel: Pick<ChannelCommands, "api">) {
    this.#id = id;
    this.#channel = channel;
  }

  async set(afterMs: number): Promise<void> {
    const lift = this.#isSet ? this.#channel.api("sched_del", this.#id) : undefined;
    this.#isSet = true;
    await Promise.all([lift, this.#channel.api("sched_transfer", `+${Math.ceil(afterMs / 1000)} ${this.#id} ${goodbyeTarget}`)]);
  }

  async lift(): Promise<void> {
    if (!this.#isSet) return;
    this.#isSet = false;
    await this.#channel.api("sched_del", this.#id);
  }

  /** Whoever comes out of a conversation gets one by the dialplan, which the next of ours replaces. */
  comesByItself(): void {
    this.#isSet = true;
  }
}
