import type { Header } from "./event.ts";

/** A key press, its length in samples, and whether it is to be told to nobody (DTMF_FLAG_SENSITIVE). */
export interface KeyPress {
  readonly key: string;
  readonly duration: number;
  readonly secret: boolean;
}

/** The channel, as its keys need it. */
export interface KeyTarget {
  readonly variables: { isTrue(name: string): boolean };
  fire(name: string, headers: readonly Header[]): void;
}

/** Keys that are remembered for `digits_dialed`, at most (SWITCH_DTMF_LOG_LEN). */
const mostDialed = 1000;

/** The key presses of a channel that nobody has taken yet, and those that are remembered (dtmf_queue and dtmf_log_queue of switch_channel.c). */
export class KeyQueue {
  readonly #target: KeyTarget;
  readonly #waiting: KeyPress[] = [];
  #dialed = "";

  constructor(target: KeyTarget) {
    this.#target = target;
  }

  /** The keys that are told of when the call is over. */
  get dialed(): string {
    return this.#dialed;
  }

  /** A key was pressed (switch_channel_queue_dtmf): whether it is a secret is decided now. @param duration samples */
  press(key: string, duration: number): void {
    this.#waiting.push({ key, duration, secret: this.#target.variables.isTrue("sensitive_dtmf") });
  }

  /** The next key press (switch_channel_dequeue_dtmf); only now is it told as an event, and never when it is a secret. */
  take(): KeyPress | undefined {
    const press = this.#waiting.shift();
    if (!press || press.secret) return press;
    this.#remember(press);
    this.#target.fire("DTMF", [
      ["DTMF-Digit", press.key],
      ["DTMF-Duration", String(press.duration)],
      ["DTMF-Source", "RTP"],
    ]);
    return press;
  }

  /** What nobody took is forgotten, but for `digits_dialed`: even a secret (switch_channel_flush_dtmf). */
  flush(): void {
    for (const press of this.#waiting.splice(0)) this.#remember(press);
  }

  #remember({ key }: KeyPress): void {
    if (this.#dialed.length < mostDialed) this.#dialed += key;
  }
}
