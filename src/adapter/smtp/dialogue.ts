import type { Socket } from "node:net";
import type { Mail, MailEnd, SmtpStage } from "../../email/ports.ts";
import { oneLine, type Reply, ReplyReader } from "./replies.ts";

const enhancedShape = /^[245]\d\d[ -]([245]\.\d{1,3}\.\d{1,3})(?=\s|$)/;
/** Nothing that ends a path or a command (RFC 5321 §4.1.2). */
const pathShape = /^[!-;=?-~]+$/;
const dotAtStart = Buffer.from("\r\n.");
const crlf = Buffer.from("\r\n");

type Answer = Reply | { readonly lost: string };

/**
 * Messages over a connection that is open, secure and logged in: sender, recipient and DATA in one piece where the server takes that (RFC 2920), then the
 * message with its dot in another. Twice as quick as the library's transactions, and it is known at each moment what the server can have.
 */
export class Dialogue {
  readonly #socket: Socket;
  readonly #reader = new ReplyReader();
  readonly #waiting: ((answer: Answer) => void)[] = [];
  #pipelining = false;
  /** A transaction was begun and not ended. */
  #unfinished = false;
  #leaving = false;
  #lost: string | undefined;

  /** @param answerTimeoutMs for each answer */
  constructor(socket: Socket, answerTimeoutMs: number) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", (error) => this.#lose(error.message));
    socket.on("close", () => this.#lose("the server closed the connection"));
    socket.on("timeout", () => this.#lose("the server did not answer in time"));
    socket.setTimeout(answerTimeoutMs);
    if (socket.destroyed) this.#lose("the server closed the connection");
    socket.resume();
  }

  get usable(): boolean {
    return this.#lost === undefined && !this.#leaving;
  }

  /** Learns what the server can do. Rejects with an Error that says why it cannot be used. */
  async greet(name: string): Promise<void> {
    const [answer] = await this.#say([`EHLO ${name}`]);
    if (!answer || "lost" in answer || answer.code !== 250) throw new Error(answer && "text" in answer ? answer.text : (this.#lost ?? "no answer"));
    this.#pipelining = /(?:^|\s)PIPELINING(?=\s|$)/i.test(answer.text);
  }

  /** One message. Never rejects. */
  async send({ from, to, raw }: Mail): Promise<MailEnd> {
    if (!pathShape.test(from) || !pathShape.test(to))
      return { end: "unsent", connected: true, why: "the envelope has characters that cannot stand there" };
    if (this.#unfinished) {
      const [reset] = await this.#say(["RSET"]);
      if (!reset || "lost" in reset) return this.#unsent();
      this.#unfinished = false;
    }
    const commands: readonly [SmtpStage, string][] = [
      ["mail", `MAIL FROM:<${from}>`],
      ["rcpt", `RCPT TO:<${to}>`],
      ["data", "DATA"],
    ];
    this.#unfinished = true;
    const answers = this.#pipelining ? await this.#say(commands.map(([, command]) => command)) : [];
    let refused: MailEnd | undefined;
    for (const [at, [stage, command]] of commands.entries()) {
      const answer = this.#pipelining ? answers[at] : refused ? undefined : (await this.#say([command]))[0];
      if (answer === undefined) break;
      if ("lost" in answer) return refused ?? this.#unsent();
      const right = stage === "data" ? answer.code === 354 : answer.code >= 200 && answer.code < 300;
      if (!right) refused ??= this.#refusal(stage, answer);
      // It waits for a message all the same: it gets an empty one, and refuses that (RFC 2920 §3.1).
      else if (refused && stage === "data") await this.#say(["."]);
    }
    return refused ?? (await this.#give(raw));
  }

  quit(): void {
    if (!this.usable) return;
    this.#leaving = true;
    // Whoever keeps the connection open after that waits for nobody.
    void this.#say(["QUIT"]).then(() => this.#lose("closed"));
  }

  close(): void {
    this.#lose("closed");
  }

  async #give(raw: Uint8Array): Promise<MailEnd> {
    const answered = this.#answer();
    this.#socket.cork();
    this.#socket.write(stuffed(raw));
    this.#socket.write(endsLine(raw) ? ".\r\n" : "\r\n.\r\n");
    this.#socket.uncork();
    const answer = await answered;
    if ("lost" in answer) return { end: "unknown", why: oneLine(answer.lost) };
    this.#unfinished = false;
    if (answer.code >= 200 && answer.code < 300) return { end: "accepted", response: answer.text };
    return this.#refusal("sent", answer);
  }

  #refusal(stage: SmtpStage, { code, text }: Reply): MailEnd {
    if (code === 421) this.#lose(text);
    // What is neither a yes nor a no is no SMTP.
    if (code < 400) {
      this.#lose(text);
      return stage === "sent" ? { end: "unknown", why: text } : { end: "unsent", connected: true, why: text };
    }
    const enhanced = enhancedShape.exec(text)?.[1];
    return { end: "refused", stage, code, ...(enhanced !== undefined && { enhanced }), text };
  }

  #unsent(): MailEnd {
    return { end: "unsent", connected: true, why: oneLine(this.#lost ?? "the connection was lost") };
  }

  #say(commands: readonly string[]): Promise<readonly Answer[]> {
    const answers = commands.map(() => this.#answer());
    if (this.#lost === undefined) this.#socket.write(`${commands.join("\r\n")}\r\n`);
    return Promise.all(answers);
  }

  #answer(): Promise<Answer> {
    return new Promise((resolve) => {
      if (this.#lost === undefined) this.#waiting.push(resolve);
      else resolve({ lost: this.#lost });
    });
  }

  #take(chunk: Buffer): void {
    const replies = this.#reader.push(chunk);
    for (const reply of replies ?? []) {
      const waiting = this.#waiting.shift();
      // Said without being asked: it is going (RFC 5321 §3.8), or nothing fits together any more.
      if (waiting) waiting(reply);
      else this.#lose(reply.text);
    }
    if (replies === undefined) this.#lose("it answers with something that is no SMTP");
  }

  #lose(why: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = why;
    this.#socket.destroy();
    for (const waiting of this.#waiting.splice(0)) waiting({ lost: why });
  }
}

/** A dot more before each line that begins with one (RFC 5321 §4.5.2). */
function stuffed(raw: Uint8Array): Uint8Array {
  const whole = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  if (whole[0] !== 0x2e && whole.indexOf(dotAtStart) < 0) return raw;
  return Buffer.from(whole.toString("latin1").replace(/(^|\r\n)\./g, "$1.."), "latin1");
}

function endsLine(raw: Uint8Array): boolean {
  return crlf.equals(raw.subarray(-2));
}
