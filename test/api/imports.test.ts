import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import t from "tap";
import { listen } from "../../src/api/app.ts";
import { makeCampaign } from "../adapter/stores-kit.ts";
import { until } from "../harness/far-side.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";
import { world } from "./world.ts";

t.setTimeout(280_000);

const asCsv = { "content-type": "text/csv" };
const file = "customer;cell;state\nc1;(212) 555-0101;NY\nc2;(212) 555-0102;NY\nc2;(212) 555-0103;CA\nc3;n/a;CA\n";

t.test("a file is looked at, and goes into its list when somebody says so", async (t) => {
  const { ask, stores } = await world(t);
  const sent = await ask("POST", "/api/v1/imports?list=people", file.replace("customer", "client id"), asCsv);
  t.match(sent, {
    status: 201,
    body: {
      list: "people",
      state: "checked",
      createdBy: "test",
      bytes: file.length + 1,
      report: { read: 4, accepted: 2, rejected: 2, duplicates: 1, reachable: { voice: 2, sms: 2, email: 0 }, zones: { "": 2 } },
    },
  });
  t.match(sent.body["report"], {
    rejections: [
      { row: 3, line: 4, column: "client id" },
      { row: 4, column: "cell", reason: "has letters in it" },
    ],
  });
  t.equal(await stores.lists.listByName("people"), undefined, "nothing has changed");
  const url = `/api/v1/imports/${sent.body["id"]}`;
  t.equal(sent.headers["location"], url);
  const done = await ask("POST", `${url}/commit`);
  t.match(done, { status: 200, body: { state: "committed", report: { accepted: 2, duplicates: 1 } } });
  const list = await stores.lists.listByName("people");
  t.match(list, { contacts: 2 });
  t.match((await ask("GET", url)).body, { state: "committed", report: { listId: list?.id } });
  t.match(await ask("POST", `${url}/commit`), { status: 409, body: { code: "import-state" } }, "once");
  t.match(await ask("POST", `${url}/drop`), { status: 409, body: { code: "import-state" } });

  const again = await ask("POST", "/api/v1/imports?list=people&existing=replace", "client id,cell,plan\nc2,2125550102,gold\n", asCsv);
  t.match(again.body, { report: { accepted: 1, updated: 1, left: 1 }, existing: "replace" });
  const both = await Promise.all([1, 2].map(() => ask("POST", `/api/v1/imports/${again.body["id"]}/commit`)));
  t.same(both.map(({ status }) => status).sort(), [200, 409], "two who say so at once bring it in once");
  t.equal((await stores.lists.listByName("people"))?.contacts, 1);

  const unwanted = await ask("POST", "/api/v1/imports?list=others", file, asCsv);
  t.match(await ask("POST", `/api/v1/imports/${unwanted.body["id"]}/drop`), { status: 200, body: { state: "dropped" } });
  t.match(await ask("POST", "/api/v1/imports?list=people", file, asCsv), { status: 409, body: { code: "list-exists" } });
  t.match(await ask("POST", "/api/v1/imports?list=x", "name\nAnn\n", asCsv), { status: 422, body: { code: "import-invalid", detail: /No column/ } });
  t.match(await ask("POST", "/api/v1/imports?list=x", { a: 1 }), { status: 415 });
  t.match(await ask("POST", "/api/v1/imports/999/commit"), { status: 404, body: { code: "import-unknown" } });
  const { rows } = await stores.pool.query("select count(*)::int as left from import_piece");
  t.same(rows, [{ left: 0 }], "no file is kept that is of no use");
  t.equal((await ask("GET", "/api/v1/imports")).body.items.length, 5);
});

