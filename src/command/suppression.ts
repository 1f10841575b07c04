import { basename } from "node:path";
import { systemClock } from "../adapter/system/clock.ts";
import { showSuppressionList } from "../api/schema/safeguard.ts";
import type { ChannelName } from "../attempt/result.ts";
import { usualOf } from "../compliance/do-not-call.ts";
import type { Suppression, SuppressionList, Whom } from "../compliance/suppression.ts";
import { loadSuppressions, type SuppressionReport } from "../compliance/suppression-import-engine.ts";
import { RejectsFile } from "../contact/rejects-engine.ts";
import { Fault } from "../kernel/fault.ts";
import type { Stores } from "../main.ts";
import { findCampaign } from "./campaign-settings.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { openInput } from "./input-file.ts";
import { tableText, timeCell } from "./table.ts";
import { counted, openProgress } from "./terminal.ts";
import { byUser } from "./user.ts";

export interface CreateListOptions extends CommonOptions {
  readonly reason: string;
  readonly optional?: boolean;
  readonly channel?: readonly ChannelName[];
  readonly kind?: string;
}

/** `carillon suppression create NAME` @returns what to say */
export function createSuppressionList(
  name: string,
  { reason, optional = false, kind, channel = usualOf(kind).channels, ...options }: CreateListOptions,
): Promise<string> {
  return withStores(options, async ({ suppressions }) => {
    const list = { name, reason, mandatory: !optional, channels: channel, ...(kind !== undefined && { kind }) };
    await suppressions.createList(list, byUser());
    const heeds = optional ? `heeded by campaigns that name it: carillon campaign safeguards CAMPAIGN --list ${name}` : "heeded by every campaign";
    return `Suppression list ${name} is made, ${heeds}. Load a file into it with: carillon suppression load FILE --list ${name}`;
  });
}

/** `carillon suppression lists` @returns a table */
export function showSuppressionLists(options: CommonOptions & { readonly json?: boolean }): Promise<string> {
  return withStores(options, async ({ suppressions }) => {
    const all = await suppressions.lists();
    if (options.json) return JSON.stringify(all.map(showSuppressionList), undefined, 2);
    const rows = all.map(({ id, name, kind = "", mandatory, channels, entries, loaded, reason }) => [
      ...[id, name, kind, mandatory ? "every campaign" : "who names it", channels.join(", ") || "all", String(entries)],
      ...[loaded?.dated ?? (loaded === undefined ? "never" : timeCell(loaded.at).slice(0, 10)), reason],
    ]);
    if (rows.length === 0) return "There are no suppression lists. carillon suppression create makes one.";
    return tableText(["ID", "LIST", "KIND", "HEEDED BY", "CHANNELS", "ENTRIES", "DATA OF", "REASON"], rows);
  });
}

export interface LoadOptions extends CommonOptions {
  readonly list: string;
  readonly replace?: boolean;
  readonly dated?: string;
  readonly country?: string;
  readonly rejects?: string;
}

/** `carillon suppression load FILE --list NAME` @returns what to say */
export function loadSuppressionFile(
  file: string,
  { list: name, replace = false, dated, country, rejects, ...options }: LoadOptions,
): Promise<string> {
  return withStores(options, async ({ suppressions }, config) => {
    const list = await findList(suppressions, name);
    const place = rejects ?? `${file.replace(/\.(?:csv|txt)$/i, "")}.rejects.csv`;
    const rejected = new RejectsFile(place);
    const { content } = await openInput(file);
    const line = openProgress(process.stdout, () => systemClock.now());
    try {
      const report = await loadSuppressions({
        ...{ store: suppressions, listId: list.id, mode: replace ? "replace" : "append", by: byUser(), file: basename(file), clock: systemClock },
        ...(dated !== undefined && { dated }),
        content,
        ...(country !== undefined && { country }),
        defaultCountry: config.contact.defaultCountry,
        headed: (header) => rejected.headed(header),
        rejected: (rejection) => rejected.write(rejection),
        progress: ({ read, rejected: refused }) => line.show(`${name}: ${counted(read, "row")} read, ${refused} rejected`),
      });
      return loadText(file, list.name, report, place);
    } finally {
      line.end();
      content.destroy();
      await rejected.close();
    }
  });
}

function loadText(file: string, list: string, { read, rejected, added, ended, entries }: SuppressionReport, place: string): string {
  const gone = ended === 0 ? "" : `, ${ended} ended that it has no more`;
  const refused = rejected === 0 ? "" : `\n${counted(rejected, "row")} could not be used; they are in ${place}, each with its reason.`;
  return `${file}: ${counted(read, "row")}; ${added} new${gone}. List ${list} has ${entries} ${entries === 1 ? "entry" : "entries"} now.${refused}`;
}

