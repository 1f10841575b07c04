import { createHash } from "node:crypto";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";

/**
 * Runs `work` while no other process of this machine does so for the same directory. The lock is a socket in Linux's
 * abstract namespace (unix(7)): the kernel frees it when its owner dies, however it dies, so it is never stale.
 * @param timeoutMs how long to wait for another holder
 * Throws a retryable Fault `database-busy` when it is not free in time.
 */
export async function alone<T>(directory: string, clock: Clock, timeoutMs: number, work: () => Promise<T>): Promise<T> {
  const name = `\0carillon-postgres-${createHash("sha256").update(directory).digest("hex").slice(0, 32)}`;
  const deadline = clock.now() + timeoutMs;
  for (;;) {
    const release = await take(name);
    if (release) {
      try {
        return await work();
      } finally {
        await release();
      }
    }
    const remainingMs = deadline - clock.now();
    if (remainingMs <= 0) {
      throw new Fault("database-busy", `Another Carillon is starting or stopping the database in ${directory}; try again in a moment.`, {
        retryable: true,
      });
    }
    await untilFree(name, clock, remainingMs);
  }
}

/** A function that gives the lock back, or undefined when somebody has it. */
function take(name: string): Promise<(() => Promise<void>) | undefined> {
  return new Promise((resolve, reject) => {
    const waiting = new Set<Socket>();
    const server: Server = createServer((socket) => {
      waiting.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => waiting.delete(socket));
      socket.resume();
    });
    server.once("error", (error: NodeJS.ErrnoException) => (error.code === "EADDRINUSE" ? resolve(undefined) : reject(error)));
    server.listen(name, () => {
      resolve(
        () =>
          new Promise((released) => {
            server.close(() => released());
            for (const socket of waiting) socket.destroy();
          }),
      );
    });
  });
}

/** Resolves when the holder's socket closes, or after `timeoutMs`. */
function untilFree(name: string, clock: Clock, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(name);
    const timer = clock.after(timeoutMs, () => socket.destroy());
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      timer.cancel();
      resolve();
    });
    socket.resume();
  });
}
