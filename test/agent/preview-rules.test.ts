import t from "tap";
import { checkDeskRules, type DeskRules, defaultDeskRules, paymentLink } from "../../src/agent/desk-rules.ts";
import { judgementNames, previewMove, resultOf } from "../../src/agent/preview.ts";
import { results } from "../../src/attempt/result.ts";

t.test("rules that cannot be used are refused with their place", async (t) => {
  t.same(checkDeskRules(defaultDeskRules), []);
  const faults = (more: Partial<DeskRules>) => checkDeskRules({ ...defaultDeskRules, ...more }).map(({ pointer }) => pointer);
  t.same(faults({ previewS: 4, retry: { afterS: 1, atMost: 21 } }), ["/previewS", "/retry/afterS", "/retry/atMost"]);
  const later = { code: "a", label: "A", becomes: "later" as const };
  t.same(faults({ skipReasons: [later, { ...later, becomes: "done", afterS: 60 }] }), [
    "/skipReasons/0/afterS",
    "/skipReasons/1/code",
    "/skipReasons/1/afterS",
  ]);
  for (const paymentUrl of ["https://pay.example/{contact}?a={amount_due}", "https://pay.example", "http://127.0.0.1:1/x"])
    t.same(faults({ paymentUrl }), [], paymentUrl);
  for (const paymentUrl of [
    ...[
      "http://pay.example/",
      "javascript:alert(1)",
      "https://{host}/",
      "https://a{b}.example/",
      "https://u:p@pay.example/",
      "https://pay.example/{a b}",
    ],
    ...["pay", "{x}", "https://pay.example/{a-b}"],
  ])
    t.same(faults({ paymentUrl }), ["/paymentUrl"], paymentUrl);
});

t.test("nothing in a list changes where the payment page leads", async (t) => {
  const person = { contactId: "7", clientId: "c/1", attemptId: undefined, fields: { due: "12.50 €&x=1", up: "..", contact: "8", lone: "\ud800" } };
  t.equal(
    paymentLink("https://pay.example/{client_id}/{contact}?due={due}&try={attempt}&z={constructor}", person),
    "https://pay.example/c%2F1/7?due=12%2E50%20%E2%82%AC%26x%3D1&try=&z=",
  );
  t.equal(URL.parse(paymentLink("https://pay.example/a/{due}/b", person))?.host, "pay.example");
  t.match(paymentLink("https://pay.example/{up}/{lone}", person), "https://pay.example/%2E%2E/%EF%BF%BD");
});

t.test("what becomes of a record that is shown", async (t) => {
  const shown = { phase: "shown" as const, until: 1000 };
  const rules = defaultDeskRules;
  t.same(previewMove(shown, { kind: "dial" }, rules, 0), { act: "dial" });
  t.match(previewMove(shown, { kind: "skip", code: "later" }, rules, 0), { act: "put-back", afterMs: 3_600_000, reason: /later/ });
  t.match(previewMove(shown, { kind: "skip", code: "done-already" }, rules, 0), { act: "end" });
  t.match(previewMove(shown, { kind: "skip", code: "bored" }, rules, 0), { refused: /later, not-now/ });
  t.same(previewMove(shown, { kind: "time-out" }, rules, 999), { act: "nothing" });
  t.match(previewMove(shown, { kind: "time-out" }, rules, 1000), { act: "put-back", afterMs: 0 });
  t.same(previewMove(shown, { kind: "time-out" }, { ...rules, atTimeOut: "dial" }, 1000), { act: "dial" });
  t.match(previewMove(shown, { kind: "withdraw", why: "campaign" }, rules, 0), { act: "put-back", reason: /campaign/ });
  const dialling = { ...shown, phase: "dialling" as const };
  t.match(previewMove(dialling, { kind: "dial" }, rules, 0), { refused: /already/ });
  t.match(previewMove(dialling, { kind: "skip", code: "later" }, rules, 0), { refused: /already/ });
  t.same(previewMove(dialling, { kind: "withdraw", why: "agent" }, rules, 0), { act: "nothing" });
});

t.test("what agents may say of a call is a result of calls", async (t) => {
  for (const judgement of judgementNames)
    t.ok(
      results[resultOf(judgement)].channels.some((channel) => channel === "voice"),
      judgement,
    );
});
