import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ssh2 from "ssh2";
import t, { type Test } from "tap";
import { PostgresFeedStore } from "../../src/adapter/postgres/repository/feed-store.ts";
import { openStores } from "../../src/adapter/postgres/stores.ts";
import { fingerprintOf } from "../../src/adapter/sftp/host-key.ts";
import { loadConfig } from "../../src/config/load.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { callingList } from "../../src/report/calling-list-engine.ts";
import { document } from "../../src/report/document-engine.ts";
import { reportsOf } from "../../src/start/reports.ts";
import { makeCampaign } from "../adapter/stores-kit.ts";
import { openTestDatabase } from "../harness/database.ts";
import { until } from "../harness/far-side.ts";
import { startSftp } from "../harness/sftp-server.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";
import { isOver, openWorld, people, runsOf } from "./feeds-kit.ts";

const { utils } = ssh2;

t.setTimeout(280_000);

t.test("a database of their own", async (t) => {
  const { url } = await openTestDatabase(t);
  const clock = new VirtualClock();
  const stores = await openStores({ url, log: silentLog, clock, node: "n0", poolSize: 4 });
  t.teardown(() => stores.close());
  const world = (t: Test) => openWorld(t, clock, stores);

  await t.test("a file goes in once, when it is whole, and lies under done with its report", async (t) => {
    const here = await world(t);
    const engine = await here.engine({ startCampaign: "spring", everyS: 60 });
    writeFileSync(join(here.folder, "people.csv"), people.slice(0, 30));
    symlinkSync("/etc/hostname", join(here.folder, "link.csv"));
    writeFileSync(join(here.folder, "half.csv.part"), people);
    await here.look(engine);
    writeFileSync(join(here.folder, "people.csv"), people);
    await here.look(engine, 60);
    t.same(await runsOf(here), [], "half a file is not taken");
    await here.look(engine, 31);
    const [run, ...more] = await runsOf(here);
    t.same(more, []);
    t.match(run, { node: "n1", state: "done", file: "people.csv", bytes: people.length, report: { read: 3, accepted: 2, rejected: 1 } });
    t.same(here.started, ["start"]);
    t.same(here.lying(), ["half.csv.part", "link.csv"], "links are not followed");
    const [id] = (await here.stores.feeds.runs("crm", 1)).map((each) => each.id);
    t.same(here.lying("done"), [`${id}-people.csv`, `${id}-people.csv.rejects.csv`, `${id}-people.csv.report.json`]);
    t.match(JSON.parse(readFileSync(join(here.folder, "done", `${id}-people.csv.report.json`), "utf8")), {
      run: id,
      state: "done",
      report: { accepted: 2 },
    });
    t.match(readFileSync(join(here.folder, "done", `${id}-people.csv.rejects.csv`), "utf8"), /c3,x,Bad/);

    // The same file again is known by its bytes; another one of that name is not.
    writeFileSync(join(here.folder, "people.csv"), people);
    await here.look(engine, 60);
    await here.look(engine, 60);
    t.match((await runsOf(here)).at(-1), { state: "repeated", fault: new RegExp(`run ${id}`) });
    writeFileSync(join(here.folder, "people.csv"), "id,phone\nc2,2125550112\nc4,2125550104\n");
    await here.look(engine, 60);
    await here.look(engine, 60);
    t.match((await runsOf(here)).at(-1), { state: "done", report: { accepted: 2, updated: 1 } });
    t.equal((await here.stores.lists.listByName("people"))?.contacts, 3);
    t.same(here.lying(), ["half.csv.part", "link.csv"]);
    t.same(readdirSync(join(here.folder, "..", "data-1", "feeds-n1")), [], "nothing is left of what was read");
  });

  await t.test("what cannot be used lies under failed; what may pass is tried again", async (t) => {
    const here = await world(t);
    const engine = await here.engine({
      name: "bad",
      list: "others",
      quietS: 0,
      everyS: 60,
      maxTries: 2,
      startCampaign: "spring",
      mapping: "crm",
      maxMb: 1,
    });
    writeFileSync(join(here.folder, "people.csv"), people);
    await here.look(engine);
    t.match(await runsOf(here, "bad"), [{ state: "failed", file: "people.csv", fault: /no mapping crm/ }]);
    t.equal(here.lying("failed").length, 2, "with its report");
    await here.stores.staged.keep("crm", {}, "test");
    writeFileSync(join(here.folder, "long.csv"), `id,phone\n${"x".repeat(1 << 20)}`);
    await here.look(engine, 60);
    t.match((await runsOf(here, "bad")).at(-1), { state: "failed", fault: /longer than 1 MB/ });

    // Another load holds the list up: that may pass.
    writeFileSync(join(here.folder, "people.csv"), people);
    here.hindrance.reason = "the do-not-call list is too old";
    await here.look(engine, 60);
    t.match((await runsOf(here, "bad")).at(-1), { state: "loaded", fault: /could not be started: the do-not-call list is too old/ });
    t.same(here.lying(), ["people.csv"]);
    const views = async () => (await here.stores.feeds.list()).find(({ name }) => name === "bad");
    t.match(await views(), { failures: 1, trouble: /too old/ }, "it is shown");
    await here.look(engine, 31);
    t.match(await views(), { failures: 2 });
    t.equal((await runsOf(here, "bad")).length, 3, "nothing goes in twice");
    here.hindrance.reason = undefined;
    await here.look(engine, 61);
    t.match((await runsOf(here, "bad")).at(-1), { state: "done", report: { accepted: 2 } });
    t.same(here.lying(), []);
    t.same(here.started, ["start"]);
    t.match(await views(), { failures: 0, trouble: undefined });

    rmSync(here.folder, { recursive: true });
    await here.look(engine, 60);
    t.match((await runsOf(here, "bad")).at(-1), { state: "failed", file: undefined, fault: /Cannot look into .*there is no such file or folder/ });
    mkdirSync(here.folder);
  });

  await t.test("one node at a time; what a dead one was at is taken up by another, and goes in once", async (t) => {
    const here = await world(t);
    const [one, two] = [
      await here.engine({ name: "two", list: "both", quietS: 0 }),
      await here.engine({ name: "two", list: "both", quietS: 0 }, "n2"),
    ];
    writeFileSync(join(here.folder, "people.csv"), people);
    await Promise.all([here.look(one), here.look(two)]);
    t.match(await runsOf(here, "two"), [{ state: "done" }]);

    // A node takes the feed, begins with a file and is not heard of any more.
    await clock.advance(60_000);
    const dead = new PostgresFeedStore(stores.pool, clock, "n3");
    t.ok(await dead.take(["two"], clock.now() + 60_000));
    const begun = await dead.begin({ feed: "two", file: "next.csv", bytes: 3, sha256: "00" });
    await here.look(one, 30);
    t.equal(await dead.take(["two"], clock.now() + 60_000), undefined, "while its lease holds, nobody else has it");
    writeFileSync(join(here.folder, "next.csv"), "id,phone\nc9,2125550109\n");
    await here.look(one, 31);
    t.match(await runsOf(here, "two"), [{ state: "done" }, { node: "n3", state: "interrupted" }, { node: "n1", state: "done", file: "next.csv" }]);
    t.notOk(await dead.extend("two", clock.now() + 60_000), "it hears that it is too late");
    const run = "run" in begun ? (begun.run?.id ?? "") : "";
    const load = await stores.contacts.openLoad({ name: "both", append: true, feedRun: run });
    await load.add([{ clientId: "late", addresses: [], fields: {} }]);
    await t.rejects(load.commit(), { code: "feed-lost" });
    t.equal((await here.stores.lists.listByName("both"))?.contacts, 3);
  });

  await t.test("suppressions come in, results go out at their time of day", async (t) => {
    const here = await world(t);
    const list = await here.stores.suppressions.createList({ name: "stop", reason: "asked", mandatory: true, channels: [] }, "test");
    const engine = await here.engine({ name: "stops", does: "suppress", suppressionList: "stop", mode: "replace", quietS: 0 });
    writeFileSync(join(here.folder, "stop.csv"), "phone\n2125550101\n2125550102\n");
    await here.look(engine);
    t.match(await runsOf(here, "stops"), [{ state: "done", report: { read: 2, entries: 2 } }]);
    writeFileSync(join(here.folder, "stop.csv"), "phone\n2125550101\n");
    await here.look(engine, 60);
    t.equal((await here.stores.suppressions.list(list.id))?.entries, 1);
    t.equal((await here.stores.suppressions.list(list.id))?.loaded?.dated, undefined);
    const tps = await here.stores.suppressions.createList(
      { name: "tps", kind: "uk-tps", reason: "asked", mandatory: true, channels: ["voice"] },
      "test",
    );
    const national = await here.engine({ name: "tps", does: "suppress", suppressionList: "tps", mode: "replace", quietS: 0 });
    const written = here.clock.now() - 20 * 86_400_000;
    writeFileSync(join(here.folder, "tps.txt"), "02071838750\n07911123456\n");
    utimesSync(join(here.folder, "tps.txt"), written / 1000, written / 1000);
    await here.look(national, 60);
    t.match(
      await here.stores.suppressions.list(tps.id),
      { entries: 2, loaded: { dated: new Date(written).toISOString().slice(0, 10) } },
      "its age counts from when the file was written, and its numbers are of its country",
    );

    const out = await here.engine({ name: "out", does: "export", campaign: "nobody", at: "daily 16:00", zone: "UTC", folder: here.folder });
    await here.look(out);
    t.same(await runsOf(here, "out"), [], "it is not four o'clock");
    await here.look(out, 3600);
    t.match(await runsOf(here, "out"), [{ state: "failed", fault: "There is no campaign nobody." }]);
    t.ok(await here.stores.feeds.ask("out"));
    await here.look(out);
    t.equal((await runsOf(here, "out")).length, 2, "it is looked when somebody asks");
    t.notOk(await here.stores.feeds.ask("none"));
  });

  await t.test("with a key of ours, results go out to an SFTP server", async (t) => {
    const here = await world(t);
    const [key, other] = [0, 1].map(() => utils.generateKeyPairSync("ed25519", { passphrase: "hush", cipher: "aes256-cbc", rounds: 1 }));
    const login = { user: "carillon", password: "let me in", publicKey: key?.public ?? "" };
    const server = await startSftp(t, join(here.folder, ".."), login);
    const config = loadConfig({ env: {}, flags: {}, purpose: "admin", cwd: here.folder });
    const campaign = await makeCampaign(here.stores, { name: "results", people: 2 });
    const out = { name: "results", does: "export", campaign: campaign.name, folder: "/in", host: "127.0.0.1", port: server.port, quietS: 0 };
    const who = { user: "carillon", hostKeys: [fingerprintOf(server.hostKey)], passphrase: "hush" };
    const engine = await here.engine({ ...out, ...who, privateKey: key?.private });
    await here.look(engine);
    const [run] = await runsOf(here, "results");
    t.match(run, { state: "done", file: /^results-2.*\.csv$/ }, "let in, and put there");
    t.same(here.lying(), [run?.file], "whole, under its own name, and nothing beside it");
    const written = readFileSync(join(here.folder, run?.file ?? ""), "utf8");
    t.equal(Buffer.byteLength(written), run?.bytes);
    const { columns, rows } = callingList(reportsOf(config, here.stores, here.clock), campaign.id, []);
    let expected = "";
    for await (const chunk of document("csv", "calling list", columns, rows)) expected += Buffer.from(chunk).toString("utf8");
    t.equal(written, expected, "the calling list, as the API has it");
    t.match(written, /c1[\s\S]*c2/);
    for (const [name, wrong, fault] of [
      ["stranger", { privateKey: other?.private }, /does not let carillon in/],
      ["locked", { privateKey: key?.private, passphrase: "guessed" }, /key for 127\.0\.0\.1 cannot be used/],
    ] as const) {
      await here.look(await here.engine({ ...out, ...who, name, ...wrong }));
      t.match(await runsOf(here, name), [{ state: "failed", fault }], name);
    }
    t.equal(here.lying().length, 1);
    t.notMatch(JSON.stringify(await here.stores.feeds.runs(undefined, 50)), /hush|guessed|PRIVATE KEY/);
  });

  await t.test("over SFTP, from a server that has the right key", async (t) => {
    const here = await world(t);
    const login = { user: "carillon", password: "let me in" };
    const server = await startSftp(t, join(here.folder, ".."), login);
    const hostKey = fingerprintOf(server.hostKey);
    const sftp = { host: "127.0.0.1", port: server.port, folder: "/in", quietS: 0, everyS: 3600, ...login };
    const wrong = await here.engine({ ...sftp, name: "wrong-key", hostKeys: [`SHA256:${"A".repeat(43)}`] });
    await here.look(wrong);
    t.match(await runsOf(here, "wrong-key"), [
      { state: "failed", fault: new RegExp(`not trusted: it shows the key ${hostKey.replaceAll("+", "\\+")}`) },
    ]);
    const stranger = await here.engine({ ...sftp, name: "stranger", hostKeys: [hostKey], password: "guessed" });
    await here.look(stranger);
    t.match(await runsOf(here, "stranger"), [{ state: "failed", fault: /does not let carillon in/ }]);

    const long = `id,phone,note\n${Array.from({ length: 5000 }, (_, at) => `s${at},${2_125_000_000 + at},${"x".repeat(20)}`).join("\n")}\nbad,1,\n`;
    writeFileSync(join(here.folder, "people.csv"), long);
    const engine = await here.engine({ ...sftp, name: "far", list: "far", hostKeys: [hostKey] });
    server.breakAfter(65_536);
    await here.look(engine);
    t.match(
      await runsOf(here, "far"),
      [{ state: "failed", fault: /127\.0\.0\.1 cannot be used|Cannot read people\.csv on 127\.0\.0\.1/ }],
      "a connection that breaks changes nothing",
    );
    t.same(here.lying(), ["people.csv"]);
    await here.look(engine, 31);
    t.match((await runsOf(here, "far")).at(-1), { state: "done", bytes: long.length, report: { accepted: 5000, rejected: 1 } });
    t.same(here.lying(), []);
    t.equal(here.lying("done").length, 3, "file, report and rejects lie on the server");
    t.equal((await here.stores.lists.listByName("far"))?.contacts, 5000);

    // The key that was seen first is the only one from then on.
    const trusting = await here.engine({ ...sftp, name: "trusting", list: "trusting", trustFirstHostKey: true });
    await here.look(trusting);
    t.match(
      (await here.stores.feeds.list()).find(({ name }) => name === "trusting"),
      { hostKey, failures: 0 },
    );
    await here.stores.feeds.keepHostKey("trusting", `SHA256:${"B".repeat(43)}`);
    await here.look(trusting, 3601);
    t.match((await runsOf(here, "trusting")).at(-1), { state: "failed", fault: /must have SHA256:B/ });

    // One that sends a byte now and then is given up after a minute, and not left the feed to.
    mkdirSync(join(here.folder, "../slow"));
    writeFileSync(join(here.folder, "../slow/people.csv"), people.padEnd(900, "\n"));
    const slow = await here.engine({ ...sftp, name: "slow", list: "slow", folder: "/slow", hostKeys: [hostKey], timeoutMs: 600_000 });
    server.drip();
    await slow.look();
    const given = isOver(slow.settled());
    const trickles = async () => {
      if (server.drip()) await here.clock.advance(5000);
      return given();
    };
    await until(trickles, "it gives the file up", 60_000);
    t.match(await runsOf(here, "slow"), [{ state: "failed", fault: /stopped coming: less than 1024 bytes of it in 60 s/ }]);
    server.flow();
    await here.look(slow, 31);
    t.match((await runsOf(here, "slow")).at(-1), { state: "done", report: { accepted: 2 } });

    // One that keeps the connection and says nothing is given up.
    server.mute();
    const connections = server.connections();
    await here.clock.advance(3601_000);
    await engine.look();
    await until(() => server.connections() > connections, "it connects");
    const settled = isOver(engine.settled());
    const later = async () => {
      await here.clock.advance(10_000);
      return settled();
    };
    await until(later, "it gives the server up", 60_000);
    t.match((await runsOf(here, "far")).at(-1), { state: "failed", fault: /cannot be used/ });

    // A server of ours that stops meanwhile does not wait for it.
    const before = server.connections();
    const connects = async () => {
      await here.clock.advance(5000);
      return server.connections() > before;
    };
    await until(connects, "it connects again", 60_000);
    const noted = await runsOf(here, "far");
    await engine.close();
    t.same(await runsOf(here, "far"), noted, "and that is no failure");
  });
});
