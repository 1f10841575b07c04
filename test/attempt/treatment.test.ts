import t from "tap";
import { type Result, resultNames } from "../../src/attempt/result.ts";
import { defaultRetries, dueAgain, retryRefused, settle } from "../../src/attempt/treatment.ts";
import { checkCampaign, defaultWindow, retriesOver } from "../../src/strategy/new-campaign.ts";
import type { NewVoiceCampaign } from "../../src/strategy/ports.ts";

const retry = { afterS: 600, atMost: 2 };

t.test("whom a campaign may call again, and whom never", async (t) => {
  const may: readonly Result[] = ["no-answer", "busy", "machine", "fax", "sit", "silence", "congestion", "carrier-fault", "dropped"];
  for (const result of resultNames) {
    const refused = retryRefused(result, retry);
    t.equal(refused === undefined, may.includes(result), `${result}: ${refused ?? "may"}`);
  }
  for (const result of ["human", "rejected", "abandoned", "interrupted", "machine-message"])
    t.match(retryRefused(result, retry), new RegExp(`^nobody is called again after ${result}: .{10}`), "with the reason");
  t.equal(retryRefused("engaged", retry), "engaged is not a result of a call");
  t.equal(retryRefused("constructor", retry), "constructor is not a result of a call");
  t.match(retryRefused("busy", { afterS: 59, atMost: 1 }), /afterS must be .* from 60/);
  t.match(retryRefused("busy", { afterS: 60, atMost: 1.5 }), /atMost must be/);
  for (const [result, each] of Object.entries(defaultRetries)) t.equal(retryRefused(result, each), undefined, `${result} by default`);
});

t.test("what comes after each result of the next attempt", async (t) => {
  const retries = { busy: { afterS: 600, atMost: 2 }, "carrier-fault": { afterS: 300, atMost: 1 } };
  t.same(settle(retries, {}), { busy: 600, "carrier-fault": 300 });
  t.same(settle(retries, { busy: 1 }), { busy: 600, "carrier-fault": 300 }, "each result is counted for itself");
  t.same(settle(retries, { busy: 2, "carrier-fault": 1 }), {}, "often enough");
  t.same(settle({ human: retry }, {}), {}, "never, however it got there");
  t.equal(dueAgain({ busy: 600 }, "busy", 1000), 601_000);
  t.equal(dueAgain({ busy: 600 }, "human", 1000), undefined);
  t.equal(dueAgain(undefined, "busy", 1000), undefined, "a campaign that calls nobody again");
});

t.test("what its maker says goes over the defaults", async (t) => {
  t.same(retriesOver(defaultRetries), defaultRetries);
  t.same(retriesOver(defaultRetries, { busy: retry, congestion: { afterS: 60, atMost: 0 } }), {
    "carrier-fault": defaultRetries["carrier-fault"],
    busy: retry,
  });
  const campaign: NewVoiceCampaign = {
    name: "again",
    listId: "1",
    scriptVersionId: "1",
    trunk: "a",
    callerId: "+15550100100",
    maxCps: 1,
    maxLines: 1,
    ringTimeoutMs: 25_000,
    window: defaultWindow,
    defaultTimeZone: "America/New_York",
    retries: { human: retry, busy: { afterS: 1, atMost: 1 } },
  };
  t.same(
    checkCampaign(campaign, [{ name: "a", callerIdPrefixes: [] }]).map(({ field }) => field),
    ["retries", "retries"],
    "every fault at once",
  );
});
