import t from "tap";
import { createCampaign } from "../../src/command/campaign.ts";
import { isPhoneNumber, type PhoneNumber } from "../../src/kernel/phone.ts";
import { until } from "../harness/far-side.ts";
import { file, openApi, openNode } from "./trunk-kit.ts";

/* Routes and pools of caller ids that are written over the API: on nodes with a configuration each and one database. */

const more = { "trunks.1.name": "second", "trunks.1.host": "192.0.2.2" };
const [one, two] = ["+12125550100", "+13125550100"];

t.test("a route is added, read, changed and removed; the other node follows, and a restart changes nothing", async (t) => {
  const { database, node, ask } = await openApi(t, more);
  const other = await openNode(t, database, { ...file, ...more });
  const members = (of: typeof node) => of.waysOut.trunks.find("all")?.members.map(({ name, priority, weight }) => [name, priority, weight]);
  const added = await ask("POST", "/api/v1/routes", { name: "all", trunks: [{ name: "from-file" }, { name: "second", priority: 2, weight: 3 }] });
  t.equal(added.status, 201, added.text);
  t.equal(added.headers["location"], "/api/v1/routes/all");
  t.match(added.body, {
    name: "all",
    origin: "api",
    maxTries: 3,
    trunks: [{ name: "from-file", priority: 1, weight: 1, up: true }, { name: "second" }],
  });
  const both = [
    ["from-file", 1, 1],
    ["second", 2, 3],
  ];
  t.same(members(node), both, "calls go over it at once");
  t.ok(
    node.waysOut.ways.some(({ name }) => name === "all"),
    "campaigns may name it",
  );
  await until(() => members(other) !== undefined, "the other node to follow");
  t.same(members(other), both);
  t.match((await ask("GET", "/api/v1/trunks/second")).body, { routes: ["all"] });

  t.equal((await ask("PATCH", "/api/v1/routes/all", { trunks: [{ name: "second" }], maxTries: 2 })).status, 200);
  t.same(members(node), [["second", 1, 1]]);
  await until(() => members(other)?.length === 1, "the other node to follow");
  t.match((await ask("PATCH", "/api/v1/routes/all", { maxTries: null })).body, { maxTries: 3 });

  const quick = { name: "quick", trunks: [{ name: "second" }] };
  await ask("POST", "/api/v1/routes", quick);
  await until(() => other.waysOut.trunks.find("quick") !== undefined, "the other node to follow");
  await ask("DELETE", "/api/v1/routes/quick");
  await ask("POST", "/api/v1/routes", { ...quick, maxTries: 9 });
  await until(() => other.waysOut.trunks.find("quick")?.maxTries === 9, "the other node to see another one of that name");
  await ask("DELETE", "/api/v1/routes/quick");

  await other.close();
  const restarted = await openNode(t, database, { ...file, ...more });
  t.same(members(restarted), [["second", 1, 1]], "there from the first moment");
  await ask("POST", "/api/v1/trunks", { name: "added", host: "h" });
  t.equal((await ask("PATCH", "/api/v1/routes/all", { trunks: [{ name: "added" }, { name: "second" }] })).status, 200, "trunks of the API, too");
  t.match(await ask("DELETE", "/api/v1/trunks/added"), {
    status: 409,
    body: { code: "trunk-in-use", errors: [{ message: "is used by route all" }] },
  });
  t.equal((await ask("DELETE", "/api/v1/trunks/added?force=true")).status, 204);
  t.match((await ask("GET", "/api/v1/routes/all")).body, {
    trunks: [
      { name: "added", up: false, note: /no such trunk/ },
      { name: "second", up: true },
    ],
  });
  t.equal((await ask("DELETE", "/api/v1/routes/all")).status, 204);
  t.equal(node.waysOut.trunks.find("all"), undefined);
  await until(() => members(restarted) === undefined, "the other node to follow");
  t.match(await ask("GET", "/api/v1/routes/all"), { status: 404, body: { code: "route-missing" } });
  t.match(await ask("DELETE", "/api/v1/routes/all"), { status: 404, body: { code: "route-missing", detail: /There are: none/ } });
  t.match(await ask("PATCH", "/api/v1/routes/all", { maxTries: 1 }), { status: 404 });
});

