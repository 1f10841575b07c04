import { join } from "node:path";
import t from "tap";
import { createCampaign, listCampaigns, orderCampaign } from "../../src/command/campaign.ts";
import { changeCampaign, showCampaign } from "../../src/command/campaign-settings.ts";
import { importFile } from "../../src/command/import.ts";
import { whyContact } from "../../src/command/why.ts";
import { greetingScript, openCommands } from "./command-kit.ts";

t.setTimeout(280_000);
const { folder, stores, file, carillon, refused } = await openCommands();
const options = { config: join(folder, "carillon.yaml") };
const agentScript = join(import.meta.dirname, "../../ivr-scripts/agent-call.yaml");

t.test("a campaign for agents is made, changed while it runs, and shown with the people who were abandoned", async (t) => {
  const people = file("people.csv", "phone,first_name\n+12125550101,Ada\n+12125550102,Grace\n");
  const list = await stores.contacts.openLoad({ name: "people", append: false });
  await list.commit();
  t.equal(await importFile(join(folder, people), { ...options, list: "people", append: true, country: "US" }), 0);
  await t.rejects(importFile(join(folder, people), { ...options, list: "people", append: true, country: "US" }), {
    code: "import-nothing-usable",
    message: /^Nobody in the file is new: \d+ of its \d+ rows name people who are on the list already.*--existing update/,
  });
  const wishes = { ...options, list: "people", trunk: "lab", callerId: "+12125550100", maxCps: 5, maxLines: 20, defaultTimeZone: "America/New_York" };
  const greeting = join(folder, file("greeting.yaml", greetingScript()));
  const fails = async (work: Promise<unknown>, message: RegExp) => t.rejects(work, { code: "campaign-invalid", message });
  await fails(
    createCampaign("a", { ...wishes, script: greeting, mode: "predictive" }),
    /^script: whoever answers gets no agent in it: give it a step such as `queue: campaign`/,
  );
  await fails(createCampaign("a", { ...wishes, script: agentScript, mode: "ivr-progressive" }), /^pacing: mode ivr-progressive needs ports/);
  await fails(
    createCampaign("a", { ...wishes, script: agentScript, pacing: ["linesPerAgnt=2"] }),
    /^There is no linesPerAgnt to set\. Did you mean linesPerAgent\?/,
  );
  const made = await carillon(
    t,
    ...["campaign", "create", "spring", "--list", "people", "--script", agentScript, "--trunk", "lab", "--caller-id", "+12125550100"],
    ...["--mode", "predictive", "--pacing", "target=0.02", "maxLinesPerAgent=3"],
  );
  t.match(made, { code: 0, stdout: /^Campaign spring is made/ }, made.stderr);
  const started = await orderCampaign("spring", "start", options);
  t.match(started, { state: "running", note: /No group of agents works for it: assign one with carillon group assign/ });

  t.equal(
    await changeCampaign("spring", ["mode=progressive", "linesPerAgent=2", "maxLines=50"], { ...options, unset: ["target"] }).then(
      (text) => text.split(" No group")[0],
    ),
    "Campaign spring is changed: mode progressive linesPerAgent=2 maxCps=5 maxLines=50. Mode progressive has no maxLinesPerAgent: dropped.",
  );
  await fails(changeCampaign("spring", ["mode=manual", "linesPerAgent=2"], options), /mode manual has no linesPerAgent; it has cap, abandonedPauseS/);
  t.match(await listCampaigns(options), /\n\d+ +spring +voice +progressive +running/);
  await fails(changeCampaign("spring", ["mode=fast"], options), /"mode=fast" is no mode. There are ivr,/);
  await fails(changeCampaign("spring", ["linesPerAgent=two"], options), /linesPerAgent: "two" is not a number/);
  await fails(changeCampaign("spring", ["cap=0.9"], options), /cap is out of its range: a number from 0.001 to 0.1/);
  await fails(changeCampaign("spring", ["maxLines=0"], options), /maxLines must be a whole number above 0/);
  await fails(changeCampaign("spring", [], options), /Say what is to be another/);
  await t.rejects(changeCampaign("autumn", ["maxLines=2"], options), { code: "campaign-unknown" });

  const { id = "" } = (await stores.campaigns.findByName("spring")) ?? {};
  await stores.pool.query("insert into live_answer select $1::bigint, span, clock_timestamp(), 200, 3 from (values ('day'), ('month')) s(span)", [
    id,
  ]);
  const { id: groupId } = await stores.agents.addGroup("sales", { wrapUpMs: 0, extensionMs: 0, maxExtensions: 0 });
  await stores.agents.assign(groupId, id);
  const shown = await showCampaign("spring", options);
  t.match(
    shown,
    /is running: mode progressive linesPerAgent=2 maxCps=5 maxLines=50 window=mon,[a-z,]+ 08:00-20:00; script agent-call, over lab, shows \+12125550100\.\nspring running 0\/2, 0 on the line\nNo agent of its groups is logged in[^\n]*\n\nWITHIN/,
  );
  t.match(shown, /^24 hours +200 +3 +1\.50 % +3$/m);
  t.match(JSON.parse(await showCampaign("spring", { ...options, json: true })), {
    id,
    name: "spring",
    window: { startMinute: 480 },
    progress: { contacts: 2, done: 0 },
  });
  t.match(JSON.parse(await listCampaigns({ ...options, json: true })), [{ id, name: "spring", state: "running" }]);
  t.match(shown, /Z the command line: mode progressive linesPerAgent=2/);
  await refused(t, ["campaign", "create", "c", "--list", "people", "--mode", "fast"], /--mode <mode>.*'fast'.*ivr-power/);
  t.match(
    await changeCampaign("spring", ["window=mon-tue 10:00-11:30", "holidays=US,12-24", "callerId=+12125550177"], options),
    /^Campaign spring is changed: .* window=mon,tue 10:00-11:30 holidays=US,12-24 callerId=\+12125550177\./,
  );
  const kept = await stores.campaigns.findByName("spring");
  t.match(kept, { callerId: "+12125550177", window: { startMinute: 600, endMinute: 690, weekdays: [1, 2], holidays: ["US", "12-24"] } });
  t.match(await changeCampaign("spring", ["window=sat"], options), /window=sat 10:00-11:30 holidays=US,12-24\./, "hours and holidays stay");
  t.match(await changeCampaign("spring", ["window=09:00-24:00"], options), /window=sat 09:00-24:00 holidays=US,12-24\./, "so do the days");
  await fails(changeCampaign("spring", ["windw=sat"], options), /^There is no windw to set\. Did you mean window\?/);
  await fails(changeCampaign("spring", ["progressive"], options), /^"progressive": write it as NAME=VALUE\./);
  await fails(changeCampaign("spring", ["window=late"], options), /"late" are no hours/);
  await fails(changeCampaign("spring", ["holidays=XX"], options), /^window: holidays: XX is neither a calendar/);
  await fails(changeCampaign("spring", ["callerId=me"], options), /^callerId: must be a number in E.164/);
  t.match(
    await changeCampaign("spring", ["ringTimeoutMs=30000", "amd=b2b", "onMachine=script"], options),
    / ringTimeoutMs=30000 amd=b2b onMachine=script\./,
  );
  t.match(await changeCampaign("spring", ["holdout=0.05"], options), / amd=b2b onMachine=script holdout=0\.05\./, "the rest of the detection stays");
  t.match(await stores.campaigns.findByName("spring"), {
    ringTimeoutMs: 30_000,
    amd: { profile: "b2b", actions: { machine: "script" }, holdoutShare: 0.05 },
  });
  t.match(await changeCampaign("spring", ["amd=off"], options), / amd=off\./);
  t.equal((await stores.campaigns.findByName("spring").then((now) => now?.channel === "voice" && now.amd)) ?? "off", "off");
  t.match(await showCampaign("spring", options), /onMachine=script holdout=0\.05\n[^\n]* amd=off$/, "each change is shown with what it changed");
  await fails(changeCampaign("spring", ["onMachine=script"], options), /^amd: without it nobody hears that it is a machine/);
  await fails(changeCampaign("spring", ["amd=b2x"], options), /^amd: "b2x" is none of b2c, b2b, off/);
  await fails(changeCampaign("spring", ["amd=b2c", "holdout=2"], options), /^holdout: a share of the machines/);
  await fails(changeCampaign("spring", ["mode=manual", "amd=b2c", "holdout=0.5"], options), /^amd: holdoutShare .* this is manual/);
  await fails(
    changeCampaign("spring", ["trunk=nowhere", "ringTimeoutMs=10"], options),
    /^trunk: there is no trunk nowhere;.*\nringTimeoutMs: must be from 15000/s,
  );
  await fails(changeCampaign("spring", ["sender=main"], options), /^sender: is of campaigns that write; spring calls/);
});

