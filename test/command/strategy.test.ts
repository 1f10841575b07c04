import { createReadStream } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { checkStrategies, diffStrategy, listStrategies, publishStrategy, showStrategy } from "../../src/command/strategy.ts";
import { simulateWhole } from "../../src/command/strategy-simulate.ts";
import { importContacts } from "../../src/contact/import-engine.ts";
import { openCommands } from "./command-kit.ts";

t.setTimeout(280_000);
const { stores, file, folder, carillon, refused } = await openCommands();
const options = { config: join(folder, "carillon.yaml") };
const path = (name: string) => join(folder, name);

const waves = `name: waves
limits: { per_contact: 6 }
events: { paid: stop, moved: { pass: call, after: 1 h } }
passes:
  text: { channel: sms, template: note, sender: main, who_else: { pass: call }, after: { delivered: { pass: call, after: 24 h }, unreached: { pass: call } } }
  call: { channel: voice-ivr, script: note, trunk: main, caller_id: sales, after: { busy: [{ retry: 20 min, at_most: 3 }, next_address] } }
`;

t.test("strategies on the command line", async (t) => {
  // Commands as processes where the words of the command line are what is tried; the others as the functions behind them, which is quicker.
  file("waves.yaml", waves);
  t.match(await carillon(t, "strategy", "check", "waves.yaml"), { code: 0, stdout: "waves.yaml: waves, 2 passes, nothing wrong.\n" });
  file("wrong.yaml", waves.replace("pass: call, after: 24 h", "pass: cal, after: 24").replace("at_most: 3", "at_mots: 3"));
  const said = await refused(
    t,
    ["strategy", "check", "waves.yaml", "wrong.yaml"],
    /wrong\.yaml:5:\d+: \/passes\/text\/after\/delivered\/pass: There is no pass “cal”\. Did you mean call\?/,
    0,
  );
  t.match(said, /wrong\.yaml:6:\d+: .*at_mots.*Did you mean at_most\?/);
  t.throws(() => checkStrategies([path("none.yaml")]), { code: "strategy-invalid", message: /none\.yaml cannot be read: there is no such file/ });

  t.match(await listStrategies(options), /No strategy is published yet/);
  t.match(await publishStrategy(path("waves.yaml"), options), /^waves version 1 is published\./);
  t.match(await publishStrategy(path("waves.yaml"), options), /nothing is changed/);
  file("waves.yaml", waves.replace("24 h", "2 d"));
  t.match(await publishStrategy(path("waves.yaml"), options), /^waves version 2 is published\./);
  t.match(await listStrategies(options), /^waves +2 +text \(sms\), call \(voice-ivr\) +\d{4}-/m);
  t.match(await diffStrategy("waves", 1, 2, options), /^-.*24 h.*\n\+.*2 d/m);
  const shown = await showStrategy("waves", { ...options, version: 1 });
  for (const line of [
    /^waves version 1, published /,
    /^Everybody begins in text; attempts at most: 6 for each contact\.$/m,
    /^text: sms, note, from main$/m,
    /^ {2}not meant, or no mobile or unknown → call$/m,
    /^ {2}delivered → call after 1 d$/m,
    /^ {2}busy → again after 20 min, 3 times at most, else next address$/m,
    /^ {2}moved → call after 1 h$/m,
  ])
    t.match(shown, line);
  t.equal(await showStrategy("waves", { ...options, version: 1, source: true }), waves.trimEnd());
  await t.rejects(showStrategy("wavs", options), { code: "strategy-unknown", message: /Did you mean waves\?/ });
});

t.test("simulated with the contacts of a list", async (t) => {
  const rows = Array.from({ length: 40 }, (_, index) => `c-${index},+1212555${String(1000 + index)},${index}`);
  file("may.csv", `client_id,mobile,amount\n${rows.join("\n")}\n`);
  await importContacts({
    store: stores.contacts,
    name: "may",
    append: false,
    csv: createReadStream(path("may.csv")),
    rejected: () => {},
    defaultCountry: "US",
  });
  const simulated = { ...options, contacts: 1000, start: "2026-11-23T14:00Z", defaultTimeZone: "America/New_York", seed: 5 };
  const text = await simulateWhole("waves", { ...simulated, list: "may" });
  t.match(text, /^PASS +CHANNEL +PEOPLE/);
  t.match(text, /^40 contacts: /m);
  t.equal(await simulateWhole("waves", { ...simulated, list: "may" }), text, "the same seed, the same figures");
  file("chances.yaml", "results: { sms: { delivered: 1 }, call: { human: 1 } }\nevents: { paid: { percent: 0 } }\n");
  const sure = await simulateWhole(path("waves.yaml"), { ...simulated, chances: path("chances.yaml"), contacts: 10 });
  t.match(sure, /^call +voice-ivr +10 +0 +10 +0 s +2 d .* human 10$/m);
  file("bad.yaml", "results: { smss: { delivered: 1 } }\n");
  const fault = { code: "strategy-chances", message: /bad\.yaml:1:\d+: \/results\/smss.*Did you mean sms\?/ };
  await t.rejects(simulateWhole("waves", { ...simulated, chances: path("bad.yaml") }), fault);
  await t.rejects(simulateWhole("waves", { ...simulated, start: "soon" }), { code: "strategy-simulation" });
  await t.rejects(simulateWhole("waves", { ...simulated, defaultTimeZone: "Mars/Base" }), { code: "strategy-simulation" });
  await t.rejects(simulateWhole("waves", { ...simulated, list: "june" }), { code: "list-unknown" });
});
