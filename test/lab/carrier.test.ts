import { createSocket } from "node:dgram";
import { once } from "node:events";
import t, { type Test } from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { intBetween, seededRandom } from "../../src/kernel/random.ts";
import { cast, type PersonaName } from "../../src/lab/carrier/cast.ts";
import { Directory, suffixes } from "../../src/lab/carrier/directory.ts";
import { LabCarrier, type LabCarrierOptions } from "../../src/lab/carrier/lab-carrier.ts";
import { findSound } from "../../src/lab/carrier/match.ts";
import { encode } from "../../src/lab/media/g711.ts";
import { speech } from "../../src/lab/media/speech.ts";
import { Ticker } from "../../src/lab/media/ticker.ts";
import type { SipDialog } from "../../src/lab/sip/dialog.ts";
import type { OutgoingCall } from "../../src/lab/sip/outgoing-call.ts";
import { SipAgent } from "../../src/lab/sip/user-agent.ts";
import { Telephone } from "./telephone.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
const host = "127.0.0.1";
const prompt = speech({ durationMs: 900 }, 42);
const goodbye = speech({ durationMs: 500 }, 43);
console.log(`# seed ${seed}`);

interface World {
  carrier: LabCarrier;
  agent: SipAgent;
  telephone(): Promise<Telephone>;
  /** Closes everything and looks for what was left open. */
  end(): Promise<void>;
  dial(number: string, sdp: string | undefined, headers?: Record<string, string>, auth?: { username: string; password: string }): OutgoingCall;
}

async function world(t: Test, options: Partial<LabCarrierOptions> = {}): Promise<World> {
  const random = seededRandom(seed);
  const ticker = new Ticker();
  const timers = { t1Ms: 100 };
  const carrier = new LabCarrier({ clock: systemClock, random, host, sipPort: 0, pace: 0.05, timers, ticker, ...options });
  const agent = new SipAgent({ clock: systemClock, random, host, port: 0, timers });
  const telephones: Telephone[] = [];
  await Promise.all([carrier.listen(), agent.listen()]);
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await Promise.all([carrier.close(), agent.close(), ...telephones.map((telephone) => telephone.close())]);
  };
  t.teardown(close);
  return {
    carrier,
    async end() {
      await close();
      t.equal(carrier.callsOpen, 0, "nobody is left at the carrier");
      t.equal(ticker.streams, 0, "no stream is left on the beat");
      t.match(agent.counts, { dialogs: 0, clients: 0, servers: 0 });
      t.match(carrier.agent.counts, { dialogs: 0, clients: 0, servers: 0 });
    },
    agent,
    async telephone() {
      const telephone = await new Telephone(random, ticker).open();
      telephones.push(telephone);
      return telephone;
    },
    dial(number, sdp, headers = {}, auth) {
      return agent.invite({ uri: `sip:${number}@${host}:${carrier.sipPort}`, from: "<sip:+15550100000@carillon>", sdp, headers, auth });
    },
  };
}

function missing(): never {
  throw new Error("the books have no such call");
}

/** The number of a persona in the suffix table. */
function numberOf(name: PersonaName): string {
  const suffix = Object.entries(suffixes).find(([, persona]) => persona === name)?.[0];
  if (suffix === undefined) throw new Error(`no number for ${name}`);
  return `+1555010${suffix}`;
}

async function answered(t: Test, call: OutgoingCall): Promise<SipDialog> {
  const end = await call.final;
  if (end.ok) return end.dialog;
  t.fail(`not answered: ${end.response.status}`);
  throw new Error(`not answered: ${end.response.status}`);
}

function hungUp(dialog: SipDialog): Promise<void> {
  return new Promise((resolve) => {
    dialog.onBye = () => resolve();
  });
}

