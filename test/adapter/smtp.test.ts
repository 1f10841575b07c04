import { type AddressInfo, createServer } from "node:net";
import t, { type Test } from "tap";
import { Connection } from "../../src/adapter/smtp/connection.ts";
import { SmtpPools } from "../../src/adapter/smtp/mail-pools.ts";
import { Pace } from "../../src/adapter/smtp/pace.ts";
import { systemClock as clock } from "../../src/adapter/system/clock.ts";
import { readPart } from "../../src/config/part.ts";
import { type MailPoolOptions, mailPoolOptions } from "../../src/email/options.ts";
import type { MailEnd, MailMoments } from "../../src/email/ports.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { pick, seededRandom } from "../../src/kernel/random.ts";
import { selfSigned } from "../../src/lab/sip/certificate.ts";
import { Exchanger, type ExchangerOptions } from "../email/exchanger.ts";

/** As the database keeps them, at a time that stands still. */
function ledger(): MailMoments {
  const nextInMs = new Map<string, number>();
  return {
    starts: async (name, perSecond, count) => {
      const firstInMs = nextInMs.get(name) ?? 0;
      nextInMs.set(name, firstInMs + (count * 1000) / perSecond);
      return { firstInMs, stepMs: 1000 / perSecond };
    },
  };
}

async function open(t: Test, wishes: Partial<MailPoolOptions> = {}, there: ExchangerOptions = {}) {
  const exchanger = new Exchanger(there);
  const port = await exchanger.listen();
  t.teardown(() => exchanger.close());
  const { part } = readPart<MailPoolOptions>(mailPoolOptions, { name: "main", host: "127.0.0.1", port, tls: "none", ...wishes }, () => {});
  const pools = new SmtpPools([part], { clock, random: seededRandom(1), log: silentLog, moments: ledger() });
  t.teardown(() => pools.close());
  const send = async (to: string, text = "hello"): Promise<MailEnd> => {
    const place = await pools.place("main", "example.com", 10_000);
    if (!place) throw new Error("no place");
    return await place.send({ from: "b@x.example", to, raw: Buffer.from(`Subject: x\r\n\r\n${text}\r\n`) });
  };
  return { exchanger, pools, send, port };
}

t.test("a message is taken as it stands, and dots at the beginning of lines arrive single", async (t) => {
  const { exchanger, pools, send } = await open(t);
  const end = await send("anna@example.com", ".one\r\n..two\r\n.");
  t.match(end, { end: "accepted", response: /^250 2\.0\.0 taken/ });
  t.match(exchanger.taken, [{ from: "b@x.example", to: "anna@example.com" }]);
  t.equal(String(exchanger.taken[0]?.raw), "Subject: x\r\n\r\n.one\r\n..two\r\n.\r\n");
  t.match(pools.all, [{ name: "main", up: true, capacity: 300 }]);
  t.equal(await pools.place("other", "example.com", 10), undefined, "a pool that is not there has no place");
});

t.test("a refusal says what was said and when, and the connection goes on", async (t) => {
  const { exchanger, send } = await open(t, { connections: 1 });
  t.match(await send("nobody@example.com"), { end: "refused", stage: "rcpt", code: 550, enhanced: "5.1.1", text: /no such user/ });
  t.match(await send("full@example.com"), { end: "refused", code: 452, enhanced: "4.2.2" });
  const plain = await send("plain@example.com");
  t.match(plain, { end: "refused", code: 550 });
  t.notOk("enhanced" in plain);
  t.match(await send("late-no@example.com"), { end: "refused", stage: "sent", code: 554, enhanced: "5.6.0" });
  t.match(await send("anna@example.com"), { end: "accepted" });
  t.equal(exchanger.connections, 1);
  t.match(await send("goodbye@example.com"), { end: "refused", code: 421 });
  t.match(await send("anna@example.com"), { end: "accepted" });
  t.equal(exchanger.connections, 3, "421 ends the connection, and is asked once more for on a new one");
});

