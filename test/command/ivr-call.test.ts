import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { LabCarrier } from "../../src/lab/carrier/lab-carrier.ts";
import { speech } from "../../src/lab/media/speech.ts";
import { writeWav } from "../../src/lab/media/wav.ts";
import { until } from "../harness/far-side.ts";

/* Scripts over real SIP, RTP and HTTP: their tests as calls, and a call to somebody's telephone. */

t.setTimeout(290_000);
const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
const cli = join(import.meta.dirname, "../../src/cli.ts");
const dir = await mkdtemp(join(tmpdir(), "carillon-ivr-call-"));
t.teardown(() => rm(dir, { recursive: true }));

const script = `script: line
language: en-US
languages: [es-US]
zone: America/New_York
needs: [first_name]
numbers: { desk: "+15550100310" }
start: { human: begin, machine: drop }
steps:
  begin:
    menu: [{ say: { en-US: "Hello {first_name}. Press 1 to 6, or 9.", es-US: "Hola. Marque 1 o 9." } }]
    tries: 2
    keys: { "1": code, "2": scored, "3": hours, "4": second, "5": spanish, "6": agent, "9": opt_out }
    no_input: quiet
    no_match: not_understood
  code:
    collect: [{ say: "Your code, please." }]
    into: code
    min_digits: 4
    max_digits: 4
    secret: true
    barge_in: false
    next: ask
    no_input: quiet
  ask:
    webhook: take_payment
    send: { code: "{code}" }
    result: payment.status
    save: { receipt: payment.id }
    play: [{ file: wait.wav }]
    on: { paid: paid, error: later, timeout: quiet }
  paid: { play: [{ say: "Your receipt is {receipt}." }], end: paid }
  scored: { survey: [{ say: "From 0 to 10?" }], question: nps, from: 0, to: 10, next: comment, no_input: quiet }
  comment:
    record: [{ say: "Tell us why." }]
    consent: [{ say: "To be recorded press 1." }]
    declined: thanks
    into: reason
    silence_s: 1
    next: thanks
    no_input: thanks
  thanks: { send: { channel: sms, template: thanks }, with: { score: "{nps}" }, end: surveyed }
  hours: { branch: { what: time }, on: { "mon-fri 09:00-17:00": desk }, else: later }
  desk:
    transfer: desk
    whisper: [{ say: "Somebody wants to talk." }]
    play: [{ file: wait.wav }]
    on: { answered: talked, busy: second, no_agent: later, hung_up: gave_up }
  second: { transfer: { group: night }, play: [{ file: wait.wav }], on: { answered: talked, no_agent: later } }
  agent:
    queue: { group: Night desk }
    play: [{ file: wait.wav }]
    position: [{ say: "You are number {position}." }]
    whisper: [{ say: "{first_name} wants to talk." }]
    on: { answered: talked, no_agent: later, nobody: now, hung_up: gave_up }
  now: { queue: campaign, max_wait_s: 2, play: [{ say: "One moment." }], on: { answered: talked, no_agent: quiet } }
  talked: { play: [{ say: "Goodbye." }], end: talked }
  gave_up: { end: gave_up }
  later: { callback: { in_s: 3600 }, end: callback_due }
  spanish: { switch_language: es-US, next: begin }
  opt_out: { suppress: { scope: account }, play: [{ say: { en-US: "You will not be called again.", es-US: "No le llamamos más." } }], end: opted_out }
  quiet: { end: no_input }
  not_understood: { end: no_match }
  drop: { play: [{ say: { en-US: "Please call us.", es-US: "Llámenos." } }], end: dropped }
`.replaceAll(/say: "([^"]*)"/g, 'say: { en-US: "$1", es-US: "$1" }');

