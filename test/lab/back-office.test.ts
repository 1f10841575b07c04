import t from "tap";
import type { AttemptView } from "../../src/api/ports.ts";
import { compare } from "../../src/command/compare.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { BackOffice } from "../../src/lab/back-office.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";

const question = (attempt: number) => ({ attemptId: String(attempt), idempotencyKey: `${attempt}:pay:1`, amount: "75.50" });

t.test("the back office answers what scripts ask, and the same question only once", async (t) => {
  const office = new BackOffice(new VirtualClock(), seededRandom(7));
  const answers = Array.from({ length: 200 }, (_, attempt) => office.ask("take_payment", question(attempt)));
  t.same(new Set(answers.map(({ result }) => result)), new Set(["paid", "declined"]));
  t.ok(answers.every(({ result, receipt }) => (result === "paid") === (receipt !== undefined && /^[A-C]\d\d$/.test(receipt))));
  t.same(
    answers.map((_, attempt) => office.ask("take_payment", question(attempt))),
    answers,
    "asked again, it says the same",
  );
  t.equal(office.entries.length, 200, "and takes no second payment");
  const again = new BackOffice(new VirtualClock(), seededRandom(7));
  t.same(again.ask("take_payment", question(0)), answers[0], "the same seed, the same answers");
  t.match(office.ask("find_appointment", question(1)), { result: /found|none/ });
  t.match(office.ask("move_appointment", question(1)), { result: /moved|taken/ });
  t.throws(() => office.ask("nothing", question(1)), { code: "no-such-webhook" });
  t.throws(() => office.ask("take_payment", { attemptId: 5 }), { code: "not-a-question" });
});

t.test("payments that only one side knows are disagreements", async (t) => {
  const office = new BackOffice(new VirtualClock(), { next: () => 0.5 });
  for (const attempt of [1, 2, 9]) office.ask("take_payment", question(attempt));
  office.ask("take_payment", { ...question(2), idempotencyKey: "2:pay:2" });
  const attempt = (id: string, outcome: string): AttemptView => ({
    ...({} as AttemptView),
    id,
    outcome,
    address: "+15550100100",
    result: "canceled",
  });
  const attempts = [attempt("1", "paid"), attempt("2", "hung_up"), attempt("3", "paid")];
  t.same(
    compare(attempts, [], new Set(), office.entries).disagreements.filter((text) => /pay/.test(text)),
    ['2 payments for attempt "2"', '1 payments for attempt "9"', "attempt 3: we say paid, the payment system does not"],
  );
});
