import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import t from "tap";
import { CarillonClient, CarillonProblem, type StreamedEvent } from "../../client/client.ts";
import { type OpenApi, writeOperations } from "../../client/generate.ts";
import { listen } from "../../src/api/app.ts";
import { csv, script, world } from "./world.ts";

const generated = resolve(import.meta.dirname, "../../client/operations.ts");

t.test("the client, over a socket", async (t) => {
  const { app, ask, key } = await world(t);
  const url = `http://127.0.0.1:${await listen(app, { host: "127.0.0.1", port: 0 })}`;
  const carillon = new CarillonClient({ url: `${url}/`, key });

  await t.test("its types are those of the document", async (t) => {
    const text = writeOperations((await ask("GET", "/openapi.json")).body as unknown as OpenApi);
    if (process.env["CLIENT"] === "write") writeFileSync(generated, text);
    t.ok(readFileSync(generated, "utf8") === text, "client/operations.ts is not of this server: run npm run client, and commit it");
    const wrong = () => [
      // @ts-expect-error there is no such operation
      carillon.ask("GET /api/v1/nothing"),
      // @ts-expect-error the path needs its id
      carillon.ask("GET /api/v1/lists/{id}"),
      // @ts-expect-error a property that the document does not know
      carillon.ask("POST /api/v1/groups", { body: { name: "a", colour: "red" } }),
      // @ts-expect-error what has no pages
      carillon.items("GET /api/v1/lists/{id}", { path: { id: "1" } }),
    ];
    t.type(wrong, "function", "and the compiler holds programs to them");
  });

  const { listId } = await carillon.ask("POST /api/v1/lists", { query: { name: "May" }, body: csv, type: "text/csv" });
  await carillon.ask("POST /api/v1/scripts", { body: script, type: "application/yaml" });

  await t.test("what is asked is answered, by type", async (t) => {
    const list = await carillon.ask("GET /api/v1/lists/{id}", { path: { id: listId } });
    t.match(list, { name: "May", contacts: 3 });
    const { body, status, location } = await carillon.send("POST /api/v1/groups", { body: { name: "Desk" } });
    t.match([status, location, body.name], [201, `/api/v1/groups/${body.id}`, "Desk"]);
    t.equal(await carillon.ask("DELETE /api/v1/contacts/{id}", { path: { id: await first() } }), undefined, "204");
    async function first(): Promise<string> {
      for await (const { id } of carillon.items("GET /api/v1/lists/{id}/contacts", { path: { id: listId } })) return id;
      throw new Error("nobody");
    }
  });

  await t.test("pages are one after the other, and no more than are wanted", async (t) => {
    const call = { path: { id: listId }, query: { limit: 1 } };
    const ids: string[] = [];
    for await (const { clientId } of carillon.items("GET /api/v1/lists/{id}/contacts", call)) ids.push(clientId ?? "");
    t.same(ids, ["c-2", "c-5"]);
  });

  await t.test("a refusal has its code and its places", async (t) => {
    const refused = await carillon.ask("GET /api/v1/lists/{id}", { path: { id: "999" } }).catch((error: unknown) => error);
    t.ok(refused instanceof CarillonProblem);
    t.match(refused, { status: 404, code: "list-unknown", message: /GET \/api\/v1\/lists\/\{id\}: There is no list 999/ });
    const body = { addresses: [{ number: "+1 212 555 0199" }, { number: "12" }] };
    await t.rejects(carillon.ask("POST /api/v1/lists/{id}/contacts", { path: { id: listId }, body }), {
      code: "contact-invalid",
      errors: [{ pointer: "/addresses/1/number" }],
    });
    await t.rejects(new CarillonClient({ url, key: "carillon_no" }).ask("GET /api/v1/lists"), { status: 401, code: "unauthorized" });
    await t.rejects(
      carillon.ask("GET /api/v1/lists/{id}", { path: { id: "../keys" } }),
      { code: "request-invalid" },
      "an id is no way out of its place",
    );
  });

  await t.test("the same key does a thing once", async (t) => {
    const call = { path: { id: listId }, body: { addresses: [{ number: "+1 212 555 0177" }] }, idempotencyKey: "once" };
    const one = await carillon.send("POST /api/v1/lists/{id}/contacts", call);
    const two = await carillon.send("POST /api/v1/lists/{id}/contacts", call);
    t.same([one.replayed, two.replayed, two.body], [false, true, one.body]);
  });

  await t.test("a change of what has changed meanwhile is refused", async (t) => {
    const { id } = await carillon.ask("POST /api/v1/lists/{id}/contacts", {
      path: { id: listId },
      body: { addresses: [{ number: "+12125550178" }] },
    });
    const path = { id };
    const { etag } = await carillon.send("GET /api/v1/contacts/{id}", { path });
    const change = (first: string) =>
      carillon.ask("PATCH /api/v1/contacts/{id}", { path, body: { fields: { first } }, ...(etag !== undefined && { ifMatch: etag }) });
    t.match(await change("Ada"), { fields: { first: "Ada" } });
    await t.rejects(change("Eve"), { status: 412, code: "precondition-failed" });
  });

  await t.test("a file comes as it is", async (t) => {
    const file = await carillon.file("GET /api/v1/reports/results", { query: { format: "csv" } });
    t.match(await new Response(file).text(), /^\W*[a-z]+.*result/i);
  });

  await t.test("the stream goes on where it was", async (t) => {
    const made: string[] = [];
    // With a key: a connection that has just been broken is no fault of whoever asks.
    const suppress = async () => {
      const number = `+1212555${String(100 + made.length).padStart(4, "0")}`;
      const { id } = await carillon.ask("POST /api/v1/suppressions", { body: { number, reason: "asked" }, idempotencyKey: number });
      made.push(String(id));
    };
    const query = { types: "suppression.added" };
    const over = new AbortController();
    const events = carillon.events(query, over.signal);
    const got = events.next();
    const heard = got.then(() => true);
    // From when it listens is known by its hearing something.
    do await suppress();
    while (!(await Promise.race([heard, Promise.resolve(false)])));
    const { value: first } = await got;
    t.match(first, { type: "suppression.added", timestamp: /^\d{4}-/, id: /./ });
    const idOf = ({ value }: { readonly value?: StreamedEvent | undefined }) => String(value?.data["suppressionId"]);
    await suppress();
    // What was there before it listened is not told.
    const wanted = made.slice(made.indexOf(idOf({ value: first })) + 1);
    const again = carillon.events({ ...query, lastEventId: first?.id ?? "" }, over.signal);
    const take = async (stream: AsyncGenerator<StreamedEvent>, count: number) => {
      const taken: string[] = [];
      while (taken.length < count) taken.push(idOf(await stream.next()));
      return taken;
    };
    t.same(await take(again, wanted.length), wanted, "each of those after the first, once");
    // The connection breaks: both come again by themselves.
    app.server.closeAllConnections();
    await suppress();
    const [last, other] = await Promise.all([take(again, 1), take(events, wanted.length + 1)]);
    t.same(last, made.slice(-1));
    t.same(other, [...wanted, ...last], "nothing is missed, and nothing comes twice");
    over.abort();
    t.ok((await again.next()).done, "until it is ended");
  });
});

t.test("what may be sent twice is sent again, and nothing else", async (t) => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    request.resume();
    if (asked.length % 2 === 1) response.writeHead(503, { "retry-after": "0" }).end("<html>a proxy</html>");
    else response.writeHead(200, { "content-type": "application/json" }).end('{"items":[]}');
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  t.teardown(() => server.close());
  const carillon = new CarillonClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, key: "carillon_x" });
  t.same(await carillon.ask("GET /api/v1/lists"), { items: [] });
  const body = { name: "Desk" };
  t.match(await carillon.ask("POST /api/v1/groups", { body, idempotencyKey: "a" }), { items: [] });
  t.equal(asked.length, 4);
  await t.rejects(carillon.ask("POST /api/v1/groups", { body }), { status: 503, code: "unknown", message: /is a Carillon there/ });
  t.equal(asked.length, 5, "without a key it is not known whether it was done");
});
