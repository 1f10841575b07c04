import esl from "drachtio-modesl";
import t from "tap";
import type { AttemptView } from "../../src/api/ports.ts";
import type { Answering } from "../../src/attempt/answering.ts";
import { compare } from "../../src/command/compare.ts";
import type { PhoneNumber } from "../../src/kernel/phone.ts";
import { cast } from "../../src/lab/carrier/cast.ts";
import { labPassword, until } from "../harness/far-side.ts";
import { loadCampaign, noLeaks, numberOf, openServer, run, type Server, seed } from "./calls-kit.ts";

/* Who answers is heard on real calls: SIP, RTP, taps and PostgreSQL, against people, machines, faxes and tones of the lab, at the pace of life. */

t.setTimeout(280_000);

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

/** What went otherwise than it should have on the call to a party; undefined when nothing did. */
function wrongWith(party: Party, { far }: Server, attempt: AttemptView | undefined): string | undefined {
  const { result, outcome, message, unanswered } = party;
  if (attempt?.result !== result || (outcome !== undefined && attempt.outcome !== outcome))
    return `${attempt?.result} ${attempt?.outcome}: ${attempt?.reason}`;
  const call = far.carrier.books.calls.find(({ called }) => called === attempt.address);
  if (unanswered && (call?.finalStatus !== 487 || call.legs.length > 0)) return "it was answered, or ended by the far side";
  const hearing = call?.hearings[0];
  const waitedMs = (hearing?.firstSoundAtMs ?? 0) - (hearing?.saidUntilMs ?? Number.POSITIVE_INFINITY);
  return message && !(waitedMs > 0) ? `the message begins ${waitedMs} ms after their last sound` : undefined;
}

// On a machine that is far too busy the lab's sound comes in pieces, and a tone in pieces is another tone: whom that befell is called again.
const rounds = 4;

t.test("a person is a person, a machine hears its message after the beep, a fax hears nothing", async (t) => {
  let left = names;
  for (let round = 1; round <= rounds && left.length > 0; round++) {
    const called = left.map((name) => numbers.get(name) ?? numberOf("+12125550000"));
    const server = await openServer(
      t,
      Object.fromEntries(left.map((name, at) => [called[at], people[name]?.persona ?? ""])),
      {},
      { pace: 1, speed: 3 },
    );
    const attempts = await run(server, await campaignWith(server, called, { profile: "b2c" }));
    t.equal(attempts.length, left.length);
    const wrong = new Map<string, string>();
    for (const [at, name] of left.entries()) {
      const attempt = attempts.find(({ address }) => address === called[at]);
      const party = people[name];
      const why = party && wrongWith(party, server, attempt);
      if (why !== undefined) wrong.set(name, why);
      if (party?.result === "human") t.equal(attempt?.result, "human", `${name} is never taken for a machine: ${attempt?.reason} (seed ${seed})`);
    }
    const { disagreements } = compare(attempts, server.far.carrier.books.toJSON().calls, new Set(), [], true);
    const found = disagreements.filter((text) => ![...wrong.keys()].some((name) => text.includes(`to ${numbers.get(name)}:`)));
    t.same(found, [], `the carrier's books say the same of who answered (seed ${seed})`);
    for (const [name, why] of wrong) t.comment(`round ${round}: ${name}: ${why}`);
    left = [...wrong.keys()];
    await noLeaks(t, server);
    await server.close();
  }
  t.same(left, [], `everybody else got what they should (seed ${seed})`);
});

t.test("where the taps are dead people are people, at once", async (t) => {
  const called = [3001, 3002].map((at) => numberOf(`+1212555${at}`));
  const server = await openServer(t, Object.fromEntries(called.map((number) => [number, "does:listen then press 1"])), {}, { pace: 1 });
  // Patient enough not to say that nobody speaks before both taps are dead.
  const campaign = await campaignWith(server, called, { profile: "b2b", tuning: { initialSilenceMs: 20_000, totalAnalysisMs: 60_000 } });
  const running = run(server, campaign);
  await until(() => server.far.carrier.books.legsUp().filter(({ state }) => state === "up").length === called.length, "both to have answered");
  const { rows }: { rows: readonly Readonly<Record<string, string>>[] } = JSON.parse(await ask(server, "show channels as json"));
  const taps = rows.filter((row) => row["application"] === "native_eavesdrop");
  t.ok(taps.length >= called.length, "each has one, and so have endpoints that are kept");
  // Those of endpoints that nobody needs may have gone by themselves; those of the calls are dead in any case, as the reasons below say.
  for (const tap of taps) t.match(await ask(server, `uuid_kill ${tap["uuid"]}`), /^(\+OK|-ERR No such channel)/);
  for (const attempt of await running)
    t.match(attempt, { result: "human", outcome: "pressed_one", reason: "unknown, not-heard; completed" }, `seed ${seed}`);
  await noLeaks(t, server);
  await server.close();
});

t.test("a tap stays with its endpoint: calls that nobody answers need no session of their own", async (t) => {
  const called = Array.from({ length: 30 }, (_, at) => numberOf(`+1212555${4000 + at}`));
  const server = await openServer(t, Object.fromEntries(called.map((number) => [number, "busy"])), {}, { speed: 3 });
  const campaign = await loadCampaign(server, "pairs", called, { maxCps: 20, maxLines: 3 }, script);
  await server.stores.pool.query("update campaign set amd = $1 where id = $2", [JSON.stringify({ profile: "b2c" }), campaign.id]);
  const made = new Set<string>();
  const look = setInterval(() => {
    for (const { uuid } of server.far.freeswitch.channels()) made.add(uuid);
  }, 5);
  const attempts = await run(server, campaign);
  clearInterval(look);
  t.same(new Set(attempts.map(({ result }) => result)), new Set(["busy"]));
  t.ok(server.pool.recycled >= 20, `${server.pool.recycled} of 30 calls had a pair that was there (seed ${seed})`);
  t.equal(made.size, 2 * server.pool.opened, "two sessions for each pair, and no others");
  await noLeaks(t, server);
  await server.close();
});
