import esl from "drachtio-modesl";
import t, { type Test } from "tap";
import { FreeswitchMedia } from "../../src/adapter/freeswitch/media.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { encode, type Law } from "../../src/lab/media/g711.ts";
import { until } from "../harness/far-side.ts";
import type { Telephone } from "../lab/telephone.ts";
import type { MediaFar } from "./media-far.ts";
import { entry, medium, overEach, setUp, third } from "./media-kit.ts";

/*
 * Keys that people press in a conversation: the other side gets them, and nobody else is told. The desk may be a menu of its own, and what is pressed
 * into it the number of a card. Over the same far sides as media.test.ts.
 */

t.setTimeout(280_000);

/** Where both are on one server, and where a link connects them: it does not ask whether two names are one FreeSWITCH. */
const places = [
  ["on one server", "fs-1"],
  ["over a link", "fs-2"],
] as const;

function sdpOf(telephone: Telephone, law: Law): string {
  telephone.stream.law = law;
  telephone.stream.payloadType = law === "PCMU" ? 0 : 8;
  const sdp = telephone.sdp();
  return law === "PCMU" ? sdp : sdp.replace("RTP/AVP 0", "RTP/AVP 8").replace("rtpmap:0 PCMU", "rtpmap:8 PCMA");
}

/** What its events tell of keys from now on: each that is pressed, and at the end of each call all of them, "none" when there are none. */
async function watchKeys(t: Test, { addresses }: MediaFar): Promise<readonly string[]> {
  const told: string[] = [];
  const { address, port, password } = addresses.freeswitch;
  await new Promise<void>((resolve, reject) => {
    const connection = new esl.Connection(address, port, password, () => connection.subscribe(["DTMF", "CHANNEL_HANGUP_COMPLETE"], () => resolve()));
    connection.on("error", reject);
    const hear = (header: string) => (event: { getHeader(name: string): string | undefined }) => told.push(event.getHeader(header) ?? "nothing");
    connection.on("esl::event::DTMF::*", hear("DTMF-Digit"));
    connection.on("esl::event::CHANNEL_HANGUP_COMPLETE::*", hear("variable_digits_dialed"));
    t.teardown(() => connection.disconnect());
  });
  return told;
}

/** Both hear each other: only then do keys reach anybody. */
async function converseIn(law: Law, one: Telephone, other: Telephone): Promise<void> {
  const [sound, before] = [encode(law, third.pcm), [one.hearing.soundMs, other.hearing.soundMs]];
  const speaking = [one, other].map(({ stream }) => stream.play(sound, () => {}, 20));
  await Promise.all([one, other].map((listener, at) => listener.until(({ soundMs }) => soundMs > (before[at] ?? 0) + 300)));
  [one, other].forEach(({ stream }, at) => {
    stream.hush(speaking[at]);
  });
}

overEach("keys in conversation", (t, far, node) => {
  const open = async (t: Test) => {
    const { connection, newTelephone } = await setUp(t, far, node);
    const { freeswitch } = far.addresses;
    const servers = ["fs-1", "fs-2"].map((name) => ({ ...freeswitch, name, listenAddress: "127.0.0.1", listenPort: 0, maxSessions: 20 }));
    const media = new FreeswitchMedia(servers, connection.srf, `${node}-keys`, far.clock, silentLog);
    t.teardown(() => media.close());
    await media.connect();
    await until(() => media.servers.every(({ state }) => state === "up"), "both connected");
    return async (server: string, law: Law) => {
      const [endpoint, telephone] = await Promise.all([media.open(server), newTelephone()]);
      await endpoint.attach(sdpOf(telephone, law));
      telephone.connect(endpoint.localSdp);
      return { endpoint, telephone };
    };
  };
  const request = entry({ prompts: [medium], minDigits: 2, maxDigits: 2, firstDigitMs: 3000, interDigitMs: 3000 });
  /** Resolves a little after the last packet of them: what comes of a key later is taken for another one, wherever it arrives then. */
  const press = async (telephone: Telephone, keys: string) => {
    await Promise.all([...keys].map((key) => new Promise<void>((sent) => telephone.stream.press(key, 100, sent))));
    const sent = telephone.packetsOut;
    await until(() => telephone.packetsOut > sent + 5, "a tenth of a second");
  };

  t.jobs = 4;
  for (const [where, server] of places) {
    for (const law of ["PCMU", "PCMA"] as const) {
      t.test(`${where}, ${law}: they reach the other side, each once, and the script before and after it`, { buffered: true }, async (t) => {
        const talk = await open(t);
        const told = await watchKeys(t, far);
        const [person, desk] = await Promise.all([talk("fs-1", law), talk(server, law)]);
        const enter = async ({ endpoint, telephone }: typeof person, keys: string) => {
          const before = telephone.hearing.soundMs;
          const collected = endpoint.collect(request);
          await telephone.until(({ soundMs, soundRun }) => soundRun > 0 && soundMs > before);
          await press(telephone, keys);
          return collected;
        };
        /** @param keys pressed now by the person, and at the desk */
        const exchange = async (...keys: readonly [string, string]) => {
          const before = [desk, person].map(({ telephone }) => telephone.hearing.digitsHeard);
          await Promise.all([press(person.telephone, keys[0]), press(desk.telephone, keys[1])]);
          const heard = () => [desk, person].map(({ telephone }, at) => telephone.hearing.digitsHeard.slice(before[at]?.length));
          await until(() => heard().every((some, at) => some.length >= (keys[at]?.length ?? 0)), "the keys on the other side").catch(() => {});
          t.same(heard(), keys, "heard at the desk, and by the person");
        };

        t.same(await enter(person, "12"), { end: "digits", digits: "12" });
        await person.endpoint.bridge(desk.endpoint);
        await converseIn(law, person.telephone, desk.telephone);
        await exchange("4711#", "*0");
        await person.endpoint.unbridge();
        t.same(await Promise.all([enter(person, "34"), enter(desk, "55")]), [
          { end: "digits", digits: "34" },
          { end: "digits", digits: "55" },
        ]);
        await person.endpoint.bridge(desk.endpoint);
        await converseIn(law, desk.telephone, person.telephone);
        await exchange("8", "9");
        t.equal(desk.telephone.hearing.digitsHeard, "4711#8", "nothing of what the script was told");
        await desk.endpoint.close();
        t.same(await enter(person, "67"), { end: "digits", digits: "67" }, "who is left alone is the script's again");
        await person.endpoint.close();
        await until(() => told.length >= 2, "both ends");
        t.same(new Set(told), new Set(["none"]), "no event tells of any");
      });
    }
  }
});
