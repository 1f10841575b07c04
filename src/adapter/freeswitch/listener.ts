import { createServer, type Server } from "node:net";
import { Fault } from "../../kernel/fault.ts";

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "is in use already",
  EACCES: "may not be opened by this user",
  EADDRNOTAVAIL: "is not on this machine",
  ENOTFOUND: "is not known",
};

/**
 * Binds the port for FreeSWITCH's outbound event sockets. fsmrf would do it by itself, but takes the process down with it
 * when it cannot.
 * @throws Fault `port-unavailable`
 */
export function bindListener(name: string, listenAddress: string, listenPort: number): Promise<Server> {
  // fsmrf's own server takes over the handle; nobody else's connection is wanted before.
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why = reasons[error.code ?? ""] ?? `cannot be listened on (${error.code ?? error.message})`;
      const message = `Carillon cannot listen for FreeSWITCH ${name}: ${listenAddress}:${listenPort} ${why}. Set another listenPort or listenAddress in freeswitch:.`;
      reject(new Fault("port-unavailable", message, { cause: error }));
    });
    server.listen(listenPort, listenAddress, () => resolve(server));
  });
}
