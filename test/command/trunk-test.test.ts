import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { labPassword, labSecret, openFarSide, until } from "../harness/far-side.ts";
import { openFolder } from "../harness/lab-process.ts";
import { runCli } from "../harness/serve-process.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
t.comment(`TEST_SEED=${seed}`);

t.test("trunk test: one call, step by step, with an exit code", async (t) => {
  t.setTimeout(110_000);
  const [person, busy] = ["+12125550101", "+12125550102"];
  const far = await openFarSide({ seed, clock: systemClock, personas: { numbers: { [person]: "presses:1", [busy]: "busy" } } });
  const folder = openFolder(t);
  const host = "127.0.0.1";
  const settings = {
    drachtio: { host, port: far.drachtio.adminPort, secret: labSecret },
    freeswitch: [{ name: "lab", address: host, port: far.freeswitch.eslPort, password: labPassword }],
    prompts: { dir: join(folder, "prompts") },
    trunks: [{ name: "carrier-a", host, port: far.trunk.port, maxCps: 1, maxChannels: 1, callerIdPrefixes: ["+1212555"] }],
    callerIds: [{ name: "ours", numbers: [{ number: "+13125550100" }, { number: "+12125550100" }] }],
  };
  writeFileSync(join(folder, "carillon.yaml"), JSON.stringify(settings));
  const test = (name: string, to: string, ...more: string[]) => runCli(t, ["trunk", "test", name, "--to", to, ...more], { cwd: folder });

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
      /no trunk "carrier-b"\. There are: carrier-a\./,
      /E\.164/,
      /country-not-allowed: destinations\.countries/,
      /premium-number/,
      /may not show this caller id \(callerIdPrefixes\)/,
    ],
  );
  t.same(far.carrier.books.toJSON().calls, [], "nobody was called");

  const good = await test("carrier-a", person);
  t.match(good, { code: 0, stderr: "" });
  t.match(good.stdout, /calling \+12125550101, showing \+12125550100\n/, "a number of a pool that the trunk may show");
  t.match(
    good.stdout,
    /address 127\.0\.0\.1\n[^~]*----> INVITE {2}audio [^~]*<---- 200 OK \(\d+ INVITE\), from 127\.0\.0\.1:\d+\/udp[^~]*----> BYE\n/,
  );
  t.match(good.stdout, /\nOK: The trunk works: the call was answered, and sound goes both ways\.\n$/);
  const bad = await test("carrier-a", busy);
  t.match(bad, { code: 1, stderr: "" });
  t.match(bad.stdout, /<---- 486 Busy Here.*\n.*Reason: Q\.850;cause=17[^~]*\nNOT OK: 486 Busy Here; Q\.850 17: the person is busy\. /);
  t.same(far.carrier.books.toJSON().calls.length, 2, "one call each");
  await until(() => far.leaks().length === 0, `everything to be released: ${far.leaks().join("; ")}`);
  await far.close();
});
