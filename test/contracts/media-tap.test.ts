import t, { type Test } from "tap";
import { encode } from "../../src/lab/media/g711.ts";
import { hearEarlyMedia } from "../../src/voice/amd/early-session.ts";
import { listenTo } from "../../src/voice/amd/listen-session.ts";
import { amdProfiles } from "../../src/voice/amd/options.ts";
import { inTime, until } from "../harness/far-side.ts";
import { join, quiet, tone, word } from "../voice/amd/sound-kit.ts";
import { askFreeswitch, overEach, setUp, short } from "./media-kit.ts";

/* What a tap must do: it hears the person and not us, before and after the answer, in both laws; it ends with its endpoint, and its own end harms nobody. */

t.setTimeout(280_000);

interface Channels {
  readonly rows?: readonly Readonly<Record<string, string>>[];
}

const loudOf = (frame: Int16Array): number => frame.reduce((sum, sample) => sum + Math.abs(sample), 0) / frame.length;

overEach("taps", (t, far, node) => {
  const tapped = async (t: Test, law: "PCMU" | "PCMA" = "PCMU", attached = true) => {
    const { media, newTelephone } = await setUp(t, far, node);
    const [endpoint, telephone] = await Promise.all([media.open(undefined, true), newTelephone()]);
    telephone.stream.law = law;
    telephone.stream.payloadType = law === "PCMU" ? 0 : 8;
    const sdp =
      law === "PCMU"
        ? telephone.sdp()
        : telephone
            .sdp()
            .replace(/RTP\/AVP 0\b/, "RTP/AVP 8")
            .replace("rtpmap:0 PCMU", "rtpmap:8 PCMA");
    if (attached) await endpoint.attach(sdp);
    telephone.connect(endpoint.localSdp);
    const { tap } = endpoint;
    if (!tap) throw new Error("it came without a tap");
    return {
      media,
      endpoint,
      telephone,
      tap,
      say: (pcm: Int16Array) => new Promise<void>((resolve) => telephone.stream.play(encode(law, pcm), resolve)),
    };
  };

  for (const law of ["PCMU", "PCMA"] as const) {
    t.test(`it hears the person and not our prompts, at the pace of life: ${law}`, async (t) => {
      const { media, endpoint, tap, say } = await tapped(t, law);
      t.equal(media.sessions, 2, "it is a session of its own");
      t.equal(tap.live, true);
      const loud: number[] = [];
      let frames = 0;
      const startedAt = far.clock.now();
      const stop = tap.listen((frame, heard) => {
        frames++;
        if (frame.length !== 160) t.fail(`a frame of ${frame.length} samples`);
        if (heard && loudOf(frame) > 300) loud.push(loudOf(frame));
      });
      await say(word(600, -20));
      // A real one leaves out some frames at the beginning.
      await until(() => loud.length >= 24, "600 ms of it");
      await endpoint.play([short]);
      t.ok(loud.length <= 34, `our own prompt is not in it: ${loud.length} loud frames`);
      const level = loud.reduce((sum, one) => sum + one, 0) / loud.length;
      t.ok(level > 1500 && level < 3800, `as loud as it was said: ${Math.round(level)}`);
      const tookMs = far.clock.now() - startedAt;
      t.ok(Math.abs(tookMs / 20 - frames) < 40, `${frames} frames in ${tookMs} ms`);
      stop();
      await endpoint.close();
      await inTime(tap.gone, "the tap to be gone");
      t.equal(tap.live, false);
      await until(() => media.sessions === 0, "both released");
    });
  }

  t.test("it hears what comes before the answer, while the endpoint knows no address yet", async (t) => {
    const { endpoint, tap, say } = await tapped(t, "PCMU", false);
    const { promise, resolve } = Promise.withResolvers<string>();
    hearEarlyMedia(tap, resolve);
    await say(join(tone([985.2], 380), tone([1370.6], 276), tone([1776.7], 380), quiet(200)));
    t.equal(await promise, "sit");
    await endpoint.close();
  });

  t.test("one who answers in a word is a person, soon after it", async (t) => {
    const { endpoint, tap, say } = await tapped(t);
    const listening = listenTo(tap, amdProfiles.b2c, far.clock);
    const said = say(join(quiet(300), word(500)));
    t.match(await listening.verdict, { outcome: "human", cause: "quiet-after-greeting" });
    await said;
    await endpoint.close();
  });

  t.test("a tap that dies takes nobody with it, and who listens is told that it is unknown who answered", async (t) => {
    const { media, endpoint, tap, telephone } = await tapped(t);
    const listening = listenTo(tap, amdProfiles.b2c, far.clock);
    let tapId: string | undefined;
    await until(async () => {
      const { rows = [] }: Channels = JSON.parse(await askFreeswitch(far, "show channels as json"));
      tapId = rows.find((row) => row["application"] === "native_eavesdrop" && row["application_data"]?.startsWith(endpoint.id))?.["uuid"];
      return tapId !== undefined;
    }, "the tap to listen in");
    t.match(await askFreeswitch(far, `uuid_kill ${tapId}`), /^\+OK/);
    await inTime(tap.gone, "the tap to be gone");
    t.match(await listening.verdict, { outcome: "unknown", cause: "not-heard" });
    t.equal(tap.live, false);
    t.equal(endpoint.usable, true);
    t.equal(await endpoint.play([short]), "played");
    t.ok(telephone.hearing.soundMs > 300);
    await until(() => media.sessions === 1, "only the endpoint is left");
    const again = listenTo(tap, amdProfiles.b2c, far.clock);
    t.match(await again.verdict, { outcome: "unknown", cause: "not-heard" }, "at once");
    await endpoint.close();
  });

  t.test("a far side that sends nothing is silent, and no machine", async (t) => {
    const { endpoint, tap, telephone } = await tapped(t);
    telephone.stream.stop();
    t.match(await listenTo(tap, amdProfiles.b2c, far.clock).verdict, { outcome: "silence", cause: "no-speech" });
    await endpoint.close();
  });

  t.test("it is let go before its endpoint, which goes on", async (t) => {
    const { media, endpoint, tap } = await tapped(t);
    await Promise.all([tap.close(), tap.close()]);
    await until(() => media.sessions === 1, "only the endpoint is left");
    t.equal(await endpoint.play([short]), "played");
    t.same(await media.orphans(), []);
    await endpoint.close();
  });

  t.test("neither of the two is taken for an orphan", async (t) => {
    const { media, endpoint } = await tapped(t);
    t.same(await media.orphans(), []);
    await endpoint.close();
  });
});
