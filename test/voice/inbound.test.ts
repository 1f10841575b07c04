import t from "tap";
import { until } from "../harness/far-side.ts";
import { loadCampaign, noLeaks, numberOf, openServer, seed } from "./calls-kit.ts";
import { inboundScript, openInbound } from "./inbound-kit.ts";

/* People who call: everything from the INVITE to the row, with the lab's carrier as the far side. */

const ours = numberOf("+12125550100");
const known = numberOf("+15550130001");
const leaver = numberOf("+15550130002");
const stranger = "+15550139999";

t.setTimeout(280_000);

t.test("who calls a number of ours is known, is heard, and may opt out", async (t) => {
  const server = await openServer(t, {}, { inbound: true });
  t.teardown(() => server.close());
  const { stores, far } = server;
  const campaign = await loadCampaign(server, "callers", [known, leaver]);
  await stores.scripts.publish("inbound-test", inboundScript);
  await stores.inbound.create({ number: ours, name: "main", campaignId: campaign.id, script: "inbound-test" });
  const inbound = await openInbound(server);
  const list = () => stores.attemptReader.attempts(campaign.id, { inbound: true }, { limit: 100 });
  const call = (from: string, persona: string, to: string = ours) => far.carrier.place({ from, to, persona });
  const books = async (callId: string) => {
    await until(() => !["ringing", "up"].includes(far.carrier.books.summary(bookOf(callId)).state), `the end of ${callId}`);
    return far.carrier.books.summary(bookOf(callId));
  };
  const bookOf = (callId: string) => {
    const record = far.carrier.books.call(callId);
    if (!record) throw new Error(`no call ${callId}`);
    return record;
  };

  const calls = await Promise.all([call(known, "does:hear then press 1"), call(leaver, "does:hear then press 9"), call(stranger, "listener")]);
  const ends = await Promise.all(calls.map(books));
  for (const end of ends) {
    t.match(end, { state: "ended", placed: true, finalStatus: 200 }, `answered (seed ${seed})`);
    t.ok((end.audio.answerToSoundMs ?? 9999) < 2000, "no silence");
  }
  await until(async () => (await list()).filter(({ result }) => result !== undefined).length === 3, "three rows");
  const rows = await list();
  const rowOf = (address: string) => rows.find((row) => row.address === address);
  t.match(rowOf(known), { campaignId: campaign.id, calledNumber: ours, result: "human", outcome: "pressed_one", callId: calls[0] });
  t.match(rowOf(leaver), { result: "human", outcome: "opted_out" });
  t.match(rowOf(stranger), { contactId: undefined, result: "human", outcome: "no_input" });
  t.not(rowOf(known)?.contactId, undefined);

  const detail = await stores.attemptReader.attempt(rowOf(known)?.id ?? "");
  t.same(detail?.path, ["hello", "one"]);
  t.match(detail?.script, { name: "inbound-test" });
  t.match(detail?.ladder?.legs, [{ name: "from trunk lab", callId: calls[0] }]);
  const sip = detail?.ladder?.rungs.flatMap((rung) => ("sip" in rung ? [rung.sip.method ?? rung.sip.status] : []));
  t.same(sip?.slice(0, 3), ["INVITE", 180, 200]);
  const hangUps = detail?.ladder?.rungs.flatMap((rung) => ("media" in rung && rung.media.event === "hang-up" ? [rung.media.text] : []));
  t.same(hangUps, ["by us"]);

  const progress = await stores.campaigns.progress(campaign.id);
  t.match(progress, { inFlight: 0, results: {} }, "no attempt of the campaign");
  const suppressed = await stores.pool.query("select number from suppression where attempt_id = $1", [rowOf(leaver)?.id]);
  t.same(
    suppressed.rows.map(({ number }) => number),
    [leaver],
  );
  t.same(
    inbound.ended.map(({ campaign: name, result, calls: count }) => [name, result, count]),
    [["callers", "human", 3]],
  );

  await t.test("who hides is heard, and is not promised what cannot be kept", async (t) => {
    const callId = await far.carrier.place({ from: "anonymous", to: ours, persona: "does:hear then press 9" });
    const end = await books(callId);
    t.equal(end.state, "ended");
    await until(async () => (await list()).some(({ address, result }) => address === "anonymous" && result !== undefined), "the row");
    t.match(
      (await list()).find(({ address }) => address === "anonymous"),
      { result: "dropped", outcome: "lost" },
    );
    t.equal((await stores.pool.query("select 1 from suppression where number not like '+%'")).rowCount, 0);
  });

  await t.test("who gives up is in the book; numbers that are not ours, trunks that bring no calls, and a full trunk are refused", async (t) => {
    const { responses } = await books(await call(known, "person", "+12125550199"));
    const told = responses.filter(({ status }) => status > 100).map(({ status }) => status);
    t.same(told, [404], "it does not ring at a number that nobody has");
    const { signalling } = server.near;
    for (const { name } of signalling.servers) signalling.drain(name, true);
    t.match(await books(await call(known, "person")), { finalStatus: 503 });
    for (const { name } of signalling.servers) signalling.drain(name, false);
    server.trunks.set([{ ...far.trunk, inbound: false }], []);
    t.match(await books(await call(known, "person")), { finalStatus: 403 });
    server.trunks.set([{ ...far.trunk, inbound: true, inboundFrom: ["203.0.113.0/28"] }], []);
    t.match(await books(await call(known, "person")), { finalStatus: 403 });
    server.trunks.set([{ ...far.trunk, inbound: true, maxChannels: 1 }], []);
    const first = await call(stranger, "does:wait 1s then hang up");
    await until(() => far.carrier.books.legsUp().some(({ callId, state }) => callId === first && state === "up"), "the first to be answered");
    t.match(await books(await call(known, "person")), { finalStatus: 486 });
    await books(first);
    t.same(Object.fromEntries(inbound.refused), { "unknown-number": 1, draining: 1, "not-inbound": 1, "unknown-source": 1, busy: 1 });
    server.trunks.set([{ ...far.trunk, inbound: true }], []);
  });

  await t.test("without a script the message is heard", async (t) => {
    await stores.inbound.change(ours, { script: null, message: "We will call you back." });
    t.match(await books(await call(known, "listener")), { state: "ended", endedBy: "called" });
    await until(async () => (await list()).some(({ outcome }) => outcome === "message"), "the row");
  });

  await inbound.close();
  t.match(await books(await call(known, "person")), { finalStatus: 503 }, "when we are closed nobody asks for calls");
  await noLeaks(t, server);
});