t.test("a pool is added, read, changed and removed; what is known of its numbers stays", async (t) => {
  const { database, node, ask } = await openApi(t);
  const other = await openNode(t, database, file);
  const shows = (of: typeof node, to: string) => of.waysOut.callerIds.choose("east", to, () => true);
  const given = { name: "east", numbers: [{ number: one }, { number: two, localTo: ["+1312"] }], quarantineAfter: 1 };
  const added = await ask("POST", "/api/v1/caller-id-pools", given);
  t.equal(added.status, 201, added.text);
  t.match(added.body, {
    origin: "api",
    quarantineAfter: 1,
    quarantineHours: 24,
    numbers: [{ number: one, localTo: [], resting: false }, { number: two }],
  });
  t.notOk("dailyCap" in added.body);
  t.equal(await shows(node, "+13125550199"), two, "calls show its numbers at once");
  t.same([node.waysOut.pools, node.waysOut.poolsOf(one)], [["east"], ["east"]], "campaigns may name it, and who calls back is known by it");
  await until(() => other.waysOut.pools.includes("east"), "the other node to follow");
  t.equal(await shows(other, "+13125550199"), two);

  node.waysOut.callerIds.ended("east", two, 608);
  t.match((await ask("GET", "/api/v1/caller-id-pools")).body, {
    items: [{ name: "east", numbers: [{ resting: false }, { number: two, resting: true }] }],
  });
  t.equal(await shows(node, "+13125550199"), one, "it rests");
  t.match((await ask("PATCH", "/api/v1/caller-id-pools/east", { dailyCap: 7, numbers: [{ number: one }] })).body, { dailyCap: 7 });
  t.match((await ask("PATCH", "/api/v1/caller-id-pools/east", { numbers: given.numbers, quarantineAfter: null })).body, {
    dailyCap: 7,
    quarantineAfter: 3,
    numbers: [{ resting: false }, { number: two, resting: true }],
  });
  t.equal(await shows(node, "+13125550199"), one, "a number that comes back still rests");
  t.equal((await ask("DELETE", "/api/v1/caller-id-pools/east")).status, 204);
  t.equal(node.waysOut.callerIds.available("east"), false);
  await until(() => other.waysOut.pools.length === 0, "the other node to follow");
  t.match(await ask("GET", "/api/v1/caller-id-pools/east"), { status: 404, body: { code: "pool-unknown" } });
});

