import { createHash } from "node:crypto";
import t from "tap";
import { createCampaign } from "../../src/command/campaign.ts";
import { isPhoneNumber } from "../../src/kernel/phone.ts";
import { until } from "../harness/far-side.ts";
import { voiceCampaign } from "../harness/voice-campaign.ts";
import { api, file, keyOne, keyTwo, openApi, openNode, sealing } from "./trunk-kit.ts";

/* Trunks that are written over the API: on nodes with a configuration each and one database. */

t.test("a trunk is added, read, changed and removed; the other node follows, and a restart changes nothing", async (t) => {
  const { database, node, ask } = await openApi(t, sealing);
  const other = await openNode(t, database, { ...file, ...sealing });
  const given = {
    name: "carrier-b",
    host: "sip.carrier.example",
    transport: "tls",
    username: "us",
    password: "pw-8731",
    maxCps: 3,
    destinationPrefixes: ["+1"],
  };
  const added = await ask("POST", "/api/v1/trunks", given);
  t.equal(added.status, 201, added.text);
  t.equal(added.headers["location"], "/api/v1/trunks/carrier-b");
  t.match(added.body, { name: "carrier-b", origin: "api", up: true, maxCps: 3, maxChannels: 100, hasPassword: true });
  t.match(added.body, { settings: { host: "sip.carrier.example", username: "us", downAfter: 3, destinationPrefixes: ["+1"] } });
  t.equal(node.use("carrier-b")?.trunk.password, "pw-8731", "it is dialled over with its password at once");
  t.ok(
    node.waysOut.ways.some(({ name }) => name === "carrier-b"),
    "campaigns may name it",
  );
  t.same(node.waysOut.destinationPrefixes["carrier-b"], ["+1"]);
  await until(() => other.use("carrier-b")?.trunk.password === "pw-8731", "the other node to follow");
  const rows = JSON.stringify((await node.stores.pool.query("select * from trunk")).rows);
  t.match(rows, /"name":"carrier-b"/);
  t.notMatch(rows, /pw-8731/, "the password is not to be read in the database");
  const items = (await ask("GET", "/api/v1/trunks")).body.items;
  t.match(items, [
    { name: "from-file", origin: "file", port: 5060 },
    { name: "carrier-b", origin: "api" },
  ]);
  t.notOk(items[1] && "port" in items[1], "the DNS says it");

  const changed = await ask("PATCH", "/api/v1/trunks/carrier-b", { maxCps: 7, host: "192.0.2.9", destinationPrefixes: null });
  t.equal(changed.status, 200, changed.text);
  t.match(changed.body, { maxCps: 7, port: 5061, settings: { username: "us", destinationPrefixes: [] }, hasPassword: true });
  t.equal(node.use("carrier-b")?.trunk.maxCps, 7, "at once");
  await until(() => other.use("carrier-b")?.trunk.maxCps === 7, "the other node to follow");
  t.equal(other.use("carrier-b")?.trunk.password, "pw-8731", "what was not named stays");
  t.match(await ask("GET", "/api/v1/trunks/from-file"), {
    status: 200,
    body: { origin: "file", hasPassword: false, settings: { host: "192.0.2.1" } },
  });
  t.match((await ask("PATCH", "/api/v1/trunks/carrier-b", { username: null, password: null })).body, { hasPassword: false });

  await other.close();
  const restarted = await openNode(t, database, { ...file, ...sealing });
  t.match(restarted.use("carrier-b")?.trunk, { maxCps: 7, host: "192.0.2.9" }, "there from the first moment");
  const before = restarted.changes;
  const use = node.use("carrier-b");
  if (use) use.lines += 1;
  const removed = await ask("DELETE", "/api/v1/trunks/carrier-b");
  t.same([removed.status, removed.text], [204, ""]);
  t.equal(node.use("carrier-b"), undefined);
  t.ok(
    node.waysOut.trunks.known.some(({ trunk, lines }) => trunk.name === "carrier-b" && lines === 1),
    "a call that is up counts on",
  );
  if (use) use.lines -= 1;
  await until(() => restarted.use("carrier-b") === undefined, "the other node to follow");
  t.equal(restarted.changes, before + 1, "nothing is done while nothing changes");
  t.equal((await ask("GET", "/api/v1/trunks/carrier-b")).status, 404);
  t.equal((await ask("DELETE", "/api/v1/trunks/carrier-b")).status, 404);
  t.equal((await ask("PATCH", "/api/v1/trunks/carrier-b", { maxCps: 1 })).status, 404);
});

