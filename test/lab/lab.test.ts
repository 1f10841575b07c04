import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { connectDrachtio } from "../../src/adapter/drachtio/connection.ts";
import { DrachtioSignalling } from "../../src/adapter/drachtio/signalling.ts";
import { FreeswitchMedia } from "../../src/adapter/freeswitch/media.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import type { CallSummary } from "../../src/lab/carrier/call-record.ts";
import { type LabAddresses, type LabOptions, runLab, startLab } from "../../src/lab/lab.ts";
import { speech } from "../../src/lab/media/speech.ts";
import { Ticker } from "../../src/lab/media/ticker.ts";
import { writeWav } from "../../src/lab/media/wav.ts";
import { PatientTime } from "../../src/lab/patient-time.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);
const options: LabOptions = {
  clock: systemClock,
  random: seededRandom(seed),
  secret: "drum",
  password: "flute",
  pace: 0.05,
  t1Ms: 50,
  personas: { seed, numbers: { "+15550100001": "hasty", "+15550100002": "patient" } },
};

async function ask(url: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, body === undefined ? {} : { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) });
  const text = await response.text();
  return {
    status: response.status,
    body: response.headers.get("content-type")?.includes("json") && !url.includes("ndjson") ? JSON.parse(text) : text,
  };
}

t.test("Carillon's own adapters call people in the lab, who hear the prompt byte for byte and press keys", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "carillon-lab-"));
  t.teardown(() => rm(folder, { recursive: true }));
  const question = join(folder, "question.wav");
  const thanks = join(folder, "thanks.wav");
  await writeFile(question, writeWav(speech({ durationMs: 1500 }, 7)));
  await writeFile(thanks, writeWav(speech({ durationMs: 600 }, 8)));
  // Of what holds this process up no sound is lost.
  const time = new PatientTime();
  const clock = time.clock(systemClock.now());
  const lab = await startLab({ ...options, clock, ticker: new Ticker(time.beat()) });
  t.teardown(async () => {
    await lab.close();
    time.close();
  });
  const { addresses } = lab;
  const drachtio = await connectDrachtio({ host: addresses.drachtio.host, port: addresses.drachtio.adminPort, secret: "drum" }, clock, silentLog);
  const signalling = new DrachtioSignalling(drachtio, clock, silentLog);
  const server = { name: "fs", address: addresses.freeswitch.host, port: addresses.freeswitch.eslPort, password: "flute" };
  const media = new FreeswitchMedia(
    [{ ...server, listenAddress: "127.0.0.1", listenPort: 0, maxSessions: 10 }],
    drachtio.srf,
    "node-1",
    clock,
    silentLog,
  );
  await media.connect();
  t.same((await ask(`${addresses.control}/references`, { question, thanks })).body, { ok: true });

  const call = async (number: string) => {
    const endpoint = await media.open();
    const invitation = signalling.invite(
      {
        uri: `sip:${number}@127.0.0.1:${addresses.carrier.sipPort}`,
        from: "sip:+15550199000@carillon",
        sdp: endpoint.localSdp,
        expiresS: 30,
        headers: { "X-Carillon-Attempt": `attempt-${number}` },
      },
      { provisional() {} },
    );
    const end = await invitation.end;
    if (!end.answered) throw new Error(`not answered: ${end.failure.status}`);
    await endpoint.attach(end.sdp);
    const prompts = [{ path: question, durationMs: 1500 }];
    const asked = { prompts, minDigits: 1, maxDigits: 1, firstDigitMs: 4000, interDigitMs: 1000, terminators: "", bargeIn: true };
    t.same(await endpoint.collect(asked), { end: "digits", digits: "1" }, number);
    t.equal(await endpoint.play([{ path: thanks, durationMs: 600 }]), "played");
    await end.dialog.end();
    await endpoint.close();
  };
  await Promise.all([call("+15550100001"), call("+15550100002")]);

  const { calls } = (await ask(`${addresses.control}/books`)).body as { calls: CallSummary[] };
  const book = (persona: string) => calls.find((one) => one.persona === persona);
  t.match(book("hasty"), { state: "ended", endedBy: "caller", digitsSent: "1", attempt: "attempt-+15550100001", called: "+15550100001" });
  t.match(
    book("hasty")?.heard.map(({ name, complete }) => ({ name, complete })),
    [
      { name: "question", complete: false },
      { name: "thanks", complete: true },
    ],
    `barged in: seed ${seed}`,
  );
  t.match(book("patient")?.heard, [
    { name: "question", complete: true, fraction: 1 },
    { name: "thanks", complete: true, fraction: 1 },
  ]);
  t.equal(book("patient")?.audio.lost, 0);
  t.match((await ask(`${addresses.control}/heard`, { files: [thanks], attempt: "attempt-+15550100002" })).body, [{ matches: [{ complete: true }] }]);
  t.same((await ask(`${addresses.control}/legs`)).body, []);
  t.same((await ask(`${addresses.control}/channels`)).body, { channels: [], unknownCommands: [] });
  await media.close();
  drachtio.close();
  await lab.close();
});