t.test("lost before the message was given away it has not left; lost afterwards nobody knows, and it is not sent again", async (t) => {
  const { exchanger, send } = await open(t, { connections: 1, answerTimeoutMs: 1000 });
  t.match(await send("cut@example.com"), { end: "unsent", connected: true });
  t.match(await send("dropped@example.com"), { end: "unknown" });
  t.match(await send("silent@example.com"), { end: "unknown" });
  t.match(await send("anna@example.com"), { end: "accepted" });
  t.same(
    exchanger.taken.map(({ to }) => to),
    ["dropped@example.com", "silent@example.com", "anna@example.com"],
  );
});

t.test("a server that lets go of connections others went over gets the next message over a new one, once", async (t) => {
  for (const says of [true, false]) {
    const { exchanger, send } = await open(t, { connections: 1 }, { each: { messages: 2, says } });
    for (let at = 0; at < 5; at++) t.match(await send(`p${at}@example.com`), { end: "accepted" }, `${at}, ${says ? "with 421" : "without a word"}`);
    t.same(
      exchanger.taken.map(({ to }) => to),
      [0, 1, 2, 3, 4].map((at) => `p${at}@example.com`),
    );
    t.equal(exchanger.connections, 3);
  }
  const closed = await open(t, { connections: 1 }, { each: { messages: 0, says: true } });
  t.match(await closed.send("anna@example.com"), { end: "unsent", connected: false, why: /^421 4\.7\.0/ });
  t.equal(closed.exchanger.connections, 1);
});

t.test("a server that takes nothing from anybody for a while is given time, and no message is to blame", async (t) => {
  const { exchanger, pools, send } = await open(t, { connections: 2 });
  exchanger.refusing = "452 4.3.1 Insufficient system storage";
  t.match(await send("anna@example.com"), { end: "unsent", connected: false, why: /4\.3\.1/ });
  t.match(pools.all, [{ up: false, capacity: 0, note: /Insufficient system storage/ }]);
  t.equal(await pools.place("main", "example.com", 10), undefined, "meanwhile there is no place");
  exchanger.refusing = undefined;
  await new Promise<void>((resolve) => pools.onChange(() => (pools.all[0]?.capacity ?? 0) > 0 && resolve()));
  t.match(await send("anna@example.com"), { end: "accepted" });
  exchanger.refusing = "550 5.7.1 not you";
  t.match(await send("anna@example.com"), { end: "refused", stage: "mail", code: 550 }, "what is refused for good is said");
});

t.test("a server that puts everybody off, at whatever stage, is given time, too; one that only greylists some is not", async (t) => {
  const { exchanger, pools, send } = await open(t, { connections: 2 });
  const greylisted = Array.from({ length: 24 }, (_, at) => `greylist-${at}@example.com`);
  for (const _ of [1, 2]) {
    for (const to of greylisted) t.match(await send(to), { end: "refused", code: 450 });
    t.match(await send("nobody@example.com"), { end: "refused", code: 550 }, "somebody is refused for good: it is at work");
  }
  for (const to of [...greylisted, "greylist@example.com"]) t.match(await send(to), { end: "refused", code: 450 });
  t.match(await send("greylist@example.com"), { end: "unsent", connected: false, why: /4\.7\.1 come back later/ }, "no try is lost");
  t.match(pools.all, [{ up: false, capacity: 0, note: /come back later/ }]);
  await new Promise<void>((resolve) => pools.onChange(() => (pools.all[0]?.capacity ?? 0) > 0 && resolve()));
  t.match(await send("anna@example.com"), { end: "accepted" });
  t.match(await send("greylist@example.com"), { end: "refused" }, "and all begins anew");
  t.equal(exchanger.taken.length, 1);
});

t.test("a server whose connections break one after the other is left alone, too, before it has run through everybody", async (t) => {
  for (const [box, end] of [
    ["cut", { end: "unsent", connected: true }],
    ["dropped", { end: "unknown" }],
  ] as const) {
    const { exchanger, pools, send } = await open(t, { connections: 1 });
    for (let at = 0; at < 25; at++) t.match(await send(`${box}-${at}@example.com`), end);
    t.match(await send(`${box}@example.com`), box === "cut" ? { end: "unsent", connected: false } : end, "what may have been taken stays so");
    t.match(pools.all, [{ up: false, capacity: 0 }]);
    t.equal(exchanger.connections, 26);
  }
});