t.test("what the configuration would not take is not taken, in the same words", async (t) => {
  const { node, ask } = await openApi(t, { "routes.0.name": "all", "routes.0.trunks.0.name": "from-file", ...sealing });
  const cases: [unknown, { readonly pointer: string; readonly message: RegExp }[]][] = [
    [
      { name: "a b", hots: "x" },
      [
        { pointer: "/hots", message: /^there is no such setting; did you mean host\?$/ },
        { pointer: "/name", message: /letters, digits/ },
        { pointer: "/host", message: /^is missing: / },
      ],
    ],
    [
      { name: "a", host: "sip:x", port: "5060", transport: "upd", maxCps: 0 },
      [
        { pointer: "/host", message: /without port/ },
        { pointer: "/port", message: /whole number from 1 to 65535, without quotes/ },
        { pointer: "/transport", message: /must be one of udp, tcp, tls; did you mean udp\?/ },
        { pointer: "/maxCps", message: /from 0\.1/ },
      ],
    ],
    [{ name: "a", host: "h", username: "u" }, [{ pointer: "/password", message: /a username was given/ }]],
    [
      { name: "a", host: "h", register: true, numberFormat: "national", signIdentity: true },
      [
        { pointer: "/username", message: /register needs/ },
        { pointer: "/signIdentity", message: /identity\.privateKey/ },
        { pointer: "/countryCode", message: /is missing/ },
      ],
    ],
    [{ name: "a", host: "h", destinationPrefixes: ["1"] }, [{ pointer: "/destinationPrefixes/0", message: /\+ and digits/ }]],
    [["a"], [{ pointer: "", message: /must be a section/ }]],
  ];
  for (const [body, errors] of cases) {
    const answer = await ask("POST", "/api/v1/trunks", JSON.stringify(body), { "content-type": "application/json" });
    t.equal(answer.status, 422, answer.text);
    t.match(answer.body, { code: "trunk-invalid", errors });
    t.equal((answer.body["errors"] as unknown[]).length, errors.length, answer.text);
  }
  t.match(await ask("POST", "/api/v1/trunks"), { status: 422, body: { errors: [{ pointer: "", message: /section/ }] } });
  t.match(await ask("POST", "/api/v1/trunks", { name: "from-file", host: "h" }), {
    status: 409,
    body: { code: "trunk-in-file", detail: /configuration: site\.yaml, trunks\.0\. Change it there/ },
  });
  t.match((await ask("PATCH", "/api/v1/trunks/from-file", { maxCps: 1 })).body, { code: "trunk-in-file" });
  t.match((await ask("DELETE", "/api/v1/trunks/from-file?force=true")).body, { code: "trunk-in-file" });
  t.match((await ask("POST", "/api/v1/trunks", { name: "all", host: "h" })).body, { code: "trunk-in-file", detail: /route .*routes\.0/ });
  t.equal((await ask("POST", "/api/v1/trunks", { name: "a", host: "h" })).status, 201);
  t.match(await ask("POST", "/api/v1/trunks", { name: "a", host: "h2" }), { status: 409, body: { code: "trunk-exists" } });
  t.match(await ask("PATCH", "/api/v1/trunks/a", { name: "b" }), { status: 422, body: { errors: [{ pointer: "/name" }] } });
  t.match(await ask("PATCH", "/api/v1/trunks/a", { host: null }), { status: 422, body: { errors: [{ pointer: "/host", message: /is missing/ }] } });
  t.match(await ask("PATCH", "/api/v1/trunks/a", { username: "u" }), { status: 422 });
  t.match(await ask("PATCH", "/api/v1/trunks/a", { maxChanels: null, maxCps: null }), {
    status: 422,
    body: { errors: [{ pointer: "/maxChanels", message: /no such setting; did you mean maxChannels/ }] },
  });
  t.equal((await ask("PATCH", "/api/v1/trunks/a", { maxCps: 5, maxChannels: "x" })).status, 422);
  t.match(node.use("a")?.trunk, { host: "h", maxCps: 10 }, "nothing half done");
  t.equal((await ask("GET", "/api/v1/trunks/a%20b")).status, 400);
  const headers = { "idempotency-key": "once" };
  t.equal((await ask("POST", "/api/v1/trunks", { name: "once", host: "h" }, headers)).status, 201);
  t.match(await ask("POST", "/api/v1/trunks", { name: "once", host: "h" }, headers), { status: 201, headers: { "idempotency-replayed": "true" } });
  const document = await ask("GET", "/openapi.json");
  t.match(document.body, { paths: { "/api/v1/trunks/{name}": { patch: {}, delete: {}, get: {} } } });
  const { "/api/v1/trunks": trunks, "/api/v1/trunks/{name}": trunk } = document.body["paths"] as Record<string, unknown>;
  t.notMatch(JSON.stringify([trunks, trunk]), /"hint"|"secret"/, "the document is OpenAPI and nothing else");
});

