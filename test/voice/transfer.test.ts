import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";
import type { Broken } from "../../src/ivr/ports.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { LabFreeswitch } from "../../src/lab/freeswitch/lab-freeswitch.ts";
import { readWav } from "../../src/lab/media/wav.ts";
import { EndpointPool } from "../../src/voice/endpoint-pool-engine.ts";
import { ring } from "../../src/voice/invite-session.ts";
import { type PeerIds, transferOver } from "../../src/voice/transfer-session.ts";
import { openTries, Trunks } from "../../src/voice/trunk-engine.ts";
import { labPassword, openFarSide, openNearSide, until } from "../harness/far-side.ts";
import { sideBySide } from "../harness/side-by-side.ts";
import { numberOf } from "./calls-kit.ts";

const seed = Number(process.env["TEST_SEED"] ?? 4711);
t.comment(`TEST_SEED=${seed}`);
/** Any recording will do. */
const recording = fileURLToPath(new URL("../../freeswitch/sounds/carillon/goodbye.wav", import.meta.url));
const person = numberOf("+12125550100");
const desk = "+15550100300";
const common = { log: silentLog, host: "127.0.0.1", eslPort: 0, sipPort: 0 };

t.setTimeout(280_000);
const parts = sideBySide(t, 4);

parts.test("when their time is up the two are parted, and the script goes on with the person", (t) => overTransfer(t, "agent", 500));
parts.test("the same when their sound is on different servers, because the first has no room for both", (t) => overTransfer(t, "agent", 500, true));
parts.test("the same when the second one hangs up", (t) => overTransfer(t, "does:speak then wait 500ms then hang up"));
parts.test("the same when they do, and their sound is on different servers", (t) =>
  overTransfer(t, "does:speak then wait 500ms then hang up", undefined, true),
);

async function overTransfer(t: Test, second: string, maxTalkMs?: number, apart = false): Promise<void> {
  const far = await openFarSide({ seed, personas: { numbers: { [person]: "listener", [desk]: second } } });
  const other = new LabFreeswitch({ ...common, clock: far.clock, ticker: far.newTicker(), random: seededRandom(seed + 1), password: labPassword });
  await other.listen();
  const mediaServers = [
    { name: "fs-1", port: far.freeswitch.eslPort, maxSessions: apart ? 2 : 1000 },
    { name: "fs-2", port: other.eslPort },
  ];
  const near = await openNearSide(far, { mediaServers });
  await until(() => near.media.servers.every(({ state }) => state === "up"), "both servers to be connected");
  const { books } = far.carrier;
  books.addReference("recording", readWav(readFileSync(recording)));
  const pool = new EndpointPool(near.media, { maxOpening: 5, idleMs: 1000 }, far.clock, silentLog);
  const [endpoint, taken] = await pool.acquire(2, "fs-1");
  if (!endpoint || !taken) throw new Error("there is no endpoint");
  const order = {
    leg: near.signalling.nameLeg(),
    trunk: { ...far.trunk, codecs: ["PCMA"] },
    to: person,
    callerId: "+15550100000",
    ringTimeoutMs: 15_000,
    headers: {},
  } as const;
  const rung = await ring(near.signalling, far.clock, order, endpoint, { sent() {}, ringing() {} }).end;
  if (!rung.answered) throw new Error("the person does not answer");
  await endpoint.attach(rung.sdp);
  const { agent } = far.carrier;
  const { onInvite } = agent;
  const offers: (string | undefined)[] = [];
  agent.onInvite = (call) => {
    offers.push(/^m=audio \d+ RTP\/AVP (.*)$/m.exec(call.offer ?? "")?.[1]?.trim());
    onInvite(call);
  };
  const notes: (readonly [string, string])[] = [];
  const ways = new Trunks([far.trunk], [], far.clock).find(far.trunk.name);
  const transfer = transferOver({
    ...near,
    signalling: () => near.signalling,
    pool,
    clock: far.clock,
    log: silentLog,
    callerId: order.callerId,
    headers: {},
    open: (suits) => ways && openTries(ways, suits),
    note: async (state: string, { mediaServer }: PeerIds) => {
      notes.push([state, mediaServer]);
    },
  });
  const left = rung.dialog.ended.then((): Broken => "hung-up");
  const request = { to: [desk], ringTimeoutMs: 15_000, holdPrompts: [], whisperPrompts: [], withdraw: new AbortController().signal };
  t.equal(await transfer({ ...request, ...(maxTalkMs && { maxTalkMs }) }, { endpoint, left }), "talked");
  t.ok(await near.media.waits("fs-1", endpoint.id), "FreeSWITCH has parted them by then: what it is told meanwhile it loses");
  const server = apart ? "fs-2" : "fs-1";
  t.same(notes, [
    ["dialling", server],
    ["dialled", server],
    ["connected", server],
  ]);
  t.same(offers, ["8 0 101 13"], "they shall speak the same codec");
  t.equal(await endpoint.play([{ path: recording, durationMs: 3500 }]), "played");
  const callTo = (number: string) => books.toJSON().calls.find(({ called }) => called === number);
  t.match(callTo(person)?.heard, [{ name: "recording", complete: true }], "what comes next is heard to its end");
  t.match(callTo(desk), { state: "ended", endedBy: maxTalkMs ? "caller" : "carrier", heard: [] }, "by the person alone; the other one is gone");
  await rung.dialog.end();
  await Promise.all([endpoint.close(), taken.close()]);
  await pool.close();
  await until(() => far.leaks().length === 0, `everything to be released: ${far.leaks().join("; ")}`);
  await until(() => other.open.channels === 0, "and on the other server");
  t.same(other.unknownCommands, []);
  await near.close();
  await far.close();
  await other.close();
}
