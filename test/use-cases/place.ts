import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import { fieldOf, textOf } from "../../src/command/api-client.ts";
import { createKey } from "../../src/command/key.ts";
import { openTestDatabase } from "../harness/database.ts";
import { until } from "../harness/far-side.ts";
import { openFolder, openLab, writeConfig } from "../harness/lab-process.ts";
import { portForAnother } from "../harness/ports.ts";
import { startServe } from "../harness/serve-process.ts";

/** What the API answers, as far as a test looks into it. */
export type Row = Readonly<Record<string, unknown>>;

export interface PlaceOptions {
  readonly seed: number;
  /** Telephones of agents. */
  readonly phones: number;
  /** What else stands in the configuration. */
  readonly settings?: Row;
}

/** The caller id of every campaign, and the number that is called back. */
export const ourNumber = "+15550100000";
export const shortCode = "55501";
/** For reports: without it they begin today, and midnight may come between what happened and the question. */
export const sinceYesterday = `from=${new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)}`;
/** For live reports, which are about today: a zone in which it is noon, so that no midnight comes between what happened and the question. */
export const atNoon = `zone=${encodeURIComponent(noonZone(new Date().getUTCHours()))}`;
/** Between two looks at what no event announces: several flows look at once. */
const lookMs = 60;

/** A company with Carillon: a `carillon serve` with calls, SMS and e-mail, whose far side is the lab. Everything is done over its API, by a key that the command line has made. */
export async function openPlace(t: Test, { seed, phones, settings }: PlaceOptions) {
  const folder = openFolder(t);
  const [lab, database] = await Promise.all([openLab(t, seed, 0.05, phones), openTestDatabase(t)]);
  const [port, mailPort] = [await portForAnother(), await portForAnother()];
  const config = writeConfig(lab, { folder, node: "main", promptsDir: join(folder, "prompts"), databaseUrl: database.url });
  const { smsc, mail } = lab.addresses;
  const written = JSON.parse(readFileSync(config, "utf8"));
  const more = {
    api: { maxRequestsPerMinute: 1_000_000 },
    trunks: [{ ...written.trunks[0], inbound: true }],
    phones: { hosts: [lab.addresses.phones.host] },
    sms: {
      binds: [{ name: "lab", host: smsc.host, port: smsc.port, systemId: "carillon", maxPerSecond: 100 }],
      senders: [{ name: "main", address: shortCode, kind: "short-code" }],
    },
    email: {
      ...{ key: Buffer.alloc(32, 7).toString("base64"), publicUrl: `http://127.0.0.1:${port}` },
      pools: [{ name: "lab", host: mail.host, port: mail.smtpPort, tls: "none" }],
      senders: [
        {
          ...{ name: "main", mailbox: "service@example.com", pool: "lab", bounceDomain: "in.example.com", replyDomain: "in.example.com" },
          ...{ postalAddress: "Example Bank, 1 Example Street", phone: "1 800 555 0100" },
        },
      ],
      receivers: [{ name: "back", host: "127.0.0.1", port: mailPort, domains: ["in.example.com"], maxPerMinute: 100_000 }],
    },
  };
  writeFileSync(config, JSON.stringify({ ...written, ...merged(more, settings ?? {}) }));
  const server = startServe(t, config, port);
  const key = await createKey("boss", { config });
  await server.ready();
  await lab.post("/smsc/personas", { everybody: null, mix: { delivered: 1 } });
  await lab.post("/mails/answers", { host: "127.0.0.1", port: mailPort });

  /** @throws Error with what the server says against it */
  async function ask(method: string, path: string, body?: unknown, type = "application/json"): Promise<Row> {
    const headers = { authorization: `Bearer ${key}`, ...(body !== undefined && { "content-type": type }) };
    const text = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
    for (;;) {
      const response = await fetch(`${server.api}/api/v1/${path}`, { method, headers, ...text });
      const answer = response.status === 204 ? {} : ((await response.json()) as Row);
      if (response.ok) return answer;
      // A machine that is busy with other tests may make it refuse what can wait.
      if (answer["code"] !== "overloaded") throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
      await until(async () => (await fetch(`${server.api}/readyz`)).ok, "the server to have time");
    }
  }
  const get = (path: string) => ask("GET", path);
  const items = async (path: string) => itemsOf(await get(path));
  const suppressed = async (whom: Row) => itemsOf(await ask("POST", "suppressions/search", whom));
  /** What is read, as soon as it fits. */
  async function seen<T>(read: () => Promise<T>, fits: (found: T) => boolean, what: string, timeoutMs = 60_000): Promise<T> {
    let found = await read();
    let looked = performance.now();
    const look = async () => {
      if (performance.now() - looked < lookMs) return false;
      found = await read();
      looked = performance.now();
      return fits(found);
    };
    if (!fits(found))
      await until(look, what, timeoutMs).catch((error: Error) => {
        throw new Error(`${error.message}; there is ${JSON.stringify(found)}`);
      });
    return found;
  }
  const attempts = (campaignId: string) => items(`campaigns/${campaignId}/attempts?limit=500`);
  return {
    /** What it is torn down with. */
    test: t,
    ...{ lab, server, ask, get, items, suppressed, seen, attempts },
    /** Imports a file with these columns. @returns the list, and its people by their client ids */
    async people(name: string, rows: readonly Readonly<Record<string, string>>[], query = "") {
      const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
      const csv = [columns.join(","), ...rows.map((row) => columns.map((column) => `"${row[column] ?? ""}"`).join(","))].join("\n");
      const report = await ask("POST", `lists?name=${name}${query}`, csv, "text/csv");
      const listId = textOf(report, "listId") ?? "";
      const contacts = await items(`lists/${listId}/contacts?limit=500`);
      const ids = new Map(contacts.map((contact) => [textOf(contact, "clientId") ?? "", textOf(contact, "id") ?? ""]));
      return { listId, report, id: (clientId: string) => ids.get(clientId) ?? "" };
    },
    script: (yaml: string) => ask("POST", "scripts", yaml, "application/yaml"),
    template: (document: Row) => ask("POST", "templates", document),
    strategy: (yaml: string) => ask("POST", "strategies", yaml, "application/yaml"),
    /** Makes a campaign that is open at any hour, and starts it unless it is to stay a draft. @returns its id */
    async campaign(body: Row, { draft = false } = {}): Promise<string> {
      const voice = { trunk: "lab", callerId: ourNumber, maxLines: 20 };
      const window = { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] };
      const usual = { maxCps: 20, window, defaultTimeZone: "America/New_York", ...(body["channel"] === undefined ? voice : { sender: "main" }) };
      const id = textOf(await ask("POST", "campaigns", { ...usual, ...body }), "id") ?? "";
      if (!draft) await ask("POST", `campaigns/${id}/start`);
      return id;
    },
    /** Starts a strategy with a list. @returns its id, and those of its passes by their names */
    async pursue(strategy: string, listId: string, start = true) {
      const made = await ask("POST", "strategy-campaigns", { name: strategy, listId, strategy, defaultTimeZone: "America/New_York" });
      const id = textOf(made, "id") ?? "";
      if (start) await ask("POST", `strategy-campaigns/${id}/start`);
      const passes = fieldOf(await get(`strategy-campaigns/${id}`), "passes") as readonly Row[];
      return { id, passes: Object.fromEntries(passes.map(({ pass, campaignId }) => [String(pass), String(campaignId)])) };
    },
    /** The media type that it comes in. */
    typeOf: async (path: string) =>
      (await fetch(`${server.api}/api/v1/${path}`, { headers: { authorization: `Bearer ${key}` } })).headers.get("content-type"),
    /** The attempts of a campaign, as soon as so many have ended; `sent` is no end for those who wait for a report. */
    ended: (campaignId: string, count: number, ends: (row: Row) => boolean = () => true) =>
      seen(
        () => attempts(campaignId),
        (rows) => rows.filter((row) => row["state"] === "ended" && ends(row)).length >= count,
        `${count} attempts of campaign ${campaignId} to end`,
      ),
    /** Who is at these numbers, one call or text after the other. */
    at: (numbers: Readonly<Record<string, string | readonly string[]>>) => lab.post("/personas", { numbers }),
    texting: (numbers: Readonly<Record<string, string | readonly string[]>>) => lab.post("/smsc/personas", { numbers }),
    /** The texts that were taken for a number, and where from. */
    textsTo: async (number: string) => (await lab.texts()).submits.filter(({ to, id }) => `+${to}` === number && id !== ""),
    mailsTo: async (mailbox: string) => (await lab.mails()).mails.filter(({ to, taken }) => taken && to.includes(mailbox)),
    callsTo: async (number: string) => (await lab.books()).filter(({ called }) => called === number),
  };
}

export type Place = Awaited<ReturnType<typeof openPlace>>;

export function itemsOf(page: Row): readonly Row[] {
  return (page["items"] ?? []) as readonly Row[];
}

/** Sections of the one, with those of the other in them. */
function merged(one: Row, other: Row): Row {
  const both = Object.keys(other).map((name) => {
    const [base, more] = [one[name], other[name]];
    return [name, isSection(base) && isSection(more) ? merged(base, more) : more];
  });
  return { ...one, ...Object.fromEntries(both) };
}

function isSection(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The text of a mail, its lines put together again. */
export function bodyOf(raw = ""): string {
  return raw.replaceAll("=\r\n", "").replaceAll("=3D", "=").replaceAll("&amp;", "&");
}

/** Zones of this kind have their sign turned around: Etc/GMT-2 is two hours ahead of UTC. */
function noonZone(utcHour: number): string {
  return `Etc/GMT${utcHour < 12 ? "-" : "+"}${Math.abs(12 - utcHour)}`;
}