t.test("two changes at once are both made", async (t) => {
  const { node, ask } = await openApi(t);
  await ask("POST", "/api/v1/trunks", { name: "a", host: "h" });
  const answers = await Promise.all([
    ask("PATCH", "/api/v1/trunks/a", { maxCps: 3 }),
    ask("PATCH", "/api/v1/trunks/a", { maxChannels: 4 }),
    ask("PATCH", "/api/v1/trunks/a", { host: "h2" }),
  ]);
  t.same(
    answers.map(({ status }) => status),
    [200, 200, 200],
  );
  t.match(node.use("a")?.trunk, { maxCps: 3, maxChannels: 4, host: "h2" });
});

t.test("the configuration is in charge of its names, and routes take trunks of the API", async (t) => {
  const route = { "routes.0.name": "all", "routes.0.trunks.0.name": "a", "routes.0.trunks.0.origin": "api", "routes.0.trunks.1.name": "from-file" };
  const { node, ask } = await openApi(t, route);
  t.same(
    node.waysOut.trunks.find("all")?.members.map(({ name }) => name),
    ["from-file"],
    "the route does without it",
  );
  await ask("POST", "/api/v1/trunks", { name: "a", host: "h" });
  t.same(
    node.waysOut.trunks.find("all")?.members.map(({ name }) => name),
    ["a", "from-file"],
  );
  t.match(await ask("DELETE", "/api/v1/trunks/a"), { status: 409, body: { code: "trunk-in-use", errors: [{ message: "is used by route all" }] } });
  await node.reload({ ...file, "trunks.1.name": "a", "trunks.1.host": "192.0.2.7" });
  t.match((await ask("GET", "/api/v1/trunks/a")).body, { origin: "file", host: "192.0.2.7" });
  t.match(node.warned, [{ message: /not used on this node/, trunks: ["a"] }]);
  await node.reload(file);
  t.match((await ask("GET", "/api/v1/trunks/a")).body, { origin: "api", host: "h" }, "it is there again");
  const wrong = { ...file, "routes.0.name": "all", "routes.0.trunks.0.name": "from-file", "routes.0.trunks.0.origin": "api" };
  await t.rejects(node.reload(wrong), { code: "config-invalid", message: /leave origin out/ });
});

