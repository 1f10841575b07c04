import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import t from "tap";
import { issueKey } from "../../src/access/access-engine.ts";
import { until } from "../harness/far-side.ts";
import { openFolder, openLab } from "../harness/lab-process.ts";
import { portForAnother } from "../harness/ports.ts";
import { isAlive, startServe } from "../harness/serve-process.ts";
import { openCampaign, scripts } from "./kill-kit.ts";

/* People who call a running server, and what becomes of them when it dies. */

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
const goodbye = fileURLToPath(new URL("../../freeswitch/sounds/carillon/goodbye.wav", import.meta.url));
const known = "+12125550301";
const ours = "+15550100000";

t.setTimeout(280_000);
t.comment(`TEST_SEED=${seed}`);

t.test("callers are answered; when the server dies they hear a goodbye and are hung up on, and the next ones are answered", async (t) => {
  const lab = await openLab(t, seed, 0.3);
  await lab.post("/references", { goodbye });
  const folder = openFolder(t);
  const campaign = await openCampaign(t, lab, { folder, node: "callers" }, scripts.reminder, [known], { maxCps: 10, maxLines: 2 });
  const settings = JSON.parse(readFileSync(campaign.config, "utf8"));
  writeFileSync(campaign.config, JSON.stringify({ ...settings, trunks: [{ ...settings.trunks[0], inbound: true }] }));
  const { text: key } = await issueKey(campaign.stores.keys, "test");
  const server = startServe(t, campaign.config, await portForAnother());
  const worker = await server.ready();
  await campaign.stores.inbound.answerWith(campaign.id, "callers");

  // Its caller id is a number of ours without being added.
  const place = async (persona: string) => {
    const response = await fetch(`${lab.addresses.control}/calls`, { method: "POST", body: JSON.stringify({ from: known, to: ours, persona }) });
    return ((await response.json()) as { callId: string }).callId;
  };
  const call = async (callId: string) => {
    const found = (await lab.books()).find((one) => one.callId === callId);
    if (found?.state === "rejected") throw new Error(`refused: ${found.finalStatus}`);
    return found;
  };
  const stays = await place("does:hear 200ms then stay");
  await until(async () => ((await call(stays))?.audio.soundMs ?? 0) > 200, "the caller to hear us", 15_000);
  process.kill(worker, "SIGKILL");
  await until(async () => (await call(stays))?.state === "ended", "the caller to be hung up on", 15_000);
  t.ok(
    ((await call(stays))?.heard ?? []).some(({ name, fraction }) => name === "goodbye" && fraction > 0.8),
    `a goodbye was heard (seed ${seed})`,
  );
  t.notOk(isAlive(worker));
  await server.ready(worker);
  const listed = () => campaign.stores.attemptReader.attempts(campaign.id, { inbound: true }, { limit: 10 });
  await until(async () => (await listed()).some(({ result }) => result === "interrupted"), "the row to be ended");

  const next = await place("opt-out");
  await until(async () => (await call(next))?.state === "ended", "the next call", 20_000);
  await until(async () => (await listed()).length === 2 && (await listed())[1]?.result !== undefined, "its row");
  t.match(await listed(), [
    { calledNumber: ours, address: known, result: "interrupted" },
    { result: "human", outcome: "opted_out" },
  ]);
  t.match(await campaign.stores.inbound.callersOf(campaign.id), { script: "callers", onTheLine: 0, results: { human: 1, interrupted: 1 } });
  const metrics = await fetch(`${server.api}/metrics`, { headers: { authorization: `Bearer ${key}` } });
  t.match(await metrics.text(), /carillon_inbound_calls_total\{campaign="callers",result="human"\} 1/);
  await until(async () => (await lab.channels()).channels.length === 0, "no channel to be left", 20_000);
});
