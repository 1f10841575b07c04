import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import t from "tap";
import { runBulk } from "../../src/command/bulk.ts";
import * as kinds from "../../src/command/bulk-kinds.ts";
import { makeCampaign, makeList } from "../adapter/stores-kit.ts";
import { world } from "../api/world.ts";
import { openFolder } from "../harness/lab-process.ts";

t.setTimeout(60_000);
const folder = openFolder(t);

t.test("one thing done to many, as a file says", async (t) => {
  const { app, key, stores, ask } = await world(t);
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  /** @returns the exit code, what was told, and the folder's name of the file */
  const bulk = async (kind: kinds.BulkKind, text: string, { name = "many.csv", json = false } = {}) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    const told: string[] = [];
    const code = await runBulk(kind, file, { url, key, json }, (line) => told.push(line.replaceAll(file, name)));
    return { code, told };
  };
  const listId = await makeList(stores, "people", 1);
  const wrapUp = { wrapUpMs: 0, extensionMs: 0, maxExtensions: 0 };
  const { id: sales } = await stores.agents.addGroup("Sales", wrapUp);

  await t.test("people are added, changed and taken off", async (t) => {
    const csv = [
      "clientId,number,mailbox,timeZone,field.first_name,enter",
      "b1,+12125550901,,America/New_York,Ada,true",
      "b2,12,,,,",
      "",
      "b3,+12125550903; +12125550904 ,b3@example.com,,Grace,",
      "b1,+12125550905,,,,",
      "b5,,,,,",
      "b6,+12125550906,,,,perhaps",
      "b7,+12125550907,,,,,,,",
      'b8,"+12125550908,,,,',
    ].join("\r\n");
    t.same(await bulk(kinds.addContacts(listId), csv), {
      code: 1,
      told: [
        "many.csv:3: contact-invalid: addresses.0.number too short for a number of US",
        "many.csv:6: contact-exists: Somebody with this client id, or this first address, is on the list already.",
        "many.csv:7: request-invalid: addresses is missing",
        "many.csv:8: request-invalid: enter must be boolean",
        "many.csv:9: bulk-file: has 9 cells, and the header 6",
        "many.csv:10: bulk-file: a quote is opened here and never closed",
        "many.csv: 2 done, 6 refused.",
      ],
    });
    const people = (await ask("GET", `/api/v1/lists/${listId}/contacts`)).body.items;
    const idOf = (clientId: string) => String(people.find((each) => each["clientId"] === clientId)?.["id"]);
    t.match((await ask("GET", `/api/v1/contacts/${idOf("b3")}`)).body, {
      addresses: [{ number: "+12125550903" }, { number: "+12125550904" }, { mailbox: "b3@example.com" }],
      fields: { first_name: "Grace" },
    });
    const changes = `{"id":"${idOf("b1")}","change":{"timeZone":null}}\n\nnot json\n{"id":"${idOf("b3")}","withdraw":true}\n{"id":"999999","withdraw":true}\n7\n`;
    const { code, told } = await bulk(kinds.changeContacts, changes, { name: "changes.ndjson", json: true });
    t.equal(code, 1);
    t.match(
      told.map((line) => JSON.parse(line)),
      [
        { line: 1, status: 200, id: idOf("b1") },
        { line: 3, status: 400, code: "bulk-file", message: /^is no JSON/ },
        { line: 4, status: 204, id: idOf("b3") },
        { line: 5, status: 404, id: "999999", code: "contact-unknown", message: /999999/ },
        { line: 6, status: 400, code: "request-invalid" },
      ],
      "each line by itself",
    );
    t.match((await ask("GET", `/api/v1/lists/${listId}`)).body, { contacts: 2 });
    const withdrawn = await bulk(kinds.changeContacts, `id,withdraw\n${idOf("b1")},true\n`);
    t.same(withdrawn, { code: 0, told: ["many.csv: 1 done, 0 refused."] });
  });

  await t.test("suppressions are written and ended", async (t) => {
    await makeCampaign(stores, { name: "friday", listId });
    const made = await bulk(
      kinds.suppressMany,
      "number,campaign,channel,reason\n+12125550911,,,asked\n+12125550912,friday,sms,asked\n+12125550913,firday,,asked\n+12125550914,,,\n",
    );
    t.same(made.told, [
      "many.csv:4: campaign-unknown: There is no campaign firday. Did you mean friday?",
      "many.csv:5: request-invalid: reason is missing",
      "many.csv: 2 done, 2 refused.",
    ]);
    const held = (await ask("POST", "/api/v1/suppressions/search", { number: "+12125550911" })).body.items;
    const ended = await bulk(kinds.endSuppressions, `id,reason\n${held[0]?.["id"]},a mistake\n999999,none\n`);
    t.match(ended, { code: 1, told: [/^many\.csv:3: suppression-unknown: /, "many.csv: 1 done, 1 refused."] });
  });

  await t.test("users and keys, with what is shown once", async (t) => {
    const added = await bulk(kinds.addUsers, "name,role,groups\nann,supervisor,Sales\nben,author,\nann,author,\ncid,agent,Slaes\n");
    t.match(added, {
      code: 1,
      told: [
        /^ann \S{20,}$/,
        /^ben \S{20,}$/,
        /^many\.csv:4: user-exists: /,
        "many.csv:5: group-unknown: There is no group Slaes. Did you mean Sales?",
        "many.csv: 2 done, 2 refused.",
      ],
    });
    const changed = await bulk(kinds.changeUsers, "name,role,groups,active\nann,,*,\nben,,Sales,false\nann,,,\nzoe,author,,\n");
    t.match(changed, { code: 1, told: [/^many\.csv:4: request-invalid: change /, /^many\.csv:5: user-unknown: /, "many.csv: 2 done, 2 refused."] });
    const users = (await ask("GET", "/api/v1/users")).body.items;
    t.match(users, [
      { name: "ann", active: true, groupIds: undefined },
      { name: "ben", active: false, groupIds: [sales] },
    ]);

    const made = await bulk(kinds.createKeys, "name,role,expiresAt\ncrm,integrator,\nold,integrator,2020-01-01T00:00:00Z\n", { json: true });
    const [crm, old] = made.told.map((line) => JSON.parse(line));
    t.match(crm, { line: 2, status: 201, name: "crm", key: /^carillon_/ });
    t.match(old, { line: 3, status: 422, code: "access-invalid", message: "expiresAt is over already", key: undefined });
    const bearer = { authorization: `Bearer ${crm.key}` };
    t.equal((await ask("GET", "/api/v1/lists", undefined, bearer)).status, 200);
    t.match(await bulk(kinds.revokeKeys, `id\n${crm.id}\nx\n999999\n`), {
      code: 1,
      told: ["many.csv:3: request-invalid: must be an id: digits, such as 42", /^many\.csv:4: key-unknown/, "many.csv: 1 done, 2 refused."],
    });
    t.equal((await ask("GET", "/api/v1/lists", undefined, bearer)).status, 401);
  });

  await t.test("orders to campaigns, and more lines than one request holds", async (t) => {
    const names = Array.from({ length: 101 }, (_, at) => (at % 50 === 0 ? "friday" : `none${at}`));
    const paused = await bulk(kinds.orderCampaigns("pause", "campaigns"), `name\n${names.join("\n")}\n`);
    t.equal(paused.told.length, 101);
    t.match(
      [paused.told[0], paused.told[49], paused.told.at(-1)],
      ["many.csv:3: campaign-unknown: There is no campaign none1.", /^many\.csv:52: campaign-state: /, "many.csv: 1 done, 100 refused."],
    );
    t.match((await ask("GET", "/api/v1/campaigns")).body.items, [{ name: "friday", state: "paused" }]);
    const twice = await bulk(kinds.orderCampaigns("resume", "campaigns"), "name\nfriday\nfriday\n");
    t.same(twice, { code: 1, told: ["many.csv:3: bulk-file: stands on line 2 already", "many.csv: 1 done, 1 refused."] });
    t.match(await bulk(kinds.orderCampaigns("pause", "strategy-campaigns"), "name\nfriday\n"), {
      code: 1,
      told: [/^many\.csv:2: campaign-unknown: There is no campaign of a strategy friday/, /0 done, 1 refused/],
    });
  });

  await t.test("a file that is none is refused before anything is done", async (t) => {
    const refused = (text: string, message: RegExp, name = "bad.csv") =>
      t.rejects(bulk(kinds.addUsers, text, { name }), { code: "bulk-file", message }, String(message));
    await refused("", /bad\.csv has no rows\./);
    await refused("name,role\n", /has no rows/);
    await refused("name,rôle\nzoe,author\n", /bad\.csv:1: has a column that is not known here: rôle\. Its columns may be name, role, groups\.$/);
    await refused("name,name\nzoe,zoe\n", /has a column twice/);
    await refused("\n\n", /has no rows/, "bad.ndjson");
    writeFileSync(join(folder, "latin.csv"), Buffer.from("name,role\nzo\xeb,author\n", "latin1"));
    const run = (file: string, more = {}) => runBulk(kinds.addUsers, join(folder, file), { url, key, ...more }, () => t.fail("it told something"));
    await t.rejects(run("latin.csv"), { code: "bulk-file", message: /is no UTF-8 text/ });
    await t.rejects(run("nothing.csv"), { code: "bulk-file", message: /nothing\.csv cannot be read: / });
    writeFileSync(join(folder, "zoe.ndjson"), '{"name":"zoe","role":"author"}\n');
    await t.rejects(run("zoe.ndjson", { key: "carillon_none" }), { code: "unauthorized", message: /^Lines 1 to 1: .* None of these was done; / });
    t.notOk((await ask("GET", "/api/v1/users")).body.items.some(({ name }) => name === "zoe"));
  });
});

t.test("a server that goes away in the middle: what is done was told, and what is not known is named", async (t) => {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    request.resume().on("end", () => {
      if (requests > 1) return response.destroy();
      response
        .setHeader("content-type", "application/json")
        .end(JSON.stringify({ items: Array.from({ length: 50 }, () => ({ status: 200, id: "1" })) }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => server.close());
  const file = join(folder, "keys.csv");
  writeFileSync(file, `id\n${Array.from({ length: 120 }, (_, at) => at + 1).join("\n")}\n`);
  const told: string[] = [];
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await t.rejects(
    runBulk(kinds.revokeKeys, file, { url, key: "k", json: true }, (line) => told.push(line)),
    { code: "api-unreachable", message: /^Lines 52 to 101: .*Whether these were done is not known; what stands behind them was not asked for\.$/ },
  );
  t.equal(told.length, 50);
  t.equal(requests, 2);
});
