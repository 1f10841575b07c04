import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import t, { type Test } from "tap";
import { parse } from "yaml";
import { issueKey } from "../../src/access/access-engine.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { Log, LogFields } from "../../src/kernel/log.ts";
import { openCarillon } from "../../src/main.ts";
import { makeList, phone } from "../adapter/stores-kit.ts";
import { seed, startSmsc } from "../contracts/binds-kit.ts";
import { openTestDatabase } from "../harness/database.ts";
import { labPassword, labSecret, openFarSide, until } from "../harness/far-side.ts";
import { openFolder } from "../harness/lab-process.ts";

/* The dashboard, the alerts and the pages are held against what a server really tells. */

const root = resolve(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

interface Scrape {
  readonly types: ReadonlyMap<string, string>;
  readonly helps: ReadonlyMap<string, string>;
  /** Labels of each sample, by its name; buckets, sums and counts have names of their own. */
  readonly samples: ReadonlyMap<string, readonly Readonly<Record<string, string>>[]>;
}

/** The text format of Prometheus. @throws Error at a line that it does not have */
function readScrape(text: string): Scrape {
  const scrape = { types: new Map<string, string>(), helps: new Map<string, string>(), samples: new Map<string, Record<string, string>[]>() };
  for (const line of text.split("\n").filter((each) => each !== "")) {
    const [, kind, about = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (kind === "HELP") scrape.helps.set(about, rest);
    else if (kind === "TYPE") scrape.types.set(about, rest);
    else {
      const [, name, labels = ""] = /^([a-z_][a-zA-Z0-9_]*)(?:\{(.*)\})? (?:[-+.\de]+|[+-]?Inf|Nan|NaN)$/.exec(line) ?? [];
      if (name === undefined) throw new Error(`no sample: ${line}`);
      const found = Object.fromEntries([...labels.matchAll(/([a-z_]\w*)="((?:[^"\\]|\\.)*)"/g)].map(([, label = "", value = ""]) => [label, value]));
      scrape.samples.set(name, [...(scrape.samples.get(name) ?? []), found]);
    }
  }
  return scrape;
}

interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

/** What is logged from info on. */
function logInto(lines: LogLine[], always: LogFields = {}): Log {
  const at = (level: string) => (fields: LogFields, message: string) => void lines.push({ level, message, fields: { ...always, ...fields } });
  const child = (more: LogFields) => logInto(lines, { ...always, ...more });
  return { debug() {}, info: at("info"), warn: at("warn"), error: at("error"), child };
}

const lines: LogLine[] = [];
const caller = "+12125550199";

/** What a server tells that has a trunk, a bind, a mail pool, a campaign that calls for agents and one with a script, and has called somebody. */
async function scrapeServer(t: Test): Promise<Scrape> {
  t.comment(`seed ${seed}`);
  const [database, smsc, cwd] = [await openTestDatabase(t), await startSmsc(t), openFolder(t)];
  const far = await openFarSide({ seed, clock: systemClock, heartbeatMs: 200 });
  t.teardown(() => far.close());
  const config = loadConfig({
    env: {},
    cwd,
    purpose: "serve",
    flags: {
      ...{
        "node.name": "watched",
        "database.url": database.url,
        "database.dataDir": cwd,
        "prompts.dir": join(cwd, "prompts"),
        "api.port": 0,
        "api.maxRequestsPerMinute": 100_000,
      },
      ...{ "legalHours.kept": false, "legalHours.waivedBecause": "the people are of the lab" },
      ...{ "drachtio.port": far.drachtio.adminPort, "drachtio.secret": labSecret },
      ...{ "freeswitch.0.name": "fs-1", "freeswitch.0.port": far.freeswitch.eslPort, "freeswitch.0.password": labPassword },
      ...{ "trunks.0.name": "carrier-a", "trunks.0.host": "127.0.0.1", "trunks.0.port": far.carrier.sipPort, "trunks.0.inbound": true },
      ...{ "sms.binds.0.name": "north", "sms.binds.0.host": "127.0.0.1", "sms.binds.0.port": smsc.port, "sms.binds.0.systemId": "carillon" },
      ...{ "sms.senders.0.name": "main", "sms.senders.0.address": "55501", "sms.senders.0.kind": "short-code" },
      ...{ "lookups.0.name": "lines", "lookups.0.kind": "line-type", "lookups.0.url": "http://127.0.0.1:1/{digits}", "lookups.0.answer": "/type" },
      ...{ "email.key": Buffer.alloc(32, 7).toString("base64"), "email.publicUrl": "http://127.0.0.1:1" },
      ...{ "email.pools.0.name": "mail", "email.pools.0.host": "127.0.0.1", "email.pools.0.port": 9, "email.pools.0.tls": "none" },
      ...{ "email.senders.0.name": "main", "email.senders.0.mailbox": "service@example.com", "email.senders.0.pool": "mail" },
      ...{
        "email.senders.0.bounceDomain": "bounces.example.com",
        "email.senders.0.postalAddress": "1 Example Street",
        "email.senders.0.phone": "1 800 555 0100",
      },
    },
  });
  const carillon = await openCarillon({ config, clock: systemClock, log: logInto(lines), version: "1.2.3-test", onLeaseLost: () => {} });
  t.teardown(() => carillon.close());
  const { stores, pass } = carillon;
  const listId = await makeList(stores, "people", 3);
  const { id: groupId } = await stores.agents.addGroup("desk", { wrapUpMs: 1000, extensionMs: 1000, maxExtensions: 1 });
  const window = { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] };
  const limits = { maxCps: 10, maxLines: 10, ringTimeoutMs: 15_000, defaultTimeZone: "America/New_York", window };
  for (const [name, script, mode] of [
    ["greeting", "script: greeting\nlanguage: en-US\nstart: { human: hello }\nsteps:\n  hello: { end: greeted }\n", "ivr"],
    ["agents", read("ivr-scripts/agent-call.yaml"), "progressive"],
  ] as const) {
    const { id: scriptVersionId } = await stores.scripts.publish(name, script);
    const { id } = await stores.campaigns.create({ name, listId, scriptVersionId, trunk: "carrier-a", callerId: "+12125550100", mode, ...limits });
    if (mode === "progressive") await stores.agents.assign(groupId, id);
    await pass.order(id, "start");
  }
  const { text: key } = await issueKey(stores.keys, "prometheus", { role: "read-only" });
  const scrape = async () => {
    const answer = await fetch(`${carillon.url}/metrics`, { headers: { authorization: `Bearer ${key}` } });
    t.match(answer.headers.get("content-type"), /^text\/plain; version=0\.0\.4/);
    return readScrape(await answer.text());
  };
  // Somebody is called, and somebody calls.
  await far.carrier.place({ from: caller, to: "+12125550100", persona: "does:hear then hang up" });
  const over =
    "select count(*) filter (where campaign_id is null)::int as calls_in, count(*) filter (where campaign_id is not null)::int as calls_out from attempt where result is not null";
  await until(
    async () => {
      const { rows } = await stores.pool.query<{ calls_in: number; calls_out: number }>(over);
      return rows.every(({ calls_in, calls_out }) => calls_in > 0 && calls_out > 0);
    },
    "calls to be over",
    60_000,
  );
  // FreeSWITCH has told of itself, and a request was answered before.
  const last = ["carillon_media_server_idle_cpu_ratio", "carillon_http_request_duration_seconds_bucket"];
  await until(
    async () => {
      const { samples } = await scrape();
      return last.every((name) => samples.has(name));
    },
    "everything that is told when something has happened",
    60_000,
  );
  return await scrape();
}

interface Use {
  readonly where: string;
  readonly expr: string;
}

function uses(): readonly Use[] {
  const { panels } = JSON.parse(read("deploy/grafana/carillon.json")) as { panels: { title: string; targets?: { expr: string }[] }[] };
  const { groups } = parse(read("deploy/prometheus/carillon-alerts.yaml")) as { groups: { rules: { alert: string; expr: string }[] }[] };
  return [
    ...panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ where: `panel ${title}`, expr }))),
    ...groups.flatMap(({ rules }) => rules.map(({ alert, expr }) => ({ where: `alert ${alert}`, expr }))),
  ];
}

