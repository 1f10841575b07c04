import { hostname } from "node:os";
import type { Command } from "commander";
import { type AuditEntry, auditable } from "../access/audit.ts";
import type { AuditStore, Changes } from "../access/ports.ts";
import { userName } from "./user.ts";

/** Last words of commands that change nothing that is kept; every other command that opens the database is written down. */
const reading = new Set(
  "list show get watch why preflight verify doctor serve demo lab migrate amd simulate replay lint graph say walk call test diff preview check export status log find evidence completion fields language try backtest erasures runs binds senders pools lists".split(
    " ",
  ),
);
/** Who looked at all that is known of somebody is written down all the same. */
const looking = new Set(["person export"]);
/** What they change writes its own line, with more in it than the command has. */
const writesItself = new Set(["person erase"]);
/** Commands whose words are people's numbers, mailboxes and what they said: only that they were given is written down. */
const personal = new Set("suppression consent contact event mail message person callback".split(" "));
/** Options that say where things are, not what is wanted; some hold secrets. */
const left = new Set(["config", "set", "key", "url", "json"]);

interface Running {
  readonly action: string;
  readonly target: string;
  readonly asked: unknown;
}

/** The one command that this process runs. */
let running: Running | undefined;

/** Says which command runs, before it does. */
export function noteCommand(command: Command): void {
  const words: string[] = [];
  for (let each: Command | null = command; each?.parent; each = each.parent) words.unshift(each.name());
  if (reading.has(words.at(-1) ?? "") && !looking.has(words.join(" "))) return;
  if (writesItself.has(words.join(" "))) return;
  const options = Object.fromEntries(Object.entries(command.opts()).filter(([name]) => !left.has(name)));
  if (personal.has(words[0] ?? "")) {
    running = { action: `carillon ${words.join(" ")}`, target: "", asked: undefined };
    return;
  }
  running = {
    action: `carillon ${words.join(" ")}`,
    target: command.args.join(" ").slice(0, 300),
    asked: auditable({ words: command.args, ...options }),
  };
}

/** Writes into the audit log that the command has done its work, for work that is no transaction of this database. */
export async function recordCommand(audit: Pick<AuditStore, "add">): Promise<void> {
  if (running === undefined) return;
  const line = lineOf(running);
  running = undefined;
  await audit.add(line);
}

/** Does the work of the command. What it changes, and its line in the audit log, are kept together; when it fails, neither. */
export async function doRecorded<T>(changes: Changes, work: () => Promise<T>): Promise<T> {
  if (running === undefined) return await work();
  const line = lineOf(running);
  running = undefined;
  const change = changes.begin(() => line);
  try {
    const done = await change.run(work);
    await change.keep();
    return done;
  } catch (error) {
    await change.undo();
    throw error;
  }
}

function lineOf({ action, target, asked }: Running): AuditEntry {
  return { actorKind: "terminal", actor: userName(), action, target, ...(asked !== undefined && { after: { asked } }), origin: hostname() };
}