t.test("many go over a few connections, each over as many as it may carry", async (t) => {
  const { exchanger, send } = await open(t, { connections: 3, messagesPerConnection: 10 });
  const ends = await Promise.all(Array.from({ length: 60 }, (_, at) => send(`p${at}@example.com`)));
  t.ok(ends.every(({ end }) => end === "accepted"));
  t.equal(new Set(exchanger.taken.map(({ to }) => to)).size, 60);
  t.ok(exchanger.connections >= 6 && exchanger.connections <= 8, `${exchanger.connections} connections`);
});

t.test("what cannot be in an envelope is not put there", async (t) => {
  const { exchanger, send } = await open(t);
  for (const to of ["a@b>\r\nRCPT TO:<evil@example.com", "a\r\n@example.com", "<>", ""])
    t.match(await send(to), { end: "unsent" }, JSON.stringify(to));
  t.equal(exchanger.taken.length, 0);
  t.notOk(exchanger.commands.some((line) => line.includes("evil")));
});

t.test("required TLS is checked, and neither password nor message leaves without it", async (t) => {
  const identity = selfSigned("127.0.0.1", Date.now());
  const user = { name: "me", password: "secret" };
  const login = { user: "me", password: "secret" };
  const good = await open(t, { tls: "required", ca: identity.cert, ...login }, { tls: identity, user });
  t.match(await good.send("anna@example.com"), { end: "accepted" });
  t.equal(good.exchanger.taken[0]?.secure, true);

  const stranger = await open(t, { tls: "required", ...login }, { tls: identity, user });
  t.match(await stranger.send("anna@example.com"), { end: "unsent" });
  t.match(stranger.pools.all, [{ up: false, capacity: 0, note: /certificate|self.signed/i }]);
  t.notOk(stranger.exchanger.commands.includes("AUTH"));

  const bare = await open(t, { tls: "required", ...login }, { user });
  t.match(await bare.send("anna@example.com"), { end: "unsent" });
  t.notOk(bare.exchanger.commands.includes("AUTH"));

  const wrong = await open(t, { user: "me", password: "other" }, { user });
  t.match(await wrong.send("anna@example.com"), { end: "unsent", connected: false, why: /535/ });

  const loose = await open(t, { tls: "opportunistic" }, { tls: identity });
  t.match(await loose.send("anna@example.com"), { end: "accepted" });
  t.equal(loose.exchanger.taken[0]?.secure, true);
});

t.test("a server that comes back is used again", async (t) => {
  const { exchanger, pools, send, port } = await open(t);
  await exchanger.close();
  t.match(await send("anna@example.com"), { end: "unsent", why: /ECONNREFUSED/ });
  t.equal(await pools.place("main", "example.com", 10), undefined, "meanwhile there is no place");
  const again = new Exchanger();
  await again.listen(port);
  t.teardown(() => again.close());
  await new Promise<void>((resolve) => pools.onChange(() => (pools.all[0]?.capacity ?? 0) > 0 && resolve()));
  t.match(await send("anna@example.com"), { end: "accepted" });
  t.match(pools.all, [{ up: true }]);
});