t.test("a trunk that is used is not removed by mistake", async (t) => {
  const { database, node, ask } = await openApi(t);
  await ask("POST", "/api/v1/trunks", { name: "a", host: "h" });
  const { rows } = await node.stores.pool.query("insert into list (name, created_at) values ('l', now()) returning id");
  const version = await node.stores.scripts.publish("greeting", "script: greeting\n");
  const made = { listId: String(rows[0].id), scriptVersionId: version.id, trunk: "a", callerId: "+15550100100", maxCps: 1, maxLines: 1 };
  const rest = { ringTimeoutMs: 15_000, window: { startMinute: 0, endMinute: 1440, weekdays: [1] }, defaultTimeZone: "UTC" };
  await node.stores.campaigns.create({ name: "friday", ...made, ...rest });
  const options = { list: "l", script: "greeting", callerId: "+15550100100", maxCps: 1, maxLines: 1, defaultTimeZone: "UTC" };
  const set = [`database.url=${database.url}`, "trunks.0.name=from-file", "trunks.0.host=192.0.2.1"];
  t.match(await createCampaign("typed", { ...options, set, trunk: "a" }), { trunk: "a" }, "at the terminal, too");
  await t.rejects(createCampaign("typed", { ...options, set, trunk: "b" }), { message: /there is no trunk b; configured: from-file, a$/ });
  await node.stores.campaigns.create({ name: "elsewhere", ...made, ...rest, trunk: "from-file" });
  const refused = await ask("DELETE", "/api/v1/trunks/a");
  t.match(refused, { status: 409, body: { code: "trunk-in-use", detail: /used by campaign friday, campaign typed\. / } });
  t.ok(node.use("a"));
  for (const draft of await node.stores.campaigns.inState(["draft"]))
    if (voiceCampaign(draft).trunk === "a") await node.stores.campaigns.move(draft.id, "draft", "stopped");
  const { id: agentId } = await node.stores.agents.addAgent("Ann");
  const number = "+12125550123";
  if (!isPhoneNumber(number)) throw new Error("no number");
  await node.stores.phones.set({ agentId, place: { kind: "number", number, trunk: "a", callerId: "+15550100100" }, nailedUp: false });
  t.match(await ask("DELETE", "/api/v1/trunks/a"), { status: 409, body: { detail: /used by the telephone of agent Ann\. / } });
  await node.stores.phones.remove(agentId);
  await t.resolves(node.control.remove("a", false), "a campaign that is over counts for nothing");
  await ask("POST", "/api/v1/trunks", { name: "a", host: "h" });
  await node.stores.campaigns.create({ name: "saturday", ...made, ...rest });
  t.equal(node.waysOut.noWay("a", "+15550100100"), undefined);
  t.equal((await ask("DELETE", "/api/v1/trunks/a?force=true")).status, 204);
  t.match(node.waysOut.noWay("a", "+15550100100"), /^There is no trunk or route a any more\. Nobody is called: put it back with carillon trunk add/);
});

t.test("passwords: without a key none is taken, another key opens none, and keys can be changed", async (t) => {
  const { database, node, ask } = await openApi(t);
  const login = { name: "a", host: "h", username: "u", password: "pw-1" };
  t.match(await ask("POST", "/api/v1/trunks", login), { status: 422, body: { code: "secret-key-missing", detail: /openssl rand -base64 32/ } });
  t.equal(node.use("a"), undefined);
  await node.reload({ ...file, ...sealing });
  t.equal((await ask("POST", "/api/v1/trunks", login, { "idempotency-key": "once-only" })).status, 201);
  const { stores } = await api;
  const { rows } = await stores.pool.query("select request from kept_answer where key = 'once-only'");
  const hashOf = (body: object) =>
    createHash("sha256")
      .update(`POST /api/v1/trunks\n${JSON.stringify(body)}`)
      .digest("hex");
  t.same(rows, [{ request: hashOf({ ...login, password: null }) }], "nor can it be guessed from what is kept of the request");

  const stranger = await openNode(t, database, { ...file, "secret.key": keyTwo });
  t.match(stranger.use("a"), { up: false, note: /password cannot be read on this node: secret\.key/ });
  t.match(await stranger.control.reseal(), { resealed: [], unreadable: ["a"] });

  await stranger.reload({ ...file, "secret.key": keyTwo, "secret.previousKeys": [keyOne] });
  t.match([stranger.use("a")?.up, stranger.use("a")?.trunk.password], [true, "pw-1"]);
  t.match(await stranger.control.reseal(), { resealed: ["a"], unreadable: [] });
  await stranger.reload({ ...file, "secret.key": keyTwo });
  t.equal(stranger.use("a")?.trunk.password, "pw-1");
  await until(() => node.use("a")?.up === false, "the node with the old key to see it");
  t.equal((await ask("PATCH", "/api/v1/trunks/a", { password: "pw-2" })).status, 200, "a password given anew is sealed with the key there is");
  t.match([node.use("a")?.up, node.use("a")?.trunk.password], [true, "pw-2"]);
});
