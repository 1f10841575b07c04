import { decode, encode } from "../../src/lab/media/g711.ts";
import { join, silence, sines } from "../../src/lab/media/tone.ts";
import { type Endpoint, heard } from "./freeswitch-kit.ts";
import { attached, event, pcmOf, prompt, promptFile, scenario, stack, tell, tone, until } from "./freeswitch-scenario.ts";

const room = (command: string) => stack.ms.api(`conference room ${command}`);
const size = () => stack.freeswitch.conferences.find("room")?.members.length ?? 0;

/** Three people in one conference, by the number each has in it. */
async function three(flags = "") {
  const people = [];
  for (let count = 1; count <= 3; count++) {
    const person = await attached();
    const over = person.endpoint.execute("conference", count === 1 ? `room${flags}` : "room").catch(() => undefined);
    await until(() => size() === count);
    people.push({ ...person, over, id: stack.freeswitch.conferences.find("room")?.members[0]?.id ?? 0 });
  }
  const [one, two, other] = people;
  if (!one || !two || !other) throw new Error("three people");
  return { one, two, other };
}

const inRoom = (endpoint: Endpoint) =>
  stack.freeswitch.conferences.find("room")?.members.some(({ channel }) => channel.uuid === endpoint.uuid) ?? false;

scenario("everybody hears all others, and a file that is played; nobody hears himself", async (test) => {
  const { one, two, other } = await three();
  const words = sines([400], 300);
  await tell(one.telephone, words, two.telephone);
  await other.telephone.until(() => heard(other.telephone, words));
  test.equal(one.telephone.hearing.soundMs, 0, "not his own words");
  // The last of the words may still be on their way.
  await one.telephone.say(silence(200));
  const started = event("CUSTOM", { Action: "play-file" });
  const done = event("CUSTOM", { Action: "play-file-done", File: promptFile });
  test.equal(await room(`play ${promptFile}`), `+OK (play) Playing file ${promptFile}\n`);
  test.match((await started).event, { "Conference-Size": "3", Async: "false" });
  test.match((await done).event, { milliseconds: "400" });
  for (const { telephone } of [one, two, other]) await telephone.until(() => heard(telephone, prompt));
  test.equal(await room("play /nonexistent.wav"), "-ERR (play) File: /nonexistent.wav not found.\n");
  const endless = event("CUSTOM", { Action: "play-file-done" });
  await room(`play ${tone(60_000)}`);
  test.equal(await room("stop"), "+OK Stopped 1 files.\n");
  await endless;
  test.same(stack.freeswitch.unknownCommands, []);
});

scenario("two at once are heard as their sum", async (test) => {
  const { one, two, other } = await three();
  // So steady that the sum does not depend on who began first.
  const steady = (level: number) => new Int16Array(8 * 800).fill(level);
  const [first = 0, second = 0] = decode("PCMU", encode("PCMU", Int16Array.of(8031, 4191)));
  await Promise.all([one.telephone.say(steady(first)), two.telephone.say(steady(second))]);
  const [sum] = encode("PCMU", Int16Array.of(first + second));
  await other.telephone.until((hearing) => hearing.audio.includes(sum ?? 0));
  const [alone] = encode("PCMU", Int16Array.of(second));
  test.ok(one.telephone.hearing.audio.includes(alone ?? 0), "the other one alone");
  test.notOk(one.telephone.hearing.audio.includes(sum ?? 0));
});

scenario("muted, deaf, kicked, locked out; who is kicked is still on the line", async (test) => {
  const { one, two, other } = await three();
  test.equal(await room(`mute ${one.id}`), `+OK mute ${one.id}\n`);
  const words = sines([400], 300);
  await one.telephone.say(join([words, silence(200)]));
  test.notOk(heard(two.telephone, words), "muted");
  test.equal(await room(`unmute ${one.id}`), `+OK unmute ${one.id}\n`);
  await room(`deaf ${two.id}`);
  await tell(one.telephone, words, other.telephone);
  test.notOk(heard(two.telephone, words), "deaf");
  await room(`undeaf ${two.id}`);
  await tell(one.telephone, words, two.telephone);
  test.equal(await room("mute 999"), "-ERR Non-Existant ID 999\n");
  await room("lock");
  const late = await attached();
  await late.endpoint.execute("conference", "room");
  test.notOk(inRoom(late.endpoint), "locked");
  test.equal(await room(`kick ${two.id}`), `+OK kicked ${two.id}\n`);
  await two.over;
  await two.endpoint.play(tone(200, 900));
  await two.telephone.until(() => heard(two.telephone, pcmOf(200, 900)));
  test.equal(await room("list count"), "2\n");
  await other.endpoint.dialog.destroy();
  await until(() => size() === 1);
  test.equal(await room("hup all"), `+OK hup ${one.id}\n`);
  await one.over;
  test.equal(await room("list"), "-ERR Conference room not found\n");
  test.same(stack.freeswitch.unknownCommands, []);
});

scenario(
  "with one who has endconf the conference is over, and the calls of all who do not say otherwise; nobody can join only what is not there",
  async (test) => {
    const { one, two, other } = await three("++flags{endconf}");
    await stack.ms.api(`uuid_setvar ${two.endpoint.uuid} hangup_after_conference false`);
    const ended = new Promise((resolve) => other.endpoint.dialog.once("destroy", resolve));
    await one.endpoint.destroy();
    await Promise.all([two.over, other.over, ended]);
    test.ok(two.endpoint.connected);
    await two.endpoint.execute("conference", "room++flags{join-only}");
    test.equal(size(), 0);
  },
);
