import t from "tap";
import { type CampaignOrder, type CampaignState, campaignStates, stateAfter } from "../../src/strategy/campaign.ts";
import { checkCampaign, defaultWindow } from "../../src/strategy/new-campaign.ts";
import type { NewVoiceCampaign } from "../../src/strategy/ports.ts";
import { afterClaim, claimAgain, idleLookMs, nextReach, stateByItself } from "../../src/strategy/turn.ts";

t.test("which order fits which state", async (t) => {
  const table: Record<CampaignOrder, Partial<Record<CampaignState, CampaignState>>> = {
    start: { draft: "running", ready: "running" },
    pause: { running: "paused" },
    resume: { paused: "running" },
    stop: { draft: "stopped", ready: "stopped", running: "stopping", paused: "stopping" },
  };
  for (const order of Object.keys(table) as CampaignOrder[]) {
    for (const state of campaignStates) t.equal(stateAfter(state, order), table[order][state], `${order} when ${state}`);
  }
});

t.test("where a campaign goes by itself", async (t) => {
  const cases: [CampaignState, number, number, CampaignState | undefined][] = [
    ["running", 1, 0, undefined],
    ["running", 1, 1, undefined],
    ["running", 0, 0, "finished"],
    ["stopping", 5, 1, undefined],
    ["stopping", 5, 0, "stopped"],
    ["paused", 0, 0, undefined],
    ["draft", 0, 0, undefined],
    ["finished", 0, 0, undefined],
    ["stopped", 0, 0, undefined],
  ];
  for (const [state, unfinished, inFlight, next] of cases)
    t.equal(stateByItself(state, { unfinished, inFlight }), next, `${state}, ${unfinished} unfinished, ${inFlight} in flight`);
});

t.test("when to look again after a claim", async (t) => {
  const now = 1_000_000;
  const cases: [string, number | undefined, number, boolean][] = [
    ["more is due now", now, now, false],
    ["more was due before", now - 5, now, false],
    ["something is due soon", now + 700, now + 700, false],
    ["something is due tomorrow: another node may put something back before", now + 86_400_000, now + idleLookMs, false],
    ["nothing waits", undefined, now + idleLookMs, true],
  ];
  for (const [name, nextDueAt, lookAt, exhausted] of cases)
    t.same(afterClaim(now, { orders: 1, refused: 0, held: 0, nextDueAt }), { lookAt, exhausted }, name);

  const again: [string, number, number | undefined, number, boolean][] = [
    ["refused some, more are due, room left", 3, now, 2, true],
    ["no room left", 3, now, 0, false],
    ["nobody was refused: the others hold what is due", 0, now, 2, false],
    ["what is left is due later", 3, now + 1, 2, false],
    ["nothing is left", 3, undefined, 2, false],
  ];
  for (const [name, refused, nextDueAt, missing, wanted] of again)
    t.equal(claimAgain(now, { orders: 0, refused, held: 0, nextDueAt }, missing), wanted, name);
  t.equal(claimAgain(now, { orders: 0, refused: 3, held: 1, nextDueAt: now }, 2), false, "the limits of the campaign are reached");
});

t.test("how far the next claim looks", async (t) => {
  const cases: [string, number, number, number, number, number][] = [
    ["some could be called: as many as are missing", 2, 3, 5, 4, 4],
    ["nobody was refused", 0, 0, 5, 4, 4],
    ["everybody was: further", 0, 1, 1, 1, 40],
    ["and further", 0, 40, 40, 1, 160],
    ["not without end", 0, 900, 900, 1, 1000],
    ["never less than is missing", 0, 2000, 2000, 1500, 1500],
  ];
  for (const [name, orders, refused, reach, missing, wanted] of cases)
    t.equal(nextReach({ orders, refused, held: 0, nextDueAt: 0 }, reach, missing), wanted, name);
});

t.test("what keeps a campaign from being made", async (t) => {
  const good: NewVoiceCampaign = {
    name: "May",
    listId: "1",
    scriptVersionId: "1",
    trunk: "carrier-a",
    callerId: "+15550100100",
    maxCps: 1,
    maxLines: 1,
    ringTimeoutMs: 25_000,
    window: defaultWindow,
    defaultTimeZone: "America/Chicago",
  };
  const trunks = [
    { name: "carrier-a", callerIdPrefixes: ["+1555010"] },
    { name: "carrier-b", callerIdPrefixes: [] },
  ];
  const cases: [string, Partial<NewVoiceCampaign>, string[]][] = [
    ["nothing", {}, []],
    ["a trunk without prefixes shows any number", { trunk: "carrier-b", callerId: "+442079460000" }, []],
    ["no such trunk", { trunk: "carrier-c" }, ["trunk"]],
    ["a caller id that is not ours", { callerId: "+15559999999" }, ["callerId"]],
    ["no number at all", { callerId: "5550100100" }, ["callerId"]],
    ["a line break in it", { callerId: "+15550100100\r\nX: y" }, ["callerId"]],
    ["an unknown zone", { defaultTimeZone: "Chicago" }, ["defaultTimeZone"]],
    ["a window that ends before it starts", { window: { startMinute: 600, endMinute: 600, weekdays: [1] } }, ["window"]],
    ["a window beyond the day", { window: { startMinute: -1, endMinute: 1441, weekdays: [1] } }, ["window"]],
    ["no weekday", { window: { ...defaultWindow, weekdays: [] } }, ["window"]],
    ["weekdays that are none", { window: { ...defaultWindow, weekdays: [0] } }, ["window"]],
    ["a weekday twice", { window: { ...defaultWindow, weekdays: [1, 1] } }, ["window"]],
    ["ringing 14 s: the law wants 15", { ringTimeoutMs: 14_999 }, ["ringTimeoutMs"]],
    ["ringing for ever", { ringTimeoutMs: 120_001 }, ["ringTimeoutMs"]],
    ["no calls, no lines", { maxCps: 0, maxLines: 0 }, ["maxCps", "maxLines"]],
    ["numbers that are none", { maxCps: Number.NaN, maxLines: Number.NaN }, ["maxCps", "maxLines"]],
    ["all of it at once", { trunk: "x", callerId: "y", defaultTimeZone: "z" }, ["trunk", "callerId", "defaultTimeZone"]],
  ];
  for (const [name, change, fields] of cases) {
    const found = checkCampaign({ ...good, ...change }, trunks);
    t.same(
      found.map((finding) => finding.field),
      fields,
      name,
    );
  }
});
