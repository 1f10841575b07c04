import t, { type Test } from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { LabCarrier } from "../../src/lab/carrier/lab-carrier.ts";
import { encode } from "../../src/lab/media/g711.ts";
import { speech } from "../../src/lab/media/speech.ts";
import { Ticker } from "../../src/lab/media/ticker.ts";
import { sines } from "../../src/lab/media/tone.ts";
import { VoiceEar, voiceCounts, voiceNamed, voiceSound, voicesIn } from "../../src/lab/media/voice.ts";
import { PatientTime } from "../../src/lab/patient-time.ts";
import { LabPhones } from "../../src/lab/phone/lab-phones.ts";
import { phoneHandlers } from "../../src/lab/phone/phone-control.ts";
import { SipAgent } from "../../src/lab/sip/user-agent.ts";
import { inTime, until } from "../harness/far-side.ts";
import { answered, host, hungUp, seed } from "./carrier-kit.ts";
import { Telephone } from "./telephone.ts";

async function open(t: Test) {
  const random = seededRandom(seed);
  const time = new PatientTime();
  const clock = time.clock(systemClock.now());
  const ticker = new Ticker(time.beat());
  const timers = { t1Ms: 100 };
  const common = { clock, random, host, ticker, timers };
  const phones = new LabPhones({ ...common, sipPort: 0, count: 3 });
  const carrier = new LabCarrier({ ...common, sipPort: 0 });
  const agent = new SipAgent({ clock, random, host, port: 0, timers });
  const ears = await Promise.all([1, 2].map(() => new Telephone(random, ticker, clock).open()));
  await Promise.all([phones.listen(), carrier.listen(), agent.listen()]);
  t.teardown(async () => {
    await Promise.all([phones.close(), carrier.close(), agent.close(), ...ears.map((ear) => ear.close())]);
    time.close();
  });
  const dial = (uri: string, sdp?: string) => agent.invite({ uri, from: "<sip:+15550100000@carillon>", sdp });
  return { phones, carrier, ears, dial, ticker };
}

t.test("voices are told apart, alone and together, and nothing else is taken for one", async (t) => {
  const mix = (...parts: readonly Int16Array[]) =>
    parts[0]?.map((_, at) => parts.reduce((sum, part) => sum + (part[at] ?? 0), 0)) ?? new Int16Array();
  for (const law of ["PCMU", "PCMA"] as const) {
    for (const kind of ["agent", "person"] as const) {
      const wrong = Array.from({ length: voiceCounts[kind] }, (_, number) => voiceNamed(kind, number)).filter(
        // From anywhere within it: packets need not begin where the tone does.
        (name) => String(voicesIn(law, encode(law, voiceSound(name).subarray(37, 197)))) !== name,
      );
      t.same(wrong, [], `${kind} in ${law}`);
    }
    const three = mix(voiceSound("agent-1"), voiceSound("agent-2"), voiceSound("person-9"));
    t.same(voicesIn(law, encode(law, three.subarray(0, 160))), ["agent-1", "agent-2", "person-9"], "of three at once");
  }
  t.equal(voiceNamed("person", "+1 212 555 0123"), `person-${12_125_550_123 % 322}`);
  const ear = new VoiceEar();
  const others = [speech({ durationMs: 5000 }, 7), sines([440, 480], 3000), sines([500, 600], 3000), sines([2100], 1000), sines([985.2], 380)];
  const frames = others.flatMap((pcm) => Array.from({ length: Math.floor(pcm.length / 160) }, (_, at) => pcm.subarray(at * 160, at * 160 + 160)));
  for (const [at, frame] of frames.entries()) ear.push(at * 20, "PCMU", encode("PCMU", frame));
  t.same(ear.spans, []);
  // Two people in a row may have the same voice: the second is not taken for the first, who was heard before a silence.
  const one = encode("PCMU", voiceSound("person-178")).subarray(0, 160);
  const heard = (fromMs: number, frames: number) => {
    for (let at = 0; at < frames; at++) ear.push(fromMs + at * 20, "PCMU", one);
    ear.quiet();
  };
  heard(1000, 100);
  heard(5000, 50);
  heard(9000, 25);
  t.same(
    ear.spans.map(({ fromMs, untilMs, heardMs }) => [fromMs, untilMs, heardMs]),
    [
      [1000, 3000, 2000],
      [5000, 6000, 1000],
      [9000, 9500, 500],
    ],
  );
});

