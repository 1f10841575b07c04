import t from "tap";
import { asksSomething, customKeywordFault, type Keyword, type KeywordContext, keywordOf, wordsOf } from "../../src/compliance/keyword.ts";
import { keywordLanguages, keywordWords } from "../../src/compliance/keyword-words.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { meanings } from "./keyword-lines.ts";

const unasked: KeywordContext = { asked: false };
const said = (keyword: Keyword | undefined) =>
  keyword === undefined ? "nothing" : keyword.kind === "stop" && keyword.all ? "stop all" : keyword.kind;

t.test("what answers mean where nothing was asked", async (t) => {
  let count = 0;
  for (const [meaning, text] of Object.entries(meanings)) {
    for (const line of text.split("|").map((each) => each.trim())) {
      count += 1;
      const written = line.replaceAll("\\n", "\n").replaceAll("\\r", "\r").replaceAll("\\u200b", "\u200b");
      const got = said(keywordOf(written, unasked));
      if (got !== meaning) t.equal(got, meaning, line);
    }
  }
  t.ok(count > 300, `${count} lines`);
});

t.test("answers to a question", async (t) => {
  const asked: KeywordContext = { asked: true };
  for (const text of ["NO", "no", "No thanks", "nope", "non", "nein", "NO\nBob"]) t.equal(said(keywordOf(text, asked)), "nothing", text);
  for (const text of ["STOP", "no, stop", "No. Stop texting me", "CANCEL", "no more texts", "no más mensajes", "quit"])
    t.equal(said(keywordOf(text, asked)), "stop", text);
  t.equal(said(keywordOf("no\nI paid", unasked)), "nothing", "NO is no first line");
});

t.test("languages, and words of a campaign", async (t) => {
  t.match(keywordOf("basta", { asked: false, language: "it-IT" }), { kind: "stop", word: "basta", language: "it" });
  t.match(keywordOf("basta", unasked), { language: "es" });
  t.match(keywordOf("Ayuda!", { asked: false, language: "en-US" }), { kind: "help", language: "es" });
  const pay = { keyword: "Pay", webhook: "pay" };
  const context = {
    asked: false,
    custom: [pay, { keyword: "más info" }, { keyword: "STOP" }, { keyword: "!!" }],
    more: { stop: ["Halt"], help: ["??", "Was?"] },
  };
  const table: [string, string][] = [
    ["PAY", "custom"],
    ["pay please", "custom"],
    ["pay 50", "nothing"],
    ["pay me", "nothing"],
    ["más info", "custom"],
    ["stop", "stop"],
    ["pay stop", "stop"],
    ["halt", "stop"],
    ["halt bitte", "stop"],
    ["halt mich", "nothing"],
    ["was", "help"],
    ["", "nothing"],
  ];
  for (const [text, meaning] of table) t.equal(said(keywordOf(text, context)), meaning, text);
  const own = keywordOf("pay!", context);
  t.equal(own?.kind === "custom" && own.custom, pay);
  for (const [keyword, fault] of [
    ["pay", undefined],
    ["YES", undefined],
    ["Stop", /stop already/],
    ["ＨＬＰ", /help/],
    ["start", /start/],
    ["no", /stop/],
    ["!!", /one to 6 words/],
    ["a1 b c d e f g", /one to 6 words/],
  ] as const) {
    const got = customKeywordFault(keyword);
    if (fault === undefined) t.equal(got, undefined, keyword);
    else t.match(got, fault, keyword);
  }
});

t.test("no word means two things, and every word of the lists is found", async (t) => {
  const kinds = { stop: "stop", stopAll: "stop all", stopAlone: "stop", no: "stop", help: "help", start: "start" } as const;
  const of = new Map<string, string>();
  for (const language of keywordLanguages) {
    for (const [list, meaning] of Object.entries(kinds)) {
      const phrases = keywordWords[language][list as keyof typeof kinds]?.split(",") ?? [];
      for (const phrase of phrases) {
        const key = wordsOf(phrase).join(" ");
        if (of.has(key) && of.get(key) !== meaning) t.fail(`${key} is ${of.get(key)} and ${meaning}`);
        of.set(key, meaning);
        const got = said(keywordOf(phrase.toUpperCase(), unasked));
        if (got !== meaning) t.equal(got, meaning, `${language}: ${phrase}`);
      }
    }
  }
  t.ok(of.size > 200);
});

t.test("whatever is sent, it ends soon", async (t) => {
  const seed = 20_260_103;
  const random = seededRandom(seed);
  const signs = [..."stop no help \n\r.\u0301\u200b\ud83d\ufdfaİ"];
  for (let round = 0; round < 2000; round++) {
    const text = Array.from({ length: Math.floor(random.next() * 60) }, () => signs[Math.floor(random.next() * signs.length)]).join("");
    keywordOf(text, unasked);
  }
  const before = process.cpuUsage();
  for (const unit of ["stop ", "\ufdfa", "a\u0301\u0301\u0301", "no more ", "\n", "s.", "\u0000"]) keywordOf(unit.repeat(1_000_000), unasked);
  t.ok(process.cpuUsage(before).user < 2_000_000, "seven messages of a million signs in less than two seconds of processor");
  t.equal(said(keywordOf("stop ".repeat(70), unasked)), "stop");
});

t.test("what asks something that NO may answer", async (t) => {
  for (const text of [
    "Shall we call?",
    "¿Podemos llamarle? Gracias",
    "お電話しましょうか？",
    "هل نتصل بك؟",
    "Να καλέσουμε\u037e",
    "Is it https://pay.example/a?b=1 ?",
    "Did you see https://pay.example/?",
  ])
    t.ok(asksSomething(text), text);
  for (const text of [
    "Your bill: https://pay.example/i?id=7",
    "See www.pay.example/?x=1 please.",
    "pay.example/i?id=7",
    "Due on Friday. Reply STOP to opt out.",
    "",
  ])
    t.notOk(asksSomething(text), text);
});
