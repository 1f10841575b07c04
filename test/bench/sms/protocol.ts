import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/* What the processes of the sms benchmark say to each other: a question with its number, and its answer. */

/** Runs of both sides: so many messages, so many of them without an answer. */
export interface SmsOrder {
  readonly messages: number;
  readonly window: number;
}

export interface SmsReport {
  readonly elapsedMs: number;
  /** CPU time of the process, user and system. */
  readonly cpuMs: number;
  /** Of the product's PostgreSQL; 0 where there is none. */
  readonly databaseCpuMs: number;
  /** From a report's arrival until its result is stored, each in ms; empty for the bare client. */
  readonly storedMs: readonly number[];
  /** Messages whose report did not say delivered. */
  readonly failed: number;
}

interface Question {
  readonly id: number;
  readonly order?: SmsOrder;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly fault?: string;
}

/** One side, in a process of its own. */
export interface Side {
  run(order: SmsOrder): Promise<SmsReport>;
  close(): Promise<void>;
}

/** Starts a program; the rest of its arguments are its own. */
export async function startSide(program: string, ...args: readonly string[]): Promise<{ readonly side: Side; readonly hello: unknown }> {
  const child: ChildProcess = fork(new URL(program, import.meta.url), args, { execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const ask = (id: number, question?: Question) => {
    const asked = Promise.withResolvers<unknown>();
    waiting.set(id, asked);
    if (question) child.send(question);
    return asked.promise;
  };
  child.on("message", ({ id, value, fault }: Answer) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (fault === undefined) asked?.resolve(value);
    else asked?.reject(new Error(`${program}: ${fault}`));
  });
  const ended = once(child, "exit").then(([code]) => {
    for (const asked of waiting.values()) asked.reject(new Error(`${program} ended with ${code}`));
  });
  const hello = await ask(0);
  let questions = 0;
  return {
    hello,
    side: {
      run: async (order) => {
        questions += 1;
        return (await ask(questions, { id: questions, order })) as SmsReport;
      },
      close: async () => {
        child.send({ id: -1 } satisfies Question);
        await ended;
      },
    },
  };
}

/** In the side's process. @param hello what whoever started it is told first */
export function serveSide(hello: unknown, side: Side): void {
  process.on("message", ({ id, order }: Question) => {
    const work = order === undefined ? side.close() : side.run(order);
    work.then(
      (value) => {
        if (order === undefined) process.disconnect();
        else process.send?.({ id, value } satisfies Answer);
      },
      (error) => process.send?.({ id, fault: String(error instanceof Error ? error.stack : error) } satisfies Answer),
    );
  });
  process.once("disconnect", () => process.exit());
  process.send?.({ id: 0, value: hello } satisfies Answer);
}

/** User and system time of this process until the function that is returned is called, ms. */
export function cpuSince(): () => number {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
}

/** To whom the nth message goes: a number of its own. */
export function numberOf(index: number): string {
  return `+1212${String(2_000_000 + index)}`;
}
