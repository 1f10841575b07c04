import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Teardown } from "./serve-process.ts";

/** A wire to an event socket that can go dead: connections stay up and are taken, and nothing comes through. It can be slow, too. */
export async function openWire(t: Teardown, port: number) {
  const sockets = new Set<Socket>();
  let dead = false;
  let stalled: PromiseWithResolvers<void> | undefined;
  const kept: (() => void)[] = [];
  const link = (near: Socket) => {
    const far = connect({ host: "127.0.0.1", port });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("data", (chunk) => {
        if (dead) return;
        if (!stalled) return to.write(chunk);
        kept.push(() => to.write(chunk));
        stalled.resolve();
      });
      from.on("error", () => {});
      from.on("close", () => {
        sockets.delete(from);
        if (!dead) to.destroy();
      });
    }
  };
  const wire = createServer((socket) => {
    socket.on("error", () => {});
    if (!dead) link(socket);
    else sockets.add(socket);
  });
  wire.listen(0, "127.0.0.1");
  await once(wire, "listening");
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    wire.close();
  });
  return {
    port: portOf(wire),
    die() {
      dead = true;
    },
    /** What is sent is kept until it may flow. @returns when something waits */
    stall(): Promise<void> {
      stalled = Promise.withResolvers<void>();
      return stalled.promise;
    },
    flow() {
      stalled = undefined;
      for (const pass of kept.splice(0)) pass();
    },
    /** What was up is broken, new connections work. */
    revive() {
      dead = false;
      for (const socket of sockets) socket.destroy();
    },
  };
}

export function portOf(listening: Server): number {
  const address = listening.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