t.test("people hear the prompt and press keys, and the books have it all", async (t) => {
  const { carrier, dial, end, telephone } = await world(t);
  carrier.books.addReference("prompt", prompt);
  carrier.books.addReference("goodbye", goodbye);
  const meet = async (name: PersonaName, keys: RegExp): Promise<void> => {
    const phone = await telephone();
    const call = dial(numberOf(name), phone.sdp(), { "X-Carillon-Attempt": `a-${name}` });
    const provisionals: number[] = [];
    call.onProvisional = (response) => {
      provisionals.push(response.status);
      if (response.body) phone.connect(response.body);
    };
    const dialog = await answered(t, call);
    phone.connect(dialog.remoteSdp);
    const beforeMs = systemClock.now();
    await phone.say(prompt);
    await phone.until((hearing) => keys.test(hearing.digitsHeard));
    await phone.say(goodbye);
    t.equal((await dialog.bye({ Reason: "Q.850;cause=16" })).status, 200);
    t.ok(provisionals.includes(name === "early-media" ? 183 : 180), name);
    if (name !== "hasty") t.ok(phone.hearing.soundMs >= 80, `${name} says hello`);

    const record = carrier.books.call(call.callId);
    const book = carrier.books.summary(record ?? missing());
    t.match(book, {
      attempt: `a-${name}`,
      called: numberOf(name),
      caller: "+15550100000",
      persona: name,
      state: "ended",
      finalStatus: 200,
      invites: 1,
      endedBy: "caller",
      endCause: 16,
      digitsSent: phone.hearing.digitsHeard,
      digitsHeard: "",
      heard: [
        { name: "prompt", complete: true },
        { name: "goodbye", complete: true },
      ],
    });
    t.ok((book.answeredAtMs ?? 0) <= (book.ackedAtMs ?? 0) && (book.ackedAtMs ?? 0) <= (book.endedAtMs ?? 0), "in order");
    t.ok((book.audio.firstSoundAtMs ?? 0) >= beforeMs, "sound came after the prompt began");
    t.equal(book.audio.answerToSoundMs, (book.audio.firstSoundAtMs ?? 0) - (book.answeredAtMs ?? 0));
    t.ok(book.audio.soundMs >= 1000 && book.audio.lost === 0, `${book.audio.soundMs} ms of sound`);
  };
  await Promise.all([meet("person", /^[12]$/), meet("hasty", /^1$/), meet("opt-out", /^9$/), meet("patient", /^1$/), meet("early-media", /^1$/)]);
  t.same(carrier.books.legsUp(), []);
  t.same(carrier.books.dialledTwice(), []);
  const lines = carrier.books.toNdjson().trim().split("\n");
  t.equal(lines.length, 5);
  t.equal(JSON.parse(lines[0] ?? "").persona, "person");
  await end();
});

t.test("people hang up, fall silent, drop off, are machines", async (t) => {
  const { carrier, dial, end, telephone } = await world(t);
  const start = async (number: string) => {
    const phone = await telephone();
    const call = dial(number, phone.sdp());
    const dialog = await answered(t, call);
    phone.connect(dialog.remoteSdp);
    const book = () => carrier.books.summary(carrier.books.call(call.callId) ?? missing());
    return { phone, call, dialog, book };
  };

  const hanging = await start(numberOf("hangs-up"));
  const bye = hungUp(hanging.dialog);
  void hanging.phone.say(prompt);
  await bye;
  t.match(hanging.book(), { endedBy: "carrier", endCause: 16, state: "ended" });
  t.equal(carrier.books.heard(carrier.books.calls[0] ?? missing(), prompt).complete, false, "in the middle of the prompt");

  const fax = await start(numberOf("fax"));
  const faxBye = hungUp(fax.dialog);
  await fax.phone.until((hearing) => hearing.soundMs >= 2000);
  await faxBye;
  t.equal(fax.book().endedBy, "carrier");
  t.ok(fax.book().audio.longestSilenceMs >= 2000, "nothing was said to it, and the books say how long");

  const machine = await start(numberOf("voicemail"));
  await machine.phone.until((hearing) => hearing.soundMs >= 400);
  void machine.phone.say(prompt);
  await machine.phone.until((hearing) => hearing.soundRun === 0 && hearing.soundMs >= 440);
  await machine.dialog.bye();

  const dropped = await start(numberOf("drop"));
  await dropped.phone.until((hearing) => hearing.soundMs >= 80);
  while (carrier.books.legsUp().length > 0) await dropped.phone.until(() => true).then(() => new Promise(setImmediate));
  t.equal((await dropped.dialog.bye()).status, 481, "whoever lost power knows nothing of a BYE");
  t.match(dropped.book(), { endedBy: "vanished", state: "ended" });

  const silent = await start(numberOf("silent"));
  await silent.phone.until((hearing) => hearing.packets >= 20);
  t.equal(silent.phone.hearing.soundMs, 0);
  t.match(carrier.books.legsUp(), [{ callId: silent.call.callId, state: "up", called: numberOf("silent") }]);
  await silent.phone.stream.press("5", 60);
  await silent.phone.stream.press("#", 60);
  while (silent.phone.stream.keysWaiting > 0) await silent.phone.until(() => true).then(() => new Promise(setImmediate));
  // Hold and back, by re-INVITE.
  t.equal((await silent.dialog.reinvite(silent.phone.sdp("inactive"))).status, 200);
  t.match(silent.dialog.remoteSdp, /a=inactive/);
  t.equal((await silent.dialog.reinvite(silent.phone.sdp())).status, 200);
  const held = silent.phone.hearing.packets;
  await silent.phone.until((hearing) => hearing.packets >= held + 5);
  t.equal((await silent.dialog.reinvite("v=0\r\nm=audio 4000 RTP/SAVP 0\r\n")).status, 488);
  await silent.dialog.bye();
  t.match(silent.book(), { reinvites: 3, digitsHeard: "5#", audio: { soundMs: 0 } });

  const agent = await start(numberOf("agent"));
  await agent.phone.until((hearing) => hearing.soundMs >= 1000);
  await agent.dialog.bye();
  t.same(carrier.books.legsUp(), []);
  await end();
});

