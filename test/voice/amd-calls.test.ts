import t from "tap";
import type { Answering } from "../../src/attempt/answering.ts";
import type { PhoneNumber } from "../../src/kernel/phone.ts";
import { loadCampaign, noLeaks, numberOf, openServer, run, type Server, seed } from "./calls-kit.ts";

/* Who answers is heard on real calls: SIP, RTP, taps and PostgreSQL, against people, machines, faxes and tones of the lab, at the pace of life. */

t.setTimeout(180_000);

const script = `
script: calls-test
language: en-US
needs: [first_name]
start: { human: hello, machine: message }
steps:
  hello:
    menu: [{ say: "Hello {first_name}. Press 1." }]
    first_digit_s: 3
    keys: { "1": one }
    no_input: nothing
    no_match: nothing
  one: { play: [{ say: "Thank you." }], end: pressed_one }
  nothing: { play: [{ say: "Goodbye." }], end: no_input }
  message: { play: [{ say: "This is a message for {first_name}. Please call us." }], end: message_left }
`;

const tone = (hz: number, ms: number, dB = -12) => `tone_stream://v=${dB};%(${ms},200,${hz})`;
const sit = "tone_stream://v=-14;%(380,0,985.2);%(276,0,1370.6);%(380,600,1776.7)";
const greets = (beep: string, pauseMs = 300) => `does:wait 300ms then say 5s then wait ${pauseMs}ms then say ${beep} then stay`;

interface Party {
  readonly persona: string;
  readonly result: string;
  readonly outcome?: string;
  /** A message comes after the last word or tone of theirs. */
  readonly message?: true;
}

const people: Readonly<Record<string, Party>> = {
  hello: { persona: "does:wait 400ms then say 700ms then listen then press 1", result: "human", outcome: "pressed_one" },
  longer: { persona: "does:wait 200ms then say 1500ms then listen then press 1", result: "human", outcome: "pressed_one" },
  "late to speak": { persona: "does:wait 2500ms then say 600ms then listen then press 1", result: "human", outcome: "pressed_one" },
  "at once": { persona: "does:say 500ms then listen then press 1", result: "human", outcome: "pressed_one" },
  "says twice": { persona: "does:say 400ms then wait 450ms then say 400ms then listen then press 1", result: "human", outcome: "pressed_one" },
  "silent, then presses": { persona: "does:listen then press 1", result: "human", outcome: "pressed_one" },
  "hangs up at once": { persona: "does:wait 200ms then hang up", result: "human", outcome: "hung_up" },
  silent: { persona: "does:stay", result: "silence", outcome: "no_input" },
  "1 kHz": { persona: greets(tone(1000, 400)), result: "machine-message", outcome: "message_left", message: true },
  "short 1.4 kHz": { persona: greets(tone(1400, 160)), result: "machine-message", outcome: "message_left", message: true },
  "long 440 Hz": { persona: greets(tone(440, 1000)), result: "machine-message", outcome: "message_left", message: true },
  "late 850 Hz": { persona: greets(tone(850, 300), 1400), result: "machine-message", outcome: "message_left", message: true },
  "soft 2 kHz": { persona: greets(tone(2000, 300, -18)), result: "machine-message", outcome: "message_left", message: true },
  "no greeting": {
    persona: `does:wait 800ms then say ${tone(1000, 500)} then stay`,
    result: "machine-message",
    outcome: "message_left",
    message: true,
  },
  "no beep": { persona: "does:say 6s then stay", result: "machine-message", outcome: "message_left", message: true },
  "hangs up on us": { persona: "does:say 6s then hang up", result: "machine", outcome: "machine" },
  fax: { persona: "fax", result: "fax", outcome: "fax" },
  "answered tones": { persona: `does:wait 300ms then say ${sit} then stay`, result: "sit", outcome: "sit" },
};

const names = Object.keys(people);
const numbers = new Map(names.map((name, at) => [name, numberOf(`+1212555${2000 + at}`)]));

async function campaignWith(server: Server, called: readonly PhoneNumber[], amd: Answering, source = script) {
  const campaign = await loadCampaign(server, `amd-${called.length}`, called, undefined, source);
  await server.stores.pool.query("update campaign set amd = $1 where id = $2", [JSON.stringify(amd), campaign.id]);
  return campaign;
}

t.test("a person is a person, a machine hears its message after the beep, a fax hears nothing", async (t) => {
  const server = await openServer(
    t,
    Object.fromEntries(names.map((name) => [numbers.get(name) ?? "", people[name]?.persona ?? ""])),
    {},
    { pace: 1 },
  );
  const campaign = await campaignWith(server, [...numbers.values()], { profile: "b2c" });
  const attempts = await run(server, campaign);
  t.equal(attempts.length, names.length);
  for (const name of names) {
    const number = numbers.get(name);
    const attempt = attempts.find(({ address }) => address === number);
    const { result, outcome, message } = people[name] ?? {};
    t.match(attempt, { state: "ended", result, ...(outcome && { outcome }) }, `${name}: ${attempt?.reason} (seed ${seed})`);
    if (!message) continue;
    const hearing = server.far.carrier.books.calls.find(({ called }) => called === number)?.hearings[0];
    const [firstSoundAtMs, saidUntilMs] = [hearing?.firstSoundAtMs ?? 0, hearing?.saidUntilMs ?? 0];
    t.ok(
      saidUntilMs > 0 && firstSoundAtMs > saidUntilMs,
      `${name}: the message begins ${firstSoundAtMs - saidUntilMs} ms after the last sound (seed ${seed})`,
    );
  }
  await noLeaks(t, server);
  await server.close();
});