t.test("what the configuration would not take is not taken, in the same words; and its names are its own", async (t) => {
  const inFile = {
    "routes.0.name": "filed",
    "routes.0.trunks.0.name": "from-file",
    "callerIds.0.name": "shown",
    "callerIds.0.numbers.0.number": one,
  };
  const { node, ask } = await openApi(t, inFile);
  const cases: [string, unknown, { readonly pointer: string; readonly message: RegExp }[]][] = [
    [
      "routes",
      { name: "a b", trunk: [] },
      [
        { pointer: "/trunk", message: /^there is no such setting; did you mean trunks\?$/ },
        { pointer: "/name", message: /letters, digits/ },
        { pointer: "/trunks", message: /is empty/ },
      ],
    ],
    [
      "routes",
      { name: "a", trunks: [{ name: "from-fil" }] },
      [{ pointer: "/trunks/0/name", message: /^there is no trunk from-fil; there are: from-file$/ }],
    ],
    [
      "routes",
      { name: "a", trunks: [{ name: "from-file" }, { name: "from-file" }] },
      [{ pointer: "/trunks/1/name", message: /in this route twice/ }],
    ],
    [
      "routes",
      { name: "a", trunks: [{ name: "from-file", origin: "api", weight: 0 }], maxTries: "3" },
      [
        { pointer: "/maxTries", message: /whole number/ },
        { pointer: "/trunks/0/origin", message: /no such setting/ },
        { pointer: "/trunks/0/weight", message: /from 1/ },
      ],
    ],
    ["caller-id-pools", { name: "a" }, [{ pointer: "/numbers", message: /is empty/ }]],
    ["caller-id-pools", { name: "a", numbers: [{ number: "2125550100" }] }, [{ pointer: "/numbers/0/number", message: /\+ and digits/ }]],
    [
      "caller-id-pools",
      { name: "a", numbers: [{ number: one }, { number: one }] },
      [{ pointer: "/numbers/1/number", message: /in this pool twice/ }],
    ],
    ["caller-id-pools", [], [{ pointer: "", message: /must be a section/ }]],
  ];
  for (const [noun, body, errors] of cases) {
    const answer = await ask("POST", `/api/v1/${noun}`, JSON.stringify(body), { "content-type": "application/json" });
    t.equal(answer.status, 422, answer.text);
    t.match(answer.body, { code: noun === "routes" ? "route-invalid" : "pool-invalid", errors });
    t.same(
      (answer.body["errors"] as { readonly pointer: string }[])
        .map(({ pointer }) => pointer)
        .filter((at) => !errors.some(({ pointer }) => pointer === at)),
      [],
      answer.text,
    );
  }
  const trunks = [{ name: "from-file" }];
  const numbers = [{ number: two }];
  t.match(await ask("POST", "/api/v1/routes", { name: "filed", trunks }), {
    status: 409,
    body: { code: "route-in-file", detail: /configuration: site\.yaml, routes\.0\. Change it there/ },
  });
  t.match(await ask("PATCH", "/api/v1/routes/filed", { maxTries: 1 }), { status: 409, body: { code: "route-in-file" } });
  t.match(await ask("DELETE", "/api/v1/caller-id-pools/shown?force=true"), { status: 409, body: { code: "pool-in-file", detail: /callerIds\.0/ } });
  t.match(await ask("POST", "/api/v1/routes", { name: "from-file", trunks }), {
    status: 409,
    body: { code: "route-exists", detail: /a trunk from-file/ },
  });
  for (const [noun, rest] of [
    ["routes", { trunks }],
    ["caller-id-pools", { numbers }],
  ] as const) {
    t.equal((await ask("POST", `/api/v1/${noun}`, { name: "a", ...rest })).status, 201, "a route and a pool may share a name");
    t.match(await ask("POST", `/api/v1/${noun}`, { name: "a", ...rest }), { status: 409, body: { code: /-exists$/ } });
    t.match(await ask("PATCH", `/api/v1/${noun}/a`, { name: "b" }), { status: 422, body: { errors: [{ pointer: "/name" }] } });
  }
  t.match(await ask("POST", "/api/v1/trunks", { name: "a", host: "h" }), {
    status: 409,
    body: { code: "trunk-exists", detail: /a route a already/ },
  });
  t.match(await ask("PATCH", "/api/v1/routes/a", { trunks: null }), { status: 422, body: { errors: [{ pointer: "/trunks" }] } });
  t.match(await ask("PATCH", "/api/v1/routes/a", { maxTires: null }), { status: 422, body: { errors: [{ message: /did you mean maxTries/ }] } });
  const answers = await Promise.all([ask("PATCH", "/api/v1/routes/a", { maxTries: 2 }), ask("PATCH", "/api/v1/routes/a", { trunks: [...trunks] })]);
  t.same(
    answers.map(({ status }) => status),
    [200, 200],
    "two changes at once are both made",
  );
  t.match(node.waysOut.trunks.find("a"), { maxTries: 2 });
  t.match((await ask("GET", "/api/v1/routes")).body, {
    items: [
      { name: "filed", origin: "file" },
      { name: "a", origin: "api" },
    ],
  });

  const named = { "routes.0.name": "a", "routes.0.trunks.0.name": "from-file", "callerIds.0.name": "a", "callerIds.0.numbers.0.number": one };
  await node.reload({ ...file, ...named });
  t.match((await ask("GET", "/api/v1/routes")).body, { items: [{ name: "a", origin: "file", maxTries: 3 }] });
  t.match((await ask("GET", "/api/v1/caller-id-pools")).body, { items: [{ name: "a", origin: "file", numbers: [{ number: one }] }] });
  t.match(node.warned, [{ message: /not used on this node/, routes: ["a"], pools: ["a"] }]);
  await node.reload(file);
  t.match((await ask("GET", "/api/v1/routes/a")).body, { origin: "api", maxTries: 2 }, "they are there again");
  t.match((await ask("GET", "/api/v1/caller-id-pools/a")).body, { origin: "api", numbers: [{ number: two }] });
  const document = await ask("GET", "/openapi.json");
  t.match(document.body, { paths: { "/api/v1/routes/{name}": { patch: {}, delete: {} }, "/api/v1/caller-id-pools": { post: {} } } });
  t.notMatch(document.text, /"hint"/, "the document is OpenAPI and nothing else");
});