t.test("a telephone speaks with its voice, hears others', does what it is ordered, and its books tell", async (t) => {
  const { phones, ears, dial, ticker } = await open(t);
  const [ear, other] = ears;
  if (!ear || !other) throw new Error("no telephones");
  const call = async (name: string, by: Telephone, pcm: Int16Array) => {
    const dialog = await answered(t, dial(phones.uriOf(name), by.sdp()));
    by.connect(dialog.remoteSdp);
    by.stream.play(encode("PCMU", pcm), () => {}, 1000);
    return dialog;
  };
  const dialog = await call("agent-1", ear, voiceSound("person-7"));
  const second = await call("agent-2", other, voiceSound("person-8"));
  const record = (at: number) => phones.books.toJSON().calls[at];
  await ear.until((hearing) => (hearing.voices.spans[0]?.heardMs ?? 0) >= 200);
  t.match(ear.hearing.voices.spans, [{ voice: "agent-1" }]);
  await until(() => (record(0)?.voices[0]?.heardMs ?? 0) >= 200 && (record(1)?.voices[0]?.heardMs ?? 0) >= 200, "the telephones to hear");
  t.match(
    [record(0), record(1)],
    [
      { persona: "agent-1", voices: [{ voice: "person-7" }], state: "up" },
      { persona: "agent-2", voices: [{ voice: "person-8" }] },
    ],
  );

  phones.order("agent-1", { do: "hush" });
  await ear.until((hearing) => hearing.voices.now.length === 0);
  phones.order("agent-1", { do: "speak" });
  await ear.until((hearing) => hearing.voices.now.includes("agent-1"));
  phones.order("agent-1", { do: "press", keys: "12" });
  await ear.until((hearing) => hearing.digitsHeard === "12");

  t.equal((await dialog.reinvite(ear.sdp("sendonly"))).status, 200, "a re-INVITE is answered");
  ear.stream.hush();
  await until(() => (record(0)?.audio.longestSilenceMs ?? 0) >= 1100, "a silence at the telephone");
  ear.stream.play(encode("PCMU", voiceSound("person-9")), () => {}, 1000);
  await until(() => record(0)?.voices.at(-1)?.voice === "person-9", "another person");
  const [silence] = record(0)?.silences ?? [];
  t.ok(silence && silence.untilMs - silence.fromMs >= 1000, "the silence stands in the books");

  const bye = hungUp(dialog);
  phones.order("agent-1", { do: "hang-up" });
  await bye;
  t.throws(() => phones.order("agent-1", { do: "hush" }), { code: "not-on-the-line" });
  phones.order("agent-2", { do: "vanish" });
  await until(() => phones.books.legsUp().length === 0, "both to be gone");
  t.equal((await second.bye()).status, 481, "gone without a word");
  t.match(record(0), { endedBy: "carrier" });
  await until(() => phones.callsOpen === 0, "their ports to be closed");
  for (const one of ears) one.stream.stop();
  t.equal(ticker.streams, 0);
});

t.test("telephones ring on, are busy, take their time; over the lab's control as well", async (t) => {
  const { phones, ears, dial } = await open(t);
  const ask = (route: string, body?: unknown) => phoneHandlers(phones)[route]?.(body);
  ask("POST /phones", { phone: "agent-1", answer: "never" });
  ask("POST /phones", { phone: "agent-2", answer: { status: 486 } });
  t.same(ask("POST /phones", { phone: "agent-9", answer: { afterMs: 150 }, speaks: false }), { uri: phones.uriOf("agent-9"), voice: "agent-9" });
  const rings = dial(phones.uriOf("agent-1"), ears[0]?.sdp());
  await until(() => phones.summaries()[0]?.state === "ringing", "the first to ring");
  rings.cancel();
  t.match(await rings.final, { ok: false, response: { status: 487 } });
  t.match(await dial(phones.uriOf("agent-2"), ears[0]?.sdp()).final, { ok: false, response: { status: 486 } });
  t.match(await dial(phones.uriOf("agent-77"), ears[0]?.sdp()).final, { ok: false, response: { status: 404 } });
  const slow = dial(phones.uriOf("agent-9"), ears[0]?.sdp());
  const statuses: number[] = [];
  slow.onProvisional = ({ status }) => statuses.push(status);
  const dialog = await answered(t, slow);
  t.ok(statuses.includes(180));
  t.match(await dial(phones.uriOf("agent-9"), ears[1]?.sdp()).final, { ok: false, response: { status: 486 } }, "busy while it is on the line");
  t.match(ask("GET /phones"), [{ calls: 1, state: "idle" }, { calls: 1 }, { calls: 0 }, { name: "agent-9", state: "up", calls: 2 }]);
  ask("POST /phones/orders", { phone: "agent-9", do: "hang-up" });
  await inTime(dialog.ended, "the call to be over");
  for (const [route, body] of [
    ["POST /phones", { phone: "9 lives" }],
    ["POST /phones", { phone: "agent-1", answer: "soon" }],
    ["POST /phones/orders", { phone: "agent-1", do: "dance" }],
    ["POST /phones/orders", { phone: "agent-1", do: "press", keys: "x" }],
    ["POST /phones/orders", { phone: "nobody", do: "hush" }],
  ] as const)
    t.throws(() => ask(route, body), { code: "not-a-phone" }, JSON.stringify(body));
});

t.test("a telephone registers with digest, renews it before it runs out, and takes it back", async (t) => {
  const { phones, carrier, dial, ears } = await open(t);
  carrier.registrar.minExpiresS = 1;
  const registrar = `${host}:${carrier.sipPort}`;
  const account = { registrar, username: "carillon", password: "secret", domain: "lab.carrier" };
  t.equal(await phones.register("agent-3", { ...account, expiresS: 1 }), 200);
  t.equal(carrier.registrar.challenged, 1, "only with digest");
  await until(() => carrier.registrar.requests.length >= 2, "it to be renewed");
  t.same(carrier.registrar.registered, ["carillon"]);
  t.match(phones.summaries()[2]?.registration, { username: "carillon", status: 200, untilMs: Number });
  const contact = /<([^>]+)>/.exec(carrier.registrar.requests[0]?.contact ?? "")?.[1] ?? "";
  const dialog = await answered(t, dial(contact, ears[0]?.sdp()));
  t.equal(phones.named("agent-3").calls, 1, "who calls the contact reaches it");
  await dialog.bye();
  await phones.unregister("agent-3");
  t.same(carrier.registrar.registered, []);
  t.equal(await phones.register("agent-3", { ...account, password: "wrong" }), 403);
  t.match(phones.summaries()[2]?.registration, { status: 403, untilMs: null });
  carrier.registrar.minExpiresS = 100;
  await phones.register("agent-1", { ...account, expiresS: 30 });
  await until(() => phones.summaries()[0]?.registration?.untilMs !== null, "it to ask for more, after 423");
});
