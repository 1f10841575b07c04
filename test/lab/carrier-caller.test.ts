import t from "tap";
import { Fault } from "../../src/kernel/fault.ts";
import { intBetween, seededRandom } from "../../src/kernel/random.ts";
import { callerScript } from "../../src/lab/carrier/caller-script.ts";
import { Directory, suffixes } from "../../src/lab/carrier/directory.ts";
import { findSound } from "../../src/lab/carrier/match.ts";
import { encode } from "../../src/lab/media/g711.ts";
import { join, silence } from "../../src/lab/media/tone.ts";
import { answered, goodbye, hungUp, prompt, seed, world } from "./carrier-kit.ts";
import type { Telephone } from "./telephone.ts";

t.test("a scripted caller lets a prompt pass, answers the next, speaks, breaks in, hangs up at its step", async (t) => {
  const { carrier, dial, end, telephone } = await world(t);
  const meet = async (script: string) => {
    carrier.directory.assign("+15550100777", [`does:${script}`]);
    const phone = await telephone();
    const dialog = await answered(t, dial("+15550100777", phone.sdp()));
    phone.connect(dialog.remoteSdp);
    return { phone, dialog };
  };
  const keysAfter = async (phone: Telephone, pcm: Int16Array) => {
    const before = phone.hearing.digitsHeard;
    await phone.say(join([pcm, silence(1600)]));
    return phone.hearing.digitsHeard.slice(before.length);
  };

  const one = await meet("ring 20ms then listen then listen then press 12# then listen 300ms then say 600ms then stay");
  t.equal(await keysAfter(one.phone, prompt), "", "the first prompt passes");
  t.equal(await keysAfter(one.phone, goodbye), "12#", "the second is answered when it is over");
  await one.phone.say(prompt);
  t.equal(one.phone.hearing.soundMs, 0, "nothing said before its time");
  await one.phone.until((hearing) => hearing.soundMs >= 300);
  await one.dialog.bye();

  const two = await meet("hear 400ms then press 5 then hear then hang up");
  await two.phone.say(prompt.subarray(0, 8 * 300));
  t.equal(two.phone.hearing.digitsHeard, "", "not enough heard");
  const bye = hungUp(two.dialog);
  void two.phone.say(prompt);
  await two.phone.until((hearing) => hearing.digitsHeard === "5");
  await bye;
  t.match(carrier.books.toJSON().calls.at(-1), { endedBy: "carrier", digitsSent: "5" });

  carrier.directory.assign("+15550100778", ["commenter"]);
  const ear = await telephone();
  const speaking = await answered(t, dial("+15550100778", ear.sdp()));
  ear.connect(speaking.remoteSdp);
  await ear.say(prompt);
  const soFar = ear.hearing.soundMs;
  await ear.until((hearing) => hearing.soundMs > soFar + 2000);
  await speaking.bye();

  const three = await meet("press 7|7 then vanish");
  await three.phone.until((hearing) => hearing.digitsHeard === "7");
  while (carrier.books.legsUp().length > 0) await new Promise(setImmediate);
  t.equal((await three.dialog.bye()).status, 481, "gone, after the key was sent");
  await end();
});

t.test("a caller's script that makes no sense is refused with the action that is wrong", async (t) => {
  t.match(callerScript("say a.wav then wait 1..2s then hang up"), {
    ending: { acts: [{ do: "say", what: { sound: "a.wav" } }, { do: "wait", forMs: [1000, 2000], exact: true }, { do: "hang-up" }, { do: "stay" }] },
  });
  const broken = [
    "",
    "press",
    "press 1x",
    "pres 1",
    "wait",
    "wait 5",
    "wait 2..1s",
    "wait 400s",
    "hang",
    "listen then ring 1s",
    "stay 1s",
    `${"hear then ".repeat(900)}hear`,
  ];
  for (const text of broken) t.throws(() => callerScript(text), { code: "caller-script" }, text.slice(0, 40));
  t.throws(() => callerScript("listen then pres 1"), { message: /"pres 1".*press KEYS/ });
  t.throws(() => new Directory({ seed, numbers: { "1": "does:nothing" } }), { code: "caller-script" });
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
