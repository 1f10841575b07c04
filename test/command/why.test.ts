import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { Spool } from "../../src/adapter/postgres/repository/spool.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { allow, begun, claim, makeCampaign, node, openWorld, phone } from "../adapter/stores-kit.ts";
import { openFolder } from "../harness/lab-process.ts";
import { runCli } from "../harness/serve-process.ts";

t.setTimeout(280_000);

t.test("campaign why: what happened to a person, and why nothing did", async (t) => {
  const { stores, url } = await openWorld(t);
  const folder = openFolder(t);
  writeFileSync(join(folder, "carillon.yaml"), JSON.stringify({ database: { url }, trunks: [{ name: "carrier-a", host: "192.0.2.1" }] }));
  const why = async (contact: string, name = "reminders") => runCli(t, ["campaign", "why", name, contact], { cwd: folder });
  const told = async (contact: string) => (await why(contact)).stdout.trimEnd().split("\n");

  const draft = await makeCampaign(stores, { people: 4, started: false });
  t.match(await told("c1"), [/^Contact \d+, client id c1 \(\+12122000001, \+1212\d+\) in campaign reminders:$/, /has not been started/]);
  await stores.campaigns.move(draft.id, "draft", "running");
  const campaign = { ...draft, state: "running" as const };
  const retryAt = Date.now() + 3_600_000;
  await claim(stores, campaign, 3, {
    judge: ({ address }) =>
      address === phone(2)
        ? { go: false, rule: "outside-calling-window", retryAt }
        : address === phone(3)
          ? { go: false, rule: "unknown-time-zone" }
          : allow({ address } as Parameters<typeof allow>[0]),
  });
  t.match((await told(phone(1))).slice(1), [/attempt \d+ to \+12122000001: reserved$/, "On the line now."], "by a number too");
  t.match((await told("c2")).slice(1), [/not called: outside the calling hours .*\(outside-calling-window\), asked again 2/, /^Waits until 2/]);
  t.match((await told("c3")).slice(1), [/not called: .*\(unknown-time-zone\), not asked again in this campaign/, "Nothing is left to do."]);
  t.match((await told("c4")).slice(1), [/^Waits for a free line since 2/]);
  writeFileSync(join(folder, "carillon.yaml"), JSON.stringify({ database: { url } }));
  t.match((await told("c4")).slice(1), [
    /^There is no trunk or route \S+ any more\. Nobody is called: put it back with carillon trunk add or route add, /,
  ]);
  await stores.campaigns.move(campaign.id, "running", "paused");
  t.match((await told("c4")).slice(1), [/is paused: nobody is called/, /^Waits/]);
  const load = await stores.contacts.openLoad({ name: "list of reminders", append: true });
  await load.add([{ clientId: "late", addresses: [{ kind: "mobile", number: phone(900) }], fields: {} }]);
  await load.commit();
  const late = await told("late");
  t.ok(late.some((line) => /put on the list after it had been started/.test(line)));
  t.match(late.slice(late.findIndex((line) => line.startsWith("If it were"))), [
    /^If it were their turn now, at \+12122000900: /,
    /^ {2}yes {2}suppression +no suppression covers/,
  ]);
  t.match(await why("nobody"), { code: 1, stdout: "", stderr: /known as "nobody"\. Give a client id/ });
  t.match(await why("c1", "nothing"), { code: 1, stderr: /no campaign "nothing"/ });
});

t.test("spool replay: what a node left on its disk is written from anywhere", async (t) => {
  const { stores, url } = await openWorld(t);
  const folder = openFolder(t);
  writeFileSync(join(folder, "carillon.yaml"), JSON.stringify({ database: { url, dataDir: folder }, node: { name: "desk" } }));
  const campaign = await makeCampaign(stores, { people: 2 });
  const [order] = await begun(stores, campaign, 1);
  if (!order) throw new Error("no order");
  const file = join(folder, `unwritten-${node}.jsonl`);
  const spool = await Spool.open(file, silentLog);
  const at = Date.now();
  await spool.keep("a", { attemptId: order.attemptId, at, effects: [{ kind: "suppress", channels: [], scope: "account", reason: "key 9" }] });
  await spool.keep("b", { attemptId: order.attemptId, ending: { at, result: "human", reason: "script ended" } });
  await spool.close();
  const replay = (which = file) => runCli(t, ["spool", "replay", which], { cwd: folder });
  const suppressed = async () =>
    Number((await stores.pool.query("select count(*) from suppression where number = $1", [order.address])).rows[0]?.count);

  t.match(await replay(), { code: 1, stderr: new RegExp(`Node ${node} is running and writes what is in .* itself`) });
  t.equal(await suppressed(), 0);
  await stores.registry.release(node);
  const text = readFileSync(file, "utf8");
  t.match(await replay(), { code: 0, stdout: /: 2 records written; the file is empty\.\n/, stderr: "" });
  t.equal(readFileSync(file, "utf8"), "");
  t.equal(await suppressed(), 1);
  t.match(await stores.campaigns.progress(campaign.id), { results: { human: 1 } });

  const copy = join(folder, "copy.jsonl");
  writeFileSync(copy, text);
  t.match(await replay(copy), { code: 0 }, "a copy of it again does nothing");
  t.equal(await suppressed(), 1, "nothing is written twice");
  t.match(await replay("nothing.jsonl"), { code: 1, stderr: /nothing\.jsonl is not a file\. Give the unwritten-NODE\.jsonl/ });
});
