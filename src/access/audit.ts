import { createHash } from "node:crypto";

/** Who did something. `terminal`: somebody at the machine itself, by a command. */
export const actorKinds = ["user", "key", "terminal", "nobody"] as const;
export type ActorKind = (typeof actorKinds)[number];

/** What is written down of a change. */
export interface AuditEntry {
  readonly actorKind: ActorKind;
  readonly actorId?: string;
  readonly actor: string;
  /** The route, as in the table of routes, or the command. */
  readonly action: string;
  /** Which thing: the path of the request, or what the command was given. */
  readonly target: string;
  /** How it was, where that can be said. Without secrets. */
  readonly before?: unknown;
  /** What was asked for, and how it is now. Without secrets. */
  readonly after?: unknown;
  /** The address the request came from, or the name of the machine. */
  readonly origin: string;
}

/** A line of the log. `before` and `after` are JSON texts, exactly as they are hashed. */
export interface AuditRecord extends Omit<AuditEntry, "before" | "after"> {
  /** Its place in the chain, from 1, without gaps. */
  readonly id: string;
  /** Epoch ms. */
  readonly at: number;
  readonly before?: string;
  readonly after?: string;
  readonly previous: string;
  readonly hash: string;
}

export interface AuditFilter {
  readonly actor?: string;
  /** Only what happened to this, or to something below it. */
  readonly target?: string;
  /** Epoch ms. */
  readonly from?: number;
  readonly to?: number;
}

/** What the first record has for the hash before it. */
export const firstHash = "0".repeat(64);

/** What the hash of a record covers: as PostgreSQL writes a JSON array of it (migration/audit.ts). */
function chainText({ id, previous, at, actorKind, actorId, actor, action, target, before, after, origin }: AuditRecord): string {
  const values = [id, previous, String(at), actorKind, actorId, actor, action, target, before, after, origin];
  return `[${values.map((value) => JSON.stringify(value ?? null)).join(", ")}]`;
}

/** How far the log was found whole. */
export interface AuditState {
  readonly records: number;
  /** Of the last of them: noted elsewhere, it shows later that nothing before it was changed. */
  readonly hash: string;
}

export const emptyAudit: AuditState = { records: 0, hash: firstHash };

/** Goes on with the next records. @returns the new state; with why the chain is broken, for people, when it is */
export function followAudit(state: AuditState, records: readonly AuditRecord[]): AuditState & { readonly broken?: string } {
  let whole = state;
  for (const record of records) {
    const place = String(whole.records + 1);
    if (record.id !== place) return { ...whole, broken: `line ${place} is missing: the next one there is ${record.id}` };
    if (record.previous !== whole.hash) return { ...whole, broken: `line ${place} does not follow the one before it` };
    const hash = createHash("sha256").update(chainText(record)).digest("hex");
    if (record.hash !== hash) return { ...whole, broken: `line ${place} was changed after it was written` };
    whole = { records: whole.records + 1, hash };
  }
  return whole;
}

/** Names of properties that hold secrets. */
const secretName = /passw|secret|token|seed|^key$|apikey|recovery|invitation|authorization|cookie|credential|private/i;
const hidden = "[hidden]";
/** Of JSON as it is kept, in characters; of what is longer its hash says what it was. */
const longest = 16_384;
const deepest = 20;

/** A value as it may be written down: without secrets, bounded, and of what a database can hold. */
export function auditable(value: unknown): unknown {
  const shown = withoutSecrets(value, 0);
  const text = JSON.stringify(shown);
  if (text === undefined) return undefined;
  return text.length <= longest ? shown : digestOf(text);
}

/** What stands for a text, or a file, that is not written down whole. */
export function digestOf(text: string | Uint8Array): { readonly bytes: number; readonly sha256: string } {
  return { bytes: typeof text === "string" ? Buffer.byteLength(text) : text.byteLength, sha256: createHash("sha256").update(text).digest("hex") };
}

function withoutSecrets(value: unknown, depth: number): unknown {
  if (typeof value === "string")
    return value
      .replaceAll("\0", "")
      .toWellFormed()
      .replace(/(\b\w+:\/\/[^/\s:@]*):[^/\s@]*@/g, `$1:${hidden}@`);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= deepest) return hidden;
  if (Array.isArray(value)) return value.map((item: unknown) => withoutSecrets(item, depth + 1));
  const entries = Object.entries(value).map(([name, part]) => [
    name.replaceAll("\0", "").toWellFormed(),
    secretName.test(name) && part !== null && typeof part !== "boolean" ? hidden : withoutSecrets(part, depth + 1),
  ]);
  return Object.fromEntries(entries);
}

/** Of something that holds what people are called, where they are reached and what they say: only its ids, numbers and yes or no. */
export function namesOnly(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const kept = Object.entries(value).filter(
    ([name, part]) => typeof part === "number" || typeof part === "boolean" || (/^id$|Id$/.test(name) && typeof part === "string"),
  );
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}