export interface SuppressOptions extends CommonOptions {
  readonly reason: string;
  readonly list?: string;
  readonly campaign?: string;
  readonly channel?: ChannelName;
  readonly until?: string;
}

/** `carillon suppression add WHOM` @returns what to say */
export function suppress(words: string, { reason, list, campaign, channel, until, ...options }: SuppressOptions): Promise<string> {
  return withStores(options, async (stores) => {
    const { suppressions } = stores;
    const made = await suppressions.add(
      {
        whom: whomOf(words),
        reason,
        ...(list !== undefined && { listId: (await findList(suppressions, list)).id }),
        ...(campaign !== undefined && { campaignId: (await findCampaign(stores, campaign)).id }),
        ...(channel !== undefined && { channel }),
        ...(until !== undefined && { expiresAt: momentOf(until) }),
      },
      byUser(),
    );
    return `${words} is suppressed (${made.id}). What rings at them is taken back; carillon suppression end ${made.id} --reason … ends it.`;
  });
}

/** `carillon suppression search WHOM` @returns a table */
export function searchSuppressions(words: string, options: CommonOptions & { readonly json?: boolean }): Promise<string> {
  return withStores(options, async ({ suppressions }) => {
    const found = await suppressions.about(whomOf(words));
    if (options.json) return JSON.stringify(found, undefined, 2);
    if (found.length === 0) return `No suppression of ${words} is known.`;
    const rows = found.map((each) => [
      ...[each.id, timeCell(each.createdAt), each.list ?? each.source, each.campaignId ?? "every", each.channels.join(", ") || "all", each.reason],
      ...[each.recordedBy ?? "", endOf(each)],
    ]);
    return tableText(["ID", "SINCE", "FROM", "CAMPAIGN", "CHANNELS", "REASON", "BY", "ENDS"], rows);
  });
}

function endOf({ expiresAt, endedBy, endedReason }: Suppression): string {
  if (expiresAt === undefined) return "";
  return endedBy === undefined ? timeCell(expiresAt) : `${timeCell(expiresAt)} by ${endedBy}: ${endedReason ?? ""}`;
}

/** `carillon suppression end ID` @returns what to say */
export function endSuppression(id: string, { reason, ...options }: CommonOptions & { readonly reason: string }): Promise<string> {
  return withStores(options, async ({ suppressions }) => {
    if ((await suppressions.end(id, reason, byUser())) === undefined)
      throw new Fault("suppression-unknown", `There is no suppression ${id} that still holds; carillon suppression search WHOM shows them.`);
    return `Suppression ${id} has ended. It stays as evidence.`;
  });
}

const exportAtOnce = 5000;

/** `carillon suppression export NAME`: CSV, page by page. @param write gives back when there is room for more */
export function exportSuppressions(name: string, options: CommonOptions, write: (text: string) => Promise<void>): Promise<void> {
  return withStores(options, async ({ suppressions }) => {
    const list = await findList(suppressions, name);
    await write("phone,email,client_id,reason,expires_at\r\n");
    for (let afterId: string | undefined; ; ) {
      const page = await suppressions.entries(list.id, { limit: exportAtOnce, ...(afterId !== undefined && { afterId }) });
      await write(page.map(exportLine).join(""));
      afterId = page.at(-1)?.id;
      if (page.length < exportAtOnce) return;
    }
  });
}

function exportLine({ whom: { kind, value }, reason, expiresAt }: Suppression): string {
  const who = (wanted: Whom["kind"]) => (kind === wanted ? value : "");
  const cells = [who("number"), who("mailbox"), who("client-id"), reason, expiresAt === undefined ? "" : new Date(expiresAt).toISOString()];
  return `${cells.map((cell) => (/[",\r\n;|\t]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",")}\r\n`;
}

/** A word with + in front is a number, one with @ a mailbox, every other a client id. */
export function whomOf(words: string): Whom {
  if (words.startsWith("+")) return { kind: "number", value: words };
  return words.includes("@") ? { kind: "mailbox", value: words.toLowerCase() } : { kind: "client-id", value: words };
}

/** A day, from its beginning in UTC, or an instant. @throws Fault `suppression-invalid` */
export function momentOf(text: string): number {
  const at = /^\d{4}-\d{2}-\d{2}(?:T|$)/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new Fault("suppression-invalid", `${text} is no day; write it as 2026-12-31, or 2026-12-31T18:00:00Z.`);
  return at;
}

async function findList(suppressions: Stores["suppressions"], name: string): Promise<SuppressionList> {
  const list = await suppressions.list(name);
  if (list === undefined) throw new Fault("suppression-list-unknown", `There is no suppression list ${name}; carillon suppression lists shows them.`);
  return list;
}
