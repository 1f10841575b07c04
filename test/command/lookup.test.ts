import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Registry } from "prom-client";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { importFile } from "../../src/command/import.ts";
import * as command from "../../src/command/lookup.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { openLookups } from "../../src/start/lookups.ts";
import { makeList, openWorld, phone } from "../adapter/stores-kit.ts";
import { json, lookup, openProvider } from "../contact/lookup-kit.ts";
import { until } from "../harness/far-side.ts";
import { openFolder } from "../harness/lab-process.ts";

t.test("lookup: tried, run over a list and told of at the command line", async (t) => {
  const { stores, url } = await openWorld(t);
  const provider = await openProvider(t, (response, { path }) => {
    const [, what, about = ""] = path.replace(/\?.*/, "").split("/").map(decodeURIComponent);
    if (what === "crm") return json(response, { blocked: about === "c2", why: "in court", balance: 12.5 });
    if (what === "rnd") return json(response, { reassigned: "no" });
    return about === phone(3) ? json(response, {}, 404) : json(response, { type: "wireless", carrier: "Example\u001b[31m Tel" });
  });
  const quick = { maxPerSecond: 1000, retries: 0 };
  const line = { ...quick, name: "line", kind: "line-type" as const, url: `${provider.url}/line/{number}?key=hush`, answer: "/type" };
  const lookups = [
    { ...line, values: ["wireless=mobile"], fields: ["carrier=/carrier"] },
    { ...quick, name: "rnd", kind: "reassigned" as const, url: `${provider.url}/rnd/{number}/{date}`, answer: "/reassigned" },
    { ...quick, name: "crm", kind: "customer" as const, url: `${provider.url}/crm/{clientId}`, answer: "/blocked", reason: "/why" },
  ];
  const config = join(openFolder(t), "carillon.yaml");
  const configure = (all: typeof lookups) => writeFileSync(config, JSON.stringify({ database: { url }, lookups: all }));
  configure(lookups);
  const options = { config };
  await makeList(stores, "people", 3);

  await t.test("asked once, and nothing is kept", async (t) => {
    const { said, answered } = await command.testLookup("line", phone(1), options);
    t.ok(answered);
    t.match(said, /^line says mobile, after \d+ ms\. Nothing of it is kept\.\n {2}carrier: Example\?\[31m Tel$/);
    t.match(await command.testLookup("crm", "c2", options), { answered: true, said: /^crm says do-not-contact \(in court\)/ });
    t.match(await command.testLookup("line", phone(3), options), { answered: false, said: /^line gave no answer after \d+ ms: it answers 404$/ });
    const dated = await command.testLookup("rnd", phone(1), { ...options, date: "2024-05-01", json: true });
    t.match(JSON.parse(dated.said), { name: "rnd", end: "answered", answer: { word: "no" } });
    t.equal(provider.asked.at(-1)?.path, `/rnd/${encodeURIComponent(phone(1))}/2024-05-01`);
    const asked = provider.asked.length;
    await t.rejects(command.testLookup("rnd", phone(1), options), { code: "lookup-invalid", message: /YYYY-MM-DD \(--date\)/ });
    await t.rejects(command.testLookup("rnd", phone(1), { ...options, date: "2024-02-31x" }), { code: "lookup-invalid" });
    await t.rejects(command.testLookup("line", "c1", options), { code: "lookup-invalid", message: /E\.164/ });
    await t.rejects(command.testLookup("nowhere", "c1", options), { code: "lookup-unknown" });
    t.equal(provider.asked.length, asked, "what is not understood is not asked");
    t.equal((await stores.pool.query("select from lookup_answer")).rowCount, 0);
  });

  await t.test("before a server has had them", async (t) => {
    t.match((await command.listLookups(options)).split("\n"), [
      /^LOOK-UP +KIND +BY +FALLBACK +PACE +WAITING +ANSWERED +FAILED$/,
      /^crm +customer +client-id +hold +1000\/s +no server/,
      /^line +line-type +number /,
      /^rnd /,
    ]);
    await t.rejects(command.runLookups("people", ["line"], options), { code: "lookup-unknown", message: /lookups: in the configuration/ });
    t.match(await command.listLookupRuns({ ...options, limit: 20 }), /^No list has been looked up yet/);
    t.match(await command.showLookups(phone(1), options), /^Nothing is known/);
  });

  await t.test("a run over a list, that a server carries out", async (t) => {
    const running = openLookups({
      config: { lookups: lookups.map(lookup), webhookDelivery: { privateNetworks: [] } as never },
      stores,
      metrics: new Registry(),
      clock: systemClock,
      log: silentLog,
    });
    await running.start();
    t.teardown(() => running.close());
    await t.rejects(command.runLookups("nobody", ["line"], options), { code: "list-unknown", message: /carillon lists/ });
    await t.rejects(command.runLookups("people", ["line", "line"], options), { code: "lookup-invalid" });
    t.match(
      await command.runLookups("people", ["line", "crm"], options),
      /^Run \d+ looks up the people on list "people": line, crm\..*carillon lookup runs/,
    );
    const table = () => command.listLookupRuns({ ...options, limit: 20 });
    await until(async () => / done /.test(await table()), "the end of the run");
    t.match((await table()).split("\n"), [/^RUN +LIST/, /^\d+ +people +\S+ \S+Z +done \S+ \S+Z +3 of 3 +line: .*; crm: /]);
    const [run] = JSON.parse(await command.listLookupRuns({ ...options, limit: 1, json: true }));
    t.match(run, { state: "done", contacts: 3, counts: { crm: { contact: 2, "do-not-contact": 1 } } });
    t.same(run.counts.line, { mobile: 5, failed: 1 }, "each of their numbers");

    t.match(await command.showLookups("c2", options), /^crm +answered +do-not-contact +in court +\S+ \S+Z +\S+ \S+Z$/m);
    t.match(await command.showLookups(phone(3), options), /^line +failed +it answers 404 /m);
    t.match(JSON.parse(await command.showLookups(phone(1), { ...options, json: true })), [{ name: "line", state: "answered", word: "mobile" }]);

    const file = join(openFolder(t), "more.csv");
    writeFileSync(file, `client_id,phone\nc8,${phone(8)}\nc9,${phone(9)}\n`);
    const said = t.capture(console, "log", () => undefined);
    t.equal(await importFile(file, { ...options, list: "more", lookup: ["line"], wait: true }), 0);
    const [imported, looked] = said().map(({ args: [text] }) => String(text));
    t.match(imported, /2 contacts put on list "more"/);
    t.match(looked, /^Run \d+, list "more": done, 2 of 2 contacts looked up\. line: mobile 2\.$/);
    const canceled = /^Run (\d+)/.exec(looked ?? "")?.[1] ?? "";
    await t.rejects(command.cancelLookups(canceled, options), { code: "lookup-run-state", message: /is done/ });
    await t.rejects(command.cancelLookups("999", options), { code: "lookup-run-unknown" });

    const listed = await command.listLookups(options);
    t.match(listed, /^crm +customer +client-id +hold +1000\/s +0 +3 +0$/m);
    t.match(listed, /\nline failed last: it answers 404$/);
    configure(lookups.slice(0, 1));
    t.match(await command.listLookups(options), /^crm +customer +client-id +\(not of this configuration\) +0 +3 +0$/m);
    t.notMatch(await command.listLookups({ ...options, json: true }), /hush/, "a URL is a secret");
  });
});
