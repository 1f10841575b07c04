import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import t, { type Test } from "tap";
import { HttpWebhooks } from "../../src/adapter/http/webhooks.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { AttemptDetail } from "../../src/api/ports.ts";
import { compare } from "../../src/command/compare.ts";
import { type Clock, pause } from "../../src/kernel/clock.ts";
import type { Log, LogFields } from "../../src/kernel/log.ts";
import { readWav } from "../../src/lab/media/wav.ts";
import { loadCampaign, noLeaks, numberOf, openServer, run, type Server, seed } from "./calls-kit.ts";

/* One script with everything a script can do on the line, over real SIP, RTP, HTTP and PostgreSQL: the carrier's books, the database and the webhook's server agree. */

t.setTimeout(280_000);
const hold = "One moment please, we are asking your bank.";
const wait = "Please wait, we are looking for somebody.";
const whisper = "A call about a bill.";
/** Long enough to be broken into also where the answer that leads to it was late. */
const sorry = "That did not work. We are sorry for it, and we will call you again in an hour or two.";
const script = `
script: calls-test
language: en-US
needs: [first_name, amount_due]
max_call_s: 120
start: { human: hello, unknown: hello }
everywhere: { "*": gone }
steps:
  hello:
    menu: [{ say: "Hello {first_name}. Press 1 to pay, 2 for a survey, 3 to talk to somebody, or 9 to be left alone." }]
    first_digit_s: 4
    tries: 2
    keys: { "1": pin, "2": score, "3": desk, "9": out }
    no_input: nothing
    no_match: nothing
  pin:
    collect: [{ say: "Your code, please." }]
    into: pin
    min_digits: 4
    max_digits: 4
    secret: true
    next: pay
    no_input: nothing
    no_match: nothing
  pay:
    webhook: take_payment
    send: { amount: "{amount_due}", pin: "{pin}" }
    timeout_s: 5
    result: payment.status
    save: { receipt: payment.id }
    play: [{ say: "${hold}" }]
    on: { paid: paid, error: unpaid, else: unpaid }
  paid:
    send: { channel: sms, template: receipt }
    with: { receipt: "{receipt}" }
    next: thanks
  thanks: { play: [{ say: "Thank you. Your receipt is {receipt}." }], end: settled }
  unpaid: { play: [{ say: "${sorry}" }], next: later }
  later: { callback: { in_s: 3600 }, end: unpaid }
  score:
    survey: [{ say: "From 0 to 10, how likely are you to recommend us?" }]
    question: nps
    from: 0
    to: 10
    next: comment
    no_input: nothing
    no_match: nothing
  comment:
    record: [{ say: "Tell us why after the tone." }]
    into: comment
    consent: [{ say: "May we record you? Press 1." }]
    declined: bye
    max_s: 20
    silence_s: 3
    next: bye
    no_input: bye
  bye: { play: [{ say: "Goodbye." }], end: surveyed }
  desk:
    transfer: { group: desk }
    whisper: [{ say: "${whisper}" }]
    play: [{ say: "${wait}" }]
    max_wait_s: 15
    on: { answered: talked, busy: nobody, no_answer: nobody, failed: nobody, hung_up: left }
  talked: { end: talked }
  nobody: { end: nobody }
  left: { end: left }
  out:
    suppress: { scope: account }
    play: [{ say: "Goodbye." }]
    end: opted_out
  gone: { suppress: { scope: campaign }, play: [{ say: "You will not be called again." }], end: left_alone }
  nothing: { play: [{ say: "Goodbye." }], end: no_input }
`;

const people = {
  pays: "does:listen then press 1 then listen then press 1234",
  cannot: "does:listen then press 1 then listen then press 5678",
  leaves: "does:listen then press 1 then listen then press 9999 then hear 500ms then hang up",
  waits: "does:listen then press 1 then listen then press 0000",
  tells: "does:listen then press 2 then listen then press 10 then listen then press 1 then listen then say 2s",
  breaksOff: "does:listen then press 2 then listen then press 7# then listen then press 1 then listen then say 2s then hang up",
  declines: "does:listen then press 2 then listen then press 0# then listen then press 5",
  mute: "does:listen then press 2 then listen then press 10 then listen then press 1",
  talks: "does:listen then press 3",
  gives: "does:listen then press 3 then hear 1500ms then hang up",
  out: "does:listen then press 9",
  losesPatience: "does:listen then press 1 then listen then press 1234 then hear 400ms then press *",
  interrupts: "does:listen then press 1 then listen then press 5678 then hear then wait 3200ms then press *",
  breaksOffByKey: "does:listen then press 2 then listen then press 7# then listen then press 1 then listen then say 2s then press *",
} as const;
type Who = keyof typeof people;
const names = Object.keys(people) as Who[];
const numbers = Object.fromEntries(names.map((name, at) => [name, numberOf(`+1212555${1000 + at}`)])) as Record<Who, ReturnType<typeof numberOf>>;
const desk = ["+12125550301", "+12125550302", "+12125550303", "+12125550304"];

