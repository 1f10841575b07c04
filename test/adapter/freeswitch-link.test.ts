import t, { type Test } from "tap";
import { FreeswitchEndpoint } from "../../src/adapter/freeswitch/endpoint.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { bridge } from "../../src/lab/freeswitch/bridge.ts";
import type { LabFreeswitch } from "../../src/lab/freeswitch/lab-freeswitch.ts";
import { Ticker } from "../../src/lab/media/ticker.ts";
import type { Endpoint } from "../../src/voice/ports.ts";
import { converse, fourth, short, third } from "../contracts/media-kit.ts";
import { collected } from "../harness/collected.ts";
import { inTime, until } from "../harness/far-side.ts";
import { Telephone } from "../lab/telephone.ts";
import { openMediaKit, seed, server } from "./freeswitch-kit.ts";

/* Two people whose sound is on different FreeSWITCH servers. */

t.comment(`TEST_SEED=${seed}`);
t.setTimeout(280_000);
const { newFreeswitch, newMedia, connection } = await openMediaKit(t);
const ticker = new Ticker();
t.teardown(() => ticker.close());
let telephones = 0;

/** Two people with a telephone each, on a FreeSWITCH each. @param count 1: both on the same */
async function talk(t: Test, count = 2) {
  const servers = await Promise.all(Array.from({ length: count }, () => newFreeswitch(t)));
  const options = servers.map(({ eslPort }, at) => server(eslPort, { name: `fs-${at + 1}` }));
  const media = newMedia(t, options, { clock: systemClock });
  await media.connect();
  await until(() => media.servers.every(({ state }) => state === "up"), "both to be connected");
  const people = await Promise.all(
    [options[0], options.at(-1)].map(async (of) => {
      const { name = "" } = of ?? {};
      telephones += 1;
      const telephone = await new Telephone(seededRandom(seed + telephones), ticker).open();
      t.teardown(() => telephone.close());
      const endpoint = await media.open(name);
      await endpoint.attach(telephone.sdp());
      telephone.connect(endpoint.localSdp);
      return { endpoint, telephone };
    }),
  );
  const [one, other] = people;
  if (!one || !other) throw new Error("there are two");
  return { servers, media, options, one, other };
}

/** The channel that carries a conversation from there to another server. */
function nearOf(endpoint: Endpoint) {
  const near = endpoint instanceof FreeswitchEndpoint ? endpoint.company.link?.near : undefined;
  if (!near) throw new Error("it is linked to nobody");
  return new WeakRef(near);
}

const channels = (servers: readonly LabFreeswitch[]) => servers.map(({ open }) => open.channels);
const unknown = (servers: readonly LabFreeswitch[]) => servers.flatMap(({ unknownCommands }) => unknownCommands);

t.test("they hear each other, are parted, and can be spoken to again", async (t) => {
  const { servers, media, one, other } = await talk(t);
  await one.endpoint.bridge(other.endpoint);
  t.same(channels(servers), [2, 2], "a channel more on each server");
  await converse(one.telephone, other.telephone, third.pcm);
  await converse(other.telephone, one.telephone, fourth.pcm);
  await one.endpoint.unbridge();
  await until(() => channels(servers).join() === "1,1", "what connected them to be gone");
  t.equal(await one.endpoint.play([short]), "played");
  t.equal(await other.endpoint.play([short]), "played");
  await one.endpoint.bridge(other.endpoint);
  await converse(other.telephone, one.telephone, third.pcm);
  const near = nearOf(one.endpoint);
  await one.endpoint.unbridge();
  await collected(near, "what connected two who are both still there");
  await Promise.all([one.endpoint.close(), other.endpoint.close()]);
  await until(() => channels(servers).join() === "0,0" && media.sessions === 0, "everything to be released");
  t.same(unknown(servers), []);
});