const paid = "{ webhook: { body: { payment: { status: paid, id: R 17 } } } }";
const toCode = '{ keys: "1" }, { keys: "1234", at: code }';
const cases = `tests: line
contact: { first_name: Ana }
cases:
  - { case: pays, do: [${toCode}, ${paid}], expect: { path: [begin, code, ask, paid], answers: { receipt: R 17 }, outcome: paid } }
  - { case: pays a server with a fault, do: [${toCode}, { webhook: { status: 500, body: { payment: { status: paid } } } }], expect: { outcome: callback_due } }
  - { case: pays nobody, do: [${toCode}, { webhook: error }], expect: { outcome: callback_due } }
  - { case: waits in vain, do: [${toCode}, { webhook: timeout }], expect: { outcome: no_input } }
  - { case: leaves the bank, do: [${toCode}, { hang_up: ask }], expect: { outcome: hung_up, end: hung_up, effects: [] } }
  - { case: keys in too little first, do: [{ keys: "1" }, { keys: "12" }, { keys: "1234" }, { webhook: error }], expect: { outcome: callback_due } }
  - case: gives an opinion
    do: [{ keys: "2" }, { keys: "10" }, { keys: "1", at: comment }, { speak_s: 2 }]
    expect: { effects: [{ send: { with: { score: "10" } } }], answers: { nps: "10", reason: recording }, outcome: surveyed }
  - { case: leaves while recorded, do: [{ keys: "2" }, { keys: "7" }, { keys: "1" }, hang_up], expect: { answers: { nps: "7" }, outcome: hung_up } }
  - { case: says nothing into the recording, do: [{ keys: "2" }, { keys: "0" }, { keys: "1" }, silence], expect: { outcome: surveyed } }
  - { case: is not recorded, do: [{ keys: "2" }, { keys: "11" }, { keys: "3" }, silence], expect: { answers: { nps: "3" }, outcome: surveyed } }
  - { case: talks, do: [{ keys: "3" }, { transfer: talked }], expect: { path: [begin, hours, desk, talked], says: ["file:wait.wav"], outcome: talked } }
  - { case: talks to the second, do: [{ keys: "3" }, { transfer: busy }, { transfer: talked }], expect: { outcome: talked } }
  - { case: nobody is there, do: [{ keys: "3" }, { transfer: no_answer }], expect: { outcome: callback_due } }
  - { case: the group fails, do: [{ keys: "4" }, { transfer: failed }], expect: { outcome: callback_due } }
  - { case: talks to an agent, do: [{ keys: "6" }, { queue: talked }], expect: { says: [You are number 1, "file:wait.wav"], outcome: talked } }
  - { case: no agent has time, do: [{ keys: "6" }, { queue: no_agent }], expect: { outcome: callback_due } }
  - { case: all have gone home, do: [{ keys: "6" }, { queue: nobody }, { queue: no_agent }], expect: { path: [begin, agent, now, quiet], outcome: no_input } }
  - { case: gives up the queue, do: [{ keys: "6" }, { hang_up: agent }], expect: { outcome: gave_up, end: hung_up } }
  - { case: gives up waiting, do: [{ keys: "3" }, { hang_up: desk }], expect: { outcome: gave_up, end: hung_up } }
  - { case: calls by night, time: "2026-11-24T22:00:00-05:00", do: [{ keys: "3" }], expect: { path: [begin, hours, later], outcome: callback_due } }
  - { case: opts out in Spanish, do: [{ keys: "5" }, { keys: "9" }], expect: { says: [No le llamamos], outcome: opted_out } }
  - { case: leaves after the opt-out, do: [{ keys: "9" }, { hang_up: opt_out }], expect: { outcome: opted_out, end: hung_up } }
  - { case: presses what is not there, do: [silence, { keys: "8" }], expect: { outcome: no_match } }
  - { case: a machine, verdict: machine, expect: { path: [drop], outcome: dropped } }
`;

const prompts = join(dir, "prompts");
await mkdir(prompts);
await writeFile(join(prompts, "wait.wav"), writeWav(speech({ durationMs: 2500 }, 3)));
await writeFile(join(dir, "line.yaml"), script);
await writeFile(join(dir, "line.test.yaml"), cases);

interface Run {
  readonly child: ChildProcess;
  readonly done: Promise<{ code: number | null; out: string; err: string }>;
  out(): string;
}

