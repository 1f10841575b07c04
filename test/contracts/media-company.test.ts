import t, { type Test } from "tap";
import { FreeswitchMedia } from "../../src/adapter/freeswitch/media.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { until } from "../harness/far-side.ts";
import { askFreeswitch, hearsEnd, overEach, setUp, short } from "./media-kit.ts";
import { Company } from "./who-hears.ts";

/*
 * More than two in a conversation, one who is muted, and one who listens in: who hears whom, and what becomes of those who stay when one of them leaves.
 * Over the same far sides as media.test.ts.
 */

t.setTimeout(280_000);

overEach("company", (_, far, node, parts) => {
  /** People on servers; two names are one FreeSWITCH, and what lies between them is a link all the same. */
  const open = async (t: Test, ...people: readonly (readonly [string, string])[]) => {
    const { connection, newTelephone } = await setUp(t, far, node);
    const { freeswitch } = far.addresses;
    const servers = ["fs-1", "fs-2"].map((name) => ({ ...freeswitch, name, listenAddress: "127.0.0.1", listenPort: 0, maxSessions: 20 }));
    const media = new FreeswitchMedia(servers, connection.srf, `${node}-company`, far.clock, silentLog);
    t.teardown(() => media.close());
    await media.connect();
    await until(() => media.servers.every(({ state }) => state === "up"), "both connected");
    const opened = await Promise.all(
      people.map(async ([name, server]) => {
        const [endpoint, telephone] = await Promise.all([media.open(server), newTelephone()]);
        await endpoint.attach(telephone.sdp());
        telephone.connect(endpoint.localSdp);
        return { name, endpoint, telephone };
      }),
    );
    const company = new Company(opened);
    return {
      media,
      hear: (expected: string) => company.hear(expected),
      find: (name: string) => opened.find((one) => one.name === name) ?? fail(name),
    };
  };
  const fail = (name: string): never => {
    throw new Error(`nobody is called ${name}`);
  };

  for (const [where, there] of [
    ["on one server", "fs-1"],
    ["over a link", "fs-2"],
  ] as const) {
    parts.test(`three hear each other, ${where}; who leaves leaves the others together, and the last is alone and can be spoken to`, async (t) => {
      const { find, hear, media } = await open(t, ["ann", "fs-1"], ["bob", "fs-1"], ["cy", there]);
      const [ann, bob, cy] = [find("ann"), find("bob"), find("cy")];
      await ann.endpoint.bridge(bob.endpoint);
      await hear("ann: bob; bob: ann; cy:");
      await ann.endpoint.meet([bob.endpoint, cy.endpoint]);
      await hear("ann: bob cy; bob: ann cy; cy: ann bob");
      await bob.endpoint.unbridge();
      await hear("ann: cy; bob:; cy: ann");
      await ann.endpoint.meet([bob.endpoint]);
      await hear("ann: bob cy; bob: ann cy; cy: ann bob");
      await bob.endpoint.close();
      bob.telephone.hearing.dropAudio();
      await hear("ann: cy; bob:; cy: ann");
      await cy.endpoint.close();
      await until(() => media.waits("fs-1", ann.endpoint.id), "waiting as after any conversation");
      ann.telephone.stream.hush();
      t.equal(await ann.endpoint.play([short]), "played");
      t.ok(await hearsEnd(ann.telephone, short.pcm));
    });

    parts.test(
      `somebody listens in ${where}: heard by nobody, by one, by all; through hold and conference, and nobody minds when they go`,
      async (t) => {
        const { find, hear } = await open(t, ["person", "fs-1"], ["agent", "fs-1"], ["boss", there], ["third", "fs-1"]);
        const [person, agent, boss, third] = [find("person"), find("agent"), find("boss"), find("third")];
        await person.endpoint.bridge(agent.endpoint);
        await boss.endpoint.overhear(agent.endpoint, "listen");
        await hear("person: agent; agent: person; boss: person agent; third:");
        await boss.endpoint.overhear(agent.endpoint, "whisper");
        await hear("person: agent; agent: person boss; boss: person agent; third:");
        await boss.endpoint.overhear(agent.endpoint, "barge");
        await hear("person: agent boss; agent: person boss; boss: person agent; third:");
        await boss.endpoint.overhear(agent.endpoint, "whisper");
        await person.endpoint.unbridge();
        await hear("person:; agent: boss; boss: agent; third:");
        await person.endpoint.meet([agent.endpoint, third.endpoint]);
        await hear("person: agent third; agent: person boss third; boss: person agent third; third: person agent");
        await third.endpoint.close();
        await boss.endpoint.unbridge();
        third.telephone.hearing.dropAudio();
        await hear("person: agent; agent: person; boss:; third:");
        await boss.endpoint.overhear(agent.endpoint, "listen");
        await hear("person: agent; agent: person; boss: person agent; third:");
        await agent.endpoint.close();
        agent.telephone.hearing.dropAudio();
        await hear("person:; agent:; boss:; third:");
        boss.telephone.stream.hush();
        t.equal(await boss.endpoint.play([short]), "played", "who listened can be spoken to");
        await t.rejects(boss.endpoint.overhear(agent.endpoint, "listen"), { code: "bridge-failed" });
      },
    );
  }

  parts.test("who is muted hears and is not heard, in every kind of conversation", async (t) => {
    const { find, hear } = await open(t, ["ann", "fs-1"], ["bob", "fs-1"], ["cy", "fs-1"]);
    const [ann, bob, cy] = [find("ann"), find("bob"), find("cy")];
    await ann.endpoint.bridge(bob.endpoint);
    await bob.endpoint.mute(true);
    await hear("ann:; bob: ann; cy:");
    await ann.endpoint.meet([bob.endpoint, cy.endpoint]);
    await hear("ann: cy; bob: ann cy; cy: ann");
    await bob.endpoint.mute(false);
    await hear("ann: bob cy; bob: ann cy; cy: ann bob");
  });

  parts.test("straight from one conversation into the next: no goodbye is left behind that would cut it", async (t) => {
    const { find, hear } = await open(t, ["ann", "fs-1"], ["bob", "fs-1"], ["cy", "fs-1"]);
    const [ann, bob, cy] = [find("ann"), find("bob"), find("cy")];
    await ann.endpoint.bridge(bob.endpoint);
    await hear("ann: bob; bob: ann; cy:");
    await ann.endpoint.unbridge();
    await Promise.all([ann, cy].map(({ endpoint }) => endpoint.liftGuard()));
    const lifted = ann.telephone.packetsOut;
    await until(() => ann.telephone.packetsOut > lifted + 5, "a tenth of a second");
    await ann.endpoint.bridge(cy.endpoint);
    await hear("ann: cy; bob:; cy: ann");
    const sent = ann.telephone.packetsOut;
    await until(() => ann.telephone.packetsOut > sent + 60, "more than a second");
    const left = await Promise.all([ann, bob, cy].map(({ endpoint }) => askFreeswitch(far, `sched_del ${endpoint.id}`)));
    t.same(left, ["+OK Deleted: 0", "+OK Deleted: 1", "+OK Deleted: 0"], "but for the one who is alone");
  });

  parts.test("who is parted can be spoken to in the same moment, every time", async (t) => {
    const { find, hear } = await open(t, ["ann", "fs-1"], ["bob", "fs-1"]);
    const [ann, bob] = [find("ann"), find("bob")];
    for (let turn = 0; turn < 8; turn++) {
      await ann.endpoint.bridge(bob.endpoint);
      await hear("ann: bob; bob: ann");
      await ann.endpoint.unbridge();
      const spoken = await Promise.all([ann, bob].map(({ endpoint }) => endpoint.play([short])));
      t.same(spoken, ["played", "played"]);
    }
  });

  parts.test("keys are sent to the far side, in conversation and out of it", async (t) => {
    const { find, hear } = await open(t, ["ann", "fs-1"], ["bob", "fs-1"]);
    const [ann, bob] = [find("ann"), find("bob")];
    await ann.endpoint.press("12#");
    await ann.telephone.until(({ digitsHeard }) => digitsHeard === "12#");
    await ann.endpoint.bridge(bob.endpoint);
    await hear("ann: bob; bob: ann");
    await ann.endpoint.press("*0");
    await ann.telephone.until(({ digitsHeard }) => digitsHeard === "12#*0");
    t.equal(bob.telephone.hearing.digitsHeard, "");
    await t.rejects(ann.endpoint.press("1 2"), { code: "keys-invalid" });
  });

  parts.test("nobody is brought together with one who is not there", async (t) => {
    const { find, hear } = await open(t, ["ann", "fs-1"], ["bob", "fs-1"]);
    const [ann, bob] = [find("ann"), find("bob")];
    await bob.endpoint.close();
    await t.rejects(ann.endpoint.meet([bob.endpoint]), { code: "bridge-failed" });
    ann.telephone.stream.hush();
    t.equal(await ann.endpoint.play([short]), "played");
    bob.telephone.hearing.dropAudio();
    await hear("ann:; bob:");
  });
});
