import t from "tap";
import { asCsv, asYaml, csv, script, world } from "./world.ts";

t.setTimeout(280_000);

t.test("a campaign's detection is kept as it was asked for, and refused with its place and reason", async (t) => {
  const { ask } = await world(t);
  const { body: list } = await ask("POST", "/api/v1/lists?name=april", csv, asCsv);
  await ask("POST", "/api/v1/scripts", script, asYaml);
  const campaign = {
    name: "Heard",
    listId: list["listId"],
    script: "greeting",
    trunk: "carrier-a",
    callerId: "+15550100100",
    maxCps: 1,
    maxLines: 1,
    defaultTimeZone: "America/New_York",
  };
  const make = (amd: object | undefined, name: string) => ask("POST", "/api/v1/campaigns", { ...campaign, name, ...(amd && { amd }) });
  const amd = {
    profile: "b2b",
    tuning: { greetingMs: 5000, beep: { minMs: 90, maxMs: 1500, minHz: 380, maxHz: 2300, quietAfterMs: 160 } },
    actions: { machine: "hang-up" },
  };
  const made = await make(amd, "Heard");
  t.match(made, { status: 201, body: { amd } });
  t.same((await ask("GET", `/api/v1/campaigns/${made.body["id"]}`)).body["amd"], amd);
  const plain = await make(undefined, "Not heard");
  t.equal(plain.status, 201);
  t.notOk("amd" in plain.body, "off unless it is asked for");
  t.match(await make({ profile: "b2c", holdoutShare: 0.1 }, "Held out"), {
    status: 422,
    body: { code: "campaign-invalid", errors: [{ pointer: "/amd", message: /needs mode progressive or predictive/ }] },
  });
  const wrong: readonly [object, string][] = [
    [{ profile: "b2d" }, "/amd/profile"],
    [{ profile: "b2c", greetingMs: 3000 }, "/amd"],
    [{ profile: "b2c", tuning: { greetingMs: "3000" } }, "/amd/tuning/greetingMs"],
    [{ profile: "b2c", actions: { human: "hang-up" } }, "/amd/actions"],
    [{ profile: "b2c", actions: { silence: "message" } }, "/amd/actions/silence"],
  ];
  for (const [asked, pointer] of wrong) {
    const { status, body } = await make(asked, "Wrong");
    t.equal(status, 400, JSON.stringify(asked));
    t.ok(JSON.stringify(body["errors"]).includes(pointer), `${pointer}: ${JSON.stringify(body["errors"])}`);
  }
});
