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
  /** A line of text. */
  line(question: string): Promise<string | "hang-up">;
  close(): void;
}

/** Lines of a pipe or a file: each is what happens next. The end of the lines hangs up. */
export function lineKeypad(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Keypad {
  const reader = createInterface({ input });
  const lines = reader[Symbol.asyncIterator]();
  const next = async (secret = false): Promise<string | "hang-up"> => {
    const { done, value } = await lines.next();
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
    line: async (question) => {
      output.write(question);
      return next();
    },
    close: () => reader.close(),
  };
}

/** A terminal: keys count as they are pressed, silence by the clock; Enter ends what was pressed, `h` and Ctrl-C hang up. */
export function terminalKeypad(input: NodeJS.ReadStream, output: NodeJS.WriteStream, clock: Clock): Keypad {
  return {
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
    close: () => input.pause(),
  };
}
