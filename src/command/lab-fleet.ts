import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { Fault } from "../kernel/fault.ts";
import type { LabAddresses } from "../lab/lab.ts";

/** A server that is to be started beside the first of its kind. */
export interface LabServerOrder {
  readonly kind: "drachtio" | "freeswitch";
  readonly name: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly secret: string;
  readonly seed: number;
}

export type LabServerReply = { readonly port: number } | { readonly fault: string };

export interface LabServer extends Pick<LabServerOrder, "kind" | "name"> {
  readonly port: number;
  readonly pid: number;
}

export interface LabServers {
  readonly servers: readonly LabServer[];
  /** Starts those again that have ended, on the ports that they had. @returns them @throws Fault `lab-failed` */
  again(): Promise<readonly LabServer[]>;
  close(): void;
}

/**
 * Starts each in a process of its own.
 * @param ended told of each that ends before it is closed
 * @throws Fault `lab-failed` when one cannot listen; the others are ended then
 */
export async function startServers(orders: readonly LabServerOrder[], ended: (server: LabServer) => void): Promise<LabServers> {
  const children = new Set<ChildProcess>();
  const gone: LabServerOrder[] = [];
  let closed = false;
  // One that was stopped ends of nothing else.
  const close = () => {
    closed = true;
    for (const child of children) child.kill("SIGKILL");
  };
  const start = async (order: LabServerOrder): Promise<LabServer> => {
    const child = fork(new URL("./lab-server.ts", import.meta.url), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    children.add(child);
    const over = once(child, "exit").then(() => {
      children.delete(child);
      return [{ fault: "its process ended" }];
    });
    const replied = once(child, "message");
    child.send(order);
    const [reply] = (await Promise.race([replied, over])) as [LabServerReply];
    if ("fault" in reply) {
      child.kill("SIGKILL");
      throw new Fault("lab-failed", `the lab's ${order.name} cannot be started: ${reply.fault}`);
    }
    const server = { kind: order.kind, name: order.name, port: reply.port, pid: child.pid ?? 0 };
    void over.then(() => {
      gone.push({ ...order, port: reply.port });
      if (!closed) ended(server);
    });
    return server;
  };
  const again = () =>
    Promise.all(
      gone.splice(0).map((order) =>
        start(order).catch((error: unknown) => {
          gone.push(order);
          throw error;
        }),
      ),
    );
  try {
    return { servers: await Promise.all(orders.map(start)), again, close };
  } catch (error) {
    close();
    throw error;
  }
}

interface LabConfig {
  readonly addresses: LabAddresses;
  readonly more: readonly LabServer[];
  readonly secret: string;
  readonly password: string;
  readonly capturePort: number | undefined;
}

/** What every sender of e-mail must have. */
const sender = { replyDomain: "in.carillon.example", postalAddress: "1 Lab Street, Springfield", phone: "+1 212 555 0100" };

/** The part of carillon.yaml that makes the lab the far side, a key a line, and how to try what happens when one of its servers dies. */
export function labConfigText({ addresses, more, secret, password, capturePort }: LabConfig): string {
  const { drachtio, freeswitch, carrier, smsc, mail } = addresses;
  const [drachtios, freeswitches] = [more.filter(({ kind }) => kind === "drachtio"), more.filter(({ kind }) => kind === "freeswitch")];
  const capture = capturePort === undefined ? {} : { capturePort };
  const named = drachtios.length > 0 ? { name: "drachtio-1" } : {};
  const settings = {
    drachtio: { ...named, host: drachtio.host, port: drachtio.adminPort, secret, ...capture },
    ...(drachtios.length > 0 && { drachtioServers: drachtios.map(({ name, port }) => ({ name, host: drachtio.host, port, secret })) }),
    freeswitch: [
      { name: "fs-1", address: freeswitch.host, port: freeswitch.eslPort, password },
      ...freeswitches.map(({ name, port }) => ({ name, address: freeswitch.host, port, password })),
    ],
    trunks: [{ name: "lab", host: carrier.host, port: carrier.sipPort, inbound: true }],
    sms: {
      binds: [{ name: "lab", host: smsc.host, port: smsc.port, systemId: "carillon", maxPerSecond: 100 }],
      senders: [{ name: "lab", address: "55501", kind: "short-code" }],
    },
    email: {
      key: "for-the-lab-only-and-known-to-everybody",
      publicUrl: "http://127.0.0.1:8080",
      pools: [{ name: "lab", host: mail.host, port: mail.smtpPort, tls: "opportunistic" }],
      senders: [{ name: "lab", mailbox: "service@carillon.example", pool: "lab", bounceDomain: "in.carillon.example", ...sender }],
      receivers: [{ name: "lab", domains: ["in.carillon.example"] }],
    },
  };
  // JSON is YAML.
  const lines = Object.entries(settings).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  const { host, sipPort } = addresses.phones;
  const phones = [`# telephones of agents (--phones): sip:agent-1@${host}:${sipPort}, …`];
  const pids = more.map(({ name, pid }) => `${name} ${pid}`).join(", ");
  return [
    "# for carillon.yaml:",
    ...lines,
    ...phones,
    ...(more.length > 0 ? [`# processes of their own, for kill -KILL, -STOP and -CONT: ${pids}`] : []),
  ].join("\n");
}
