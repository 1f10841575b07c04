import t from "tap";
import { asYaml, world } from "./world.ts";

const waves = (template: string) => `# first a text
name: waves
events: { payment-received: stop }
passes:
  text: { channel: sms, template: ${template}, sender: main, after: { delivered: { pass: call, after: 24 h } } }
  call: { channel: voice-ivr, script: note, trunk: main, caller_id: "+15550100100" }
`;

t.test("strategies over the API", async (t) => {
  const { ask } = await world(t);
  const path = "/api/v1/strategies";
  const first = await ask("POST", path, waves("one"), asYaml);
  t.match(
    [first.status, first.body],
    [201, { name: "waves", version: 1, fresh: true, publishedBy: "key test", passes: [{ name: "text", channel: "sms" }, { name: "call" }] }],
  );
  t.equal(first.headers["location"], `${path}/waves/versions/1`);
  t.match([(await ask("POST", path, waves("one"), asYaml)).status], [200]);
  const passes = { letter: { channel: "email", template: "note", sender: "main" } };
  t.match(await ask("POST", path, { name: "waves", passes }), { status: 201, body: { version: 2, passes: [{ name: "letter" }] } });
  t.match((await ask("GET", path)).body.items, [{ name: "waves", version: 2 }]);
  t.match((await ask("GET", `${path}/waves/versions?limit=1`)).body, { items: [{ version: 2 }], next: /./ });
  t.match((await ask("GET", `${path}/waves/versions/1`)).body, { current: false, first: "text", source: waves("one") });
  const { body } = await ask("GET", `${path}/waves`);
  t.match(body, { version: 2, current: true });
  t.same(JSON.parse(String(body["source"])), { name: "waves", passes });
  t.match(await ask("GET", `${path}/none`), { status: 404, body: { code: "strategy-unknown" } });
  t.match(await ask("GET", `${path}/waves/versions/9`), { status: 404, body: { code: "strategy-unknown" } });

  for (const kind of ["strategies", "templates", "scripts"])
    t.match(
      await ask("POST", `/api/v1/${kind}`),
      { status: 400, body: { code: "request-invalid", detail: /body is missing/ } },
      `${kind}: nothing at all`,
    );
  t.match(await ask("POST", path, "a,b\n", { "content-type": "text/csv" }), { status: 415, body: { code: "media-type" } }, "a file of another kind");

  const refusals: [unknown, Record<string, string>, unknown][] = [
    [
      waves("one").replace("pass: call", "pass: cal"),
      asYaml,
      [{ pointer: "5:76", message: /^\/passes\/text\/after\/delivered\/pass: .*Did you mean call\?/ }],
    ],
    [waves("one").replace("events", "event"), asYaml, [{ pointer: "3:1", message: /Did you mean events\?/ }]],
    [
      { name: "waves", passes: { letter: { ...passes.letter, who: { result: "humen" } } } },
      {},
      [{ pointer: "/passes/letter/who/result", message: /human/ }],
    ],
    [
      waves("one").replace("trunk: main,", "trunk: main, mode: ivr-power, pacing: { lines_per_port: 2 },"),
      asYaml,
      [{ pointer: /^6:/, message: /^\/passes\/call\/pacing: .*ivr-power needs ports/ }],
    ],
    [
      waves("one").replace("trunk: main,", "trunk: main, amd: { profile: b2c, tuning: { nothing: 1 } },"),
      asYaml,
      [{ pointer: /^6:/, message: /^\/passes\/call\/amd: .*tuning/ }],
    ],
    [{ name: "waves" }, {}, [{ pointer: "/passes" }]],
    [[1], {}, [{ pointer: /^/ }]],
    ["just text", asYaml, [{ pointer: "1:1" }]],
    ["a: [[[[[[[[[[[[[", asYaml, [{ message: /deeply/ }]],
  ];
  for (const [wrong, headers, errors] of refusals) {
    const answer = await ask("POST", path, wrong, headers);
    if (Array.isArray(wrong)) t.ok(answer.status === 400 || answer.status === 422);
    else t.match([answer.status, answer.body], [422, { code: "strategy-invalid", errors }], JSON.stringify(wrong));
  }
  t.match((await ask("GET", `${path}/waves`)).body, { version: 2 }, "nothing of that was written");
});
