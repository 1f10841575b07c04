import t from "tap";
import { openStores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { showFeed } from "../../src/command/feed.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { openTestDatabase } from "../harness/database.ts";

t.setTimeout(280_000);

t.test("feed show: how it stands, and what its last runs came to", async (t) => {
  const { url } = await openTestDatabase(t);
  const stores = await openStores({ url, log: silentLog, clock: systemClock, node: "n1", poolSize: 2 });
  t.teardown(() => stores.close());
  const shown = (settings: readonly string[] = [], json = false) => showFeed("crm", { set: [`database.url=${url}`, ...settings], json });
  const configured = ["feeds.0.name=crm", "feeds.0.folder=/srv/crm", "feeds.0.list=people"];

  await t.rejects(shown(), { code: "feed-unknown", message: /No server has had a feed crm yet, and it is not in this configuration/ });
  t.match(
    await shown(configured),
    /^FEED +DOES +FOLDER +LOOKED +NEXT\ncrm +import +\/srv\/crm +never +when a server starts\nIt has had no run yet\.$/,
  );

  const now = Date.now();
  await stores.feeds.know([{ name: "crm", firstAt: now }]);
  await stores.feeds.keepHostKey("crm", "SHA256:abc");
  await stores.feeds.take(["crm"], now + 60_000);
  t.match(await shown(), /^crm +\(not of this configuration\) .*now, by n1$/m, "of another server's configuration");
  await stores.feeds.note({ feed: "crm", state: "failed", fault: "sftp.example.com cannot be used: it said nothing for 30000 ms." });
  const begun = await stores.feeds.begin({ feed: "crm", file: "people.csv", bytes: 12, sha256: "00" });
  const id = "run" in begun ? (begun.run?.id ?? "") : "";
  t.ok(await stores.feeds.settle(id, "done", { report: { read: 3, accepted: 2, rejected: 1 } }));
  await stores.feeds.release("crm", { nextAt: now + 60_000, seen: {}, failures: 2, trouble: "the folder is away" });

  const text = await shown(configured);
  t.match(text, /^2 in a row failed: the folder is away$/m);
  t.match(text, /^Its server is known by SHA256:abc\.$/m);
  t.match(text, /^RUN +FEED +AT +STATE +FILE +WHAT CAME OF IT$/m);
  t.match(text, new RegExp(`^${id} +crm +.+Z +done +people\\.csv +(read 3|accepted 2|rejected 1)`, "m"));
  t.match(text, /^\d+ +crm +.+Z +failed +sftp\.example\.com cannot be used/m);
  const told = JSON.parse(await shown(configured, true));
  t.match(told, { name: "crm", failures: 2, trouble: "the folder is away", hostKey: "SHA256:abc" });
  t.match(told.runs, [{ state: "done", report: { accepted: 2 } }, { state: "failed" }], "the last first");
});
