import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { examineComponents } from "../../src/command/doctor-far-side.ts";
import type { Finding } from "../../src/command/doctor-finding.ts";
import { openTestDatabase } from "../harness/database.ts";
import { labPassword, labSecret, openFarSide } from "../harness/far-side.ts";
import { openFolder } from "../harness/lab-process.ts";
import { runCli } from "../harness/serve-process.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
t.comment(`TEST_SEED=${seed}`);
const host = "127.0.0.1";

t.test("doctor: what works, what does not, and what to do", async (t) => {
  const far = await openFarSide({ seed, clock: systemClock });
  t.teardown(() => far.close());
  const folder = openFolder(t);
  const database = await openTestDatabase(t);
  const settings = {
    drachtio: { host, port: far.drachtio.adminPort, secret: labSecret },
    freeswitch: [{ name: "media-1", address: host, port: far.freeswitch.eslPort, password: labPassword }],
    // Nobody's port, so that no server of this machine is taken for ours.
    api: { port: 1 },
    database: { url: database.url },
    prompts: { dir: join(folder, "prompts") },
    trunks: [{ name: "carrier-a", host, port: far.trunk.port }],
  };
  const doctor = async (change: object, ...words: string[]) => {
    writeFileSync(join(folder, "carillon.yaml"), JSON.stringify({ ...settings, ...change }));
    return runCli(t, ["doctor", ...words], { cwd: folder });
  };
  const looked = async (change: object) => {
    const { code, stdout } = await doctor(change, "--json");
    const told: { healthy: boolean; findings: readonly Finding[] } = JSON.parse(stdout);
    t.equal(told.healthy, code === 0);
    for (const { what, grade, advice } of told.findings) t.equal(advice !== undefined, grade !== "ok", `advice for ${what}`);
    return (what: string) => told.findings.find((finding) => finding.what === what);
  };

  const well = await doctor({});
  t.equal(well.code, 0, well.stdout + well.stderr);
  t.match(well.stdout, /^ok +database: PostgreSQL \d+/m);
  t.match(well.stdout, /^ok +schema: up to date$/m);
  t.match(well.stdout, /^ok +telephony: /m);
  t.match(well.stdout, /^ok +trunk:carrier-a: address 127\.0\.0\.1/m);
  t.notMatch(well.stdout, /FAULT/);

  const ill = await looked({
    freeswitch: [{ ...settings.freeswitch[0], password: "wrong" }],
    sms: { binds: [{ name: "smsc-1", host, port: 1, systemId: "us" }] },
    trunks: [{ name: "carrier-b", host: "carrier-b.invalid" }],
    lookups: [{ name: "line", kind: "line-type", url: `http://${host}:1/{number}?key=hush`, answer: "/type" }],
    prompts: { dir: join(folder, "carillon.yaml", "prompts") },
  });
  t.match(ill("prompts"), { grade: "fault", seen: /cannot be written to .*a part of its path is no folder/, advice: /prompts\.dir/ });
  t.match(ill("freeswitch:media-1"), { grade: "ok" }, "somebody listens there");
  t.match(ill("telephony"), { grade: "fault", advice: /event_socket/ });
  t.match(ill("bind:smsc-1"), { grade: "fault", seen: /port 1: .*ECONNREFUSED/, advice: /sms\.binds/ });
  t.match(ill("look-up:line"), { grade: "fault", seen: /port 1: .*ECONNREFUSED/, advice: /carillon lookup test/ });
  t.match(ill("look-ups"), { grade: "ok", seen: "line; campaigns want no other" });
  t.match(ill("trunk:carrier-b"), { grade: "fault", seen: /carrier-b\.invalid is not to be found/ });

  const writes = await looked({
    ...{ drachtio: undefined, freeswitch: undefined, trunks: undefined },
    ...{ api: { port: 1 }, sms: { binds: [{ name: "smsc-1", host, port: 1, systemId: "us" }] } },
  });
  t.match(writes("bind:smsc-1"), { grade: "fault" });
  for (const what of ["drachtio", "trunks", "prompts"]) t.equal(writes(what), undefined, `who only writes needs no ${what}`);

  const alone = await looked({ database: { url: `postgres://nobody@${host}:1/none` }, drachtio: { host, port: 1 } });
  t.match(alone("configuration"), { grade: "fault", seen: /drachtio\.secret/ });
  t.match(alone("database"), { grade: "fault", advice: /database\.url/ });
  t.match(alone("drachtio"), { grade: "fault", seen: /ECONNREFUSED/ });
  t.equal(alone("telephony"), undefined, "not looked at: one of them is not there");
});

t.test("doctor: the parts of a server that runs", (t) => {
  const found = examineComponents([
    { name: "database", ready: true },
    { name: "freeswitch:a", ready: false, draining: true, note: "FreeSWITCH takes no new calls, by order" },
    { name: "trunk:b", ready: false },
  ]);
  t.match(found, [{ grade: "ok" }, { grade: "warning", advice: /server resume freeswitch:a/ }, { grade: "fault", advice: /carillon trunk test/ }]);
  t.end();
});
