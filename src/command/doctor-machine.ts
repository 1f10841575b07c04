import { constants } from "node:fs";
import { access, readFile, statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Config } from "../config/schema.ts";
import { type Finding, fault, ok, saidBy, warning } from "./doctor-finding.ts";

/** Every agent's program, API client and SMSC is a file to the kernel; Node takes some dozens for itself. */
const fewFiles = 4096;
const gib = 2 ** 30;
/** PostgreSQL stops when its disk is full: there is to be time to notice. */
const littleDiskGib = 5;
const leastDiskGib = 1;

/** The machine: what it lets a process have, and where Carillon writes. */
export async function examineMachine({ database, prompts }: Pick<Config, "database" | "prompts">): Promise<readonly Finding[]> {
  const folders = new Map<string, string>();
  if (database.url === undefined) folders.set(resolve(database.dataDir), "embedded database");
  folders.set(resolve(prompts.dir), "prompts");
  if (prompts.recordingsDir) folders.set(resolve(prompts.recordingsDir), "recordings");
  return [await examineFiles(), ...(await Promise.all([...folders].map(([folder, use]) => examineFolder(folder, use))))];
}

async function examineFiles(): Promise<Finding> {
  const what = "open files";
  const limits = await readFile("/proc/self/limits", "utf8").catch(() => "");
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
  if (soft === undefined) return ok(what, "this system does not tell its limit");
  if (soft === "unlimited" || Number(soft) >= fewFiles) return ok(what, `${soft} at once`);
  return warning(what, `${soft} at once`, `Allow at least ${fewFiles}: LimitNOFILE=65536 in the systemd unit, or ulimit -n 65536 before the start.`);
}

/** Whether there is room, and whether we may write. A folder that is not there yet is made by whoever writes first, in the nearest one that is. */
async function examineFolder(folder: string, use: string): Promise<Finding> {
  const what = `disk of ${use}`;
  const there = await nearest(folder);
  try {
    await access(there, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(there);
    const freeGib = (bavail * bsize) / gib;
    const seen = `${folder}: ${freeGib.toFixed(1)} GiB free`;
    const advice = "Make room, or move the folder to a larger disk.";
    if (freeGib < leastDiskGib) return fault(what, seen, advice);
    return freeGib < littleDiskGib ? warning(what, seen, advice) : ok(what, seen);
  } catch (error) {
    return fault(what, `${there} cannot be written to: ${saidBy(error)}`, "Give the folder to the user that runs Carillon.");
  }
}

async function nearest(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    const there = await access(at).then(
      () => true,
      () => false,
    );
    if (there || at === dirname(at)) return at;
  }
}
