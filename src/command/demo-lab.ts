import { type ChildProcess, fork } from "node:child_process";
import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import { Fault } from "../kernel/fault.ts";
import type { OfficeEntry } from "../lab/back-office.ts";
import type { CallSummary } from "../lab/carrier/call-record.ts";
import type { LabAddresses } from "../lab/lab.ts";
import type { MailBooksView, SmsBooksView } from "./demo-books.ts";

export interface LabProcess {
  readonly addresses: LabAddresses;
  /** What the carrier wrote down of every call. */
  books(): Promise<readonly CallSummary[]>;
  /** What the payment system was asked and answered. */
  payments(): Promise<readonly OfficeEntry[]>;
  /** What passed the SMSC's wire, and the mail exchanger's. */
  texts(): Promise<SmsBooksView>;
  mails(): Promise<MailBooksView>;
  post(path: string, body: unknown): Promise<void>;
  close(): Promise<void>;
}

export const demoSecret = "demo-lab-secret";
export const demoPassword = "demo-lab-password";

/**
 * Starts `carillon lab` as a process of its own, on free ports.
 * @param modulePath the command line's program; by default the one that runs
 * @param capturePort where its drachtio sends copies of its SIP; by default nowhere
 * @param more further flags of `carillon lab`
 */
export async function startLabProcess(
  seed: number,
  pace: number,
  modulePath = process.argv[1],
  capturePort?: number,
  more: readonly string[] = [],
): Promise<LabProcess> {
  if (modulePath === undefined) throw new Error("there is no program to start the lab with");
  const flags = ["lab", "--any-port", "--secret", demoSecret, "--password", demoPassword, "--seed", String(seed), "--pace", String(pace), ...more];
  if (capturePort !== undefined) flags.push("--capture-port", String(capturePort));
  const child = fork(modulePath, flags, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const addresses = await new Promise<LabAddresses>((resolve, reject) => {
    child.once("exit", (code) => reject(new Fault("lab-failed", `the lab ended with code ${code} before it was ready`)));
    child.on("message", (message: { readonly lab?: string; readonly addresses?: LabAddresses }) => {
      if (message.lab === "ready" && message.addresses) resolve(message.addresses);
    });
  });
  child.removeAllListeners("exit");
  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${addresses.control}${path}`, init);
    if (!response.ok) throw new Fault("lab-failed", `the lab answered ${response.status} to ${path}: ${await response.text()}`);
    return response.json();
  };
  return {
    addresses,
    books: async () => ((await ask("/books")) as { readonly calls: readonly CallSummary[] }).calls,
    payments: async () => ((await ask("/webhooks")) as readonly OfficeEntry[]).filter(({ webhook }) => webhook === "take_payment"),
    texts: async () => (await ask("/smsc/books")) as SmsBooksView,
    mails: async () => (await ask("/mails")) as MailBooksView,
    post: async (path, body) => {
      await ask(path, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } });
    },
    close: () => ended(child),
  };
}

/** A UDP port of this machine that nobody uses just now. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(0, "127.0.0.1", resolve);
  });
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

/** The same for TCP. */
export async function freeTcpPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === "object" && address !== null ? address.port : 0;
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
  });
}
