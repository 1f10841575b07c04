import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { addSetting, listSettings, pools, removeSetting, routes } from "../../src/command/setting.ts";
import { listTrunks, showTrunk } from "../../src/command/trunk.ts";
import { inTime, until } from "../harness/far-side.ts";
import { openFolder, openLab } from "../harness/lab-process.ts";
import { portForAnother } from "../harness/ports.ts";
import { runCli, startServe } from "../harness/serve-process.ts";
import { openCampaign, scripts } from "./kill-kit.ts";

t.setTimeout(280_000);

t.test("trunks change without a restart, by SIGHUP and over the API, and a faulty file changes nothing", async (t) => {
  const seed = Number(process.env["TEST_SEED"] ?? 4711);
  t.comment(`TEST_SEED=${seed}`);
  const lab = await openLab(t, seed, 0.3);
  const numbers = ["+12125550101", "+12125550102", "+12125550103"];
  await lab.assign(Object.fromEntries(numbers.map((number) => [number, "listener"])));
  const place = { folder: openFolder(t), node: "changes" };
  const campaign = await openCampaign(t, lab, place, scripts.notice, numbers, { maxCps: 10, maxLines: 3 });
  const settings = JSON.parse(readFileSync(campaign.config, "utf8"));
  const [lab1] = settings.trunks;
  const secret = { key: Buffer.alloc(32, 7).toString("base64") };
  const write = (changed: object) => writeFileSync(campaign.config, JSON.stringify({ ...settings, secret, ...changed }));
  // Nobody may be called abroad, these are abroad, and the password is another.
  const wrong = { ...lab1, register: true, username: "carillon", password: "wrong" };
  write({ destinations: { countries: ["GB"] }, trunks: [wrong] });
  const created = await runCli(t, ["key", "create", "changes", "--config", campaign.config]);
  const key = /\S{30,}/.exec(created.stdout)?.[0] ?? "";
  const server = startServe(t, campaign.config, await portForAnother());
  await until(() => server.stderr().includes("carillon is ready"), "the server to be there", 30_000);
  const askOnce = async (method: string, path: string) => {
    const response = await fetch(`${server.api}/api/v1/${path}`, { method, headers: { authorization: `Bearer ${key}` } });
    const body = (await response.json()) as {
      readonly errors: readonly { readonly pointer: string }[];
      readonly items: readonly unknown[];
      readonly up?: boolean;
      readonly code?: string;
    };
    return { status: response.status, body };
  };
  // A machine that is busy with other tests may make it refuse what can wait.
  const ask = async (method: string, path: string) => {
    let answer = await askOnce(method, path);
    const taken = async () => {
      if (answer.body.code === "overloaded") answer = await askOnce(method, path);
      return answer.body.code !== "overloaded";
    };
    await until(taken, "the server to have time", 30_000);
    return answer;
  };
  const [worker] = server.children();
  await until(() => server.stderr().includes("REGISTER: 403"), "the carrier to refuse the password");
  t.match((await ask("GET", "trunks")).body, { items: [{ name: "lab", up: false, note: "REGISTER: 403 Forbidden", routes: [], lines: 0 }] });
  t.equal((await fetch(`${server.api}/readyz`)).status, 503, "no trunk is up");

  const said = (from: number, what: string) => until(() => server.stderr().slice(from).includes(what), what);
  let from = server.stderr().length;
  writeFileSync(campaign.config, "trunks: [{ name: a }]\n");
  server.kill("SIGHUP");
  await said(from, "the configuration is not taken over");
  t.match(server.stderr().slice(from), /trunks\.0\.host/, "the fault is said");
  const refused = await ask("POST", "trunks/reload");
  t.match(refused, { status: 422, body: { code: "config-invalid" } });
  t.ok(
    refused.body.errors.some(({ pointer }) => pointer === "trunks.0.host"),
    "with its place",
  );
  t.match((await ask("GET", "trunks")).body, { items: [{ name: "lab", note: "REGISTER: 403 Forbidden" }] }, "nothing has changed");

  from = server.stderr().length;
  write({ destinations: { countries: ["US"] }, log: { level: "warn" }, trunks: [{ ...wrong, password: "secret" }] });
  server.kill("SIGHUP");
  await said(from, "needs a restart");
  t.match(server.stderr().slice(from), /"needsRestart":\["log: changed level"\]/, "what was left is named");
  t.match(server.stderr().slice(from), /"changed":\["trunks lab: changed password","destinations: changed countries"\]/);
  t.notMatch(server.stderr().slice(from), /"secret"/, "and no secret");
  await server.ready();
  const spare = { ...lab1, name: "spare" };
  write({
    destinations: { countries: ["US"] },
    trunks: [{ ...wrong, password: "secret" }, spare],
    routes: [{ name: "all", trunks: [{ name: "spare" }] }],
  });
  t.same(await ask("POST", "trunks/reload"), { status: 200, body: { changed: ["trunks spare: added", "routes all: added"], needsRestart: [] } });
  t.match((await ask("GET", "trunks")).body.items, [
    { name: "lab", up: true, registeredUntil: /Z$/ },
    { name: "spare", routes: ["all"] },
  ]);
  const passwordFile = join(place.folder, "password");
  writeFileSync(passwordFile, "secret\n");
  const order = (...words: string[]) => runCli(t, ["trunk", ...words, "--config", campaign.config, "--url", server.api, "--key", key]);
  const where = [`host=${lab1.host}`, `port=${lab1.port}`];
  const added = await order(
    "add",
    "extra",
    ...where,
    "register=true",
    "username=carillon",
    "destinationPrefixes=+1,+44",
    "--password-file",
    passwordFile,
  );
  t.match(added, { code: 0, stdout: /^Trunk extra is added, and / }, added.stderr);
  await until(async () => (await ask("GET", "trunks/extra")).body.up === true, "it to be registered");
  t.match((await ask("GET", "trunks/extra")).body, { hasPassword: true, settings: { destinationPrefixes: ["+1", "+44"] }, registeredUntil: /Z$/ });
  t.notMatch(server.stderr(), /"secret"/, "and still no secret");
  const wrongly = await order("change", "extra", "maxCps=2", "maxChanels=3");
  t.match(wrongly, { code: 1, stderr: "carillon: /maxChanels there is no such setting; did you mean maxChannels?\n" });
  t.match(await order("change", "extra", "--unset", "nothere"), { code: 1, stderr: /^carillon: \/nothere there is no such setting/ });
  t.match(await order("change", "extra", "maxCps=2"), { code: 0, stdout: /^Trunk extra is changed \(maxCps\), and calls may be placed on it\./ });
  const listed = await order("list");
  t.match(listed, { code: 0, stdout: /lab +up .*\n.*spare +up .*all +file\n.*extra +up .* 0\/100 +2 +- +api$/m });
  t.match(await order("remove", "lab"), { code: 1, stderr: /Trunk lab is defined in the configuration: .*trunks\.0\./ });
  t.match(await order("remove", "extra"), { code: 0, stdout: /^Trunk extra is removed\./ });
  t.equal((await ask("GET", "trunks/extra")).status, 404);
  const there = ["--config", campaign.config, "--url", server.api, "--key", key];
  const named = await runCli(t, ["route", "add", "both", "trunks=lab,spare:2:3", "maxTries=2", ...there]);
  t.match(named, { code: 0, stdout: "Route both is added. The other nodes have it within two seconds.\n" }, named.stderr);
  const asked = { config: campaign.config, url: server.api, key };
  t.match(await listSettings(routes, asked), /^all +spare:1:1 +3 +file\nboth +lab:1:1,spare:2:3 +2 +api$/m);
  t.match(JSON.parse(await listSettings(routes, { ...asked, json: true })), [{ name: "all" }, { name: "both", maxTries: 2 }]);
  t.match(JSON.parse(await listTrunks({ ...asked, json: true })), [{ name: "lab", up: true }, { name: "spare" }]);
  await t.rejects(listTrunks({ config: asked.config, url: asked.url, json: true }), { code: "unauthorized", message: /CARILLON_KEY/ });
  t.match(await showTrunk("lab", asked), /^name: lab\norigin: file\n[\s\S]*^settings:\n[\s\S]*^hasPassword: (true|false)$/m);
  t.match(JSON.parse(await showTrunk("lab", { ...asked, json: true })), { name: "lab", settings: { host: lab1.host } });
  await t.rejects(showTrunk("lba", asked), { code: "trunk-unknown" });
  await t.rejects(addSetting(routes, "wrong", ["trunks=lbs:x"], asked), {
    message: /^\/trunks\/0\/priority must be .*; \/trunks\/0\/name there is no trunk lbs/,
  });
  await t.rejects(addSetting(routes, "wrong", ["lab"], asked), { message: /^lab: write settings as name=value, such as trunks=carrier-a/ });
  await addSetting(pools, "shown", ["numbers=+12125550100,+13125550100:+1312:+1773", "dailyCap=20"], asked);
  const unset = await runCli(t, ["pool", "change", "shown", "--unset", "dailyCap", "quarantineAfter=5", ...there]);
  t.match(unset, { code: 0, stdout: /^Pool shown is changed \(quarantineAfter, dailyCap\)\./ }, unset.stderr);
  t.match(await listSettings(pools, asked), /^shown +\+12125550100,\+13125550100:\+1312:\+1773 +- +api$/m);
  t.match(await removeSetting(pools, "shown", asked), "Pool shown is removed.");
  t.match(await removeSetting(routes, "both", asked), "Route both is removed.");
  const open = await runCli(t, ["trunk", "list", "--config", campaign.config, "--url", server.api]);
  t.match(open, { code: 0, stdout: /lab +up .* \?\/500 .*\n[\s\S]*With --key/ }, "without a key only what everybody may see");
  const reloaded = await runCli(t, ["trunk", "reload", "--config", campaign.config, "--url", server.api, "--key", key]);
  t.match(reloaded, { code: 0, stdout: "nothing has changed\n" });
  const wrongKey = await runCli(t, ["trunk", "list", "--config", campaign.config, "--url", server.api, "--key", "bad"]);
  t.match(wrongKey, { code: 1, stdout: "", stderr: /^carillon: .*key/ });
  t.match(await runCli(t, ["trunk", "list", "--config", campaign.config, "--url", "nonsense"]), {
    code: 1,
    stderr: /--url nonsense: write it with its/,
  });
  const nobody = ["--config", campaign.config, "--url", "http://127.0.0.1:9"];
  t.match(await runCli(t, ["trunk", "list", ...nobody]), { code: 0, stdout: /lab +\? .*\n[\s\S]*does not answer/ });
  t.match(await runCli(t, ["trunk", "reload", ...nobody, "--key", key]), { code: 1, stderr: /does not answer at http:\/\/127\.0\.0\.1:9/ });

  await campaign.start();
  await until(async () => (await lab.books()).length === numbers.length, "everybody to be called", 30_000);
  t.same((await lab.books()).map(({ called }) => called).sort(), numbers);
  t.same(server.children(), [worker], "by the same worker");
  server.kill("SIGTERM");
  t.equal(await inTime(server.ended, "the server to end", 60_000), 0);
});