function carillon(...words: readonly string[]): Run {
  const child = spawn(process.execPath, [cli, ...words], { cwd: dir, stdio: ["ignore", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  return { child, done: new Promise((resolve) => child.once("close", (code) => resolve({ code, out, err }))), out: () => out };
}

t.test("test --call: everything that can happen on a line, walked and called alike", async (t) => {
  const { code, out, err } = await carillon("ivr", "test", "--call", "--set", `prompts.recordingsDir=${prompts}`, "line.yaml").done;
  t.equal(code, 0, `${out}${err}`);
  t.match(out, /^line\.test\.yaml: 24 of 24 cases passed, 24 of them played as calls; steps 100 %/m);
  t.match(err, /^note: no voice speaks es-US: it is read as if it were English/m);
});

t.test("test --call: a call that goes another way than the walk is a failure that shows both", async (t) => {
  await writeFile(
    join(dir, "long.yaml"),
    `script: long
language: en-US
max_call_s: 10
start: { human: begin }
steps:
  begin: { play: [{ file: wait.wav }], next: more }
  more: { play: [{ file: wait.wav }], next: code }
  code: { collect: [{ say: "Your number." }], into: number, max_digits: 3, next: done, no_input: done }
  done: { end: informed }
`,
  );
  await writeFile(
    join(dir, "long.test.yaml"),
    `tests: long
cases:
  - { case: time is up, do: [silence, silence, silence], expect: { outcome: informed } }
  - { case: leaves before, do: [{ hang_up: more }], expect: { outcome: hung_up } }
  - { case: not what is expected, do: [hang_up], expect: { outcome: informed } }
  - { case: cannot be followed, do: [{ transfer: busy }], expect: { outcome: informed } }
`,
  );
  const { code, out } = await carillon("ivr", "test", "--call", "--set", `prompts.recordingsDir=${prompts}`, "long.yaml").done;
  t.equal(code, 1);
  const [late = "", expected = "", stuck = ""] = out.split(/^long\.test\.yaml:\d+: /m).slice(1);
  t.match(late, /^time is up\n/);
  t.match(late, "as a call: outcome: informed in the walk, too_long on the call");
  t.match(late, "as a call: end: completed in the walk, too-long on the call");
  t.match(late, "as a call: path: after code done in the walk, nothing more on the call");
  t.equal(expected.trim(), "not what is expected\n    outcome: expected informed, saw hung_up", "what both did is said once");
  t.match(stuck, /^cannot be followed\n {4}the transfer's end busy cannot happen in code/);
  t.match(out, /1 of 4 cases passed, 3 of them played as calls/);
});

/** Somebody's telephone: a carrier with one subscriber for each persona. */
async function telephones(personas: Readonly<Record<string, string>>) {
  const carrier = new LabCarrier({
    clock: systemClock,
    random: seededRandom(seed),
    host: "127.0.0.1",
    sipPort: 0,
    pace: 0.2,
    personas: { seed, numbers: personas },
  });
  await carrier.listen();
  const call = (number: string) => carrier.books.calls.find(({ called }) => called === number);
  return { carrier, call, uri: (number: string) => `sip:${number}@127.0.0.1:${carrier.sipPort}` };
}

t.test("call: a telephone is taken through a script, and nothing is carried out", async (t) => {
  const { carrier, call, uri } = await telephones({ "101": "does:listen then press 3 then listen then press 9", "102": "busy", "103": "no-answer" });
  const ana = ["--lab", "--field", "first_name=Ana"];
  await writeFile(
    join(dir, "small.yaml"),
    `script: small
language: en-US
needs: [first_name]
start: { human: begin }
steps:
  begin:
    menu: [{ say: "Hello {first_name}. For the desk press 3. To stop press 9." }]
    keys: { "3": pin, "9": opt_out }
    no_input: done
  pin: { collect: [{ say: "Your code." }], into: pin, max_digits: 1, secret: true, next: ask, no_input: done }
  ask: { webhook: bank, play: [{ say: "One moment." }], on: { yes: done, error: desk } }
  desk: { transfer: { to: "+15550100310" }, play: [{ say: "Please wait." }], on: { answered: done, no_agent: agent } }
  agent: { queue: campaign, play: [{ say: "Hold on." }], on: { answered: done, no_agent: opt_out } }
  opt_out: { suppress: { scope: account }, play: [{ say: "You will not be called again." }], end: opted_out }
  done: { end: informed }
`,
  );
  const [answered, busy, silent] = await Promise.all([
    carillon("ivr", "call", "small.yaml", "--to", uri("101"), ...ana).done,
    carillon("ivr", "call", "small.yaml", "--to", uri("102"), ...ana).done,
    carillon("ivr", "call", "small.yaml", "--to", uri("103"), ...ana, "--ring-s", "2").done,
  ]);
  t.equal(answered.code, 0, answered.err);
  t.equal(
    answered.out.slice(answered.out.indexOf("──")),
    `── begin
   “Hello Ana. For the desk press 3. To stop press 9.”
   > 3
── pin
   “Your code.”
   > *
── ask
   “One moment.”
   webhook bank: not asked (--webhooks asks it), it goes on as if it had failed
── desk
   “Please wait.”
   transfer to +15550100310: not carried out, it goes on as if it had failed
── agent
   “Hold on.”
   queue for the campaign's agents: nobody is asked, it goes on as if no agent had been free
── opt_out
   effect: {"suppress":{"scope":"account","channels":[]}} (not carried out)
   “You will not be called again.”
══ outcome opted_out
`,
  );
  t.match(call("101")?.legs, [{ byeBy: "caller" }], `seed ${seed}`);
  t.equal(
    call("101")
      ?.hearings.map(({ digitsSent }) => digitsSent)
      .join(""),
    "39",
    "the keys went over the line",
  );
  t.match(busy, { code: 1, err: `carillon: ${uri("102")} is busy (486 Busy Here; Q.850 17)\n` });
  t.match(silent, { code: 1, err: `carillon: nobody at ${uri("103")} answered within 2 s\n` });
  await carrier.close();
});

t.test("call: Ctrl-C hangs up, and takes back what rings", async (t) => {
  const { carrier, call, uri } = await telephones({ "104": "listener", "105": "no-answer" });
  const ana = ["--lab", "--field", "first_name=Ana"];
  const talking = carillon("ivr", "call", "line.yaml", "--to", uri("104"), ...ana, "--set", `prompts.recordingsDir=${prompts}`, "--verdict", "human");
  const ringing = carillon("ivr", "call", "small.yaml", "--to", uri("105"), ...ana);
  await until(() => ringing.out().includes("It rings."), "it to ring", 60_000);
  ringing.child.kill("SIGINT");
  t.match(await ringing.done, { code: 130, out: /Hung up by Ctrl-C\.\n$/ });
  t.ok(call("105")?.cancelledAtMs, "CANCEL");
  // Nobody speaks Spanish here: that is one line, and nothing rings.
  t.match(await talking.done, { code: 1, err: /^carillon: no voice speaks es-US: [^\n]*\n$/ });
  const english = carillon("ivr", "call", "small.yaml", "--to", uri("104"), ...ana);
  await until(() => english.out().includes("── begin"), "the script to begin", 60_000);
  english.child.kill("SIGINT");
  t.match(await english.done, { code: 130, out: /══ hung-up, outcome hung_up\nHung up by Ctrl-C\.\n$/ });
  t.match(call("104")?.legs, [{ byeBy: "caller" }], `BYE (seed ${seed})`);
  await carrier.close();
});

t.test("call: what is wrong is one line", async (t) => {
  const fault = async (...words: readonly string[]) => {
    const { code, err } = await carillon("ivr", "call", ...words).done;
    t.equal(code, 1, words.join(" "));
    return err;
  };
  t.match(await fault("small.yaml", "--lab", "--to", "tel:+1555"), /^carillon: --to tel:\+1555: write it as sip:[^\n]*\n$/);
  t.match(await fault("small.yaml", "--lab", "--to", "sip:a@127.0.0.1:0"), /^carillon: --to sip:a@127\.0\.0\.1:0: write it as /);
  t.match(await fault("small.yaml", "--lab", "--to", "sip:a@127.0.0.1"), /^carillon: the script needs first_name: add --field first_name=…\n$/);
  t.match(await fault("nothing.yaml", "--lab", "--to", "sip:a@127.0.0.1"), /^nothing\.yaml:1:1: error file-unreadable/);
  const here = ["small.yaml", "--field", "first_name=Ana", "--to", "sip:a@127.0.0.1"];
  t.match(await fault(...here), /^carillon: a call needs drachtio\.secret and a freeswitch [^\n]*\n$/);
});