/** Of Prometheus itself, and what it adds to every series. */
const ofPrometheus = new Set(["up"]);
const addedLabels = new Set(["job", "instance"]);
/** Labels whose values are of the site, or come with what happens. */
const anyValue = new Set(["status"]);

t.test("metrics are named by convention and told of in the pages, and the dashboard and the alerts use such as there are", async (t) => {
  const { types, helps, samples } = await scrapeServer(t);
  const own = [...types.keys()].filter((name) => name.startsWith("carillon_"));
  t.ok(own.length > 45, `${own.length} metrics`);
  const page = read("docs/monitoring.md");
  const told = page.slice(page.indexOf("## Metrics"), page.indexOf("## Alerts"));
  for (const name of own) {
    const type = types.get(name);
    t.match(helps.get(name), /^[A-Z0-9].*\.$/, `${name} has a sentence of help`);
    t.match(name, /^carillon(_[a-z0-9]+)+$/);
    t.equal(name.endsWith("_total"), type === "counter", `${name} is a ${type}`);
    t.notMatch(name, /_(ms|millis|milliseconds|minutes|hours|percent|kb|mb|count|sum|bucket|gauge|counter)$/, "base units, and no name of a type");
    if (type === "histogram") t.match(name, /_(seconds|bytes)$/);
    t.ok(told.includes(`\`${name}`), `${name} is in docs/monitoring.md`);
    const series = samples.get(name)?.length ?? 0;
    t.ok(series <= 60, `${name} has ${series} series`);
  }
  for (const [, name = ""] of told.matchAll(/`(carillon_[a-z0-9_]+)/g)) t.ok(types.has(name), `${name} of docs/monitoring.md is a metric`);

  const used = new Set<string>();
  for (const { where, expr } of uses()) {
    const plain = expr.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
    const names = [...plain.matchAll(/\b(?:carillon|process|nodejs)_\w+\b|\bup\b/g)].map(([name]) => name);
    t.ok(names.length > 0, `${where} uses metrics`);
    const labels = new Set(addedLabels);
    for (const name of names) {
      if (ofPrometheus.has(name)) continue;
      const base = types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, "");
      t.ok(types.has(base), `${where}: ${name} is told by the server`);
      used.add(base);
      for (const label of (samples.get(name) ?? []).flatMap(Object.keys)) labels.add(label);
    }
    for (const [, name = "", matchers = ""] of expr.matchAll(/\b((?:carillon|process|nodejs)_\w+)\{([^}]*)\}/g))
      for (const [, label = "", how = "", value = ""] of matchers.matchAll(/(\w+)(=~|!=|!~|=)"([^"]*)"/g)) {
        if (addedLabels.has(label)) continue;
        const values = new Set((samples.get(name) ?? []).flatMap((sample) => sample[label] ?? []));
        t.ok(values.size > 0, `${where}: ${name} has the label ${label}`);
        for (const each of anyValue.has(label) ? [] : how.endsWith("~") ? value.split("|") : [value])
          t.ok(values.has(each), `${where}: ${label} of ${name} may be ${each}`);
      }
    for (const [, list = ""] of plain.matchAll(/\b(?:by|on|without|ignoring) \(([^)]*)\)/g))
      for (const label of list.split(",").map((each) => each.trim())) t.ok(labels.has(label), `${where}: ${label} is a label of ${names.join(", ")}`);
  }
  const unused = own.filter((name) => !used.has(name));
  t.same(unused, [], "everything that is told is looked at somewhere");

  // A busy machine has it say more; these it says always.
  const always = ["connected to drachtio-server", "connected to FreeSWITCH", "bound", "campaign moved by order"];
  t.same(
    always.filter((message) => !lines.some((line) => line.message === message)),
    [],
    "what matters is logged",
  );
  const fields = new Set(
    [...page.slice(page.indexOf("### Fields"), page.indexOf("## Metrics")).matchAll(/`([a-zA-Z]+)`/g)].map(([, field]) => field),
  );
  const people = [caller, phone(1), phone(2), phone(3), "Name 1", labSecret, labPassword].map((each) => each.replace("+", ""));
  for (const line of lines) {
    for (const field of always.includes(line.message) ? Object.keys(line.fields) : [])
      t.ok(fields.has(field), `the field ${field} of "${line.message}" is told of in docs/monitoring.md`);
    const text = JSON.stringify(line);
    t.same(
      people.filter((each) => text.includes(each)),
      [],
      `nobody's number, name or secret is in "${line.message}"`,
    );
  }
});

