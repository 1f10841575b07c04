import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { demoPassword, demoSecret, type LabProcess, startLabProcess } from "../../src/command/demo-lab.ts";
import type { CallSummary } from "../../src/lab/carrier/call-record.ts";
import type { PhoneSummary } from "../../src/lab/phone/lab-phones.ts";
import type { Teardown } from "./database.ts";
import { cli } from "./serve-process.ts";

export interface LegUp {
  readonly callId: string;
  readonly attempt: string | null;
  readonly called: string;
  readonly state: "ringing" | "up";
}

/** The far side as a process of its own, and what it says of itself. */
export interface Lab extends LabProcess {
  legs(): Promise<readonly LegUp[]>;
  channels(): Promise<{ readonly channels: readonly string[]; readonly unknownCommands: readonly string[] }>;
  /** What the agents' telephones saw and heard. */
  phoneBooks(): Promise<readonly CallSummary[]>;
  phones(): Promise<readonly PhoneSummary[]>;
  /** Who picks up at these numbers. */
  assign(numbers: Readonly<Record<string, string>>): Promise<void>;
}

/** Ended with the test. @param phones telephones of agents */
export async function openLab(t: Teardown, seed: number, pace: number, phones = 0): Promise<Lab> {
  const lab = await startLabProcess(seed, pace, cli, undefined, phones > 0 ? ["--phones", String(phones)] : []);
  t.teardown(() => lab.close());
  const get = async <T>(path: string) => (await (await fetch(`${lab.addresses.control}${path}`)).json()) as T;
  return {
    ...lab,
    legs: () => get<readonly LegUp[]>("/legs"),
    channels: () => get<Awaited<ReturnType<Lab["channels"]>>>("/channels"),
    phoneBooks: async () => (await get<{ readonly calls: readonly CallSummary[] }>("/phones/books")).calls,
    phones: () => get<readonly PhoneSummary[]>("/phones"),
    assign: (numbers) => lab.post("/personas", { numbers }),
  };
}

/** A directory that goes with the test. */
export function openFolder(t: Teardown): string {
  const folder = mkdtempSync(join(tmpdir(), "carillon-serve-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface ServeSettings {
  readonly folder: string;
  readonly node: string;
  /** Rendered prompts; may be shared by several servers. */
  readonly promptsDir: string;
  readonly databaseUrl: string;
}

/** Writes the configuration of a server whose far side is the lab. @returns the file */
export function writeConfig({ addresses }: LabProcess, { folder, node, promptsDir, databaseUrl }: ServeSettings): string {
  const { drachtio, freeswitch, carrier } = addresses;
  const settings = {
    node: { name: node },
    log: { level: "info" },
    database: { url: databaseUrl, dataDir: folder },
    prompts: { dir: promptsDir },
    drachtio: { host: drachtio.host, port: drachtio.adminPort, secret: demoSecret },
    freeswitch: [{ name: "lab", address: freeswitch.host, port: freeswitch.eslPort, password: demoPassword }],
    trunks: [{ name: "lab", host: carrier.host, port: carrier.sipPort, maxCps: 100, maxChannels: 500 }],
  };
  const file = join(folder, `${node}.yaml`);
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(settings, undefined, 2));
  return file;
}

/** Whether the call belongs to a transfer, not to the person the attempt is for. */
export function isTransfer({ attempt }: Pick<CallSummary, "attempt">): boolean {
  return attempt?.endsWith(";transfer") ?? false;
}

export function attemptIdOf({ attempt }: Pick<CallSummary, "attempt">): string {
  return attempt?.split(";")[0] ?? "";
}