t.test("rates are kept, and whoever would wait too long has no place", async (t) => {
  const shared = ledger();
  const paces = [1, 2].map(() => new Pace("p", 100, shared, { now: () => 1000, after: clock.after }));
  const moments: number[] = [];
  for (let round = 0; round < 40; round++) moments.push((await paces[round % 2]?.moment(10_000)) ?? 0);
  t.same(
    [...moments].sort((a, b) => a - b),
    Array.from({ length: 40 }, (_, at) => 1000 + at * 10),
    "one after the other, over two nodes",
  );
  t.equal(await paces[0]?.moment(1001), undefined);
  const slow = new Pace("slow", 1, shared, { now: () => 1000, after: clock.after });
  const crowd = await Promise.all(Array.from({ length: 50 }, () => slow.moment(4000)));
  t.same(
    crowd.filter((at) => at !== undefined),
    [1000, 2000, 3000, 4000],
  );
  t.match(await shared.starts("slow", 1, 1, 0), { firstInMs: 5000 }, "who waits too long takes nothing from other nodes");
  const { pools } = await open(t, { domains: [{ domain: "slow.example", maxPerSecond: 0.1 }] });
  const first = await pools.place("main", "slow.example", 10);
  t.ok(first);
  first?.release();
  t.equal(await pools.place("main", "SLOW.example", 10), undefined);
  const other = await pools.place("main", "example.com", 10);
  t.ok(other, "others do not wait for them");
  other?.release();
  t.throws(() => other?.release(), "a place is good for once");
});

t.test("500 servers that answer with anything: every message has its end, and what was given away is never called unsent", async (t) => {
  const seed = Number(process.env["SEED"] ?? 7);
  const random = seededRandom(seed);
  const good = [
    "220 x\r\n",
    "250-x\r\n250-PIPELINING\r\n250 SIZE\r\n",
    "250-x\r\n250 PIPELINING\r\n",
    "250 ok\r\n",
    "250 ok\r\n",
    "354 go\r\n",
    "250 taken\r\n",
    "221 bye\r\n",
  ];
  const bad = [
    "",
    "\0\xff",
    "999 x\r\n",
    "250-",
    "55",
    "421 4.3.2 bye\r\n",
    "550 5.1.1 no\r\n",
    "354 \r\n",
    "250 a\r\n250 b\r\n",
    `250 ${"x".repeat(70_000)}`,
    "\r\n",
    "451 later\r\n",
    "100 x\r\n",
  ];
  let given = 0;
  const server = createServer((socket) => {
    let step = 0;
    const answer = () => {
      const chosen = random.next() < 0.12 ? pick(random, bad) : (good[step] ?? "250 ok\r\n");
      step += 1;
      if (random.next() < 0.02) socket.destroy();
      else socket.write(chosen, "latin1");
    };
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      const text = chunk.toString("latin1");
      if (text.includes("Subject: x")) given += 1;
      for (const line of text.split("\r\n").slice(0, -1)) if (/^(EHLO|MAIL|RCPT|DATA|RSET|QUIT|\.$)/.test(line)) answer();
    });
    answer();
  });
  const port = await new Promise<number>((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));
  t.teardown(() => server.close());
  const { part } = readPart<MailPoolOptions>(mailPoolOptions, { name: "main", host: "127.0.0.1", port, tls: "none" }, () => {});
  // Many are silent, and side by side they are waited for together; the others have time for their answers on a busy machine, too.
  const options = { ...part, connectTimeoutMs: 1000, answerTimeoutMs: 1000 };
  const ends: Record<string, number> = {};
  const one = async () => {
    try {
      const connection = await Connection.connect(options);
      const { end } = await connection.send({ from: "a@x.example", to: "b@x.example", raw: Buffer.from("Subject: x\r\n\r\nhello\r\n") });
      connection.close();
      ends[end] = (ends[end] ?? 0) + 1;
    } catch (error) {
      t.match(error, Error);
      ends["no connection"] = (ends["no connection"] ?? 0) + 1;
    }
  };
  const row = async () => {
    for (let each = 0; each < 2; each++) await one();
  };
  await Promise.all(Array.from({ length: 250 }, row));
  const total = Object.values(ends).reduce((sum, count) => sum + count, 0);
  // What the server has been given was accepted, refused or is unknown; never unsent.
  t.ok(given <= total - (ends["unsent"] ?? 0) - (ends["no connection"] ?? 0), `${given} were given away`);
  t.equal(total, 500, `seed ${seed}: ${JSON.stringify(ends)}`);
  for (const end of ["accepted", "refused", "unknown", "unsent"]) t.ok((ends[end] ?? 0) > 0, `${end}: ${ends[end]}`);
});
