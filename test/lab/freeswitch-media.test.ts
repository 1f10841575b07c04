import { sines } from "../../src/lab/media/tone.ts";
import { heard, next } from "./freeswitch-kit.ts";
import { attached, event, pcmOf, prompt, promptFile, scenario, stack, tell, together, tone, until } from "./freeswitch-scenario.ts";

scenario("uuid_displace lays a sound over what is heard, or takes its place; uuid_audio mutes", async (test) => {
  const { endpoint, telephone } = await attached();
  const displace = (what: string) => stack.ms.api(`uuid_displace ${endpoint.uuid} ${what}`);
  test.equal(await displace(`start ${tone(400, 500)} 0 mux`), "+OK Success\n");
  test.equal(await displace(`start ${tone(400, 500)} 0 mux`), "-ERR Cannot displace session!\n", "once at a time");
  await telephone.until(() => heard(telephone, pcmOf(400, 500)));
  await until(() => stack.freeswitch.find(endpoint.uuid)?.media.filters.passing === false);
  test.equal(await displace(`stop ${tone(400, 500)}`), "-ERR Cannot stop displace session!\n", "it ended by itself");

  await displace(`start ${promptFile} 0 ml`);
  await endpoint.play(tone(200, 700));
  test.notOk(heard(telephone, pcmOf(200, 700)), "not as it is, but with the other in it");
  test.equal(await displace(`stop ${promptFile}`), "+OK Success\n");
  await displace(`start ${promptFile} 0 l`);
  await endpoint.play(tone(600, 700));
  await displace(`stop ${promptFile}`);
  test.ok(heard(telephone, prompt), "in its place");
  test.notOk(heard(telephone, pcmOf(200, 700)));
  test.equal(await displace("start /nonexistent.wav"), "-ERR Cannot displace session!\n");
  test.equal(await displace("start"), "-USAGE: <uuid> [start|stop] <path> [<limit>] [mux]\n");

  const audio = (what: string) => stack.ms.api(`uuid_audio ${endpoint.uuid} ${what}`);
  test.equal(await audio("start write mute 1"), "+OK\n");
  await endpoint.play(tone(200, 900));
  test.notOk(heard(telephone, pcmOf(200, 900)), "muted");
  test.equal(await audio("stop"), "+OK\n");
  await endpoint.play(tone(200, 900));
  await telephone.until(() => heard(telephone, pcmOf(200, 900)));
  test.match(await audio("start both"), /^-USAGE/);
  test.same(stack.freeswitch.unknownCommands, []);
});

scenario("a whisper: displaced into one leg of a bridge, the other does not hear it", async (test) => {
  const [agent, lead] = [await attached(), await attached()];
  await agent.endpoint.bridge(lead.endpoint);
  await together(agent.endpoint, lead.endpoint);
  await stack.ms.api(`uuid_displace ${agent.endpoint.uuid} start ${tone(200, 600)} 0 m`);
  await agent.telephone.until(() => heard(agent.telephone, pcmOf(200, 600)));
  const words = sines([400], 200);
  await tell(lead.telephone, words, agent.telephone);
  test.notOk(heard(lead.telephone, pcmOf(200, 600)));
});

scenario("speak: the lab's voice for flite, nothing for an engine that is not there; uuid_hold by re-INVITE; uuid_park", async (test) => {
  const { endpoint, telephone } = await attached();
  const before = telephone.hearing.soundMs;
  await endpoint.execute("speak", "flite|kal|hello this is a test call");
  test.ok(telephone.hearing.soundMs > before + 1000, "about as long as flite");
  const quiet = telephone.hearing.soundMs;
  await endpoint.execute("speak", "nope|kal|x");
  await endpoint.execute("say", "en NUMBER pronounced 123");
  await endpoint.execute("playback", "say:hello again");
  test.equal(telephone.hearing.soundMs, quiet);
  const hold = next<{ state: string }>(endpoint, "channelCallState");
  test.equal(await stack.ms.api(`uuid_hold ${endpoint.uuid}`), "+OK Success\n");
  test.match(await hold, { state: "HELD" });
  test.equal(await stack.ms.api(`uuid_hold ${endpoint.uuid}`), "-ERR Operation failed\n", "it is held already");
  const back = event("CHANNEL_CALLSTATE", { "Channel-Call-State": "ACTIVE" });
  test.equal(await stack.ms.api(`uuid_hold off ${endpoint.uuid}`), "+OK Success\n");
  await back;
  test.equal(await stack.ms.api(`uuid_park ${endpoint.uuid}`), "+OK\n");
  await endpoint.play(tone(200, 900));
  await telephone.until(() => heard(telephone, pcmOf(200, 900)));
  test.same(stack.freeswitch.unknownCommands, []);
});
