import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { openStores } from "../../src/adapter/postgres/stores.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { whereabouts } from "../../src/command/trunk-place.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { openTestDatabase } from "../harness/database.ts";
import { labPassword, labSecret, openFarSide, until } from "../harness/far-side.ts";
import { openFolder } from "../harness/lab-process.ts";
import { runCli } from "../harness/serve-process.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
t.comment(`TEST_SEED=${seed}`);

t.test("trunk test: where the carrier is", async (t) => {
  const srv: Readonly<Record<string, { readonly name: string; readonly port: number }[]>> = {
    "_sips._tcp.a.example": [{ name: "sbc.a.example", port: 5071 }],
  };
  const gone = () => Promise.reject(Object.assign(new Error("no"), { code: "ENOTFOUND" }));
  const dns = {
    lookup: async (host: string) => (host === "a.example" ? [{ address: "192.0.2.1" }, { address: "2001:db8::1" }] : gone()),
    resolveSrv: async (name: string) => srv[name] ?? gone(),
  };
  const of = (host: string, transport: "udp" | "tls", port?: number) => whereabouts({ host, transport, ...(port !== undefined && { port }) }, dns);
  t.equal(await of("192.0.2.7", "udp"), "address 192.0.2.7");
  t.equal(await of("a.example", "tls"), "DNS: _sips._tcp.a.example is sbc.a.example port 5071");
  t.equal(await of("a.example", "udp"), "DNS: no SRV record _sip._udp.a.example, so port 5060; a.example is 192.0.2.1, 2001:db8::1");
  t.equal(await of("a.example", "tls", 5061), "DNS: a.example is 192.0.2.1, 2001:db8::1");
  t.match(await of("b.example", "tls"), /^DNS: no SRV record .*port 5061; b\.example is not to be found from this machine \(ENOTFOUND\)/);
});

t.test("trunk test: one call, step by step, with an exit code", async (t) => {
  t.setTimeout(280_000);
  const [person, busy] = ["+12125550101", "+12125550102"];
  const far = await openFarSide({ seed, clock: systemClock, personas: { numbers: { [person]: "presses:1", [busy]: "busy" } } });
  const folder = openFolder(t);
  const host = "127.0.0.1";
  const database = await openTestDatabase(t);
  const stores = await openStores({ url: database.url, clock: systemClock, log: silentLog, node: "rival" });
  t.teardown(() => stores.close());
  const settings = {
    drachtio: { host, port: far.drachtio.adminPort, secret: labSecret },
    freeswitch: [{ name: "lab", address: host, port: far.freeswitch.eslPort, password: labPassword }],
    database: { url: database.url },
    prompts: { dir: join(folder, "prompts") },
    trunks: [{ name: "carrier-a", host, port: far.trunk.port, maxCps: 1, maxChannels: 1, callerIdPrefixes: ["+1212555"] }],
    callerIds: [{ name: "ours", numbers: [{ number: "+13125550100" }, { number: "+12125550100" }] }],
  };
  writeFileSync(join(folder, "carillon.yaml"), JSON.stringify(settings));
  const test = (name: string, to: string, ...more: string[]) => runCli(t, ["trunk", "test", name, "--to", to, ...more], { cwd: folder });

  const way = { host, port: far.trunk.port, maxCps: 1, maxChannels: 1 };
  await stores.keptTrunks.add({ name: "added", settings: way, sealedPassword: undefined });
  const refused = await Promise.all([
    test("carrier-b", person),
    test("carrier-a", "2125550101"),
    test("carrier-a", "+442079460101"),
    test("carrier-a", "+19005550101"),
    test("carrier-a", person, "--caller-id", "+13125550100"),
  ]);
  t.same(
    refused.filter(({ code }) => code !== 1),
    [],
  );
  t.match(
    refused.map(({ stderr }) => stderr),
    [
      /no trunk "carrier-b"\. There are: carrier-a, added\./,
      /E\.164/,
      /country-not-allowed: destinations\.countries/,
      /premium-number/,
      /may not show this caller id \(callerIdPrefixes\)/,
    ],
  );
  t.same(far.carrier.books.toJSON().calls, [], "nobody was called");

  await stores.registry.register("rival", Date.now());
  const rival = async (trunk: string, kept: number, asked: number) => {
    const wish = { trunk, maxChannels: 1, kept, asked, wanted: asked, needed: 0 };
    const { holders = [], own = 0 } = (await stores.trunks.lines([wish])).get(trunk) ?? {};
    return holders[own]?.lines;
  };
  t.equal(await rival("carrier-a", 0, 1), 1);
  t.match(await test("carrier-a", person), {
    code: 1,
    stderr: /no line on trunk carrier-a: its one line \(maxChannels\) is taken, over all servers/,
  });
  await rival("carrier-a", 0, 0);
  await stores.servers.order("freeswitch:lab", true, Date.now());
  t.match(await test("carrier-a", person), { code: 1, stderr: /Every FreeSWITCH is out of service by order.*server resume NAME/ });
  await stores.servers.order("freeswitch:lab", false, Date.now());
  t.same(far.carrier.books.toJSON().calls, [], "nor was anybody while the line is another server's, or no FreeSWITCH takes calls");
  // Their moments count from when the database is asked, not from when its answer is here.
  const askedAt = Date.now();
  const { firstInMs, stepMs } = await stores.trunks.starts("carrier-a", 1, 4, 0);
  const freeAt = askedAt + firstInMs + 4 * stepMs;
  const testing = test("carrier-a", person);
  await until(() => far.carrier.books.legsUp().length === 1, "somebody to be on the line");
  t.ok(Date.now() >= freeAt, "not before the calls of the other server have left");
  t.equal(await rival("carrier-a", 0, 1), 0, "and the line counts among those of all servers");
  const good = await testing;
  t.match(good, { code: 0, stderr: "" });
  t.match(good.stdout, /calling \+12125550101, showing \+12125550100\n/, "a number of a pool that the trunk may show");
  t.match(
    good.stdout,
    /address 127\.0\.0\.1\n[^~]*----> INVITE {2}audio [^~]*<---- 200 OK \(\d+ INVITE\), from 127\.0\.0\.1:\d+\/udp[^~]*----> BYE\n/,
  );
  t.match(good.stdout, /\nOK: The trunk works: the call was answered, and sound goes both ways\.\n$/);
  t.equal(await rival("carrier-a", 0, 1), 1, "given back");
  const nowhere = ["--set", "database.url=postgres://nobody@127.0.0.1:9/nothing"];
  const away = ["name=away", "address=127.0.0.1", "port=9", "password=x"].flatMap((setting) => ["--set", `freeswitch.1.${setting}`]);
  const [bad, uncounted] = await Promise.all([test("added", busy, "--caller-id", "+12125550100", ...away), test("carrier-a", busy, ...nowhere)]);
  t.match(uncounted, { code: 1, stdout: /this call is not counted among those of the servers: The database cannot be reached .*[^~]*\nNOT OK: 486/ });
  t.match(
    bad,
    { code: 1, stderr: /^carillon: FreeSWITCH away \(127\.0\.0\.1:9\) .* Going on without it and trying again\.\n$/ },
    "for people to read",
  );
  t.match(bad.stdout, /<---- 486 Busy Here.*\n.*Reason: Q\.850;cause=17[^~]*\nNOT OK: 486 Busy Here; Q\.850 17: the person is busy\. /);
  t.same(far.carrier.books.toJSON().calls.length, 3, "one call each");
  await until(() => far.leaks().length === 0, `everything to be released: ${far.leaks().join("; ")}`);
  await far.close();
});