t.test("refusals carry their status and cause", async (t) => {
  const { carrier, dial, end: close, telephone } = await world(t);
  const phone = await telephone();
  for (const name of Object.keys(cast) as PersonaName[]) {
    const { ending } = cast[name];
    if (ending.kind !== "reject") continue;
    carrier.directory.setEverybody(name);
    const call = dial("+15550100123", phone.sdp());
    let early = "";
    call.onProvisional = (response) => {
      early += response.body;
    };
    const end = await call.final;
    t.equal(end.response.status, ending.status, name);
    t.equal(end.response.headers.get("reason"), `Q.850;cause=${ending.q850}`);
    t.equal(early !== "", name.startsWith("sit"));
    t.match(carrier.books.toJSON().calls.at(-1), { state: "rejected", finalStatus: ending.status, persona: name, answeredAtMs: null, endedBy: null });
  }
  carrier.directory.setEverybody(undefined);
  const away = await dial(numberOf("redirect"), phone.sdp()).final;
  t.equal(away.response.status, 302);
  t.equal(away.response.headers.get("contact"), `<sip:+15550199001@${host}:${carrier.sipPort}>`);
  const secure = await dial(numberOf("listener"), "v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 4000 RTP/SAVP 0\r\n").final;
  t.equal(secure.response.status, 488, "nobody speaks SRTP here");
  t.same(carrier.books.legsUp(), []);
  await close();
});

t.test("ringing ends by CANCEL or by Expires, and a CANCEL may be too late", async (t) => {
  const { carrier, dial, end, telephone } = await world(t);
  const ringing = (call: OutgoingCall, status: number): Promise<string> =>
    new Promise((resolve) => {
      call.onProvisional = (response) => {
        if (response.status === status) resolve(response.body);
      };
    });

  const plain = dial(numberOf("no-answer"), (await telephone()).sdp());
  await ringing(plain, 180);
  t.match(carrier.books.legsUp(), [{ callId: plain.callId, state: "ringing" }]);
  plain.cancel();
  t.equal((await plain.final).response.status, 487);
  t.match(carrier.books.toJSON().calls[0], { state: "cancelled", finalStatus: 487, cancelledAtMs: Number, ringingAtMs: Number });

  const phone = await telephone();
  const early = dial(numberOf("no-answer-early-media"), phone.sdp());
  phone.connect(await ringing(early, 183));
  await phone.until((hearing) => hearing.soundMs >= 100);
  early.cancel();
  t.equal((await early.final).response.status, 487);
  const { packets } = phone.hearing;
  await phone.until((hearing) => hearing.packets >= packets + 50);
  t.pass("it goes on sending for a second and more");

  const expiring = dial(numberOf("no-answer"), (await telephone()).sdp(), { Expires: "1" });
  t.equal((await expiring.final).response.status, 487, "Expires ends the ringing");
  t.match(carrier.books.toJSON().calls.at(-1), { state: "rejected", finalStatus: 487, cancelledAtMs: null, expiresS: 1 });
  t.same(carrier.books.legsUp(), []);

  const crossing = dial(numberOf("crossing"), (await telephone()).sdp());
  await ringing(crossing, 180);
  crossing.cancel();
  const late = await answered(t, crossing);
  t.match(carrier.books.toJSON().calls.at(-1), { state: "up", finalStatus: 200, cancelledAtMs: Number });
  await late.bye();
  t.match(carrier.books.toJSON().calls.at(-1), { state: "ended", endedBy: "caller" });

  const forkPhone = await telephone();
  const forked = dial(numberOf("fork"), forkPhone.sdp());
  const second = new Promise<SipDialog>((resolve) => {
    forked.onFork = resolve;
  });
  const first = await answered(t, forked);
  const other = await second;
  t.not(first.id, other.id);
  t.not(first.remoteSdp, other.remoteSdp, "two telephones, two ports");
  await other.bye();
  t.match(carrier.books.legsUp(), [{ callId: forked.callId, state: "up" }], "one of two is still up");
  await first.bye();
  const legs = carrier.books.call(forked.callId)?.legs ?? [];
  t.ok(legs.length === 2 && legs.every((leg) => leg.ackedAtMs !== undefined && leg.byeBy === "caller"));
  t.same(carrier.books.legsUp(), []);
  await end();
});