t.test("a mapping has a name, and says what a file does not", async (t) => {
  const { ask, stores, app, key } = await world(t);
  const mapping = {
    format: "fixed",
    encoding: "cp1252",
    columns: [
      { column: { from: 1, width: 4 }, as: "clientId" },
      { column: { from: 5, width: 12 }, as: "number", kind: "mobile" },
      { column: { from: 17, width: 10 }, as: "field", name: "First name" },
    ],
  };
  t.match(await ask("PUT", "/api/v1/import-mappings/crm", mapping), { status: 200, body: { name: "crm" } });
  t.match((await ask("GET", "/api/v1/import-mappings")).body.items, [{ name: "crm", mapping }]);
  const shown = await ask("GET", "/api/v1/import-mappings/crm");
  t.match(shown, { status: 200, body: { name: "crm", mapping } });
  const ifMatch = { "if-match": String(shown.headers["etag"]) };
  t.equal((await ask("PUT", "/api/v1/import-mappings/crm", { ...mapping, encoding: "utf-8" }, ifMatch)).status, 200);
  t.match(await ask("PUT", "/api/v1/import-mappings/crm", mapping, ifMatch), { status: 412 }, "somebody else changed it meanwhile");
  t.equal((await ask("PUT", "/api/v1/import-mappings/crm", mapping)).status, 200);
  t.match(await ask("GET", "/api/v1/import-mappings/other"), { status: 404, body: { code: "mapping-unknown" } });
  const lines = Buffer.from("0001212555-0101  Ren\xe9e     \r\n00022125550102  Ann\r\n0003bad\r\n", "latin1");
  const headers = { ...asCsv, authorization: `Bearer ${key}` };
  const answer = await app.inject({ method: "POST", url: "/api/v1/lists?name=fixed&mapping=crm", headers, payload: lines });
  const sent = { status: answer.statusCode, body: answer.json() as Record<string, unknown> };
  t.match(sent, { status: 201, body: { read: 3, accepted: 2, rejections: [{ row: 3, column: "number" }] } });
  const [first] = await stores.lists.contacts(String(sent.body["listId"]), { limit: 1 });
  t.match(first, { clientId: "0001", addresses: [{ kind: "mobile", number: "+12125550101" }], fields: { first_name: "Renée" } });

  const campaign = await makeCampaign(stores, { listId: String(sent.body["listId"]) });
  const more = await ask(
    "POST",
    "/api/v1/lists?name=fixed&existing=update&mapping=crm&enter=true",
    "00022125550199  Bea\n00092125550109  Eve\n",
    asCsv,
  );
  t.match(more.body, { accepted: 2, updated: 1 });
  t.equal(await stores.work.unfinished(campaign), 3, "who is new comes into the campaign that runs");

  const bad: [mapping: object, status: number, detail: RegExp][] = [
    [{ columns: [{ column: "a", as: "field" }] }, 422, /number or a mailbox/],
    [{ header: false, columns: [{ column: "a", as: "number" }] }, 422, /give its place/],
    [{ format: "fixed" }, 422, /from and width/],
    [{ format: "csv", columns: [{ column: { from: 1, width: 2 }, as: "number" }] }, 422, /format fixed/],
    [{ columns: [{ column: "a", as: "phone" }] }, 400, /./],
  ];
  for (const [wrong, status, detail] of bad) t.match(await ask("PUT", "/api/v1/import-mappings/x", wrong), { status, body: { detail } });
  t.match(await ask("POST", "/api/v1/lists?name=y&mapping=x", file, asCsv), { status: 404, body: { code: "mapping-unknown" } });
  t.equal((await ask("DELETE", "/api/v1/import-mappings/crm")).status, 204);
  t.equal((await ask("DELETE", "/api/v1/import-mappings/crm")).status, 404);
});

t.test("a file that stops coming in the middle is not waited for", async (t) => {
  const clock = new VirtualClock();
  const { app, key, stores, nextImport, ask } = await world(t, { clock });
  const port = await listen(app, { host: "127.0.0.1", port: 0 });
  const headers = { ...asCsv, authorization: `Bearer ${key}` };
  const begun = nextImport();
  const sending = request({ host: "127.0.0.1", port, method: "POST", path: "/api/v1/lists?name=people", headers });
  sending.on("error", () => undefined);
  const answered = new Promise<IncomingMessage>((resolve) => sending.once("response", resolve));
  sending.write("client_id,phone\nc1,2125550101\n");
  const { end } = await begun;
  let over = false;
  end.then(
    () => undefined,
    () => {
      over = true;
    },
  );
  // Whatever has not been waited for yet is waited for anew.
  await until(async () => {
    await clock.advance(60_000);
    return over;
  }, "the import ends");
  await t.rejects(end, {
    code: "import-broken-off",
    retryable: true,
    message: /less than 1024 bytes of it in 60 s.* Nothing was imported; send it again/,
  });
  const answer = await answered;
  t.match(answer, { statusCode: 422, headers: { connection: "close" } });
  t.match(JSON.parse(await text(answer)), { code: "import-invalid", detail: /stopped coming/ });
  t.equal(await stores.lists.listByName("people"), undefined);
  t.match(await ask("POST", "/api/v1/lists?name=people", "client_id,phone\nc1,2125550101\n", asCsv), { status: 201 }, "the next one has its name");

  // The same of consents.
  const path = "/api/v1/consents/load?source=form&obtainedAt=2026-01-01T00:00:00Z";
  const loading = request({ host: "127.0.0.1", port, method: "POST", path, headers });
  loading.on("error", () => undefined);
  let told: IncomingMessage | undefined;
  loading.once("response", (response: IncomingMessage) => {
    told = response;
  });
  loading.write("phone\n2125550101\n");
  await until(async () => {
    await clock.advance(60_000);
    return told !== undefined;
  }, "the load ends");
  if (!told) throw new Error("it was not answered");
  t.match(told, { statusCode: 422, headers: { connection: "close" } });
  t.match(JSON.parse(await text(told)), { code: "import-invalid", detail: /stopped coming/ });
  t.same(await stores.consents.chain("0", 10), []);
});