t.test("one leaves: what connected them is released, and the other can be spoken to", async (t) => {
  const { servers, media, one, other } = await talk(t);
  await one.endpoint.bridge(other.endpoint);
  await converse(one.telephone, other.telephone, third.pcm);
  await other.endpoint.close();
  await until(() => channels(servers).join() === "1,0", "only the other to be left");
  t.equal(await one.endpoint.play([short]), "played");
  await one.endpoint.close();
  await until(() => channels(servers).join() === "0,0" && media.sessions === 0, "everything to be released");
});

t.test("one leaves in the moment of being connected: nothing is left", async (t) => {
  const { servers, media, one, other } = await talk(t);
  await one.endpoint.bridge(other.endpoint);
  await other.endpoint.close();
  await until(() => servers[1]?.open.channels === 0, "what connected them to be released");
  await one.endpoint.close();
  await until(() => channels(servers).join() === "0,0" && media.sessions === 0, "everything to be released");
});

t.test("one leaves in the moment of being bridged on the same server: the other is known to wait", async (t) => {
  const { servers, media, one, other } = await talk(t, 1);
  const [own, peer] = [one, other].map(({ endpoint }) => servers[0]?.find(endpoint.id));
  if (!own || !peer) throw new Error("there are two channels");
  t.notOk(await media.waits("fs-1", one.endpoint.id), "who has not been in a conversation does not wait");
  // In one go: the one that holds the bridge leaves before the two channels have met.
  bridge(peer, own);
  peer.hangup();
  await until(() => media.waits("fs-1", one.endpoint.id), "its partner to be known to be gone");
  t.not(own.variables.get("current_application"), "park", "though it never came to where one waits");
  await media.kill("fs-1", one.endpoint.id);
  await Promise.all([one.endpoint.close(), other.endpoint.close()]);
  await until(() => channels(servers).join() === "0" && media.sessions === 0, "everything to be released");
});

t.test("one server dies: the other is left to whoever leads the call", async (t) => {
  const { servers, one, other } = await talk(t);
  await one.endpoint.bridge(other.endpoint);
  await converse(one.telephone, other.telephone, third.pcm);
  await servers[0]?.close();
  await inTime(one.endpoint.gone, "the one whose server died to be known to be gone");
  await until(() => servers[1]?.open.channels === 1, "what connected them to be released");
  t.equal(await other.endpoint.play([short]), "played", "the other can be spoken to");
});

t.test("what connected them is cut: the conversation is over", async (t) => {
  const { servers, media, one, other } = await talk(t);
  await one.endpoint.bridge(other.endpoint);
  await converse(one.telephone, other.telephone, third.pcm);
  const link = servers[0]?.channels().find(({ uuid }) => uuid !== one.endpoint.id);
  await media.kill("fs-1", link?.uuid ?? "");
  await inTime(other.endpoint.gone, "the other to be told by the end of its media session");
  t.equal(await one.endpoint.play([short]), "played", "who was bridged to the other is told, and goes on");
});

t.test("a dead process's conversation over two servers is found by its people, and ends with them", async (t) => {
  const { servers, options, one, other } = await talk(t);
  await one.endpoint.bridge(other.endpoint);
  const successor = newMedia(t, options, { clock: systemClock });
  await successor.connect();
  await until(() => successor.servers.every(({ state }) => state === "up"), "both to be connected");
  const found = await successor.orphans();
  t.same(found.map(({ endpointId }) => endpointId).sort(), [one.endpoint.id, other.endpoint.id].sort(), "what connects them is nobody's leftover");
  await converse(one.telephone, other.telephone, third.pcm);
  await Promise.all(found.map(({ mediaServer, endpointId }) => successor.kill(mediaServer, endpointId)));
  await until(() => channels(servers).join() === "0,0", "everything to be gone with them");
});

t.test("where no link can be had the two are told apart as before", async (t) => {
  const { servers, options, one, other } = await talk(t);
  const [, second] = servers;
  if (second) second.admit = () => undefined;
  await t.rejects(one.endpoint.bridge(other.endpoint), { code: "bridge-failed" });
  await until(() => channels(servers).join() === "1,1", "nothing of it to be left");
  t.equal(await one.endpoint.play([short]), "played");
  t.equal(options.length, 2);
  t.ok(connection.ready);
});
