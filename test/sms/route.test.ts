import t from "tap";
import { readPart } from "../../src/config/part.ts";
import { checkSms } from "../../src/config/sms.ts";
import { type BindOptions, bindOptions, type SenderOptions, type SmsOptions } from "../../src/sms/options.ts";
import { canBeAnswered, routeFor, senderOf, senderRate } from "../../src/sms/route.ts";
import { optionsOf } from "./sms-kit.ts";

const bind = (name: string, destinationPrefixes: string[] = []): BindOptions =>
  readPart<BindOptions>(bindOptions, { name, host: "smsc.example", systemId: "us", destinationPrefixes }, () => {}).part;
const sender = (kind: SenderOptions["kind"], address: string, more: Partial<SenderOptions> = {}): SenderOptions => ({
  name: "main",
  kind,
  address,
  binds: [],
  ...more,
});

t.test("a message goes over the bind made for its number, then as the sender and the configuration say", (t) => {
  const binds = [bind("all"), bind("us", ["+1"]), bind("ca", ["+1416", "+1604"]), bind("uk", ["+44"]), bind("spare")];
  const names = (to: string, own: string[] = []) => routeFor(to, sender("short-code", "55501", { binds: own }), { binds }).map(({ name }) => name);
  t.same(names("+14165550100"), ["ca", "us", "all", "spare"]);
  t.same(names("+12125550100"), ["us", "all", "spare"]);
  t.same(names("+33155501000"), ["all", "spare"]);
  t.same(names("+33155501000", ["spare", "all"]), ["spare", "all"]);
  t.same(names("+14165550100", ["us"]), ["us"]);
  t.same(names("+33155501000", ["uk"]), [], "nobody may carry it");
  t.end();
});

t.test("what a sender is decides how it is written, how fast it is and whether it can be answered", (t) => {
  t.same(senderOf(sender("long-code", "+15550100")), { address: "+15550100", ton: 1, npi: 1 });
  t.same(senderOf(sender("short-code", "55501")), { address: "55501", ton: 3, npi: 0 });
  t.same(senderOf(sender("alphanumeric", "Carillon", { ton: 0, npi: 9 })), { address: "Carillon", ton: 0, npi: 9 });
  t.equal(senderRate(sender("long-code", "+15550100123")), 1);
  t.equal(senderRate(sender("long-code", "+442079460123")), undefined);
  t.equal(senderRate(sender("toll-free", "+18005550100")), 3);
  t.equal(senderRate(sender("long-code", "+15550100123", { maxPerSecond: 20 })), 20);
  t.notOk(canBeAnswered(sender("alphanumeric", "Carillon")));
  t.end();
});

t.test("contradictions of the configuration are told where they stand", (t) => {
  const faults = (sms: Partial<SmsOptions>) => {
    const told: string[] = [];
    checkSms({ sms: { ...optionsOf([], []), keywords: [], ...sms }, webhooks: [] }, (path, message) => told.push(`${path.join(".")} ${message}`));
    return told;
  };
  t.same(faults({ binds: [bind("a")], senders: [sender("short-code", "55501", { binds: ["a"] })] }), []);
  t.match(faults({ binds: [bind("a"), bind("a")] }), [/^sms\.binds\.1\.name a stands here twice/]);
  t.match(faults({ binds: [bind("a")], senders: [sender("short-code", "55501", { binds: ["b"] })] }), [
    /^sms\.senders\.0\.binds\.0 there is no bind b/,
  ]);
  t.match(faults({ senders: [sender("short-code", "55501")] }), [/^sms\.binds is empty/]);
  t.match(faults({ keywords: [{ keyword: "pay" }], stopWords: ["fertig", "STOP", "pay!"], helpWords: ["start", "Fertig", "..."] }), [
    /^sms\.stopWords\.2 "pay!" stands here twice, or among keywords/,
    /^sms\.helpWords\.0 "start" means start already/,
    /^sms\.helpWords\.1 "Fertig" stands here twice/,
    /^sms\.helpWords\.2 "\.\.\." has to be one to 6 words/,
  ]);
  t.match(faults({ keywords: [{ keyword: "stop" }, { keyword: "pay", webhook: "crm" }, { keyword: "Pay!" }] }), [
    /^sms\.keywords\.0\.keyword "stop" means stop already/,
    /^sms\.keywords\.2\.keyword Pay! stands here twice/,
    /^sms\.keywords\.1\.webhook there is no webhook crm/,
  ]);
  for (const [kind, address] of [
    ["long-code", "55501"],
    ["short-code", "+15550100123"],
    ["alphanumeric", "55501"],
    ["toll-free", "Carillon"],
  ] as const)
    t.match(faults({ binds: [bind("a")], senders: [sender(kind, address)] }), [/^sms\.senders\.0\.address /], `${kind} ${address}`);
  t.end();
});