/** The bank: takes a payment by the code, and writes down every question. Its clock is the server's as soon as there is one. */
async function openBank(t: Test, log: Log) {
  const time: { clock: Clock } = { clock: systemClock };
  const asked: Record<string, string>[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    const question = JSON.parse(text) as Record<string, string>;
    asked.push(question);
    if (question["pin"] === "0000") return;
    // A bank takes its time, and nobody waits in silence.
    await pause(time.clock, 900);
    const payment = question["pin"] !== "5678" ? { status: "paid", id: "R 17" } : { status: "refused" };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ payment }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const hook = { name: "take_payment", url: `http://127.0.0.1:${port}/`, method: "POST", timeoutMs: 3000, headers: [], maxConcurrent: 10 } as const;
  const clock: Clock = { now: () => time.clock.now(), after: (delayMs, fire) => time.clock.after(delayMs, fire) };
  const webhooks = new HttpWebhooks([hook], clock, log);
  t.teardown(() => {
    webhooks.close();
    server.closeAllConnections();
    server.close();
  });
  return { webhooks, asked, time };
}

/** A log that keeps what it is told but for numbers, which may be anything. */
function keepingLog(lines: string[], always: LogFields = {}): Log {
  const keep = (fields: LogFields, message: string) => {
    lines.push(`${message} ${JSON.stringify({ ...always, ...fields }, (_, value) => (typeof value === "number" ? 0 : value))}`);
  };
  return { debug: keep, info: keep, warn: keep, error: keep, child: (fields) => keepingLog(lines, { ...always, ...fields }) };
}

/** How much of a spoken prompt was heard in calls to a number. */
async function heard({ prompts, far }: Server, called: string, say: string): Promise<number> {
  const book = await prompts.ensure([{ say, language: "en-US" }]);
  const [file] = book.values();
  const pcm = readWav(readFileSync(file?.path ?? ""));
  const { books } = far.carrier;
  return Math.max(0, ...books.calls.filter((call) => call.called === called).map((call) => books.heard(call, pcm).fraction));
}

