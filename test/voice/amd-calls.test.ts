import esl from "drachtio-modesl";
import t from "tap";
import type { Answering } from "../../src/attempt/answering.ts";
import type { PhoneNumber } from "../../src/kernel/phone.ts";
import { cast } from "../../src/lab/carrier/cast.ts";
import { labPassword, until } from "../harness/far-side.ts";
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
  /** It is taken back before it is answered, and so costs nothing. */
  readonly unanswered?: true;
}

const left = { result: "machine-message", outcome: "message_left", message: true } as const;
const talked = { result: "human", outcome: "pressed_one" } as const;

const people: Readonly<Record<string, Party>> = {
  ...Object.fromEntries(
    Object.keys(cast)
      .filter((name) => name.startsWith("voicemail"))
      .map((name) => [name, { persona: name, ...left }]),
  ),
  "long 620 Hz": { persona: greets(tone(620, 1200)), ...left },
  "hangs up on us": { persona: "does:say 6s then hang up", result: "machine", outcome: "machine" },
  hello: { persona: "does:wait 400ms then say 700ms then listen then press 1", ...talked },
  longer: { persona: "does:wait 200ms then say 1500ms then listen then press 1", ...talked },
  "late to speak": { persona: "does:wait 2500ms then say 600ms then listen then press 1", ...talked },
  "at once": { persona: "does:say 500ms then listen then press 1", ...talked },
  "says twice": { persona: "does:say 400ms then wait 450ms then say 400ms then listen then press 1", ...talked },
  "silent, then presses": { persona: "does:listen then press 1", ...talked },
  "hangs up at once": { persona: "does:wait 200ms then hang up", result: "human", outcome: "hung_up" },
  business: { persona: "business", result: "human", outcome: "no_input" },
  "rings early": { persona: "early-ringback", result: "human", outcome: "no_input" },
  "announced early": { persona: "early-media", ...talked },
  silent: { persona: "silent", result: "silence", outcome: "no_input" },
  fax: { persona: "fax", result: "fax", outcome: "fax" },
  "answered tones": { persona: `does:wait 300ms then say ${sit} then stay`, result: "sit", outcome: "sit" },
  "tones, then 404": { persona: "sit", result: "sit", unanswered: true },
  "tones, then an announcement": { persona: "announcement", result: "sit", unanswered: true },
  "busy tone": { persona: "busy-tone", result: "busy", unanswered: true },
};

const names = Object.keys(people);
const numbers = new Map(names.map((name, at) => [name, numberOf(`+1212555${2000 + at}`)]));

/** What FreeSWITCH answers a command. */
function ask({ far }: Server, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const connection = new esl.Connection("127.0.0.1", far.freeswitch.eslPort, labPassword, () => {
      connection.api(command, (answer: { getBody(): string }) => {
        resolve(answer.getBody().trim());
        connection.disconnect();
      });
    });
    connection.on("error", reject);
  });
}

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
    const { result, outcome, message, unanswered } = people[name] ?? {};
    t.match(attempt, { state: "ended", result, ...(outcome && { outcome }) }, `${name}: ${attempt?.reason} (seed ${seed})`);
    const call = server.far.carrier.books.calls.find(({ called }) => called === number);
    if (unanswered) t.match(call, { finalStatus: 487, legs: [] }, `${name}: canceled, and never answered (seed ${seed})`);
    if (!message) continue;
    const hearing = call?.hearings[0];
    const [firstSoundAtMs, saidUntilMs] = [hearing?.firstSoundAtMs ?? 0, hearing?.saidUntilMs ?? 0];
    t.ok(
      saidUntilMs > 0 && firstSoundAtMs > saidUntilMs,
      `${name}: the message begins ${firstSoundAtMs - saidUntilMs} ms after the last sound (seed ${seed})`,
    );
  }
  await noLeaks(t, server);
  await server.close();
});

t.test("where the taps are dead people are people, at once", async (t) => {
  const called = [3001, 3002].map((at) => numberOf(`+1212555${at}`));
  const server = await openServer(t, Object.fromEntries(called.map((number) => [number, "does:listen then press 1"])), {}, { pace: 1 });
  const campaign = await campaignWith(server, called, { profile: "b2b" });
  const running = run(server, campaign);
  await until(() => server.far.carrier.books.legsUp().filter(({ state }) => state === "up").length === called.length, "both to have answered");
  const { rows }: { rows: readonly Readonly<Record<string, string>>[] } = JSON.parse(await ask(server, "show channels as json"));
  const taps = rows.filter((row) => row["application"] === "native_eavesdrop");
  t.ok(taps.length >= called.length, "each has one, and so have endpoints that are kept");
  for (const tap of taps) t.match(await ask(server, `uuid_kill ${tap["uuid"]}`), /^\+OK/);
  for (const attempt of await running)
    t.match(attempt, { result: "human", outcome: "pressed_one", reason: "unknown, not-heard; completed" }, `seed ${seed}`);
  await noLeaks(t, server);
  await server.close();
});
