import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { loadConfig } from "../../src/config/load.ts";
import { removePrompt, uploadPrompt } from "../../src/ivr/prompt-upload-engine.ts";
import { publishScript } from "../../src/ivr/publish-engine.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { speech } from "../../src/lab/media/speech.ts";
import { writeWav } from "../../src/lab/media/wav.ts";
import { openPrompts, promptPartsOf } from "../../src/start/prompts.ts";
import { openPublishing, ownThread } from "../../src/start/publishing.ts";
import { placeLoneCall } from "../../src/start/script-call.ts";
import { EndpointPool } from "../../src/voice/endpoint-pool-engine.ts";
import type { ReadyScript } from "../../src/voice/ports.ts";
import { ScriptLibrary } from "../../src/voice/script-engine.ts";
import { openWorld } from "../adapter/stores-kit.ts";
import { openFarSide, openNearSide, until } from "../harness/far-side.ts";

t.setTimeout(280_000);

const name = "hold/greeting.wav";
const source = `script: recorded
language: en-US
start: { human: hello }
steps:
  hello:
    menu: [{ file: ${name} }]
    first_digit_s: 1
    tries: 1
    keys: { "9": stop }
    no_input: bye
  stop: { suppress: { scope: account }, play: [{ say: "You will not be called again." }], end: opted_out }
  bye: { end: done }
`;
/** As loud as nothing is changed about it, and so that one is not taken for the other. */
const sounds = { old: speech({ durationMs: 900, loudness: 0.5 }, 11), new: speech({ durationMs: 700, loudness: 0.5 }, 12) };

t.test("what was uploaded is heard, on every node; a call plays to the end what it has ready", async (t) => {
  const { stores } = await openWorld(t);
  const far = await openFarSide({ seed: 7, speed: 4, personas: { numbers: { "+12125550101": "listener" } } });
  const near = await openNearSide(far);
  const pool = new EndpointPool(near.media, { maxOpening: 4, idleMs: 1000 }, far.clock, silentLog);
  t.teardown(async () => {
    await pool.close();
    await near.close();
    await far.close();
  });
  // What a second of waiting would do is done by turning it on.
  let ahead = 0;
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + ahead };
  const folder = t.testdir({ one: {}, two: {} });
  const config = loadConfig({ env: {}, flags: {}, purpose: "admin", cwd: folder });
  const nodeIn = (dir: string) => {
    const prompts = openPrompts({ prompts: { ...config.prompts, dir } }, clock, stores.prompts);
    t.teardown(() => prompts.close());
    const parts = { store: stores.scripts, reader: ownThread, prompts: prompts.store, attempts: stores.attempts };
    const webhooks = { configured: [], call: async () => ({ end: "timeout" as const }) };
    return { dir, prompts, scripts: new ScriptLibrary({ ...parts, webhooks, groups: new Map(), clock: far.clock, log: silentLog }) };
  };
  const [one, two] = [nodeIn(join(folder, "one")), nodeIn(join(folder, "two"))];
  const files = ({ dir }: typeof one) => readdirSync(dir, { recursive: true }).filter((file) => String(file).endsWith(".wav")).length;
  const upload = (sound: Int16Array) =>
    uploadPrompt(promptPartsOf(stores, one.prompts.store, ownThread), { name, sound: writeWav(sound), by: "user ada" });

  await upload(sounds.old);
  const publishing = openPublishing(config, stores.scripts, one.prompts, ownThread, stores.agents);
  const { published } = await publishScript(publishing, { file: "recorded.yaml", source, signature: { by: "user ada" } });
  const hears = async (ready: ReadyScript) => {
    const before = far.carrier.books.calls.length;
    const uri = `sip:+12125550101@127.0.0.1:${far.carrier.sipPort}`;
    const parts = { signalling: near.signalling, pool, clock: far.clock, log: silentLog };
    const call = { uri, from: "sip:carillon@127.0.0.1", ringTimeoutMs: 20_000, headers: {}, transfer: async () => "failed" as const };
    const end = await placeLoneCall(parts, { ...call, talk: (caller) => ready.run(caller, "1") });
    t.match(end, { answered: true, talked: { outcome: "done" } });
    await until(() => far.carrier.books.calls.length > before && far.carrier.books.legsUp().length === 0, "the call to be over");
    const record = far.carrier.books.calls.at(-1);
    const share = (sound: Int16Array) => (record ? far.carrier.books.heard(record, sound).fraction : 0);
    return share(sounds.old) > 0.97 ? (share(sounds.new) < 0.5 ? "old" : "both") : share(sounds.new) > 0.97 ? "new" : "neither";
  };

  const early = await one.scripts.prepare(published.id, {});
  t.equal(files(two), 0, "a node has what it plays, and no more");
  await upload(sounds.new);
  const late = await two.scripts.prepare(published.id, {});
  t.equal(await hears(early), "old", "made ready before: it plays what it has");
  t.equal(await hears(late), "new", "on a node that never heard of the old one");
  ahead += 1000;
  t.equal(await hears(await one.scripts.prepare(published.id, {})), "new", "a second later here as well");

  rmSync(two.dir, { recursive: true });
  ahead += 60_000;
  t.equal(await hears(await two.scripts.prepare(published.id, {})), "new", "a disk that was lost");
  const mark = stores.prompts.mark;
  stores.prompts.mark = () => Promise.reject(new Error("away"));
  ahead += 1000;
  t.ok(await one.scripts.prepare(published.id, {}), "while the database is away what is known and made goes on");
  stores.prompts.mark = mark;

  await t.rejects(removePrompt(promptPartsOf(stores, one.prompts.store, ownThread), name), { code: "prompt-in-use" });
  t.same(far.leaks(), []);
});