t.test("credentials, late offers, silence instead of an ACK", async (t) => {
  const { agent, carrier, dial, end, telephone } = await world(t, { timers: { t1Ms: 2 } });
  const phone = await telephone();
  const number = numberOf("challenge");
  t.equal((await dial(number, phone.sdp()).final).response.status, 407);
  t.equal((await dial(number, phone.sdp(), {}, { username: "carillon", password: "wrong" }).final).response.status, 403);
  const headers = { "X-Carillon-Attempt": "once" };
  const dialog = await answered(t, dial(number, phone.sdp(), headers, { username: "carillon", password: "secret" }));
  await dialog.bye();
  t.match(carrier.books.toJSON().calls.at(-1), { invites: 2, state: "ended", finalStatus: 200 });
  t.equal(carrier.books.callsOf("once").length, 1, "an INVITE repeated with credentials is the same call");

  const late = await telephone();
  const offerless = agent.invite({
    uri: `sip:${numberOf("hasty")}@${host}:${carrier.sipPort};transport=tcp`,
    from: "<sip:1@carillon>",
    answerOffer: (offer) => {
      late.connect(offer);
      return late.sdp();
    },
  });
  const lateDialog = await answered(t, offerless);
  await late.say(prompt);
  await late.until((hearing) => hearing.digitsHeard === "1");
  await lateDialog.bye();
  t.match(carrier.books.toJSON().calls.at(-1), { transport: "tcp", digitsSent: "1" });

  // An INVITE whose sender never acknowledges: the telephone gives up by itself.
  const mute = createSocket("udp4");
  mute.bind(0, host);
  await once(mute, "listening");
  t.teardown(() => mute.close());
  const { port } = mute.address();
  const lines = [
    `INVITE sip:${numberOf("listener")}@${host}:${carrier.sipPort} SIP/2.0`,
    `Via: SIP/2.0/UDP ${host}:${port};rport;branch=z9hG4bK${port}`,
    "From: <sip:mute@lab>;tag=1",
    `To: <sip:${numberOf("listener")}@${host}>`,
    `Call-ID: mute-${port}`,
    "CSeq: 1 INVITE",
    `Contact: <sip:mute@${host}:${port}>`,
    "X-Carillon-Attempt: once",
    "Content-Type: application/sdp",
    "Max-Forwards: 70",
  ];
  const sdp = phone.sdp();
  const bye = new Promise<void>((resolve) => {
    mute.on("message", (bytes) => {
      if (bytes.toString().startsWith("BYE ")) resolve();
    });
  });
  const invite = `${lines.join("\r\n")}\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`;
  mute.send(invite, carrier.sipPort, host);
  mute.send(invite, carrier.sipPort, host);
  await bye;
  const record = carrier.books.call(`mute-${port}`);
  t.match(record, { invites: 1, retransmissions: 1, legs: [{ byeBy: "carrier" }] });
  t.equal(record?.legs[0]?.ackedAtMs, undefined);
  t.same(carrier.books.dialledTwice(), ["once"], "another Call-ID for the same attempt is a second call");
  t.same(carrier.books.legsUp(), []);
  await end();
});

