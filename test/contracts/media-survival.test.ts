import t from "tap";
import { connectDrachtio } from "../../src/adapter/drachtio/connection.ts";
import { FreeswitchMedia } from "../../src/adapter/freeswitch/media.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { findSound } from "../../src/lab/carrier/match.ts";
import { inTime, until } from "../harness/far-side.ts";
import { startMediaProcess } from "./media-far.ts";
import { converse, fourth, goodbye, hearsEnd, long, medium, overEach, setUp, short, third } from "./media-kit.ts";

/* What becomes of people when a process hangs or dies, and how faults are told; the other half of media.test.ts, over the same far sides. */

t.setTimeout(280_000);

overEach("survival", (_, far, node, parts) => {
  parts.test("the guard says goodbye and hangs up; renewed or lifted, it does not", async (t) => {
    const { talk, media } = await setUp(t, far, `${node}-guarded`);
    const [fires, renewed, lifted, parted, other] = await Promise.all([talk(), talk(), talk(), talk(), talk()]);
    await parted.endpoint.bridge(other.endpoint);
    await parted.endpoint.unbridge();
    await Promise.all([renewed, lifted].map(({ endpoint }) => endpoint.guard(1000)));
    await Promise.all([renewed.endpoint.guard(60_000), lifted.endpoint.liftGuard()]);
    const playing = fires.endpoint.play([long]);
    await Promise.all([fires.endpoint.guard(1000), parted.endpoint.guard(1000)]);
    await Promise.all([fires.endpoint.gone, parted.endpoint.gone]);
    t.ok(["played", "lost"].includes(await playing), "what played was cut short");
    t.ok(await hearsEnd(fires.telephone, goodbye), "the goodbye was heard to its end");
    t.ok(await hearsEnd(parted.telephone, goodbye), "after a conversation, too");
    for (const { endpoint, telephone } of [renewed, lifted]) {
      t.equal(await media.alive("fs-1", endpoint.id), true);
      t.equal(await endpoint.play([short]), "played");
      t.equal(findSound(telephone.hearing.audio, "PCMU", goodbye).fraction < 0.5, true);
    }
  });

  parts.test("channels of an earlier life are found by their node, asked after and ended", async (t) => {
    const { talk, media, newMedia } = await setUp(t, far, node);
    const { endpoint } = await talk();
    const [again, stranger] = await Promise.all([newMedia(node), newMedia(`${node}-other`)]);
    // FreeSWITCH lists a channel up to half a second after it has begun; its list is a database that is written in batches.
    await until(async () => (await again.orphans()).length > 0, "listed");
    t.same(await again.orphans(), [{ mediaServer: "fs-1", endpointId: endpoint.id }]);
    t.same(await media.orphans(), [], "its own are none");
    t.same(await stranger.orphans(), [], "another node's are none");
    t.equal(await again.alive("fs-1", endpoint.id), true);
    t.equal(await again.alive("fs-2", endpoint.id), false, "on a server we do not have");
    t.equal(await again.hasPlayed("fs-1", endpoint.id), false, "nobody has heard anything there");
    await endpoint.play([short]);
    t.equal(await again.hasPlayed("fs-1", endpoint.id), true);
    const playing = endpoint.play([long]);
    await again.kill("fs-1", endpoint.id);
    await inTime(endpoint.gone, "the endpoint to be gone");
    t.equal(await playing, "lost");
    await until(async () => !(await again.alive("fs-1", endpoint.id)), "it is gone");
    await again.kill("fs-1", endpoint.id);
    t.same(await again.orphans(), []);
  });

  parts.test("a killed process: who was alone hears the goodbye, who was in conversation stays in it", async (t) => {
    const { media, newMedia, newTelephone } = await setUp(t, far, `${node}-survivor`);
    const begin = async (act: "play" | "bridge", count: number) => {
      const telephones = await Promise.all(Array.from({ length: count }, newTelephone));
      const remotes = telephones.map((telephone) => telephone.sdp());
      const life = startMediaProcess({ far: far.addresses, node: `${node}-dead`, remotes, prompt: act === "play" ? long : medium, act });
      t.teardown(() => life.kill());
      const { endpoints = [] } = await life.reply();
      telephones.forEach((telephone, at) => {
        telephone.connect(endpoints[at]?.localSdp);
      });
      const [first = await newTelephone(), other = first] = telephones;
      return { life, first, other, ids: endpoints.map(({ id }) => id) };
    };
    const gone = (ids: readonly string[]) =>
      until(async () => !(await Promise.all(ids.map((id) => media.alive("fs-1", id)))).includes(true), "channels gone", 15_000);

    const alone = await begin("play", 1);
    await alone.first.until(({ soundRun }) => soundRun > 0);
    await alone.life.kill();
    await gone(alone.ids);
    t.ok(await hearsEnd(alone.first, goodbye), "alone with a prompt: the goodbye to its end");

    const together = await begin("bridge", 2);
    await converse(together.first, together.other, third.pcm);
    await together.life.kill();
    await converse(together.other, together.first, fourth.pcm);
    t.ok(findSound(together.first.hearing.audio, "PCMU", goodbye).fraction < 0.5, "in conversation: no goodbye");
    const again = await newMedia(`${node}-dead`);
    const orphans = await again.orphans();
    t.same(orphans.map(({ endpointId }) => endpointId).sort(), [...together.ids].sort(), "and both are found again");
    const [firstId = "", otherId = ""] = together.ids;
    await again.kill("fs-1", otherId);
    await gone([otherId]);
    t.equal(await media.alive("fs-1", firstId), true, "when one hangs up, the other is not cut off at once");
    await again.kill("fs-1", firstId);
    await gone([firstId]);

    const parted = await begin("bridge", 2);
    await converse(parted.first, parted.other, third.pcm);
    await parted.life.partAndPlay();
    await parted.first.until(({ soundRun }) => soundRun > 5);
    await parted.life.kill();
    await gone(parted.ids);
    t.ok(await hearsEnd(parted.other, goodbye), "alone again after a conversation: the goodbye");
    t.ok(await hearsEnd(parted.first, goodbye), "and after what was playing, when something was");
  });

  parts.test("what is wrong with FreeSWITCH is said in one line", async (t) => {
    const { drachtio, freeswitch } = far.addresses;
    const connection = await connectDrachtio(drachtio, far.clock, silentLog);
    t.teardown(() => connection.close());
    const connecting = (change: Partial<typeof freeswitch>) => {
      const server = { ...freeswitch, ...change, listenAddress: "127.0.0.1", listenPort: 0, maxSessions: 20 };
      return new FreeswitchMedia([server], connection.srf, node, far.clock, silentLog).connect();
    };
    await t.rejects(connecting({ password: "wrong" }), {
      code: "freeswitch-password-wrong",
      retryable: false,
      message: /^FreeSWITCH fs-1 \(127\.0\.0\.1:\d+\) refused the password\. Set [^\n]+$/,
    });
    await t.rejects(connecting({ port: 9 }), {
      code: "freeswitch-unreachable",
      retryable: true,
      message: /^FreeSWITCH fs-1 \(127\.0\.0\.1:9\) does not answer on its event socket \(ECONNREFUSED\)\. Start it[^\n]+$/,
    });
  });
});