t.test("the dashboard can be imported as it is, and every alert says what and how grave it is, and is told of", (t) => {
  const dashboard = JSON.parse(read("deploy/grafana/carillon.json")) as {
    readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
    readonly panels: readonly {
      readonly id: number;
      readonly type: string;
      readonly title: string;
      readonly description?: string;
      readonly datasource?: { readonly uid: string };
    }[];
  };
  t.notOk("__inputs" in dashboard, "nothing is asked for");
  t.equal(dashboard.templating.list[0]?.type, "datasource");
  t.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
  for (const { type, title, description, datasource } of dashboard.panels) {
    if (type === "row") continue;
    t.equal(datasource?.uid, `\${${dashboard.templating.list[0]?.name}}`, title);
    t.ok(description, `${title} says what it is`);
  }
  const page = read("docs/monitoring.md");
  const told = page.slice(page.indexOf("## Alerts"));
  const { groups } = parse(read("deploy/prometheus/carillon-alerts.yaml")) as {
    groups: { rules: { alert: string; labels: { severity: string }; annotations: { summary: string } }[] }[];
  };
  const alerts = groups.flatMap(({ rules }) => rules);
  for (const { alert, labels, annotations } of alerts) {
    t.match(labels.severity, /^(page|ticket)$/, alert);
    t.ok(annotations.summary, alert);
    t.ok(told.includes(`\`${alert}\``), `${alert} is in docs/monitoring.md`);
  }
  for (const [, name] of told.matchAll(/`(Carillon[A-Z]\w+)`/g))
    t.ok(
      alerts.some(({ alert }) => alert === name),
      `${name} is an alert`,
    );
  t.end();
});
