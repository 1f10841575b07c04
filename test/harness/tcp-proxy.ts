import { connect, createServer, type Socket } from "node:net";

/** A wire that can be cut: everything sent to `port` goes to the target, until it is cut or held. */
export async function openTcpProxy(targetPort: number) {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect({ host: "127.0.0.1", port: targetPort });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("data", (chunk) => to.write(chunk));
      from.on("error", () => {});
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    /** Breaks every connection that is up; new ones are taken. */
    cut(): void {
      for (const socket of sockets) socket.destroy();
    },
    /** Both ends believe in the connection, and nothing gets through. */
    hold(): void {
      for (const socket of sockets) socket.pause();
    },
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