t.test("the directory keeps its word", async (t) => {
  const mix = { person: 3, busy: 1 } as const;
  const one = new Directory({ seed, mix, numbers: { "+15550100001": ["busy", "no-answer", "person"] } });
  const other = new Directory({ seed, mix });
  const count: Record<string, number> = {};
  for (let at = 0; at < 2000; at++) {
    const number = `+1555${1000000 + at}`;
    const { name, random } = one.answer(number);
    count[name] = (count[name] ?? 0) + 1;
    const again = other.answer(number);
    if (again.name !== name || again.random.next() !== random.next()) t.fail(`seed ${seed}: ${number} changed its mind`);
  }
  t.ok(Math.abs((count["busy"] ?? 0) - 500) < 100, `seed ${seed}: a quarter is busy (${count["busy"]})`);
  t.same(Object.keys(count).sort(), ["busy", "person"]);
  t.same(
    [1, 2, 3, 4].map(() => one.answer("1 (555) 010-0001").name),
    ["busy", "no-answer", "person", "person"],
    "one persona after the other, however the number is written",
  );
  for (const [suffix, name] of Object.entries(suffixes)) t.equal(other.answer(`+49301234${suffix}`).name, name);
  other.assign("+17", ["presses:12#", "rejects:410"]);
  t.match(other.answer("17").persona.ending, { kind: "answer", acts: [{}, {}, {}, { do: "press", oneOf: ["12#"] }, {}] });
  t.match(other.answer("17").persona.ending, { kind: "reject", status: 410 });
  for (const name of ["presses:", "presses:x", "rejects:200", "rejects:999", "toString"]) t.throws(() => other.assign("1", [name]), Fault, name);
  t.throws(() => other.assign("1", ["nobody"]), { code: "unknown-persona" });
  t.throws(() => other.setMix({ nobody: 1 }), Fault);
});

t.test("a sound is found in what was heard, whole or not", async (t) => {
  const random = seededRandom(seed);
  const noise = (length: number) => Uint8Array.from({ length }, () => intBetween(random, 0x70, 0xff));
  const bytes = encode("PCMU", prompt);
  const whole = Uint8Array.from([...noise(777), ...bytes, ...noise(500)]);
  t.match(findSound(whole, "PCMU", prompt), { complete: true, fraction: 1, fromMs: 777 / 8 });
  const cut = findSound(Uint8Array.from([...noise(777), ...bytes.subarray(0, 4000)]), "PCMU", prompt);
  t.ok(!cut.complete && cut.fraction > 0.5 && cut.fraction < 0.6 && cut.fromMs === 777 / 8, `half of it: ${cut.fraction}`);
  const joined = findSound(bytes.subarray(2000), "PCMU", prompt);
  t.ok(!joined.complete && joined.fraction > 0.7 && (joined.fromMs ?? 0) < 0, "the beginning was missed");
  const lossy = Uint8Array.from(whole);
  lossy.fill(0xff, 2000, 2080);
  t.equal(findSound(lossy, "PCMU", prompt).complete, true, "ten milliseconds lost");
  t.equal(findSound(noise(20_000), "PCMU", prompt).complete, false);
  t.equal(findSound(whole, "PCMU", goodbye).complete, false);
  t.equal(findSound(whole, "PCMU", new Int16Array(800)).complete, false, "silence is never found");
  t.equal(findSound(encode("PCMA", prompt), "PCMA", prompt).complete, true);
});

t.test("a crowd comes and goes", async (t) => {
  const {
    carrier,
    agent,
    end: close,
    telephone,
  } = await world(t, {
    pace: 0.02,
    quiet: true,
    personas: { mix: { ...Object.fromEntries(Object.keys(cast).map((name) => [name, 1])) } },
  });
  const calls = Array.from({ length: 80 }, async (_, at) => {
    const phone = await telephone();
    const uri = `sip:+1555020${1000 + at}@${host}:${carrier.sipPort}`;
    const call = agent.invite({
      uri,
      from: "<sip:crowd@carillon>",
      sdp: phone.sdp(),
      headers: { Expires: "1", "X-Carillon-Attempt": `crowd-${at}` },
    });
    const end = await call.final;
    if (!end.ok) return;
    phone.connect(end.dialog.remoteSdp);
    await Promise.race([phone.say(prompt), end.dialog.ended]);
    await end.dialog.bye();
  });
  await Promise.all(calls);
  t.equal(carrier.books.calls.length, 80);
  t.same(carrier.books.dialledTwice(), []);
  t.same(carrier.books.legsUp(), [], `seed ${seed}`);
  await close();
});