t.test("another process reads the books and moves people about", async (t) => {
  const lab = await startLab(options);
  t.teardown(() => lab.close());
  const { control } = lab.addresses;
  t.same((await ask(`${control}/addresses`)).body, lab.addresses);
  t.same((await ask(`${control}/personas`, { numbers: { "+1": "busy", "+2": ["busy", "person"] }, mix: { fax: 1 } })).body, { ok: true });
  const who = (number: string) => lab.carrier.directory.answer(number).name;
  t.same([who("+1"), who("+2"), who("+2"), who("+333")], ["busy", "busy", "person", "fax"]);
  await ask(`${control}/personas`, { everybody: "congestion" });
  t.equal(who("+1"), "congestion");
  await ask(`${control}/personas`, { everybody: null });
  t.equal(who("+1"), "busy");
  t.same((await ask(`${control}/mails/personas`, { mailboxes: { "a@b.example": "full" }, everybody: null })).body, { ok: true });
  t.equal(lab.mailbox.directory.of("A@b.example"), "full");
  t.same((await ask(`${control}/mails/answers`, { host: "127.0.0.1", port: 25 })).body, { ok: true });
  t.match((await ask(`${control}/mails`)).body, { taken: 0, mails: [] });
  t.match((await ask(`${control}/load`)).body, { cpuMs: Number, memoryBytes: Number, skippedFrames: 0 });
  t.equal((await ask(`${control}/books.ndjson`)).body, "");
  const { body: placed } = await ask(`${control}/calls`, { from: "anonymous", to: "+12125550100" });
  t.match(placed, { callId: String });
  t.match(lab.carrier.books.call((placed as { callId: string }).callId), { persona: "person" }, "a caller who hides the number");
  t.match(await ask(`${control}/calls`, { from: "somebody", to: "+12125550100" }), { status: 400, body: { code: "not-a-call" } });
  t.match(await ask(`${control}/personas`, { everybody: "nobody" }), { status: 400, body: { code: "unknown-persona" } });
  t.match(await ask(`${control}/personas`, "{"), { status: 400, body: { code: "not-json" } });
  t.match(await ask(`${control}/personas`, "[]"), { status: 400, body: { code: "not-an-object" } });
  t.match(await ask(`${control}/references`, { a: "/nowhere.wav" }), { status: 400, body: { code: "file-not-found" } });
  t.match(await ask(`${control}/nothing`), { status: 404, body: { code: "not-found" } });
  await lab.close();
  await lab.close();
  await t.rejects(fetch(control), "the port is closed");
});

t.test("a port in use is said clearly, and nothing stays open", async (t) => {
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(0, "127.0.0.1", resolve));
  t.teardown(() => squatter.close());
  const { port } = squatter.address() as { port: number };
  for (const name of ["drachtioAdmin", "drachtioSip", "freeswitchEsl", "freeswitchSip", "carrierSip", "mail", "control"] as const) {
    await t.rejects(startLab({ ...options, ports: { [name]: port } }), { code: "port-unavailable", message: new RegExp(`:${port} is in use`) }, name);
  }
});

t.test("the lab as a process says where it is, and ends when asked", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "carillon-books-"));
  t.teardown(() => rm(folder, { recursive: true }));
  const booksFile = join(folder, "books.ndjson");
  const until = new AbortController();
  const said = Promise.withResolvers<string>();
  const ended = runLab({ ...options, print: said.resolve, until: until.signal, booksFile });
  const line = JSON.parse(await said.promise) as { lab: string; addresses: LabAddresses };
  t.equal(line.lab, "ready");
  t.equal((await ask(`${line.addresses.control}/legs`)).status, 200);
  until.abort();
  await ended;
  await t.rejects(fetch(line.addresses.control));
  t.equal(await readFile(booksFile, "utf8"), "", "nobody called");
});
