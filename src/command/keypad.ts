import { createInterface } from "node:readline";
import { keysOf } from "../ivr/keys.ts";
import type { Clock, Timer } from "../kernel/clock.ts";

/** What somebody with a telephone in hand can do while keys are waited for. */
export interface KeyWait {
  readonly maxDigits: number;
  readonly terminators: string;
  /** Silence before the first key after which it ends; Infinity waits. */
  readonly firstDigitMs: number;
  readonly interDigitMs: number;
  /** Keys are not shown. */
  readonly secret: boolean;
}

/** The keyboard as a telephone's keypad. */
export interface Keypad {
  /** The keys pressed, without what ended them; empty for silence. */
  keys(wait: KeyWait): Promise<string | "hang-up">;
  /**
   * One of these keys, or `hang-up`, while something is only heard; undefined when neither comes.
   * @param heardMs for how long that is
   */
  keyInto(keys: string, heardMs: number): Promise<string | undefined>;
  /** A line of text. */
  line(question: string): Promise<string | "hang-up">;
  close(): void;
}

/** Lines of a pipe or a file: each is what happens next. The end of the lines hangs up. */
export function lineKeypad(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Keypad {
  const reader = createInterface({ input });
  const lines = reader[Symbol.asyncIterator]();
  let coming: ReturnType<typeof lines.next> | undefined;
  const next = async (secret = false): Promise<string | "hang-up"> => {
    const { done, value } = await (coming ?? lines.next());
    coming = undefined;
    const text = done ? "hang-up" : value.trim();
    const shown = secret && text !== "h" ? "•".repeat(text.length) : text;
    output.write(`${done ? "(no more lines: hangs up)" : shown}\n`);
    return text === "h" ? "hang-up" : text;
  };
  return {
    async keys(wait) {
      const text = await next(wait.secret);
      return text === "hang-up" ? text : keysOf(text, wait);
    },
    async keyInto(keys) {
      coming ??= lines.next();
      const { done, value } = await coming;
      const key = done ? undefined : pressed(value.trim(), keys);
      if (key !== undefined) await next();
      return key;
    },
    line: async (question) => {
      output.write(question);
      return next();
    },
    close: () => reader.close(),
  };
}

/** The key of a line such as `k9`, if it is one of these. */
export function pressed(line: string, keys: string): string | undefined {
  const [, key = ""] = /^k([0-9*#])$/.exec(line) ?? [];
  return key !== "" && keys.includes(key) ? key : undefined;
}

/** A terminal: keys count as they are pressed, silence by the clock; Enter ends what was pressed, `h` and Ctrl-C hang up. */
export function terminalKeypad(input: NodeJS.ReadStream, output: NodeJS.WriteStream, clock: Clock): Keypad {
  const keypad: Keypad = {
    keys: (wait) =>
      new Promise((resolve) => {
        let pressed = "";
        let timer: Timer | undefined;
        const done = (keys: string | "hang-up") => {
          timer?.cancel();
          input.off("data", take);
          input.setRawMode(false);
          input.pause();
          output.write("\n");
          resolve(keys);
        };
        const listen = (ms: number) => {
          timer?.cancel();
          timer = Number.isFinite(ms) ? clock.after(ms, () => done(pressed)) : undefined;
        };
        const take = (chunk: Buffer) => {
          for (const key of chunk.toString()) {
            if (key === "h" || key === "\u0003") return done("hang-up");
            if (key === "\r" || key === "\n" || wait.terminators.includes(key)) return done(pressed);
            if (!/[0-9*#]/.test(key)) continue;
            pressed += key;
            output.write(wait.secret ? "•" : key);
            if (pressed.length >= wait.maxDigits) return done(pressed);
          }
          listen(wait.interDigitMs);
        };
        input.setRawMode(true);
        input.resume();
        input.on("data", take);
        listen(wait.firstDigitMs);
      }),
    line: (question) =>
      new Promise((resolve) => {
        const reader = createInterface({ input, output });
        let answer: string | undefined;
        reader.question(question, (text) => {
          answer = text.trim();
          reader.close();
        });
        reader.on("close", () => resolve(answer === undefined || answer === "h" ? "hang-up" : answer));
      }),
    async keyInto(keys, heardMs) {
      const key = await keypad.keys({ maxDigits: 1, terminators: "", firstDigitMs: heardMs, interDigitMs: 1, secret: false });
      return key === "hang-up" || (key !== "" && keys.includes(key)) ? key : undefined;
    },
    close: () => input.pause(),
  };
  return keypad;
}
