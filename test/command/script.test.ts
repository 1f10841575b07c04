import { userInfo } from "node:os";
import t from "tap";
import { voiceCampaign } from "../harness/voice-campaign.ts";
import { openCommands, greetingScript as script } from "./command-kit.ts";

t.setTimeout(280_000);
const { stores, file, carillon, refused } = await openCommands();
const me = `user ${userInfo().username}`;

t.test("published, shown, compared, rolled back", async (t) => {
  t.match(await carillon(t, "script", "list"), { code: 0, stdout: /No script is published yet.*carillon script publish FILE/ });
  const greeting = file("greeting.yaml", script("Hello"));
  const first = await carillon(t, "script", "publish", greeting, "--note", "the first\nwords");
  t.match(first, { code: 0, stderr: "", stdout: "greeting version 1 is published. No running campaign follows it.\n" });
  t.match(await carillon(t, "script", "publish", greeting), {
    code: 0,
    stdout: /^greeting version 1 is this text already, and current: nothing is changed\.\n$/,
  });
  file("greeting.yaml", script("Good day"));
  t.match(await carillon(t, "script", "publish", greeting), { stdout: /^greeting version 2 is published\. / });
  const tests = (outcome: string) => `tests: greeting\ncases: [{ case: a, do: [{ keys: "9" }], expect: { outcome: ${outcome} } }]\n`;
  file("tested.yaml", script("Good day"));
  file("tested.test.yaml", tests("opted_out"));
  t.match(await carillon(t, "script", "publish", "tested.yaml"), { code: 0, stdout: /nothing is changed\. 1 test passed\.\n$/ });
  file("tested.test.yaml", tests("done"));
  await refused(
    t,
    ["script", "publish", "tested.yaml"],
    /1 of its 1 tests failed\ntested\.test\.yaml:2: a\n {4}outcome: expected done, saw opted_out/,
    0,
  );

  const listed = (await carillon(t, "script", "list")).stdout.split("\n");
  t.match(listed[0], /^SCRIPT +CURRENT +NEWEST +RUNNING +SINCE +BY +NOTE$/);
  t.match(listed[1], new RegExp(`^greeting +2 +2 +0 +\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\dZ +${me}$`));

  const shown = await carillon(t, "script", "show", "greeting", "--version", "1");
  t.match(shown, { code: 0, stderr: "" });
  t.match(shown.stdout, new RegExp(`^# greeting version 1, current is 2\n# published .* by ${me}\n`));
  t.equal(shown.stdout.replace(/^#.*\n/gm, ""), script("Hello"), "the text as it was published");
  t.match((await carillon(t, "script", "show", "greeting")).stdout, /# greeting version 2, the current one\n[\s\S]*Good day/);

  const changed = await carillon(t, "script", "diff", "greeting", "1", "2");
  t.match(changed, { code: 0, stderr: "" });
  t.match(changed.stdout, /^--- greeting version 1\n\+\+\+ greeting version 2\n@@ -3,7 \+3,7 @@\n/);
  t.match(changed.stdout, /\n-.*Hello.*\n\+.*Good day.*\n/);
  t.match((await carillon(t, "script", "diff", "greeting", "2", "2")).stdout, /Versions 2 and 2 of greeting are the same\./);

  const back = await carillon(t, "script", "rollback", "greeting", "--to", "1", "--note", "too stiff");
  t.match(back, { code: 0, stderr: "", stdout: "greeting version 1 is current again. No running campaign follows it.\n" });
  const history = (await carillon(t, "script", "history", "greeting")).stdout.trimEnd().split("\n");
  t.equal(history.length, 4);
  t.match(history[1], new RegExp(`Z +1 +current +${me} +too stiff$`));
  t.match(history[2], new RegExp(`Z +2 +${me}$`));
  t.match(history[3], new RegExp(`Z +1 +${me} +the first words$`), "on one line");
  t.match(await carillon(t, "script", "publish", greeting), { stdout: /^greeting version 2 is this text already; it is current again\. No/ });

  const json = async (...words: string[]) => JSON.parse((await carillon(t, "script", ...words, "--json")).stdout) as unknown;
  t.match(await json("list"), [{ name: "greeting", versions: 2, running: 0, current: { version: 2, by: me, at: /Z$/ } }]);
  t.match(await json("history", "greeting"), [{ version: 2 }, { version: 1, note: "too stiff" }, { version: 2 }, { version: 1 }]);
  t.match(await json("show", "greeting", "--version", "1"), { version: 1, current: false, source: script("Hello"), publishedBy: me });
  t.match(await json("diff", "greeting", "1", "2"), { from: 1, to: 2, diff: /^--- / });
  t.match(await json("publish", greeting), { version: 2, fresh: false, released: false, warnings: [], campaigns: [] });
  t.match(await json("rollback", "greeting", "--to", "1"), { version: 1, by: me, findings: [] });
});

t.test("what cannot be is told in one line, with what was probably meant", async (t) => {
  await refused(t, ["script", "show", "greting"], /There is no script greting; did you mean greeting\?\n$/);
  await refused(t, ["script", "history", "nothing-like-it"], /There is no script nothing-like-it; published: greeting\.\n$/);
  await refused(t, ["script", "show", "greeting", "--version", "7"], /no version 7 of script greeting; there are versions 1 to 2\.\n$/);
  await refused(t, ["script", "diff", "greeting", "1", "9"], /no version 9 of script greeting/);
  await refused(t, ["script", "diff", "greeting", "1", "two"], /'two'.*must be a whole number/);
  await refused(t, ["script", "rollback", "greeting"], /required option '--to <number>'/);
  await refused(t, ["script", "rollback", "greeting", "--to", "1"], /Version 1 of script greeting is the current one already/);
  await refused(t, ["script", "publish", "nothing.yaml"], /nothing\.yaml cannot be read.*Check its name/);
  file("broken.yaml", script("Hello").replace("no_input: bye", "no_input: by"));
  await refused(t, ["script", "publish", "broken.yaml"], /the script is not published:\nbroken\.yaml:8:\d+: error [\w-]+: .*by/, 0);
  t.match(await stores.scripts.entry("greeting"), { versions: 2, current: { version: 1 } }, "and nothing was written");
});

t.test("campaigns follow the script, or stay on a version; a new text must suit their lists", async (t) => {
  file("people.csv", "phone,first_name\n+1 212 555 0101,Ada\n");
  t.match(await carillon(t, "import", "people.csv", "--list", "people"), { code: 0 });
  const create = (name: string, ...more: string[]) => [
    "campaign",
    "create",
    name,
    "--list",
    "people",
    "--trunk",
    "lab",
    "--caller-id",
    "+15550100000",
    ...more,
  ];
  await refused(t, create("june", "--script", "greting"), /no script greting; did you mean greeting\?/);
  await refused(t, create("june", "--script", "greeting", "--script-version", "5"), /no version 5 of script greeting/);
  await refused(t, create("june", "--script", "greeting.yaml", "--script-version", "1"), /scriptVersion: .*not with a file/);
  t.match(await carillon(t, ...create("june", "--script", "greeting")), { code: 0, stderr: "" });
  t.match(await carillon(t, ...create("july", "--script", "greeting", "--script-version", "1")), { code: 0, stderr: "" });
  t.match(await stores.campaigns.findByName("july"), { scriptPinned: true });
  for (const name of ["june", "july"]) t.match(await carillon(t, "campaign", "start", name), { code: 0 });

  file("greeting.yaml", script("Hello {first_name}", "needs: [first_name]\n"));
  const third = await carillon(t, "script", "publish", "greeting.yaml");
  t.match(third.stdout, /^greeting version 3 is published\. 1 running campaign follows it: new calls run version 3 within two seconds\. /);
  t.match(third.stdout, /Pinned, and not changed: july on version 1\.\n$/);
  const { id } = (await stores.scripts.current("greeting")) ?? {};
  t.equal(voiceCampaign(await stores.campaigns.findByName("june")).scriptVersionId, id);
  t.not(voiceCampaign(await stores.campaigns.findByName("july")).scriptVersionId, id);
  t.match((await carillon(t, "script", "list")).stdout, /\ngreeting +3 +3 +1 /);

  file("greeting.yaml", script("Good evening"));
  await refused(t, create("june", "--script", "./greeting.yaml"), /june exists already/);
  t.match(await stores.scripts.entry("greeting"), { versions: 3 }, "a campaign that cannot be made publishes nothing");
  const august = await carillon(t, ...create("august", "--script", "./greeting.yaml"));
  t.match(
    august.stdout,
    /^greeting version 4 is published\. 1 running campaign follows it.*\nCampaign august is made/,
    "what that does to others is said",
  );

  file("greeting.yaml", script("You owe {amount_due}", "needs: [amount_due]\n"));
  await refused(t, ["script", "publish", "greeting.yaml"], /greeting\.yaml:3:\d+: error column-missing: the list has no column amount_due/, 2);
  t.match(await stores.scripts.entry("greeting"), { versions: 4 });
});
