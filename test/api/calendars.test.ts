import t from "tap";
import { silentLog } from "../../src/kernel/log.ts";
import { openCalendars } from "../../src/start/calendars.ts";
import { PassEngine } from "../../src/strategy/pass-engine.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";
import { asCsv, world } from "./world.ts";

t.setTimeout(280_000);

const csv = `client_id,phone,time_zone
c-1,+12125550101,America/New_York
c-2,+12135550102,America/Los_Angeles
`;
const everyHour = { startMinute: 0, endMinute: 1440, weekdays: [1, 2, 3, 4, 5, 6, 7] };
const calendars = "/api/v1/calendars";

t.test("calendars of the account's own: in versions, held by the gate, and what they held back comes again when they change", async (t) => {
  const { ask, stores } = await world(t);
  // Monday noon in New York, in a year on which no clock of a machine stands.
  const clock = new VirtualClock(Date.parse("2035-03-05T17:00Z"));
  await ask("POST", "/api/v1/lists?name=april", csv, asCsv);
  const { id: scriptVersionId } = await stores.scripts.publish("greeting", "script: greeting", { by: "test" });
  const draft = (name: string, holidays: readonly string[]) =>
    stores.campaigns.create({
      ...{ name, listId: "1", scriptVersionId, trunk: "carrier-a", callerId: "+15550100100", maxCps: 100, maxLines: 100, ringTimeoutMs: 25_000 },
      ...{ window: { ...everyHour, holidays }, defaultTimeZone: "America/New_York" },
    });
  const office = { meaning: "nobody is in", days: ["2035-03-05..2035-03-09"] };

  // What is wrong is told, and nothing is kept.
  t.match(await ask("PUT", `${calendars}/our-office`, { ...office, days: ["13-01"] }), {
    status: 422,
    body: { code: "calendar-invalid", detail: /day 1: 13-01 is no day/ },
  });
  t.match(await ask("PUT", `${calendars}/Office`, office), { status: 400 });
  t.match(await ask("PUT", `${calendars}/our-office`, { ...office, more: 1 }), { status: 400 });
  await t.rejects(draft("april", ["our-office"]), { code: "calendar-unknown", message: /no calendar our-office/ });

  t.match(await ask("PUT", `${calendars}/our-office`, office), { status: 201, body: { version: 1, changedBy: "key test" } });
  t.match(await ask("PUT", `${calendars}/our-office`, office), { status: 200, body: { version: 1 } }, "the same again");
  const campaign = await draft("april", ["our-office"]);
  const change = (name: string, holidays: readonly string[]) => stores.campaigns.change(name, { window: { ...everyHour, holidays } }, "user test");
  await t.rejects(change(campaign.id, ["my-office"]), { code: "calendar-unknown" });

  // A node that opened before they changed.
  const book = await openCalendars(stores.calendars, clock, silentLog);
  t.teardown(() => book.close());
  const parts = { work: stores.work, campaigns: stores.campaigns, account: { calendars: book }, clock, log: silentLog, node: "node-1" };
  const engine = new PassEngine(parts);
  t.teardown(() => engine.close());
  const pulled = async () => (await engine.pull(campaign.id, 10)).map(({ address }) => address);
  await engine.order(campaign.id, "start");
  t.same(await pulled(), []);
  t.match(await ask("GET", `/api/v1/campaigns/${campaign.id}/progress`), { body: { refusals: { holiday: 2 } } });

  // The closure turns out to be one of New York alone: who is elsewhere is called at once, and not next week.
  const local = { ...office, days: ["US-NY: 2035-03-05..2035-03-09"] };
  t.match(await ask("PUT", `${calendars}/our-office`, local), { status: 200, body: { version: 2 } });
  await book.look();
  await clock.advance(10_000);
  t.same(await pulled(), ["+12135550102"]);
  // Hours of the campaign itself hold at once too.
  t.ok(await change(campaign.id, ["2035-03-06"]));
  await clock.advance(10_000);
  await engine.start();
  t.same(await pulled(), ["+12125550101"]);

  // Besides, the campaign may keep the hours of other places.
  const safeguards = `/api/v1/campaigns/${campaign.id}/safeguards`;
  const wish = { requireConsent: false, suppressionLists: [] };
  t.match(await ask("PUT", safeguards, { ...wish, laws: ["US-XX"] }), {
    status: 422,
    body: { code: "law-unknown", detail: /US-XX; there are US, US-AL/ },
  });
  t.match(await ask("PUT", safeguards, { ...wish, laws: ["US-FL"] }), { status: 200, body: { laws: ["US-FL"] } });
  t.same((await stores.campaigns.find(campaign.id))?.laws, ["US-FL"]);
  t.same((await stores.campaigns.copy(campaign.id, "april again"))?.laws, ["US-FL"], "a copy keeps them too");
  t.match(await ask("PUT", safeguards, wish), { status: 200 });
  t.equal((await stores.campaigns.find(campaign.id))?.laws, undefined);

  t.ok(await change(campaign.id, ["our-office"]));
  t.match(await ask("DELETE", `${calendars}/our-office`), { status: 409, body: { code: "calendar-in-use", detail: /holidays of april: change/ } });
  t.ok(await change(campaign.id, []));
  t.match(await ask("DELETE", `${calendars}/our-office`), { status: 204 });
  t.match(await ask("DELETE", `${calendars}/our-office`), { status: 404, body: { code: "calendar-unknown" } });
  t.match(await ask("GET", `${calendars}/our-office`), { status: 404 });
  t.same((await ask("GET", calendars)).body.items, []);
  await t.rejects(draft("may", ["our-office"]), { code: "calendar-unknown" });
  const versions = (await stores.calendars.history("our-office")).map(({ version, removed }) => [version, removed]);
  t.same(
    versions,
    [
      [3, true],
      [2, false],
      [1, false],
    ],
    "what held is kept",
  );
  await t.rejects(stores.pool.query("update account_calendar set days = '{}'"), /append-only|refuse|never/);
});
