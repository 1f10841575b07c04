import t from "tap";
import { defaultRetries } from "../../src/attempt/treatment.ts";
import { asCsv, asYaml, csv, script, world } from "./world.ts";

t.setTimeout(280_000);

t.test("a campaign says after which results it calls again, and is told which it may not", async (t) => {
  const { ask } = await world(t);
  const { body: list } = await ask("POST", "/api/v1/lists?name=april", csv, asCsv);
  await ask("POST", "/api/v1/scripts", script, asYaml);
  const campaign = {
    listId: list["listId"],
    script: "greeting",
    trunk: "carrier-a",
    callerId: "+15550100100",
    maxCps: 1,
    maxLines: 1,
    defaultTimeZone: "America/New_York",
  };
  const make = (name: string, retries?: object) => ask("POST", "/api/v1/campaigns", { ...campaign, name, ...(retries && { retries }) });
  t.match(await make("Plain"), { status: 201, body: { retries: defaultRetries } });
  const busy = { afterS: 1800, atMost: 2 };
  const made = await make("Busy", { busy, congestion: { afterS: 300, atMost: 0 } });
  t.equal(made.status, 201);
  const kept = (await ask("GET", `/api/v1/campaigns/${made.body["id"]}`)).body["retries"];
  t.same(kept, { "carrier-fault": defaultRetries["carrier-fault"], busy }, "over the defaults");
  t.match(await make("Again and again", { human: busy, engaged: busy }), {
    status: 422,
    body: {
      code: "campaign-invalid",
      errors: [
        { pointer: "/retries", message: /nobody is called again after human: somebody answered/ },
        { pointer: "/retries", message: "engaged is not a result of a call" },
      ],
    },
  });
  for (const wrong of [{ busy: { afterS: 10, atMost: 2 } }, { busy: { afterS: 600 } }, { busy: { ...busy, forS: 1 } }, { busy: 2 }])
    t.equal((await make("Wrong", wrong)).status, 400, JSON.stringify(wrong));
  t.match((await ask("GET", `/api/v1/campaigns/${made.body["id"]}/progress`)).body, { waiting: 3, again: 0 });
});