t.test("what campaigns use is not removed by mistake", async (t) => {
  const { database, node, ask } = await openApi(t);
  await ask("POST", "/api/v1/routes", { name: "all", trunks: [{ name: "from-file" }] });
  await ask("POST", "/api/v1/caller-id-pools", { name: "east", numbers: [{ number: one }] });
  await node.stores.pool.query("insert into list (name, created_at) values ('l', now())");
  await node.stores.scripts.publish("greeting", "script: greeting\n");
  const set = [`database.url=${database.url}`, "trunks.0.name=from-file", "trunks.0.host=192.0.2.1"];
  const options = { list: "l", script: "greeting", maxCps: 1, maxLines: 1, defaultTimeZone: "UTC", set };
  const { id: agentId } = await node.stores.agents.addAgent("Ann");
  const place = { kind: "number", number: numberOf("+12125550123"), trunk: "all", callerId: "+15550100100" } as const;
  await node.stores.phones.set({ agentId, place, nailedUp: false });
  t.match(await ask("DELETE", "/api/v1/routes/all"), { status: 409, body: { errors: [{ message: "is used by the telephone of agent Ann" }] } });
  await node.stores.phones.remove(agentId);
  const made = await createCampaign("friday", { ...options, trunk: "all", callerId: "east" });
  t.match(made, { trunk: "all", callerId: "east" }, "a campaign may name them at the terminal, too");
  await t.rejects(createCampaign("other", { ...options, trunk: "every", callerId: "west" }), {
    message: /no trunk every; configured: from-file, all/,
  });
  for (const [path, word] of [
    ["routes/all", "route"],
    ["caller-id-pools/east", "pool"],
  ]) {
    const refused = await ask("DELETE", `/api/v1/${path}`);
    t.match(refused, { status: 409, body: { code: `${word}-in-use`, errors: [{ message: "is used by campaign friday" }] } });
    t.equal((await ask("GET", `/api/v1/${path}`)).status, 200);
  }
  t.equal(node.waysOut.noWay("all", "east"), undefined);
  t.equal((await ask("DELETE", "/api/v1/routes/all?force=true")).status, 204);
  t.match(node.waysOut.noWay("all", "east"), /^There is no trunk or route all any more\. .*carillon trunk add or route add/);
  await node.stores.campaigns.move(made.id, "draft", "stopped");
  t.equal((await ask("DELETE", "/api/v1/caller-id-pools/east")).status, 204, "a campaign that is over counts for nothing");
  t.match(node.waysOut.noWay("from-file", "east"), /^There is no pool of caller ids east any more\. .*carillon pool add/);
  t.equal(node.waysOut.noWay("from-file", one), undefined);
});

function numberOf(text: string): PhoneNumber {
  if (!isPhoneNumber(text)) throw new Error(`${text} is not E.164`);
  return text;
}
