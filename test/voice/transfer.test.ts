import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { Broken } from "../../src/ivr/ports.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { readWav } from "../../src/lab/media/wav.ts";
import { EndpointPool } from "../../src/voice/endpoint-pool-engine.ts";
import { ring } from "../../src/voice/invite-session.ts";
import { type PeerIds, transferOver } from "../../src/voice/transfer-session.ts";
import { openFarSide, openNearSide, until } from "../harness/far-side.ts";
import { numberOf } from "./calls-kit.ts";

const seed = Number(process.env["TEST_SEED"] ?? 4711);
t.comment(`TEST_SEED=${seed}`);
/** Any recording will do. */
const recording = fileURLToPath(new URL("../../freeswitch/sounds/carillon/goodbye.wav", import.meta.url));
const person = numberOf("+12125550100");
const desk = "+15550100300";

t.test("when their time is up the two are parted, and the script goes on with the person", async (t) => {
  t.setTimeout(30_000);
  const far = await openFarSide({ seed, personas: { numbers: { [person]: "listener", [desk]: "agent" } } });
  const near = await openNearSide(far);
  const { books } = far.carrier;
  books.addReference("recording", readWav(readFileSync(recording)));
  const pool = new EndpointPool(near.media, { maxOpening: 5, idleMs: 1000 }, systemClock, silentLog);
  const [endpoint] = await pool.acquire(1);
  if (!endpoint) return t.fail("there is no endpoint");
  const order = {
    leg: near.signalling.nameLeg(),
    trunk: far.trunk,
    to: person,
    callerId: "+15550100000",
    ringTimeoutMs: 15_000,
    headers: {},
  } as const;
  const rung = await ring(near.signalling, systemClock, order, endpoint, { sent() {}, ringing() {} }).end;
  if (!rung.answered) return t.fail("the person does not answer");
  await endpoint.attach(rung.sdp);
  const notes: string[] = [];
  const transfer = transferOver({
    ...near,
    pool,
    clock: systemClock,
    log: silentLog,
    trunk: far.trunk,
    callerId: order.callerId,
    headers: {},
    turn: async () => {},
    takeLine: () => () => {},
    note: async (state: string, _peer: PeerIds) => {
      notes.push(state);
    },
  });
  const left = rung.dialog.ended.then((): Broken => "hung-up");
  const request = { to: [desk], ringTimeoutMs: 15_000, holdPrompts: [], whisperPrompts: [], maxTalkMs: 500, withdraw: new AbortController().signal };
  t.equal(await transfer(request, { endpoint, left }), "talked");
  t.same(notes, ["dialling", "dialled", "connected"]);
  t.equal(await endpoint.play([{ path: recording, durationMs: 3500 }]), "played");
  const callTo = (number: string) => books.toJSON().calls.find(({ called }) => called === number);
  t.match(callTo(person)?.heard, [{ name: "recording", complete: true }], "what comes next is heard to its end");
  t.match(callTo(desk), { state: "ended", endedBy: "caller", heard: [] }, "by the person alone; the other one is hung up on");
  await rung.dialog.end();
  await endpoint.close();
  await pool.close();
  await until(() => far.leaks().length === 0, `everything to be released: ${far.leaks().join("; ")}`);
  await near.close();
  await far.close();
});