t.test("a campaign that writes is made, changed and shown", async (t) => {
  const people = file("mailboxes.csv", "first_name,Write to,mobile\nAda,Ada@Example.com,+12125550103\nGrace,,+12125550104\nEdsger,,\n");
  t.equal(await importFile(join(folder, people), { ...options, list: "writers", email: ["Write to"] }), 0);
  await stores.templates.publish({ name: "reminder", channel: "sms", text: "Hello {first_name}" }, "test");
  const wishes = { list: "writers", channel: "sms" as const, template: "reminder", sender: "main", maxCps: 5, defaultTimeZone: "America/New_York" };
  const set = ["sms.binds.0.name=alpha", "sms.binds.0.host=192.0.2.1", "sms.binds.0.systemId=us", "sms.binds.0.password=secret"];
  const one = ["sms.senders.0.name=main", "sms.senders.0.address=+12125550100", "sms.senders.0.kind=long-code"];
  const written = { ...options, set: [...set, ...one] };
  const fails = async (more: object, message: RegExp) =>
    t.rejects(createCampaign("by sms", { ...written, ...wishes, ...more }), { code: "campaign-invalid", message });
  await fails({ template: undefined }, /^--template: a campaign by sms needs that\.$/);
  await fails({ trunk: "lab", maxLines: 3 }, /^--trunk, --max-lines: a campaign by sms has no such thing\.$/);
  await fails({ template: "nothing" }, /^template: there is no template "nothing"; carillon template list/);
  await fails({ templateVersion: 2 }, /^template: there is no version 2 of template "reminder"/);
  await fails({ sender: "other" }, /^sender: there is no sender other for sms; configured: main$/);
  await fails(
    { channel: "email", sender: "main" },
    /^channel: is email, and the template is for sms\nsender: .* none is configured; put one under email\.senders$/,
  );
  await fails({ channel: undefined }, /^--script, --trunk, --caller-id: a campaign by voice needs that\.\n--template, --sender: /);
  t.match(await createCampaign("by sms", { ...written, ...wishes, templateVersion: 1 }), { channel: "sms", templatePinned: true, state: "draft" });
  t.equal(await changeCampaign("by sms", ["maxCps=2"], written), "Campaign by sms is changed: maxCps=2.");
  t.match(await orderCampaign("by sms", "start", written), { state: "running", note: undefined });
  t.match(
    await showCampaign("by sms", written),
    /is running: maxCps=2 window=[^;]+; sms, template reminder \(stays on its version\), from main\.\nby sms running \d\/\d, \d leaving[^\n]*\n\n[^\n]+: maxCps=2$/,
  );
  t.match(await listCampaigns(written), /\n\d+ +by sms +sms +- +running +writers +reminder +main/);
  t.match(
    await whyContact("by sms", "ADA@example.com", written),
    /\(\+12125550103, ada@example\.com\) in campaign by sms:\nWaits for its turn since/,
  );
  t.match(
    await whyContact("by sms", "c-none", written).catch((error: Error) => error.message),
    /known as "c-none"\. Give a client id, a number .*, a mailbox or/,
  );
  t.match(
    await whyContact("by sms", "ada@example.com", options),
    /\nThere is no sender main any more\. Nobody is written to: put it back under sms\.senders/,
  );
  t.match(await changeCampaign("by sms", ["window=mon-fri 09:00-17:00"], written), / window=mon,tue,wed,thu,fri 09:00-17:00\.$/);
  await t.rejects(changeCampaign("by sms", ["callerId=+12125550177"], written), {
    message: /^callerId: is of campaigns that call; by sms writes by sms/,
  });
  const another = [...set, ...one, "sms.senders.1.name=second", "sms.senders.1.address=+12125550111", "sms.senders.1.kind=long-code"];
  t.match(await changeCampaign("by sms", ["sender=second"], { ...written, set: another }), / sender=second\.$/);
  t.match(await stores.campaigns.findByName("by sms"), { sender: "second" });
  await t.rejects(changeCampaign("by sms", ["sender=third"], written), { message: /^sender: there is no sender third for sms; configured: main$/ });
  await t.rejects(changeCampaign("by sms", ["mode=ivr"], written), { message: /^mode: of campaigns that call\. by sms writes by sms/ });
});
