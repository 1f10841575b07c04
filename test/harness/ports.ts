import { createSocket } from "node:dgram";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Below the ranges from which the lab draws RTP ports (16384 and up) and the system gives ports to everybody, so that nobody is given ours in between. */
const first = 10_000;
const last = 16_382;
let next = first + ((process.pid * 97) % (last - first));

/** Whose each port is: a file named after it, with the process in it. Between the look and the program that listens test files run at the same time. */
const places = join(tmpdir(), `carillon-test-ports-${process.getuid?.()}`);
const own = new Set<string>();

/** A port of 127.0.0.1 that another program may be told to listen on, or that nobody listens on; free for UDP and TCP. */
export async function portForAnother(): Promise<number> {
  for (let tried = 0; tried < 1000; tried += 1) {
    next = next >= last ? first : next + 2;
    // While one caller waits for the answer, another may have gone on.
    const port = next;
    if (take(port) && (await tcpFree(port)) && (await udpFree(port))) return port;
  }
  throw new Error("no free port found");
}

/** Whether it is this process's from now on, until it ends. */
function take(port: number): boolean {
  if (own.size === 0) process.once("exit", leaveAll);
  mkdirSync(places, { recursive: true });
  const place = join(places, String(port));
  if (own.has(place)) return false;
  try {
    if (isLeft(place)) rmSync(place, { force: true });
    writeFileSync(place, String(process.pid), { flag: "wx" });
  } catch {
    return false;
  }
  own.add(place);
  return true;
}

function leaveAll(): void {
  for (const place of own) rmSync(place, { force: true });
}

/** By a test file that was killed. */
function isLeft(place: string): boolean {
  try {
    const pid = Number(readFileSync(place, "utf8"));
    if (pid > 0) process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
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
