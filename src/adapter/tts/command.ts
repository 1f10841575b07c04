import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PromptRenderer, Speech } from "../../ivr/ports.ts";
import type { Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import type { AudioPool } from "./audio-pool.ts";
import { scratchFolder } from "./scratch.ts";
import { Turns } from "./turns.ts";

export interface CommandRendererOptions {
  /**
   * The program and its arguments, each one element; no shell reads them. `{out_file}` is where it must write a WAV file,
   * `{text_file}` is where the text is (UTF-8); without it the text is given on standard input; `{language}` is the language of
   * the text, such as es-US. For example
   * `["piper", "--model", "/opt/voices/en_US-amy.onnx", "--output_file", "{out_file}"]`.
   */
  readonly argv: readonly string[];
  /** Language tags it can speak, as prefixes; `*` is any. */
  readonly languages: readonly string[];
  readonly clock: Clock;
  readonly pool: AudioPool;
  /** Default 30,000. */
  readonly timeoutMs?: number;
  /** Programs at once, at most. Default 2. */
  readonly concurrency?: number;
}

/** Ten minutes of stereo at 48 kHz: no prompt is larger. */
const maxOutputBytes = 120 * 1024 * 1024;
const keptComplaint = 500;

/** Any speech engine that can be run as a command, such as piper or espeak-ng. */
export class CommandRenderer implements PromptRenderer {
  readonly identity: string;
  readonly languages: readonly string[];
  readonly #options: CommandRendererOptions;
  readonly #turns: Turns;
  readonly #programs = new Set<ChildProcess>();
  readonly #underWay = new Set<Promise<Speech>>();
  #closed = false;

  /** @throws Fault `prompt-engine` when the command has no program or no `{out_file}` */
  constructor(options: CommandRendererOptions) {
    if (!options.argv[0] || !options.argv.some((part) => part.includes("{out_file}"))) {
      throw new Fault("prompt-engine", "the speech command needs a program and {out_file} among its arguments");
    }
    this.#options = options;
    this.#turns = new Turns(options.concurrency ?? 2);
    this.languages = options.languages;
    this.identity = `command ${createHash("sha256").update(JSON.stringify(options.argv)).digest("hex").slice(0, 16)}`;
  }

  render(text: string, language: string, urgent = false): Promise<Speech> {
    return this.#turns.take(() => {
      const made = this.#render(text, language, urgent).finally(() => this.#underWay.delete(made));
      this.#underWay.add(made);
      return made;
    }, urgent);
  }

  async #render(text: string, language: string, urgent: boolean): Promise<Speech> {
    if (this.#closed) throw new Fault("prompt-engine", "the speech engine is closed");
    const dir = scratchFolder();
    await mkdir(dir, { mode: 0o700 });
    try {
      const textFile = join(dir, "text.txt");
      const outFile = join(dir, "speech.wav");
      await writeFile(textFile, text);
      const values: Readonly<Record<string, string>> = { "{text_file}": textFile, "{out_file}": outFile, "{language}": language };
      const argv = this.#options.argv.map((part) => part.replace(/\{(?:text_file|out_file|language)\}/g, (name) => values[name] ?? name));
      await this.#run(argv, this.#options.argv.some((part) => part.includes("{text_file}")) ? "" : text, dir);
      const size = await stat(outFile).then(
        (found) => found.size,
        () => 0,
      );
      if (size === 0) throw new Fault("prompt-engine", `${argv[0]} wrote no sound`, { retryable: true });
      if (size > maxOutputBytes) throw new Fault("prompt-engine", `${argv[0]} wrote ${size} bytes for one prompt`);
      return { samples: await this.#options.pool.convert(await readFile(outFile), true, urgent) };
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }

  #run(argv: readonly string[], input: string, dir: string): Promise<void> {
    const [program = "", ...args] = argv;
    const timeoutMs = this.#options.timeoutMs ?? 30_000;
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, { cwd: dir, shell: false, stdio: ["pipe", "ignore", "pipe"] });
      this.#programs.add(child);
      // It was closed while the text was written.
      if (this.#closed) child.kill("SIGKILL");
      let complaint = "";
      let late = false;
      const timer = this.#options.clock.after(timeoutMs, () => {
        late = true;
        child.kill("SIGKILL");
      });
      const fail = (message: string, retryable: boolean, cause?: unknown) => {
        timer.cancel();
        this.#programs.delete(child);
        reject(new Fault("prompt-engine", message, { retryable, cause, detail: { complaint } }));
      };
      child.stderr.on("data", (chunk: Buffer) => {
        if (complaint.length < keptComplaint) complaint = (complaint + chunk.toString("utf8")).slice(0, keptComplaint);
      });
      // A program that does not read its input closes the pipe; its exit code says the rest.
      child.stdin.on("error", () => {});
      child.stdin.end(input);
      child.on("error", (error) => fail(`${program} cannot be run: ${error.message}; see prompts in the configuration`, false, error));
      child.on("close", (code, signal) => {
        if (late) return fail(`${program} took longer than ${timeoutMs / 1000} s`, true);
        if (code !== 0) return fail(`${program} ended with ${code ?? signal}: ${complaint.trim().split("\n").at(-1) ?? ""}`, true);
        timer.cancel();
        this.#programs.delete(child);
        resolve();
      });
    });
  }

  /** Ends the programs, and waits until what they wrote is gone; what was under way is rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const program of this.#programs) program.kill("SIGKILL");
    await Promise.allSettled(this.#underWay);
  }
}
