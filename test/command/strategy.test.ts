import { createReadStream } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { showCampaign } from "../../src/command/campaign-settings.ts";
import { addCap } from "../../src/command/cap.ts";
import { campaignSafeguards } from "../../src/command/consent.ts";
import { idAmong } from "../../src/command/named.ts";
import { preflightCampaign } from "../../src/command/preflight.ts";
import { checkStrategies, diffStrategy, listStrategies, publishStrategy, showStrategy } from "../../src/command/strategy.ts";
import { simulateWhole } from "../../src/command/strategy-simulate.ts";
import { whyContact } from "../../src/command/why.ts";
import { importContacts } from "../../src/contact/import-engine.ts";
import { preparedPasses } from "../strategy/prepared-passes.ts";
import { greetingScript, openCommands } from "./command-kit.ts";

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

t.test("what is asked of a campaign that carries out a strategy is told of each of its passes", async (t) => {
  const document = waves.replace("name: waves", "name: march").replace("sales", `"+12125550100"`);
  const { rows } = await stores.pool.query<{ id: string }>("select id::text from list where name = 'may'");
  const listId = rows[0]?.id ?? "";
  const passes = await preparedPasses(stores, "march", listId, document);
  const { version } = await stores.strategies.publish(document, "test");
  const campaign = { name: "march", listId, strategyVersionId: version.id, first: "text", defaultTimeZone: "America/New_York", passes };
  const { id } = await stores.strategyCampaigns.create(campaign);
  const copied = await stores.strategyCampaigns.copy(id, "april", ["call", "text"]);
  const stand = async (of: string) => (await stores.strategyCampaigns.progress(of)).map(({ pass, progress }) => `${pass} ${progress.contacts}`);
  t.same(await stand(id), ["text 40", "call 0"], "a draft has its people in the first pass");
  t.same(await stand(copied?.id ?? ""), ["text 40", "call 0"], "and a copy has the passes in the same order");

  t.match(await preflightCampaign("march", options), /^Of 40 people .* by march\/text, [\s\S]*\n\nOf 40 people .* by march\/call, /);
  t.match(JSON.parse(await preflightCampaign("march", { ...options, json: true })), [
    { campaign: "march/text", contacts: 40 },
    { campaign: "march/call" },
  ]);
  t.match(JSON.parse(await preflightCampaign("march/call", { ...options, json: true })), { contacts: 40, complete: true });
  t.match(await whyContact("march", "c-1", options), /in campaign march\/text:\n[\s\S]*in campaign march\/call:\n/);
  t.match(await campaignSafeguards("march", { ...options, law: ["US-FL"] }), /besides those of where they are: US-FL\./);
  t.match(await campaignSafeguards("march/call", options), /besides those of where they are: US-FL\./);
  const passNames = /"march" carries out a strategy, and this is about one of its passes: march\/text, march\/call\.$/;
  await t.rejects(addCap("weekly", { ...options, most: 1, withinH: 168, campaign: "march" }), { code: "campaign-unknown", message: passNames });
  const passesOverApi = [{ name: "march/text" }, { name: "march/call" }, { name: "may" }];
  t.throws(() => idAmong(passesOverApi, "campaigns", "march"), { code: "campaign-unknown", message: passNames }, "over the API, too");
  await t.rejects(whyContact("marsh", "c-1", options), { code: "campaign-unknown", message: /no campaign "marsh"/ });

  await stores.strategyCampaigns.order(id, "start");
  t.match(await whyContact("march/call", "c-1", options), /^Has not come to this pass: nothing that has happened so far leads there\.$/m);
  t.equal(await preflightCampaign("march/call", options), "Nobody waits in march/call, which is running.");
  const [pass = ""] = Object.values(await stores.strategyCampaigns.passes(id));
  await stores.lookups.know([{ name: "crm", kind: "customer", by: "client-id", dateField: "" }]);
  await stores.safeguards.set(pass, { requireConsent: false, suppressionLists: [], lookups: ["crm"] }, "test");
  await stores.pool.query("update lookup set seen_at = now() - interval '4 minutes'");
  await stores.strategyCampaigns.order(id, "pause");
  const held = /^march\/text is paused, and must not run now: .*look-up crm/m;
  t.match([await showCampaign("march", options), await showCampaign("march/text", options)], [held, held]);
  await stores.safeguards.set(pass, { requireConsent: false, suppressionLists: [] }, "test");
  t.notMatch(await showCampaign("march", options), /must not run/);
  t.match(JSON.parse(await showCampaign("march", { ...options, json: true })), {
    name: "march",
    passes: [{ pass: "text", progress: { contacts: 40 } }],
  });

  // What the template and the script need, two of them do not have.
  await stores.pool.query("update contact set fields = fields::jsonb - 'amount' where client_id in ('c-1', 'c-2')");
  await stores.templates.publish({ name: "note", channel: "sms", text: "{amount} is due. STOP to opt out." }, "test");
  await stores.scripts.publish("note", greetingScript("Hello", "needs: [amount]\n").replace("script: greeting", "script: note"));
  const want = { contacts: 40, contacted: 38, refused: [], lacking: [{ fields: ["amount"], contacts: 2 }] };
  t.match(JSON.parse(await preflightCampaign("april", { ...options, json: true })), [want, want]);
  t.match(
    await preflightCampaign("april/text", options),
    /^Of 40 people 38 would be .*, and 2 would not\.[\s\S]*^NOT CONTACTED FOR WANT OF +PEOPLE\namount +2$/m,
  );
  // Nor can a text be made of what a third one has.
  await stores.templates.publish({ name: "note", channel: "sms", text: "{amount | money: 'USD'} is due. STOP to opt out." }, "test");
  await stores.pool.query("update contact set fields = fields::jsonb || '{\"amount\": \"12.00\"}' where fields::jsonb ? 'amount'");
  await stores.pool.query("update contact set fields = fields::jsonb || '{\"amount\": \"a lot\"}' where client_id = 'c-3'");
  const odd = { contacts: 40, contacted: 37, refused: [{ rule: "unwritable", contacts: 1 }], lacking: [{ fields: ["amount"], contacts: 2 }] };
  t.match(JSON.parse(await preflightCampaign("april", { ...options, json: true })), [odd, want]);
  t.match(await preflightCampaign("april/text", options), /^unwritable +1 +the text cannot be made of the person's fields/m);
});

t.test("preflight and why ask what a pass itself says before the gate", async (t) => {
  const begins = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
  const pass = "{ channel: sms, template: dated, sender: main";
  const document = `name: dated
passes:
  soon: ${pass}, begins: ${begins}, who: { field: client_number, at_least: 10 }, after: { delivered: { pass: over } } }
  over: ${pass}, ends: 2026-01-02, window: mon-fri 09:00-18:00, holidays: [US, 12-24], laws: US-FL }
`;
  const { rows } = await stores.pool.query<{ id: string }>("select id::text from list where name = 'may'");
  const listId = rows[0]?.id ?? "";
  await stores.pool.query(
    "update contact set fields = fields::jsonb || jsonb_build_object('client_number', substr(client_id, 3)) where list_id = $1",
    [listId],
  );
  const passes = await preparedPasses(stores, "dated", listId, document);
  const { version } = await stores.strategies.publish(document, "test");
  const shown = await showStrategy("dated", options);
  t.match(shown, /^ {2}when: mon,tue,wed,thu,fri 09:00-18:00; in the hours by the law of US-FL; not on US, 12-24; until 2026-01-02T00:00$/m);
  await stores.strategyCampaigns.create({
    ...{ name: "dated", listId, strategyVersionId: version.id, first: "soon", defaultTimeZone: "America/New_York", passes },
  });
  t.match(JSON.parse(await preflightCampaign("dated", { ...options, json: true })), [
    {
      ...{ contacts: 40, contacted: 30, delayed: [{ rule: "pass-not-begun", contacts: 30 }] },
      refused: [{ rule: "not-in-pass", contacts: 10 }],
    },
    { contacts: 40, contacted: 0, refused: [{ rule: "pass-over", contacts: 40 }] },
  ]);
  const why = await whyContact("dated", "c-30", options);
  t.match(why, /^If it were their turn now, .*: no, the pass of the strategy begins later \(pass-not-begun\), asked again /m);
  t.match(why, /^ {2}no {3}pass {17}pass over of strategy dated: .* \(pass-over\)\n {2}yes {2}suppression /m);
  t.match(await whyContact("march/text", "c-30", options), /^ {2}yes {2}pass +pass text of strategy march: /m);
});
