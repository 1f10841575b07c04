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
