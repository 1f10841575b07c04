import t from "tap";
import { meets } from "../../src/strategy/meets.ts";
import { next, type Tried } from "../../src/strategy/next.ts";
import { readStrategy } from "../../src/strategy/read-strategy.ts";
import type { Condition, Ending } from "../../src/strategy/strategy.ts";

const document = `
name: waves
limits: { per_contact: 10, per_address: 6 }
passes:
  call:
    channel: voice-ivr
    script: note
    trunk: main
    caller_id: sales
    limits: { per_contact: 5, per_address: 4 }
    after:
      busy: [{ retry: 20 min, at_most: 3 }, { retry: 2 h, at_most: 1 }, { pass: agents, after: 1 h }]
      no-answer: [next_address, { pass: agents }]
      machine-message: [{ also: letter }, { pass: agents, after: 1 d }]
      unreached: { pass: letter }
    outcomes: { paid: stop, no_input: { campaign: winback } }
    dispositions: { promise-to-pay: { pass: letter, after: 7 d } }
  agents: { channel: voice-agent, script: note, trunk: main, caller_id: sales, limits: { per_contact: 2 }, after: { unreached: { retry: 1 h, at_most: 2 } } }
  letter: { channel: email, template: note, sender: main }
`;

const { strategy, faults } = readStrategy(document);
const fresh: Tried = { attempts: 0, byPass: {}, onAddress: 0, onAddressInPass: 0, retried: {}, hasNextAddress: false };

/** `retry 1200`, `pass agents 0 + letter` */
function follows(passName: string, ending: Ending, tried: Partial<Tried> = {}): string {
  const pass = strategy?.passes.find(({ name }) => name === passName);
  if (!strategy || !pass) throw new Error(JSON.stringify(faults));
  const { treatment, besides } = next(strategy, pass, ending, { ...fresh, ...tried });
  const where = treatment.do === "pass" ? ` ${treatment.pass}` : treatment.do === "campaign" ? ` ${treatment.campaign}` : "";
  const when = "afterS" in treatment ? ` ${treatment.afterS}` : "";
  return `${treatment.do}${where}${when}${besides.map((each) => ` + ${each.do === "begin-pass" ? each.pass : each.do === "webhook" ? each.webhook : each.do === "callback" ? each.agents : each.campaign}`).join("")}`;
}

t.test("what follows an ending", async (t) => {
  const table: readonly (readonly [pass: string, ending: Ending, tried: Partial<Tried>, follows: string])[] = [
    ["call", "busy", {}, "retry 1200"],
    ["call", "busy", { retried: { busy: 2 } }, "retry 1200"],
    ["call", "busy", { retried: { busy: 3 } }, "retry 7200"],
    ["call", "busy", { retried: { busy: 4 } }, "pass agents 3600"],
    ["call", "busy", { retried: { "no-answer": 9 } }, "retry 1200"],
    // The limits of the pass, and of the strategy, leave no attempt on the address, or in the pass.
    ["call", "busy", { onAddress: 4, onAddressInPass: 2 }, "retry 1200"],
    ["call", "busy", { onAddress: 5 }, "pass agents 3600"],
    ["call", "busy", { onAddressInPass: 3 }, "pass agents 3600"],
    ["call", "busy", { byPass: { call: 3 } }, "retry 1200"],
    ["call", "busy", { byPass: { call: 4 } }, "pass agents 3600"],
    ["call", "busy", { byPass: { call: 4, agents: 1 } }, "pass agents 3600"],
    ["call", "busy", { byPass: { call: 4, agents: 2 } }, "stop"],
    ["call", "busy", { attempts: 8 }, "retry 1200"],
    ["call", "busy", { attempts: 9 }, "stop"],
    ["call", "no-answer", { hasNextAddress: true }, "next-address 0"],
    ["call", "no-answer", { hasNextAddress: true, byPass: { call: 4 } }, "pass agents 0"],
    ["call", "no-answer", {}, "pass agents 0"],
    ["call", "machine-message", {}, "pass agents 86400 + letter"],
    ["call", "machine-message", { attempts: 9 }, "stop"],
    ["call", "silence", {}, "pass letter 0"],
    ["call", "carrier-fault", {}, "retry 300"],
    ["call", "carrier-fault", { retried: { "carrier-fault": 3 } }, "pass letter 0"],
    ["call", "human", {}, "stop"],
    ["call", "canceled", {}, "stop"],
    ["call", "interrupted", {}, "stop"],
    ["call", "outcome:paid", {}, "stop"],
    ["call", "outcome:no_input", { attempts: 9 }, "campaign winback 0"],
    ["call", "disposition:promise-to-pay", {}, "pass letter 604800"],
    ["call", "disposition:nobody-said-that", {}, "stop"],
    ["agents", "bad-number", {}, "stop"],
    ["agents", "busy", { byPass: { agents: 1 } }, "stop"],
    ["letter", "congestion", {}, "retry 300"],
  ];
  for (const [pass, ending, tried, expected] of table) t.equal(follows(pass, ending, tried), expected, `${pass} ${ending} ${JSON.stringify(tried)}`);
});

t.test("whom a condition means", async (t) => {
  const facts = {
    fields: { amount: "120.50", day: "2026-12-24", state: "NY", blank: " ", word: "many" },
    past: {
      attempts: [{ pass: "text", result: "delivered" }, { pass: "call", result: "human", disposition: "promise-to-pay" }, { pass: "call" }] as const,
      events: ["form-sent"],
    },
  };
  const table: readonly (readonly [Condition, boolean])[] = [
    [{ field: "amount", is: "at-least", value: 120.5 }, true],
    [{ field: "amount", is: "more", value: 120.5 }, false],
    [{ field: "amount", is: "less", value: 1000 }, true],
    [{ field: "word", is: "less", value: 1000 }, false],
    [{ field: "word", is: "different", value: 1000 }, true],
    [{ field: "day", is: "at-most", value: "2026-12-24" }, true],
    [{ field: "day", is: "less", value: "2026-12-24" }, false],
    [{ field: "state", is: "one-of", value: ["CA", "NY"] }, true],
    [{ field: "state", is: "begins", value: "N" }, true],
    [{ field: "blank", is: "known" }, false],
    [{ field: "missing", is: "unknown" }, true],
    [{ field: "missing", is: "less", value: 5 }, false],
    [{ field: "missing", is: "different", value: "x" }, true],
    [{ field: "toString", is: "known" }, false],
    [{ result: ["human"] }, true],
    [{ result: ["human"], pass: "text" }, false],
    [{ disposition: ["promise-to-pay"], pass: "call" }, true],
    [{ disposition: ["x"], pass: "constructor" }, false],
    [{ event: "form-sent" }, true],
    [{ not: { event: "form-sent" } }, false],
    [{ all: [{ event: "form-sent" }, { event: "paid" }] }, false],
    [{ any: [{ event: "form-sent" }, { event: "paid" }] }, true],
  ];
  for (const [condition, expected] of table) t.equal(meets(condition, facts), expected, JSON.stringify(condition));
});