t.test("pay, answer, speak, be put through, opt out: what was done and said is kept, once", async (t) => {
  const logged: string[] = [];
  const log = keepingLog(logged);
  const { webhooks, asked, time } = await openBank(t, log);
  const groups = new Map([["desk", desk]]);
  const far = { ...Object.fromEntries(names.map((name) => [numbers[name], people[name]])) };
  const clerks = { "+12125550301": "busy", "+12125550302": "does:hear 300ms then hang up", "+12125550303": "does:listen then say 3s then hang up" };
  const server = await openServer(t, { ...far, ...clerks }, {}, { webhooks, groups, speed: 3, log });
  time.clock = server.far.clock;
  const campaign = await loadCampaign(server, "everything", Object.values(numbers), undefined, script);
  const attempts = await run(server, campaign);
  t.equal(attempts.length, names.length);
  const shown = new Map<string, AttemptDetail>();
  for (const { id, address } of attempts) {
    const detail = await server.stores.attemptReader.attempt(id);
    if (detail) shown.set(address, detail);
  }
  const of = (who: Who) => shown.get(numbers[who]);
  const comment = new RegExp(`^${of("tells")?.id}-comment-\\d+\\.wav$`);
  const cut = new RegExp(`^${of("breaksOff")?.id}-comment-\\d+\\.wav$`);
  const leftAlone = { outcome: "left_alone", reason: "completed", effects: [{ kind: "suppress", state: "done", body: { scope: "campaign" } }] };
  const wanted: Record<Who, object> = {
    pays: { outcome: "settled", reason: "completed", path: ["hello", "pin", "pay", "paid", "thanks"], answers: [{ name: "receipt", value: "R 17" }] },
    cannot: { outcome: "unpaid", path: ["hello", "pin", "pay", "unpaid", "later"], effects: [{ kind: "callback", state: "pending" }] },
    leaves: { outcome: "settled", reason: "hung-up", answers: [{ name: "receipt", value: "R 17" }], effects: [{ kind: "send" }] },
    waits: { outcome: "unpaid", effects: [{ kind: "callback" }] },
    tells: {
      outcome: "surveyed",
      answers: [
        { name: "comment", value: comment },
        { name: "nps", value: "10" },
      ],
    },
    breaksOff: {
      outcome: "hung_up",
      answers: [
        { name: "comment", value: cut },
        { name: "nps", value: "7" },
      ],
    },
    declines: { outcome: "surveyed", answers: [{ name: "nps", value: "0" }] },
    mute: { outcome: "surveyed", answers: [{ name: "nps", value: "10" }] },
    talks: { outcome: "talked", path: ["hello", "desk", "talked"] },
    gives: { outcome: "left", reason: "hung-up" },
    losesPatience: { path: ["hello", "pin", "pay", "gone"], answers: [{ name: "receipt", value: "R 17" }], ...leftAlone },
    interrupts: { path: ["hello", "pin", "pay", "unpaid", "gone"], ...leftAlone },
    breaksOffByKey: {
      path: ["hello", "score", "comment", "gone"],
      answers: [
        { name: "comment", value: new RegExp(`^${of("breaksOffByKey")?.id}-comment-`) },
        { name: "nps", value: "7" },
      ],
      ...leftAlone,
    },
    out: { outcome: "opted_out", effects: [{ kind: "suppress", state: "done", body: { scope: "account" } }] },
  };
  for (const name of names) t.match(of(name), { state: "ended", result: "human", ...wanted[name] }, `${name} (seed ${seed})`);
  t.equal(of("declines")?.answers.length, 1, "no recording without consent");
  t.match(of("pays")?.effects, [{ kind: "send", state: "pending", body: { channel: "sms", template: "receipt", values: { receipt: "R 17" } } }]);
  t.equal(of("pays")?.effects.length, 1);

  for (const who of ["pays", "cannot", "leaves", "waits", "losesPatience", "interrupts"] as const) {
    const questions = asked.filter(({ attemptId }) => attemptId === of(who)?.id);
    t.match(questions, [{ script: "calls-test", step: "pay", amount: "240.00", idempotencyKey: new RegExp(`^${of(who)?.id}:pay:\\d+$`) }]);
    t.equal(questions.length, 1, `${who}: asked once`);
    t.ok((await heard(server, numbers[who], hold)) > 0.1, `${who} hears the hold prompt`);
  }
  const kept = await server.stores.pool.query<{ text: string }>(
    "select row_to_json(e)::text as text from attempt_event e union all select row_to_json(a)::text from answer a union all select row_to_json(f)::text from effect f",
  );
  t.notMatch(kept.rows.map(({ text }) => text).join("\n"), /"(1234|5678|9999|0000)"/, "no code is kept anywhere");
  t.ok(logged.length > 0, `${logged.length} lines are logged`);
  t.same(
    logged.filter((line) => /\b(1234|5678|9999|0000)\b/.test(line)),
    [],
    "and none is logged",
  );

  const files = readdirSync(server.dir).filter((file) => /-comment-/.test(file));
  t.equal(files.length, 3, `one recording for each who spoke: ${files.join(", ")}`);
  for (const who of ["tells", "breaksOff", "breaksOffByKey"] as const) {
    const answer = of(who)?.answers[0];
    const lengthMs = readWav(readFileSync(join(server.dir, answer?.value ?? ""))).length / 8;
    t.ok(Math.abs(lengthMs - (answer?.durationMs ?? 0)) < 40 && lengthMs > 1000, `${who}: ${lengthMs} ms, as it is told`);
  }
  for (const who of ["losesPatience", "interrupts", "breaksOffByKey"] as const) {
    t.ok((await heard(server, numbers[who], "You will not be called again.")) > 0.9, `${who} hears at once that it is so`);
  }
  t.ok((await heard(server, numbers.interrupts, sorry)) < 0.7, "what was said is cut short");
  t.ok((await heard(server, numbers.talks, wait)) > 0.4, "who waits hears the hold prompt");
  t.equal(await heard(server, numbers.talks, whisper), 0, "and not the whisper");
  t.ok((await heard(server, "+12125550303", whisper)) > 0.9, "which the one who answers hears");
  const rung = server.far.carrier.books.calls.filter(({ called }) => desk.includes(called)).map(({ called }) => called);
  t.notOk(rung.includes("+12125550304"), "nobody is rung after somebody answered");
  t.ok(
    desk.slice(0, 3).every((number) => rung.includes(number)),
    "busy, hung up during the whisper, and the next one",
  );

  const { rows } = await server.stores.pool.query<{ number: string }>("select number from suppression where number is not null");
  const { disagreements } = compare(attempts, server.far.carrier.books.toJSON().calls, new Set(rows.map(({ number }) => number)));
  t.same(disagreements, [], `seed ${seed}`);
  await noLeaks(t, server);
  await server.close();
});
