import type { EslEvent } from "./modesl.ts";

/**
 * The keys that end what plays or records on a channel (`playback_terminators`), and who is told of them. FreeSWITCH tells of no key as an
 * event, since our dialplan keeps them all out of its log (`sensitive_dtmf`).
 */
export class EndingKeys {
  readonly #set: (terminators: string) => void;
  #keys = "";
  #pressed: (key: string) => void = () => {};
  /** As our dialplan sets it: none. */
  #terminators = "";

  /** @param set sets the channel variable playback_terminators */
  constructor(set: (terminators: string) => void) {
    this.#set = set;
  }

  /** From now on whoever listens is told of these. */
  listen(keys: string, pressed: (key: string) => void): void {
    this.#keys = keys;
    this.#pressed = pressed;
  }

  /** Before something plays or records. @param own keys that end it besides those */
  arm(own = ""): void {
    const terminators = own + this.#keys;
    if (terminators === this.#terminators) return;
    this.#terminators = terminators;
    this.#set(terminators || "none");
  }

  /** After it. @returns whether it was ended by a key that somebody listens for, who is told then */
  tell(event: EslEvent, own = ""): boolean {
    const key = event.getHeader("variable_playback_terminator_used") ?? "";
    if (key === "" || own.includes(key) || !this.#keys.includes(key)) return false;
    this.#pressed(key);
    return true;
  }
}
