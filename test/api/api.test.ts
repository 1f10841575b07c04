import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { voiceCampaign } from "../harness/voice-campaign.ts";
import { asCsv, asYaml, csv, script, world } from "./world.ts";

t.test("the API on a real database", async (t) => {
  const away: string[] = [];
  const { app, stores, ask, components, logged } = await world(t, { noWay: (name) => away.find((trunk) => trunk === name) && `no ${name}` });

  await t.test("every route wants a key, but for health and the document", async (t) => {
    const document = (await ask("GET", "/openapi.json")).body as unknown as {
      paths: Record<string, Record<string, { security?: unknown[]; responses: Record<string, unknown> }>>;
    };
    const open = new Set(["get /healthz", "get /readyz", "post /api/v1/session", "post /api/v1/invitations"]);
    let routes = 0;
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, route] of Object.entries(methods)) {
        routes++;
        const url = path.replace("{id}", "1");
        const name = `${method} ${path}`;
        // Each from an address of its own: there are more routes than failures that one address may have in a minute.
        const answer = await app.inject({ method: method.toUpperCase() as "GET", url, remoteAddress: `192.0.2.${routes}` });
        if (open.has(name)) {
          t.not(answer.json().code, "unauthorized", name);
          t.same(route.security, [], `${name} is documented as open`);
          continue;
        }
        t.equal(answer.statusCode, 401, name);
        t.equal(answer.headers["www-authenticate"], 'Bearer realm="carillon"', name);
        t.match(answer.headers["content-type"], /^application\/problem\+json/, name);
        t.equal(answer.json().code, "unauthorized", name);
        if (path !== "/metrics") t.ok(route.responses["401"], `${name} documents its problems`);
      }
    }
    t.ok(routes >= 17, `${routes} routes`);
    t.equal((await app.inject("/api/v1/nothing")).statusCode, 401, "what does not exist is not told either");
    t.equal((await app.inject("/docs/static/index.html")).statusCode < 400, true);
    const page = await app.inject("/docs");
    t.match(page.headers["content-security-policy"], /script-src 'self'/);
  });

  await t.test("a list goes in, and its people can be read page by page", async (t) => {
    const made = await ask("POST", "/api/v1/lists?name=May", csv, asCsv);
    t.equal(made.status, 201, made.text);
    t.match(made.body, { read: 5, accepted: 3, rejected: 2, duplicates: 1 });
    const rejections = made.body["rejections"] as { row: number; line: number; column: string; reason: string }[];
    t.same(
      rejections.map(({ row, line, column }) => [row, line, column]),
      [
        [3, 4, "phone"],
        [4, 5, "client_id"],
      ],
    );
    const id = String(made.body["listId"]);
    t.equal(made.headers["location"], `/api/v1/lists/${id}`);
    t.match((await ask("GET", `/api/v1/lists/${id}`)).body, { id, name: "May", contacts: 3, createdAt: /^\d{4}-.*Z$/ });

    const names: unknown[] = [];
    let url = `/api/v1/lists/${id}/contacts?limit=2`;
    for (let page = 0; page < 3; page++) {
      const { body } = await ask("GET", url);
      names.push(...body.items.map((contact) => (contact["fields"] as Record<string, string>)["first_name"]));
      if (body["next"] === undefined) break;
      url = `/api/v1/lists/${id}/contacts?limit=2&cursor=${body["next"]}`;
    }
    t.same(names, ["Ada", "Grace", "Edsger"], "each once, in the order of the file");
    const first = (await ask("GET", `/api/v1/lists/${id}/contacts?limit=1`)).body.items[0];
    t.match(first, { clientId: "c-1", timeZone: "America/New_York", addresses: [{ number: "+12125550101" }] });
    t.same((await ask("GET", `/api/v1/contacts/${first?.["id"]}`)).body, first);

    t.match(await ask("POST", "/api/v1/lists?name=May", csv, asCsv), { status: 409, body: { code: "list-exists" } });
    const more = await ask("POST", "/api/v1/lists?name=May&append=true", "phone,first_name\n+12125550199,New\n+12125550101,Old\n", asCsv);
    t.match(more, { status: 201, body: { listId: id, accepted: 1, duplicates: 1 } }, "what stands on the list is not taken twice");
    t.match((await ask("GET", "/api/v1/lists")).body.items, [{ name: "May", contacts: 4 }]);
  });

  await t.test("a file without phone numbers is refused whole", async (t) => {
    const answer = await ask("POST", "/api/v1/lists?name=None", "name,city\nAda,London\n", asCsv);
    t.match(answer, { status: 422, body: { code: "import-invalid", detail: /phone/i } });
    t.notMatch((await ask("GET", "/api/v1/lists")).text, /"None"/);
  });

  t.match(await ask("POST", "/api/v1/scripts", script, asYaml), { status: 201, body: { name: "greeting", version: 1 } });
  const listId = String((await ask("GET", "/api/v1/lists")).body.items[0]?.["id"]);
  const campaign = {
    name: "Spring",
    listId,
    script: "greeting",
    trunk: "carrier-a",
    callerId: "+15550100100",
    maxCps: 5,
    maxLines: 10,
    defaultTimeZone: "America/New_York",
  };

  await t.test("a campaign is made once, and only a sound one", async (t) => {
    const made = await ask("POST", "/api/v1/campaigns", campaign);
    t.match(
      made,
      { status: 201, body: { name: "Spring", state: "draft", ringTimeoutMs: 25_000, window: { startMinute: 480, endMinute: 1200 } } },
      made.text,
    );
    const id = String(made.body["id"]);
    t.same((await ask("GET", `/api/v1/campaigns/${id}`)).body, made.body);
    t.match(await ask("POST", "/api/v1/campaigns", campaign), {
      status: 409,
      body: { code: "campaign-exists", errors: [{ pointer: "/name", message: new RegExp(`campaign ${id}$`) }] },
    });
    const both = await Promise.all([1, 2, 3].map(() => ask("POST", "/api/v1/campaigns", { ...campaign, name: "Race" })));
    t.same(both.map(({ status }) => status).sort(), [201, 409, 409], "also when asked at the same instant");

    const cases: [string, Record<string, unknown>, number, string[]][] = [
      [
        "what is unknown or of the wrong type is not mended",
        { ...campaign, maxCps: "5", speed: 1, maxLines: 1.5 },
        400,
        ["/maxCps", "/maxLines", "/speed"],
      ],
      ["what is missing", { name: "x" }, 400, ["/callerId", "/defaultTimeZone", "/listId", "/maxCps", "/maxLines", "/trunk"]],
      ["rings too short", { ...campaign, ringTimeoutMs: 5000 }, 400, ["/ringTimeoutMs"]],
      ["an id too long for the database", { ...campaign, listId: "9".repeat(19) }, 400, ["/listId"]],
      [
        "what does not hold together, all at once",
        {
          ...campaign,
          name: "y",
          listId: "999999",
          script: "none",
          trunk: "t",
          callerId: "5",
          defaultTimeZone: "Z/Z",
          window: { startMinute: 9, endMinute: 9, weekdays: [1] },
        },
        422,
        ["/callerId", "/defaultTimeZone", "/listId", "/script", "/trunk", "/window"],
      ],
      ["a caller id that the trunk may not show", { ...campaign, name: "y", callerId: "+442079460000" }, 422, ["/callerId"]],
      ["two scripts", { ...campaign, name: "y", scriptVersionId: "1" }, 422, ["/script"]],
    ];
    for (const [name, body, status, pointers] of cases) {
      const answer = await ask("POST", "/api/v1/campaigns", body);
      const errors = (answer.body["errors"] ?? []) as { pointer: string }[];
      t.equal(answer.status, status, name);
      t.same(errors.map(({ pointer }) => pointer).sort(), pointers, name);
    }
  });

  await t.test("a campaign runs, is paused, and stops", async (t) => {
    const all = (await ask("GET", "/api/v1/campaigns")).body.items;
    const id = String(all.find((one) => one["name"] === "Spring")?.["id"]);
    t.same((await ask("GET", `/api/v1/campaigns/${id}/attempts`)).body, { items: [] });
    const steps: [string, number, string][] = [
      ["pause", 409, "draft"],
      ["start", 200, "running"],
      ["start", 409, "running"],
      ["pause", 200, "paused"],
      ["resume", 200, "running"],
    ];
    for (const [order, status, state] of steps) {
      const answer = await ask("POST", `/api/v1/campaigns/${id}/${order}`);
      t.equal(answer.status, status, order);
      if (status === 409) t.equal(answer.body["code"], "campaign-state", order);
      t.equal((await ask("GET", `/api/v1/campaigns/${id}`)).body["state"], state, order);
    }
    t.match((await ask("GET", `/api/v1/campaigns/${id}/progress`)).body, { contacts: 4, waiting: 4, inFlight: 0, done: 0, note: undefined });
    away.push("carrier-a");
    t.match((await ask("GET", `/api/v1/campaigns/${id}/progress`)).body, { waiting: 4, note: "no carrier-a" }, "nobody waits without being told why");

    const found = voiceCampaign(await stores.campaigns.find(id));
    const now = systemClock.now();
    const { orders } = await stores.work.claim(found, 3, now, "node-1", () => ({ go: true, untilMs: now + 60_000 }));
    t.equal(orders.length, 3);
    const answers = { comment: { value: "7-comment-3.wav", durationMs: 4000 }, nps: { value: "9" } };
    const endings = ["busy", "no-answer", "busy"] as const;
    for (const [at, order] of orders.entries()) {
      t.equal(await stores.attempts.begin(order.attemptId, now), true);
      await stores.attempts.mark(order.attemptId, { at: now, kind: "sent", legIds: { callId: `call-${at}` } });
      await stores.attempts.mark(order.attemptId, { at: now, kind: "step", detail: { step: "hello" } });
      await stores.attempts.finish(order.attemptId, {
        at: now + 1000,
        result: endings[at] ?? "busy",
        reason: "486 Busy Here",
        sipStatus: 486,
        answers,
      });
    }
    t.match((await ask("GET", `/api/v1/campaigns/${id}/progress`)).body, { waiting: 1, inFlight: 0, done: 3, results: { busy: 2, "no-answer": 1 } });
    const busy = (await ask("GET", `/api/v1/campaigns/${id}/attempts?result=busy`)).body.items;
    t.equal(busy.length, 2);
    t.match(busy[0], {
      campaignId: id,
      state: "ended",
      result: "busy",
      reason: "486 Busy Here",
      sipStatus: 486,
      callId: "call-0",
      reservedAt: /Z$/,
      endedAt: /Z$/,
    });
    const one = orders[1];
    const ofOne = (await ask("GET", `/api/v1/campaigns/${id}/attempts?contactId=${one?.contactId}`)).body.items;
    t.same(
      ofOne.map((attempt) => attempt["id"]),
      [one?.attemptId],
    );
    const paged = await ask("GET", `/api/v1/campaigns/${id}/attempts?limit=2`);
    const attemptId = String(paged.body.items[1]?.["id"]);
    const send = {
      kind: "send",
      channel: "sms",
      template: "link",
      values: { amount: "240.00" },
      withinS: 60,
      key: "link:2",
      reason: "ivr a link",
    } as const;
    await stores.attempts.effect(attemptId, now, [send]);
    const shown = await ask("GET", `/api/v1/attempts/${attemptId}`);
    t.match(shown, {
      status: 200,
      body: {
        id: attemptId,
        path: ["hello"],
        answers: [
          { name: "comment", value: "7-comment-3.wav", durationMs: 4000 },
          { name: "nps", value: "9" },
        ],
        effects: [{ kind: "send", state: "pending", body: { template: "link", values: { amount: "240.00" } }, dueAt: new Date(now).toISOString() }],
      },
    });
    t.match(await ask("GET", "/api/v1/attempts/999999"), { status: 404, body: { code: "attempt-unknown" } });
    t.equal((await ask("GET", `/api/v1/campaigns/${id}/attempts?limit=2&cursor=${paged.body["next"]}`)).body.items.length, 1);

    t.equal((await ask("POST", `/api/v1/campaigns/${id}/stop`)).body["state"], "stopping");
    t.match(await ask("POST", "/api/v1/campaigns/999999/start"), { status: 404, body: { code: "campaign-unknown" } });
  });

  await t.test("what is asked wrongly gets a problem that says what is wrong", async (t) => {
    const cases: [string, Awaited<ReturnType<typeof ask>>, number, string][] = [
      ["a limit that is none", await ask("GET", "/api/v1/lists?limit=many"), 400, "request-invalid"],
      ["a limit too large", await ask("GET", "/api/v1/lists?limit=501"), 400, "request-invalid"],
      ["a limit twice", await ask("GET", "/api/v1/lists?limit=1&limit=2"), 400, "request-invalid"],
      ["a parameter nobody knows", await ask("GET", "/api/v1/lists?offset=2"), 400, "request-invalid"],
      ["a cursor from elsewhere", await ask("GET", "/api/v1/lists?cursor=AAAA"), 400, "cursor-invalid"],
      ["a result that is none", await ask("GET", "/api/v1/campaigns/1/attempts?result=happy"), 400, "request-invalid"],
      ["an id that is none", await ask("GET", "/api/v1/lists/1%27%20OR%201=1"), 400, "request-invalid"],
      ["nobody's list", await ask("GET", "/api/v1/lists/999999"), 404, "list-unknown"],
      ["nobody's people", await ask("GET", "/api/v1/lists/999999/contacts"), 404, "list-unknown"],
      ["nobody", await ask("GET", "/api/v1/contacts/999999"), 404, "contact-unknown"],
      ["no route", await ask("GET", "/api/v2/lists"), 404, "route-unknown"],
      ["a path that is no text", await ask("GET", "/api/v1/lists/%zz"), 400, "request-invalid"],
      ["an endless path", await ask("GET", `/api/v1/lists/${"1".repeat(5000)}`), 400, "request-invalid"],
      ["a list named with a NUL", await ask("POST", "/api/v1/lists?name=a%00b", csv, asCsv), 422, "import-invalid"],
      ["a script named with a NUL", await ask("POST", "/api/v1/campaigns", { ...campaign, script: "a\0b" }), 400, "request-invalid"],
      ["no JSON", await ask("POST", "/api/v1/campaigns", "{", { "content-type": "application/json" }), 400, "request-invalid"],
      [
        "a body that reaches for the prototype",
        await ask("POST", "/api/v1/campaigns", '{"__proto__":{"a":1}}', { "content-type": "application/json" }),
        400,
        "request-invalid",
      ],
      ["too much of it", await ask("POST", "/api/v1/campaigns", { ...campaign, name: "x".repeat(70_000) }), 413, "request-too-large"],
      ["a form", await ask("POST", "/api/v1/campaigns", "a=b", { "content-type": "application/x-www-form-urlencoded" }), 415, "media-type"],
      ["JSON for a list", await ask("POST", "/api/v1/lists?name=J", { a: 1 }), 415, "media-type"],
      ["a list without a name", await ask("POST", "/api/v1/lists", csv, asCsv), 400, "request-invalid"],
    ];
    for (const [name, answer, status, code] of cases) {
      t.same([answer.status, answer.body["code"], answer.body["status"]], [status, code, status], name);
      t.match(answer.headers["content-type"], /^application\/problem\+json/, name);
      t.ok(answer.body["detail"], name);
    }
    t.same(logged, [], "nothing of this is our fault");
  });

  await t.test("health and metrics", async (t) => {
    t.match(await ask("GET", "/readyz"), { status: 200, body: { ready: true } });
    components.push({ name: "drachtio", ready: false, note: "secret refused by 10.0.0.7" });
    t.match(await ask("GET", "/readyz"), {
      status: 503,
      body: { ready: false, components: [{ name: "database" }, { name: "drachtio", ready: false, note: /10.0.0.7/ }] },
    });
    const stranger = await app.inject("/readyz");
    t.equal(stranger.statusCode, 503);
    t.notMatch(stranger.body, /10\.0\.0\.7/, "who has no key learns no addresses");
    t.equal((await app.inject("/healthz")).statusCode, 200);
    components.pop();
    components.push({ name: "freeswitch:a", ready: true }, { name: "freeswitch:b", ready: false, note: "not connected" });
    t.match(await ask("GET", "/readyz"), { status: 200, body: { ready: true, down: ["freeswitch:b"] } }, "one FreeSWITCH is enough to place calls");
    components.splice(-2, 1);
    t.match(await ask("GET", "/readyz"), { status: 503, body: { ready: false, down: ["freeswitch:b"] } });
    components.pop();
    const metrics = await ask("GET", "/metrics");
    t.match(metrics.text, /carillon_http_request_duration_seconds_count\{method="GET",route="\/api\/v1\/lists\/:id",status="200"\} \d/);
    t.notMatch(metrics.text, /route="\/api\/v1\/lists\/\d/, "ids make no series");
  });
});
