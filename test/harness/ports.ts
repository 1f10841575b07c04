import { createSocket } from "node:dgram";
import { createServer } from "node:net";

/** Below the ranges from which the lab draws RTP ports (16384 and up) and the system gives ports to everybody, so that nobody is given ours in between. */
const first = 10_000;
const last = 16_382;
let next = first + ((process.pid * 97) % (last - first));

/** A port of 127.0.0.1 that another program may be told to listen on, or that nobody listens on; free for UDP and TCP. */
export async function portForAnother(): Promise<number> {
  for (let tried = 0; tried < 1000; tried += 1) {
    next = next >= last ? first : next + 2;
    // While one caller waits for the answer, another may have gone on.
    const port = next;
    if ((await tcpFree(port)) && (await udpFree(port))) return port;
  }
  throw new Error("no free port found");
}

function tcpFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

function udpFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.once("error", () => resolve(false));
    socket.bind(port, "127.0.0.1", () => socket.close(() => resolve(true)));
  });
}
