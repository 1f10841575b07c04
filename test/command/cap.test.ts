import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { makeCampaign, openWorld } from "../adapter/stores-kit.ts";
import { openFolder } from "../harness/lab-process.ts";
import { runCli } from "../harness/serve-process.ts";

t.setTimeout(280_000);

t.test("cap: made, listed and removed at the command line", async (t) => {
  const { stores, url } = await openWorld(t);
  await makeCampaign(stores, { people: 1 });
  const folder = openFolder(t);
  writeFileSync(join(folder, "carillon.yaml"), JSON.stringify({ database: { url } }));
  const cap = (...words: string[]) => runCli(t, ["cap", ...words], { cwd: folder });

  t.match(await cap("add", "weekly", "--most", "3", "--within-h", "168"), {
    code: 0,
    stdout: /^Made weekly: 3 attempts in 168 h per person, by voice/,
  });
  t.match(await cap("add", "debts", "--us-debt", "account", "--campaign", "reminders"), {
    code: 0,
    stdout: /debts-calls: 7 calls in 169 h per person and debt \(account\).*debts-conversation: 1 conversation in 169 h/,
  });
  t.match(await cap("add", "weekly", "--most", "3", "--within-h", "1"), { code: 1, stderr: /There is a frequency cap "weekly" already/ });
  t.match(await cap("add", "x", "--most", "3"), { code: 1, stderr: /--most 3 --within-h 168/ });
  t.match(await cap("remove", "debts-calls"), { code: 0 });
  const { stdout } = await cap("list");
  t.match(stdout.split("\n"), [/^NAME/, /^weekly +3 attempts .*every campaign$/, /^debts-conversation .* reminders$/]);
  t.match(await cap("remove", "nothing"), { code: 1, stderr: /no frequency cap "nothing"/ });
});

t.test("calendar: made from a file, listed, shown and removed at the command line", async (t) => {
  const { url } = await openWorld(t);
  const folder = openFolder(t);
  writeFileSync(join(folder, "carillon.yaml"), JSON.stringify({ database: { url } }));
  writeFileSync(join(folder, "office.txt"), "# 2026\n2026-12-24..2027-01-02  # closed\n\nUS-NY: 02-12\n");
  const calendar = (...words: string[]) => runCli(t, ["calendar", ...words], { cwd: folder });
  t.match(await calendar("set", "our-office", "US", "--file", "office.txt", "--meaning", "nobody is in"), {
    code: 0,
    stdout: /our-office is kept as version 1, with 3 lines of days\. Campaigns that have holidays=our-office/,
  });
  t.match(await calendar("set", "our-office", "US", "12-32"), { code: 1, stderr: /day 2: 12-32 is no day/ });
  t.match(await calendar("set", "our-office", "--file", "none.txt"), { code: 1, stderr: /none\.txt cannot be read/ });
  t.match(await calendar("set", "our-office", "US"), { code: 0, stdout: /version 2/ });
  const { stdout } = await calendar("show", "our-office");
  t.match(stdout.split("\n"), [/^US$/, /^$/, /^VERSION/, /^2 .*US$/, /^1 .*US 2026-12-24\.\.2027-01-02 US-NY: 02-12$/]);
  t.match((await calendar("list")).stdout, /^NAME.*\nour-office +2 +US +nobody is in$/m);
  t.match(await calendar("remove", "our-office"), { code: 0 });
  t.match(await calendar("remove", "our-office"), { code: 1, stderr: /no calendar our-office/ });
});
