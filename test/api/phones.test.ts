import { randomBytes } from "node:crypto";
import t from "tap";
import { nonceBytes, seal, sealKey } from "../../src/access/seal.ts";
import { removePhone, setPhone, showPhone } from "../../src/command/phone.ts";
import { world } from "./world.ts";

t.test("an agent's telephone is set, shown without its password, replaced and taken away", async (t) => {
  const [key, previous] = [randomBytes(32).toString("base64"), randomBytes(32).toString("base64")];
  const { ask, stores, app } = await world(
    t,
    {},
    { "phones.hosts": "phones.example,192.168.0.0/16", "secret.key": key, "secret.previousKeys": previous },
  );
  const id = String((await ask("POST", "/api/v1/agents", { name: "Ann" })).body["id"]);
  const other = String((await ask("POST", "/api/v1/agents", { name: "Ben" })).body["id"]);
  const url = `/api/v1/agents/${id}/phone`;
  t.match(await ask("GET", url), { status: 404, body: { code: "phone-unknown" } });
  t.match(await ask("DELETE", url), { status: 404, body: { code: "phone-unknown" } });
  t.match(await ask("PUT", "/api/v1/agents/4711/phone", { kind: "uri", uri: "sip:a@phones.example" }), {
    status: 404,
    body: { code: "agent-unknown" },
  });

  const uri = { kind: "uri", uri: "sip:ann@192.168.7.21:5062;transport=tcp" };
  t.match(await ask("PUT", url, uri), { status: 200, body: { ...uri, nailedUp: true, devices: [] } });
  t.match(await ask("PUT", url, { ...uri, uri: "sip:ann@phones.example", nailedUp: false }), { status: 200, body: { nailedUp: false } });
  for (const bad of [
    "sip:ann@192.0.2.1",
    "sip:+19005550100@gateway.example",
    "tel:+12125550100",
    "sip:ann@phones.example?Replaces=x",
    "sip:ann:pw@phones.example",
  ])
    t.match(await ask("PUT", url, { kind: "uri", uri: bad }), { status: 422, body: { code: "phone-invalid", errors: [{ pointer: "/uri" }] } }, bad);

  const number = { kind: "number", number: "+12125550123", trunk: "carrier-x", callerId: "+15550100100" };
  t.match(await ask("PUT", url, number), { status: 422, body: { code: "phone-invalid", errors: [{ pointer: "/trunk" }] } });
  t.match(await ask("PUT", url, { kind: "number", number: "+12125550123" }), { status: 400, body: { detail: /needs trunk, callerId/ } });
  t.match(await ask("PUT", url, { ...uri, username: "ann" }), { status: 400, body: { detail: /has no username/ } });

  const device = { kind: "device", username: "ann" };
  t.match(await ask("PUT", url, device), { status: 422, body: { errors: [{ pointer: "/password" }] } }, "it has none yet");
  t.match(await ask("PUT", url, { ...device, password: "short" }), { status: 400 });
  const set = await ask("PUT", url, { ...device, password: "a-long-password" });
  t.match(set, { status: 200, body: { ...device, nailedUp: true } });
  t.notMatch(set.text, /password/);
  t.match(await ask("PUT", url, { ...device, nailedUp: false }), { status: 200, body: { nailedUp: false } }, "the password stays");
  const { rows } = await stores.pool.query("select sealed_password from agent_phone");
  t.match(rows, [{ sealed_password: /^v1\./ }]);
  t.match(await ask("PUT", `/api/v1/agents/${other}/phone`, { ...device, password: "a-long-password" }), {
    status: 409,
    body: { code: "phone-exists" },
  });
  t.equal((await app.inject({ method: "GET", url })).statusCode, 401);
  t.match((await ask("POST", "/api/v1/phones/reseal")).body, { resealed: [], unreadable: [] }, "sealed with the present key");
  const before = sealKey(randomBytes(32).toString("base64"));
  await stores.pool.query("update agent_phone set sealed_password = $1", [seal(before, "elsewhere", "x", randomBytes(nonceBytes))]);
  t.match((await ask("POST", "/api/v1/phones/reseal")).body, { resealed: [], unreadable: [id] });
  await stores.pool.query("update agent_phone set sealed_password = $1", [
    seal(sealKey(previous), `phone of agent ${id} password`, "a-long-password", randomBytes(nonceBytes)),
  ]);
  t.match((await ask("POST", "/api/v1/phones/reseal")).body, { resealed: [id], unreadable: [] });
  t.equal((await ask("DELETE", url)).status, 204);
  t.match(await ask("GET", url), { status: 404 });
});

t.test("a password needs a key to be sealed with", async (t) => {
  const { ask } = await world(t);
  const id = String((await ask("POST", "/api/v1/agents", { name: "Ann" })).body["id"]);
  const answer = await ask("PUT", `/api/v1/agents/${id}/phone`, { kind: "device", username: "ann", password: "a-long-password" });
  t.match(answer, { status: 422, body: { code: "secret-key-missing" } });
});

t.test("the same on the command line, by the agent's name", async (t) => {
  const { ask, app, key } = await world(t, {}, { "phones.hosts": "phones.example" });
  await ask("POST", "/api/v1/agents", { name: "Ann" });
  const options = { url: await app.listen({ host: "127.0.0.1", port: 0 }), key };
  const uri = { ...options, uri: "sip:ann@phones.example" };
  t.equal(await setPhone("Ann", uri), "called at sip:ann@phones.example; kept on the line from login to logout.");
  t.equal(await setPhone("Ann", { ...uri, onDemand: true }), "called at sip:ann@phones.example; rung for each call.");
  t.match(await showPhone("Ann", options), /\nNow: not known \(it is rung for each call\)\.$/);
  await t.rejects(setPhone("Ann", { ...uri, number: "+12125550123" }), { code: "setting-form" });
  await t.rejects(setPhone("Ann", { ...options, uri: "sip:ann@192.0.2.1" }), { code: "phone-invalid", message: /phones.hosts/ });
  await t.rejects(showPhone("Bob", options), { code: "agent-unknown" });
  t.match(await removePhone("Ann", options), /no telephone any more/);
  await t.rejects(showPhone("Ann", options), { code: "phone-unknown" });
});
