import { sines } from "../../src/lab/media/tone.ts";
import { type Endpoint, heard, next } from "./freeswitch-kit.ts";
import { attached, goodbye, pcmOf, prompt, promptFile, scenario, stack, tell, together, tone, until } from "./freeswitch-scenario.ts";

scenario("nobody is left in silence when the app's socket closes", async (test) => {
  /** As if the app had been killed: its sockets close without a word. */
  const die = (endpoint: Endpoint) => endpoint.conn?.socket.destroy();

  await test.test("in a prompt: it is cut, the goodbye is heard to its end, then BYE with cause 16", async (sub) => {
    const { endpoint, telephone } = await attached();
    const bye = next<{ get(name: string): string }>(endpoint.dialog, "destroy");
    const started = next(endpoint, "playback-start");
    void endpoint.play(tone(60_000)).catch(() => {});
    await started;
    die(endpoint);
    sub.match((await bye).get("Reason"), /Q\.850;cause=16/);
    sub.ok(heard(telephone, goodbye));
    sub.notOk(heard(telephone, pcmOf(10_000)), "the prompt did not go on");
  });

  await test.test("idle: the goodbye follows too", async (sub) => {
    const { endpoint, telephone } = await attached();
    const bye = next(endpoint.dialog, "destroy");
    die(endpoint);
    await bye;
    sub.ok(heard(telephone, goodbye));
  });

  await test.test("two in conversation go on talking; the one left over is watched by FreeSWITCH itself", async (sub) => {
    const [agent, lead] = [await attached(), await attached()];
    await agent.endpoint.bridge(lead.endpoint);
    await together(agent.endpoint, lead.endpoint);
    die(agent.endpoint);
    die(lead.endpoint);
    await until(() => stack.freeswitch.channels().every((channel) => channel.control === undefined));
    const words = sines([400], 300);
    await tell(agent.telephone, words, lead.telephone);
    await lead.endpoint.dialog.destroy();
    await until(() => stack.freeswitch.open.tasks === 1);
    sub.equal(stack.freeswitch.find(agent.endpoint.uuid)?.profile.destination, "alone", "parked, with a watchdog of FreeSWITCH's own");
    const left = next(agent.endpoint.dialog, "destroy");
    await stack.ms.api(`uuid_transfer ${agent.endpoint.uuid} goodbye XML mrf`);
    await left;
    sub.ok(heard(agent.telephone, goodbye));
    sub.notOk(heard(lead.telephone, goodbye));
  });

  await test.test("alone again after a conversation: the goodbye follows what is playing", async (sub) => {
    const [agent, lead] = [await attached(), await attached()];
    await agent.endpoint.bridge(lead.endpoint);
    await together(agent.endpoint, lead.endpoint);
    await stack.ms.api(`uuid_transfer ${lead.endpoint.uuid} -both alone XML mrf`);
    const started = next(lead.endpoint, "playback-start");
    void lead.endpoint.play(promptFile).catch(() => {});
    await started;
    const bye = next(lead.endpoint.dialog, "destroy");
    die(lead.endpoint);
    await bye;
    sub.ok(heard(lead.telephone, Int16Array.from([...prompt])));
    sub.ok(heard(lead.telephone, goodbye));
  });

  await test.test("a bridge with socket_resume on is torn apart, as the source says; that is why the dialplan switches it off", async (sub) => {
    const [agent, lead] = [await attached(), await attached()];
    await agent.endpoint.bridge(lead.endpoint);
    await together(agent.endpoint, lead.endpoint);
    sub.equal(await stack.ms.api(`uuid_getvar ${agent.endpoint.uuid} socket_resume`), "false");
    await stack.ms.api(`uuid_setvar ${agent.endpoint.uuid} socket_resume true`);
    die(agent.endpoint);
    await until(() => stack.freeswitch.find(lead.endpoint.uuid)?.partner === undefined);
  });
});

scenario("the watchdog: sched_transfer to the goodbye fires, sched_del takes it back", async (test) => {
  const { endpoint, telephone } = await attached();
  test.equal(await stack.ms.api(`sched_transfer +1 ${endpoint.uuid} goodbye XML mrf`), "+OK\n");
  test.equal(await stack.ms.api(`sched_del ${endpoint.uuid}`), "+OK Deleted: 1\n");
  test.equal(await stack.ms.api(`sched_del ${endpoint.uuid}`), "+OK Deleted: 0\n");
  await endpoint.play("silence_stream://1200");
  test.notOk(heard(telephone, goodbye), "taken back");
  const started = next(endpoint, "playback-start");
  void endpoint.play(tone(60_000)).catch(() => {});
  await started;
  const bye = next(endpoint.dialog, "destroy");
  test.equal(await stack.ms.api(`sched_transfer +1 ${endpoint.uuid} goodbye XML mrf`), "+OK\n");
  await bye;
  test.ok(heard(telephone, goodbye), "fired, while the app was there and did nothing");
  test.equal(await stack.ms.api("sched_transfer +1 0000 goodbye XML mrf"), "-ERR No such channel!\n");
});
