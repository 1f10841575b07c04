import { join } from "node:path";
import t from "tap";
import type { CollectRequest } from "../../src/ivr/ports.ts";
import { findSound } from "../../src/lab/carrier/match.ts";
import { parseSdp } from "../../src/lab/media/sdp.ts";
import { inTime, until } from "../harness/far-side.ts";
import { askFreeswitch, converse, entry, fifth, folder, fourth, hears, hearsEnd, long, overEach, second, setUp, short, third } from "./media-kit.ts";

/*
 * What every Media and Endpoint must do. Runs against the lab's drachtio and FreeSWITCH, and against real ones too when
 * CARILLON_TEST_FREESWITCH=host:port:password and CARILLON_TEST_DRACHTIO=host:port:secret say where they are. A real FreeSWITCH has to have
 * the configuration in freeswitch/, be on this machine and be able to read this machine's temporary folder.
 */

t.setTimeout(280_000);

overEach("media", (_, far, node, parts) => {
  parts.test("an endpoint offers plain RTP, is listed as alive, and is gone when closed", async (t) => {
    const { media } = await setUp(t, far, node);
    t.equal(media.ready, true);
    const endpoint = await media.open();
    const offer = parseSdp(endpoint.localSdp);
    t.match(offer, { host: "127.0.0.1", secure: false, laws: [{ law: "PCMU" }, { law: "PCMA" }], eventPayloadType: 101 });
    t.equal(endpoint.localSdp.match(/^m=/gm)?.length, 1, "one stream: 1.11 would add one with SRTP");
    t.equal(endpoint.mediaServer, "fs-1");
    t.equal(await media.alive("fs-1", endpoint.id), true);
    t.equal(media.sessions, 1);
    await Promise.all([endpoint.close(), endpoint.close()]);
    await inTime(endpoint.gone, "the endpoint to be gone");
    t.equal(await media.alive("fs-1", endpoint.id), false);
    t.equal(media.sessions, 0);
    t.equal(await endpoint.play([short]), "lost", "nothing can be done with it any more");
    t.same(await endpoint.collect(entry()), { end: "lost" });
    await Promise.all([endpoint.stop(), endpoint.guard(1000), endpoint.liftGuard(), endpoint.packetsReceived()]);
  });

  parts.test("prompts are heard whole, one after the other; a missing one ends the play", async (t) => {
    const { talk } = await setUp(t, far, node);
    const { endpoint, telephone } = await talk();
    const packets = telephone.hearing.packets;
    const playing = endpoint.play([short, second]);
    await telephone.until(({ soundRun }) => soundRun > 0);
    const silent = telephone.hearing.packets - packets;
    t.ok(silent < 10, `it begins at once: ${silent} silent packets before it`);
    t.equal(await playing, "played");
    await telephone.until(() => hears(telephone, second.pcm));
    const [one, two] = [short, second].map(({ pcm }) => findSound(telephone.hearing.audio, "PCMU", pcm));
    t.ok(one?.complete && two?.complete, "byte for byte");
    const pauseMs = (two?.fromMs ?? 0) - (one?.fromMs ?? 0) - short.durationMs;
    t.ok(pauseMs >= 0 && pauseMs <= 60, `no pause between them: ${pauseMs} ms`);
    t.equal(await endpoint.play([{ path: join(folder, "nobody.wav"), durationMs: 500 }]), "lost");
    t.equal(await endpoint.play([short]), "played", "and the next one plays");
  });

  parts.test("stop ends what plays, and only that", async (t) => {
    const { talk } = await setUp(t, far, node);
    const { endpoint, telephone } = await talk();
    await endpoint.stop();
    const playing = endpoint.play([long, long]);
    await telephone.until(({ soundRun }) => soundRun > 0);
    await endpoint.stop();
    t.equal(await playing, "played");
    t.equal(await endpoint.play([short]), "played");
    await telephone.until(() => hears(telephone, short.pcm));
    t.notOk(hears(telephone, long.pcm));
  });

  parts.test("keys: barge-in, several, terminators, star and hash, too few, none", async (t) => {
    const { talk } = await setUp(t, far, node);
    const { endpoint, telephone } = await talk();
    const press = async (keys: string, request: CollectRequest) => {
      const before = telephone.hearing.soundMs;
      const collected = endpoint.collect(request);
      if (request.prompts.length > 0) await telephone.until(({ soundMs, soundRun }) => soundRun > 0 && soundMs > before);
      for (const key of keys) telephone.stream.press(key);
      return collected;
    };
    t.same(await press("5", entry()), { end: "digits", digits: "5" }, "one key cuts the prompt short");
    t.same(await press("1234", entry({ minDigits: 4, maxDigits: 4, interDigitMs: 3000 })), { end: "digits", digits: "1234" });
    t.same(await press("12#", entry({ maxDigits: 8, interDigitMs: 5000, terminators: "#" })), { end: "digits", digits: "12" });
    t.same(await press("*#0", entry({ minDigits: 3, maxDigits: 3, interDigitMs: 3000 })), { end: "digits", digits: "*#0" });
    t.same(await press("12", entry({ minDigits: 1, maxDigits: 8 })), { end: "digits", digits: "12" }, "enough when the time runs out");
    t.same(await press("12", entry({ minDigits: 4, maxDigits: 8 })), { end: "timeout", digits: "12" }, "too few, and still told");
    t.same(await press("", entry({ prompts: [short] })), { end: "timeout", digits: "" });
    t.same(await press("7", entry({ prompts: [], firstDigitMs: 5000 })), { end: "digits", digits: "7" }, "without a prompt");
    t.same(await press("#", entry({ maxDigits: 8, terminators: "#" })), { end: "timeout", digits: "" }, "only the terminator");
    t.same(await press("8", entry({ prompts: [second], bargeIn: false })), { end: "timeout", digits: "" }, "a key into a prompt that may not be cut");
    await telephone.until(() => hears(telephone, second.pcm));
    t.pass("and that prompt was heard to its end");

    t.same(await press("4711", entry({ minDigits: 4, maxDigits: 4, interDigitMs: 3000, secret: true })), { end: "digits", digits: "4711" });
    for (const variable of ["carillon_digits", "carillon_digits_invalid"]) {
      const forgotten = async () => (await askFreeswitch(far, `uuid_getvar ${endpoint.id} ${variable}`)) === "_undef_";
      await until(forgotten, `${variable} to be forgotten`);
    }
    t.equal(await askFreeswitch(far, `uuid_getvar ${endpoint.id} sensitive_dtmf`), "true", "and no key is logged");
  });

  parts.test("keys that end what is heard are told, once each, and others are not", async (t) => {
    const { talk } = await setUp(t, far, node);
    const { endpoint, telephone } = await talk();
    const told: string[] = [];
    const pressInto = async <T>(keys: string, playing: Promise<T>): Promise<T> => {
      const before = telephone.hearing.soundMs;
      await telephone.until(({ soundMs, soundRun }) => soundRun > 0 && soundMs > before);
      for (const key of keys) telephone.stream.press(key);
      return playing;
    };
    const listen = (keys: string) => endpoint.listen(keys, (key) => told.push(key));
    listen("9*");
    t.equal(await pressInto("79", endpoint.play([long, long])), "played", "both of the list are cut");
    t.same(told.splice(0), ["9"]);
    t.equal(await endpoint.play([short]), "played");
    t.same(told, [], "not told again of what comes next");
    t.same(await pressInto("*", endpoint.collect(entry({ prompts: [long], bargeIn: false }))), { end: "timeout", digits: "" });
    t.same(told.splice(0), ["*"], "in a prompt that others may not cut, and no key is waited for then");
    t.same(await pressInto("9", endpoint.collect(entry())), { end: "digits", digits: "9" });
    t.same(told, [], "collected, it is told as a digit");
    listen("");
    t.equal(await pressInto("9", endpoint.play([second])), "played");
    t.ok(await hearsEnd(telephone, second.pcm), "nothing is cut");
    t.same(told, [], "nobody listens any more");
    t.notOk(hears(telephone, long.pcm));
  });

  parts.test("detached, it sends nothing; what it is sent is told by the count; attached again, it serves the next", async (t) => {
    const { talk, newTelephone } = await setUp(t, far, node);
    const { endpoint, telephone } = await talk();
    await until(async () => (await endpoint.packetsReceived()) > 10, "packets counted");
    await endpoint.detach();
    const heard = telephone.hearing.packets;
    const counted = await endpoint.packetsReceived();
    t.ok(counted > 10, "the count goes on where it was");
    const sent = telephone.packetsOut;
    await until(() => telephone.packetsOut > sent + 25, "half a second");
    t.ok(telephone.hearing.packets <= heard + 3, `nothing came any more (${telephone.hearing.packets - heard})`);
    await until(async () => (await endpoint.packetsReceived()) > counted, "a far side that goes on sending is noticed");
    telephone.stream.stop();
    let last = -1;
    const stands = async () => {
      const before = last;
      last = await endpoint.packetsReceived();
      return last === before;
    };
    await until(stands, "the count stands still when nobody sends");
    const other = await newTelephone();
    await endpoint.attach(other.sdp());
    other.connect(endpoint.localSdp);
    t.equal(await endpoint.play([short]), "played");
    await other.until(() => hears(other, short.pcm));
    t.notOk(hears(telephone, short.pcm), "the first one hears nothing of it");
    const collected = endpoint.collect(entry({ prompts: [], firstDigitMs: 5000 }));
    other.stream.press("3");
    t.same(await collected, { end: "digits", digits: "3" });
  });

  parts.test("two people are connected and parted, and both can go on", async (t) => {
    const { talk } = await setUp(t, far, node);
    const [one, two] = await Promise.all([talk(), talk()]);
    await one.endpoint.bridge(two.endpoint);
    await converse(one.telephone, two.telephone, third.pcm);
    await converse(two.telephone, one.telephone, fourth.pcm);
    await one.endpoint.unbridge();
    t.same(await Promise.all([one.endpoint.play([second]), two.endpoint.play([short])]), ["played", "played"]);
    await one.telephone.until(() => hears(one.telephone, second.pcm));
    await two.telephone.until(() => hears(two.telephone, short.pcm));
    await one.endpoint.bridge(two.endpoint);
    await converse(two.telephone, one.telephone, fifth.pcm);
    await two.endpoint.close();
    t.equal(await one.endpoint.play([short]), "played", "the one who stays can be talked to");
    const gone = two.endpoint;
    await t.rejects(one.endpoint.bridge(gone), { code: "bridge-failed" });
  });
});
