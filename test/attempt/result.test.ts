import { readFileSync, writeFileSync } from "node:fs";
import t from "tap";
import { type ChannelName, isResult, mayBecome, type Result, type ResultFacts, resultNames, results } from "../../src/attempt/result.ts";
import { callResultNames, resultsDocument } from "./result-document.ts";

t.test("the one vocabulary holds together", async (t) => {
  // Words in the database and in customers' systems: none may go away or change by mistake.
  const words =
    "human machine machine-message no-answer busy bad-number rejected fax sit silence congestion carrier-fault abandoned dropped canceled interrupted sent delivered undelivered expired bounced-hard bounced-soft complained";
  t.same(resultNames, words.split(" "));
  for (const name of resultNames) {
    const facts: ResultFacts = results[name];
    t.ok(facts.channels.length > 0 && new Set(facts.channels).size === facts.channels.length, `${name} occurs somewhere`);
    t.ok(!facts.person || facts.counts, `${name}: who was reached has noticed it`);
    t.ok(Object.hasOwn(callResultNames, facts.callResult), `${name}: call_result ${facts.callResult} has a name`);
    t.ok(facts.meaning.length > 0, `${name} has a meaning`);
  }
  t.same(
    resultNames.filter((name) => results[name].person),
    ["human", "abandoned", "dropped"],
    "only these reached a person",
  );
  t.same(
    resultNames.filter((name) => !results[name].counts),
    ["bad-number", "sit", "congestion", "carrier-fault", "canceled"],
    "only of these has nobody noticed anything",
  );
  t.same(
    resultNames.filter((name) => !results[name].final),
    ["sent"],
  );
  t.ok(isResult("busy"));
  for (const odd of ["BUSY", "", "toString", "constructor", "__proto__", "replied"]) t.notOk(isResult(odd), `“${odd}” is no result`);
});

t.test("a later report moves a message on, never back, and never a call", async (t) => {
  const rows: readonly (readonly [ChannelName, Result, Result, boolean])[] = [
    ["sms", "sent", "delivered", true],
    ["sms", "sent", "undelivered", true],
    ["sms", "sent", "expired", true],
    ["email", "sent", "bounced-hard", true],
    ["email", "sent", "bounced-soft", true],
    ["email", "sent", "complained", true],
    ["sms", "interrupted", "delivered", true],
    ["email", "interrupted", "bounced-hard", true],
    // Not of this channel.
    ["sms", "sent", "bounced-hard", false],
    ["sms", "sent", "human", false],
    ["email", "sent", "busy", false],
    // Late and repeated ones.
    ["sms", "delivered", "undelivered", false],
    ["sms", "delivered", "delivered", false],
    ["sms", "delivered", "sent", false],
    ["sms", "undelivered", "delivered", false],
    ["sms", "sent", "sent", false],
    ["sms", "interrupted", "sent", false],
    ["sms", "interrupted", "interrupted", false],
    ["email", "complained", "bounced-hard", false],
    // The end of a leg cannot be learnt later.
    ["voice", "interrupted", "human", false],
    ["voice", "human", "dropped", false],
  ];
  for (const [channel, from, to, may] of rows) t.equal(mayBecome(channel, from, to), may, `${channel}: ${from} → ${to}`);
  for (const from of resultNames)
    for (const to of resultNames) if (from !== "sent") t.notOk(mayBecome("voice", from, to), `a call that ended ${from} never becomes ${to}`);
});

t.test("docs/results.md is written from the tables", async (t) => {
  const path = new URL("../../docs/results.md", import.meta.url);
  if (process.env["TAP_SNAPSHOT"] === "1") writeFileSync(path, resultsDocument());
  t.equal(readFileSync(path, "utf8"), resultsDocument(), "run this test with TAP_SNAPSHOT=1 to write it anew");
});
