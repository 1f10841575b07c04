import type { ServerResponse } from "node:http";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { rulesOf } from "../../src/contact/lookup/exchange.ts";
import { Preflights } from "../../src/strategy/preflight-engine.ts";
import { SingleOrders } from "../../src/strategy/single-engine.ts";
import { Whys } from "../../src/strategy/why-engine.ts";
import { type Asked, json, lookup, openProvider } from "../contact/lookup-kit.ts";
import { until } from "../harness/far-side.ts";
import { campaignOf, listOf, openAsking, pulled, refusals } from "./lookup-campaign-kit.ts";
import { makeCampaign, openWorld, phone } from "./stores-kit.ts";

/* Campaigns that want something known of people before they contact them: a provider on a socket, the real claims. */

t.test("look-ups", async (t) => {
  const { stores } = await openWorld(t);
  const answers = new Map<string, (response: ServerResponse, asked: Asked) => void>();
  const provider = await openProvider(t, (response, asked) => {
    const [, what = ""] = asked.path.split("/");
    answers.get(what)?.(response, asked);
  });
  const subject = ({ path }: Asked) => decodeURIComponent(path.split("/")[2] ?? "");
  const askedFor = (what: string) => provider.asked.filter(({ path }) => path.startsWith(`/${what}/`)).map(subject);
  // Answers that are held back are waited for, on a busy machine, too.
  const quick = { maxPerSecond: 1000, maxConcurrent: 50, timeoutMs: 60_000 };
  const line = lookup({
    name: "line",
    kind: "line-type",
    url: `${provider.url}/line/{number}`,
    answer: "/type",
    fields: ["carrier=/carrier"],
    refuse: ["voip"],
    ...quick,
  });
  const rnd = lookup({
    name: "rnd",
    kind: "reassigned",
    url: `${provider.url}/rnd/{number}/{date}`,
    answer: "/reassigned",
    dateField: "since",
    retries: 0,
    ...quick,
  });
  const crm = lookup({
    name: "crm",
    kind: "customer",
    url: `${provider.url}/crm/{clientId}`,
    answer: "/blocked",
    reason: "/why",
    fields: ["balance=/balance"],
    retries: 0,
    ...quick,
  });
  const slow = lookup({
    name: "slow",
    kind: "line-type",
    url: `${provider.url}/slow/{number}`,
    answer: "/type",
    ...{ maxPerSecond: 1000, maxConcurrent: 1000, timeoutMs: 60_000 },
  });
  const typed = (response: ServerResponse, number: string) =>
    json(response, { type: number === phone(2) ? "voip" : "mobile", carrier: "Example Tel" });
  const types = (response: ServerResponse, asked: Asked) => typed(response, subject(asked));
  answers.set("line", types);
  const { account, pass, metrics } = await openAsking(t, stores, [line, rnd, crm, slow]);
  const whys = new Whys({ campaigns: stores.campaigns, candidates: stores.candidates, account, clock: systemClock });
  const preflights = new Preflights({ campaigns: stores.campaigns, candidates: stores.candidates, account, clock: systemClock });

  await t.test("a campaign may want those alone that some server has", async (t) => {
    const { id } = await makeCampaign(stores, { name: "unknown", people: 1, started: false });
    const want = (lookups: readonly string[]) => stores.safeguards.set(id, { requireConsent: false, suppressionLists: [], lookups }, "test");
    await t.rejects(want(["nowhere"]), { code: "lookup-unknown", message: /lookups: in the configuration/ });
    await t.rejects(want(["line", "line"]), { code: "lookup-invalid" });
    t.match(await want(["line", "crm"]), { lookups: ["line", "crm"] });
    t.equal((await stores.safeguards.find(id)).lookups?.length, 2);
    t.equal((await want([])).lookups, undefined);
    const copy = await campaignOf(stores, "copied", 1, ["line"]);
    const made = await stores.campaigns.copy(copy.id, "copied again");
    t.same((await stores.safeguards.find(made?.id ?? "")).lookups, ["line"], "a copy wants the same");
    await stores.campaigns.move(copy.id, "running", "stopping");
  });

  await t.test("people are asked about when their turn comes, wait aside, and are called in their order", async (t) => {
    const campaign = await campaignOf(stores, "lines", 6, ["line"]);
    const [first] = await stores.lists.contacts(campaign.listId, { limit: 1 });
    const before = await preflights.run(campaign.id);
    t.match(before, { contacts: 6, contacted: 6, notLookedUp: 6, refused: [] }, "the preflight says that nobody is looked up yet");
    t.match(await whys.why(campaign.id, first?.id ?? ""), { may: false, rule: "not-looked-up" });
    t.equal(askedFor("line").length, 0, "and asks nobody");
    await pass.start();
    const held = new Map<string, ServerResponse>();
    answers.set("line", (response, asked) => void held.set(subject(asked), response));
    const early: string[] = [];
    await until(async () => {
      early.push(...(await pass.pull(campaign.id, 6)).map(({ address }) => address));
      return held.size === 6;
    }, "six questions");
    t.same(early, [], "nobody is called before something is known");
    answers.set("line", types);
    for (const [number, response] of [...held].reverse()) typed(response, number);
    await until(async () => (await stores.pool.query("select from lookup_wait")).rowCount === 0, "six answers");
    t.same(await pulled(pass, campaign.id, 5), [1, 3, 4, 5, 6].map(phone), "in the order of the list");
    t.same(askedFor("line").sort(), [1, 2, 3, 4, 5, 6].map(phone), "once each: the first address, not the others");
    await until(async () => (await refusals(stores, campaign.id)).length === 2, "the refusal");
    t.same(await refusals(stores, campaign.id), [
      { rule: "line-type", people: 1, final: true },
      { rule: "not-looked-up", people: 6, final: false },
    ]);
    const after = await stores.lists.contacts(campaign.listId, { limit: 10 });
    t.equal(after[0]?.fields["carrier"], "Example Tel", "contacts know what was learnt");
    const kinds = (await stores.pool.query("select kind from address where contact_id = $1 order by position", [after[1]?.id])).rows;
    t.same(kinds, [{ kind: "unknown" }, { kind: "landline" }], "where a number of the Internet rings is not known");
    const why = await whys.why(campaign.id, after[1]?.id ?? "");
    t.match(
      why?.decisions.find(({ step }) => step === "look-ups"),
      { passed: false, rule: "line-type", saw: "line: voip" },
    );
    t.same((await stores.pool.query("select from lookup_wait")).rowCount, 0);
    t.match(await metrics.metrics(), /carillon_lookup_requests_total\{lookup="line",end="answered"\} 6/);

    const again = await campaignOf(stores, "lines again", 3, ["line"], { listId: campaign.listId });
    t.match(
      await preflights.run(again.id),
      { contacts: 6, contacted: 5, notLookedUp: 0, refused: [{ rule: "line-type", contacts: 1 }] },
      "what is known is not asked again",
    );
    await stores.campaigns.move(again.id, "running", "stopping");
  });

  await t.test("a server that does not answer holds up nobody else", async (t) => {
    const held: ServerResponse[] = [];
    answers.set("slow", (response) => void held.push(response));
    const waiting = await campaignOf(stores, "slow", 3, ["slow"]);
    const others = await campaignOf(stores, "others", 20, []);
    await pass.start();
    let early = 0;
    await until(async () => {
      early += (await pass.pull(waiting.id, 3)).length;
      return held.length === 3;
    }, "three questions");
    t.equal(early, 0);
    t.equal((await pulled(pass, others.id, 20)).length, 20);
    t.equal(await stores.work.unfinished(waiting), 3, "they are waited for");
    t.equal((await stores.campaigns.progress(waiting.id)).inFlight, 0, "and nothing is reserved meanwhile");
    for (const response of held) json(response, { type: "landline" });
    t.same([...(await pulled(pass, waiting.id, 3))].sort(), [1, 2, 3].map(phone));
  });

  await t.test("what fails: held, allowed or refused, and asked again", async (t) => {
    let broken = true;
    answers.set("rnd", (response) => json(response, broken ? {} : { reassigned: "no" }, broken ? 500 : 200));
    const load = await stores.contacts.openLoad({ name: "dated", append: false });
    const someone = (index: number, fields: Record<string, string>) => ({
      ...{ clientId: `d${index}`, timeZone: undefined, fields },
      addresses: [{ kind: "mobile" as const, number: phone(500 + index) }],
    });
    await load.add([someone(1, { since: "2024-05-01" }), someone(2, {})]);
    const { listId } = await load.commit();
    const campaign = await campaignOf(stores, "reassigned", 0, ["rnd"], { listId });
    await pass.start();
    const known = async (number: string) => (await stores.lookups.find(number))[0];
    await until(async () => {
      await pass.pull(campaign.id, 5);
      return (await known(phone(501)))?.state === "failed" && (await refusals(stores, campaign.id)).some(({ rule }) => rule === "reassigned");
    }, "both");
    t.match(await known(phone(501)), { state: "failed", reason: "it answers 500", dated: "2024-05-01" });
    t.match(await known(phone(502)), { state: "answered", word: "no-data", reason: "nothing says since when the number is theirs" });
    t.same(
      provider.asked.filter(({ path }) => path.startsWith("/rnd/")).map(({ path }) => path),
      [`/rnd/${encodeURIComponent(phone(501))}/2024-05-01`],
      "with the day; without one nobody is asked",
    );
    const [first, second] = await stores.lists.contacts(listId, { limit: 2 });
    await until(async () => (await whys.why(campaign.id, first?.id ?? ""))?.rule === "not-looked-up", "held");
    t.match(
      (await whys.why(campaign.id, first?.id ?? ""))?.decisions.find(({ step }) => step === "look-ups")?.saw,
      /^rnd: could not be asked \(it answers 500\); asked again from /,
    );
    t.match((await whys.why(campaign.id, second?.id ?? ""))?.decisions.find(({ step }) => step === "look-ups")?.saw, /^rnd: no-data \(nothing says/);
    const judged = (fallback: "allow" | "refuse") =>
      new Whys({
        campaigns: stores.campaigns,
        candidates: stores.candidates,
        account: { lookups: rulesOf([{ ...rnd, fallback }]) },
        clock: systemClock,
      });
    t.match(await judged("allow").why(campaign.id, first?.id ?? ""), { may: true });
    t.match(await judged("refuse").why(campaign.id, first?.id ?? ""), { may: false, rule: "lookup-failed" });
    broken = false;
    // Its quarter of an hour is over.
    await stores.pool.query("update lookup_answer set until = now() where state = 'failed'");
    await stores.pool.query("update work set due_at = now() where campaign_id = $1", [campaign.id]);
    t.same(await pulled(pass, campaign.id, 1), [phone(501)]);
  });

  await t.test("the customer's own database: fields, and who is not to be contacted", async (t) => {
    answers.set("crm", (response, asked) => json(response, { blocked: subject(asked) === "c1", why: "in court", balance: "12.5 \ud83d" }));
    const campaign = await campaignOf(stores, "customers", 2, ["crm"]);
    await pass.start();
    t.same(await pulled(pass, campaign.id, 1), [phone(2)]);
    t.same(askedFor("crm").sort(), ["c1", "c2"]);
    const [first, second] = await stores.lists.contacts(campaign.listId, { limit: 2 });
    t.match(second?.fields, { balance: "12.5 \ufffd", first_name: "Name 2" }, "what cannot be kept as it was said is kept all the same");
    t.match(
      (await whys.why(campaign.id, first?.id ?? ""))?.decisions.find(({ step }) => step === "look-ups"),
      { rule: "customer", saw: "crm: do-not-contact (in court)" },
    );
  });

  await t.test("somebody who is called by hand is asked about first; whoever asked for the call is not", async (t) => {
    const campaign = await campaignOf(stores, "by hand", 0, ["line"], { listId: await listOf(stores, "by hand", 700) });
    const orders = new SingleOrders({ singles: stores.singles, orders: pass, campaigns: stores.campaigns, account, clock: systemClock });
    const [person, other] = await stores.lists.contacts(campaign.listId, { limit: 2 });
    t.match(await orders.one(campaign.id, { contactId: other?.id ?? "", promised: true }), { address: phone(702) });
    t.match(await orders.one(campaign.id, { contactId: person?.id ?? "" }), { refused: "not-looked-up" });
    await until(async () => "address" in (await orders.one(campaign.id, { contactId: person?.id ?? "" })), "the answer");
    t.notOk(askedFor("line").includes(phone(702)));
  });

  await t.test("no more is asked ahead than a minute's questions", async (t) => {
    const held: ServerResponse[] = [];
    answers.set("slow", (response) => void held.push(response));
    const { pass: careful, close } = await openAsking(t, stores, [{ ...slow, maxPerSecond: 0.01 }]);
    const campaign = await campaignOf(stores, "many", 0, ["slow"], { listId: await listOf(stores, "many", 1000, 120) });
    await careful.start();
    const aside = async () => (await stores.pool.query("select from lookup_wait where campaign_id = $1", [campaign.id])).rowCount ?? 0;
    await until(async () => {
      await careful.pull(campaign.id, 200);
      return (await aside()) >= 50;
    }, "fifty put aside");
    for (let round = 0; round < 5; round++) t.same(await careful.pull(campaign.id, 200), []);
    // What a claim puts aside while it is counted comes on top.
    t.ok((await aside()) < 100, "the others stand where they stood");
    await close();
    for (const response of held) response.destroy();
  });
});
