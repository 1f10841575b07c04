import t from "tap";
import { seed, startSmsc } from "../contracts/binds-kit.ts";
import { until } from "../harness/far-side.ts";
import { portForAnother } from "../harness/ports.ts";
import { noKannel, startKannel } from "./kannel.ts";

/* Kannel, which shares no code with us, at the lab's SMSC: both read of each other what was written. */

t.comment(`seed ${seed}`);
if (noKannel !== false) t.comment(noKannel);
const account = { systemId: "kannel", password: "secret" };
const [ada, bea, cyd, dora] = ["+12125550101", "+12125550102", "+12125550103", "+12125550104"] as const;
const latin = "Price: 5 € [net] {x} ~ \\ | ^ @£$ äöüß Ω";
const wide = "Спасибо, я уже заплатил 😀";
const longLatin = "A text of several parts, of € 5 each. ".repeat(12).trim();
const longWide = "Очень длинный текст. ".repeat(12).trim();

t.test("what Kannel sends, and what becomes of it, and what people write to it", { skip: noKannel }, async (t) => {
  const smsc = await startSmsc(t, { accounts: { [account.systemId]: account.password } });
  const kannel = await startKannel(t, { ...account, port: smsc.port });
  t.same(smsc.sessions, [{ systemId: "kannel", role: "transceiver" }]);
  smsc.directory.assign(ada, ["delivered"]);
  smsc.directory.assign(bea, ["undeliverable"]);
  smsc.directory.assign(cyd, ["bad-number"]);
  smsc.directory.assign(dora, ["repeated-report"]);
  const texts = [
    { to: ada, from: "55501", text: latin },
    { to: bea, from: "+12125550100", text: wide, wide: true },
    { to: cyd, from: "55501", text: "To nobody" },
    { to: dora, from: "Acme", text: longLatin },
  ];
  for (const text of texts) t.equal(await kannel.send(text), "0: Accepted for delivery");
  const { submits } = smsc.books;
  const to = (number: string) => submits.filter((submit) => submit.to === number.slice(1));
  const whole = (number: string) => to(number).length > 0 && to(number).length === (to(number)[0]?.part?.total ?? 1);
  await until(() => [ada, bea, cyd, dora].every(whole), "the books to have all of it");
  t.match(to(ada), [{ text: latin, dataCoding: 0, from: "55501", part: null, status: 0 }], "GSM 03.38 with its extension table");
  t.match(to(bea), [{ text: wide, dataCoding: 8, from: "12125550100", fromTon: 1 }], "UCS-2 with a surrogate pair");
  t.match(to(cyd), [{ status: 0x0b }]);
  const parts = to(dora).toSorted((one, other) => (one.part?.number ?? 0) - (other.part?.number ?? 0));
  t.ok(parts.length >= 3 && parts.every(({ part }, at) => part?.number === at + 1), "parts by the header of the text");
  t.equal(parts.map(({ text }) => text).join(""), longLatin);
  t.match(parts, [{ fromTon: 5, from: "Acme" }]);
  // Kannel tells of each in a request of its own, and they come in any order: what it took may be told after what became of it.
  const final = (number: string) => kannel.reports(number).filter((state) => state !== "taken" && state !== "buffered");
  await until(() => [ada, bea, cyd, dora].every((number) => final(number).length > 0), "a report of each");
  t.same(
    [ada, bea, cyd, dora].map((number) => final(number).at(-1)),
    ["delivered", "failed", "refused", "delivered"],
    "reports that Kannel finds its texts by",
  );

  for (const text of [latin, wide, longLatin, longWide]) smsc.say(ada, "55501", text, true);
  await until(() => kannel.incoming.length === 4, "all that people wrote");
  const heard = new Set(kannel.incoming.map(({ text }) => text.trim()));
  t.same(heard, new Set([latin, wide, longLatin, longWide]), "also in parts that come in any order");
  t.match(kannel.incoming[0], { from: ada });
  t.same([smsc.books.unknown, smsc.books.unreadable], [0, 0], "nothing was said that the lab could not read");
});

t.test("Kannel is not let in without its password", { skip: noKannel }, async (t) => {
  // Kannel dies of an assertion of its own when it is refused before it is all there; so the SMSC comes after it.
  const port = await portForAnother();
  const kannel = await startKannel(t, { ...account, port });
  const smsc = await startSmsc(t, { port, accounts: { [account.systemId]: "another" } });
  await until(async () => /SMSC rejected login/i.test(await kannel.log()), "Kannel to be told so");
  t.same(smsc.sessions, []);
});
