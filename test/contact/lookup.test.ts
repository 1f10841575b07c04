import t, { type Test } from "tap";
import { NetworkGuard } from "../../src/adapter/http/guard.ts";
import { HttpLookups } from "../../src/adapter/http/lookups.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { checkLookup } from "../../src/config/lookup.ts";
import { leadsElsewhere, readLookup, requestOf, ruleOf, unaskable } from "../../src/contact/lookup/exchange.ts";
import { type LookupFact, standingOf } from "../../src/contact/lookup/lookup.ts";
import type { LookupOptions } from "../../src/contact/lookup/options.ts";
import { json, lookup, openProvider } from "./lookup-kit.ts";

const base = { name: "line", kind: "line-type", url: "https://lookup.example/v1/{number}?d={digits}", answer: "/line/type" } as const;

t.test("what is asked", async (t) => {
  const number = { subject: "+12125550101", dated: "" };
  t.same(requestOf(lookup(base), number), { url: "https://lookup.example/v1/%2B12125550101?d=12125550101" });
  const customer = lookup({ name: "crm", kind: "customer", url: "https://crm.example/p/{clientId}", method: "POST" });
  t.same(
    requestOf(customer, { subject: 'a/b?"c', dated: "" }),
    { url: "https://crm.example/p/a%2Fb%3F%22c", body: '{"number":"","clientId":"a/b?\\"c","date":""}' },
    "what comes from a list can leave neither its place in the URL nor its text",
  );
  t.equal(requestOf(customer, { subject: "a\ud83d", dated: "" }).url, "https://crm.example/p/a%EF%BF%BD", "half a character");
  const place = lookup({ name: "crm", kind: "customer", url: "https://crm.example/p/{clientId}/why?at=/../{clientId}" });
  const elsewhere = (subject: string) => leadsElsewhere(requestOf(place, { subject, dated: "" }));
  t.same(["..", ".", "...", "a..", "../x"].map(elsewhere), [true, true, false, false, false], "an id is no way through folders");
  const reassigned = lookup({ ...base, kind: "reassigned", name: "rnd" });
  t.match(unaskable(reassigned, number), { word: "no-data", reason: "nothing says since when the number is theirs" });
  t.match(unaskable(reassigned, { ...number, dated: "05/01/2024" }), { word: "no-data", reason: /YYYY-MM-DD/ });
  t.match(unaskable(reassigned, { ...number, dated: "2024-13-41" }), { word: "no-data" });
  t.equal(unaskable(reassigned, { ...number, dated: "2024-05-01" }), undefined);
  t.equal(unaskable(lookup(base), number), undefined);
});

t.test("what an answer is taken for", async (t) => {
  const line = lookup({
    ...base,
    values: ["Wireless=mobile", "fixed=landline", "*=unknown"],
    fields: ["carrier=/carrier/name", "ported=/ported", "no=/none/here"],
  });
  const answer = (type: unknown) => ({ line: { type }, carrier: { name: "Example Tel" }, ported: true });
  const fields = { carrier: "Example Tel", ported: "true" };
  for (const [theirs, word] of [
    ["wireless", "mobile"],
    ["FIXED", "landline"],
    ["voip", "voip"],
    ["tollfree", "unknown"],
    [null, "unknown"],
  ])
    t.same(readLookup(line, answer(theirs)), { word, fields });
  const strict = lookup(base);
  t.match(readLookup(strict, answer("pager")), { failed: "the answer says “pager” at /line/type, which values does not name" });
  t.match(readLookup(strict, { line: [] }), { failed: "the answer has no text at /line/type" });
  t.match(readLookup(lookup({ ...base, answer: "/constructor/name" }), {}), { failed: /no text/ }, "only what the answer has of its own");
  const rnd = lookup({ ...base, kind: "reassigned", values: ["no data=no-data"] });
  t.match(readLookup(rnd, { line: { type: true } }), { word: "yes" });
  t.match(readLookup(rnd, { line: { type: "No Data" } }), { word: "no-data" });
  const crm = lookup({ ...base, kind: "customer", answer: "/blocked", reason: "/why", fields: ["balance=/account/0/balance"] });
  t.same(readLookup(crm, { blocked: true, why: "in court", account: [{ balance: 12.5 }] }), {
    word: "do-not-contact",
    reason: "in court",
    fields: { balance: "12.5" },
  });
  t.same(readLookup(crm, { blocked: false, account: [] }), { word: "contact", fields: {} });
  const said = readLookup(crm, { blocked: true, why: `${"x".repeat(299)}😀`, account: [{ balance: `\ud83d${"y".repeat(998)}😀` }] });
  t.match(said, { reason: `${"x".repeat(299)}\ufffd`, fields: { balance: `\ufffd${"y".repeat(998)}\ufffd` } }, "as the database can keep it");
  const { answer: _, ...only } = crm;
  t.same(readLookup(only, { account: [{ balance: "7" }] }), { word: "contact", fields: { balance: "7" } }, "fields only");
});

t.test("what a fact comes to", async (t) => {
  const rule = ruleOf(lookup({ ...base, kind: "reassigned" }));
  const fact: LookupFact = { name: "line", subject: "+12125550101", dated: "2024-05-01", state: null };
  const at = 1000;
  t.match(standingOf(at, fact, rule), { stands: "open" });
  t.match(standingOf(at, { ...fact, state: "wanted", until: 5000 }, rule), { stands: "open" });
  t.match(standingOf(at, { ...fact, state: "answered", word: "no", until: 5000 }, rule), { stands: "good", word: "no" });
  t.match(standingOf(at, { ...fact, state: "answered", word: "no", until: 1000 }, rule), { stands: "open" }, "an old answer is none");
  t.match(standingOf(at, { ...fact, state: "answered", word: "yes", until: 5000, reason: "r" }, rule), {
    stands: "refused",
    word: "yes",
    reason: "r",
  });
  t.match(standingOf(at, { ...fact, state: "answered", word: "no-data", until: 5000 }, rule), { stands: "refused" }, "in doubt no");
  const failed = { ...fact, state: "failed" as const, until: 5000 };
  t.match(standingOf(at, failed, rule), { stands: "held", until: 5000 });
  t.match(standingOf(at, failed, { ...rule, fallback: "allow" }), { stands: "allowed" });
  t.match(standingOf(at, failed, { ...rule, fallback: "refuse" }), { stands: "failed" });
  t.match(standingOf(6000, failed, { ...rule, fallback: "refuse" }), { stands: "open" }, "it is asked again");
  t.match(standingOf(at, { ...fact, subject: null }, rule), { stands: "failed" }, "who cannot be asked about");
  t.match(standingOf(at, { ...fact, subject: null }, { ...rule, fallback: "allow" }), { stands: "allowed" });
  t.match(standingOf(at, { ...fact, state: "answered", word: "no", until: 5000 }, undefined), { stands: "open" }, "a look-up that nobody knows");
});

t.test("what a configuration may not say", async (t) => {
  const faults = (more: Partial<LookupOptions>) => {
    const found: string[] = [];
    checkLookup(lookup({ ...base, ...more }), ["lookups", 0], (path, message) => found.push(`${path.slice(2).join(".")}: ${message}`));
    return found;
  };
  t.same(faults({}), []);
  t.match(faults({ url: "https://{digits}.example/{number}" }), [/^url: must name its server/]);
  t.match(faults({ url: "https://lookup.example/" }), [/^url: does not say who is asked about/]);
  t.same(faults({ url: "https://lookup.example/", method: "POST" }), [], "the body says it");
  t.match(faults({ kind: "customer" }), [/\{clientId\} must stand in it/]);
  t.same(faults({ kind: "customer", by: "number" }), []);
  t.match(faults({ values: ["x=yes"] }), [/^values.0: means nothing here: of kind line-type there are mobile/]);
  t.match(faults({ notFound: "contact" }), [/^notFound/]);
  t.match(faults({ refuse: ["yes"] }), [/^refuse.0/]);
  t.match(faults({ method: "POST", body: '{"number":{number}' }), [/^body: is no JSON/]);
});

function open(t: Test, options: LookupOptions): HttpLookups {
  const lookups = new HttpLookups([options], systemClock, new NetworkGuard());
  t.teardown(() => lookups.close());
  return lookups;
}

t.test("over HTTP", async (t) => {
  const question = { subject: "+12125550101", dated: "" };
  const provider = await openProvider(t, (response, { path }) => {
    if (path.startsWith("/slow")) return;
    if (path.startsWith("/moved")) return void response.writeHead(302, { location: "http://127.0.0.1:1/" }).end();
    if (path.startsWith("/busy")) return void response.writeHead(429).end();
    if (path.startsWith("/denied")) return void response.writeHead(401).end("{}");
    if (path.startsWith("/absent")) return void response.writeHead(404).end();
    if (path.startsWith("/html")) return void response.writeHead(200, { "content-type": "text/html" }).end("<p>");
    json(response, { line: { type: "mobile" } });
  });
  const ask = (path: string, more: Partial<LookupOptions> = {}) =>
    open(t, lookup({ ...base, url: `${provider.url}${path}/{number}`, timeoutMs: 5000, ...more })).ask("line", question);
  const headers = ["Authorization: Bearer t0ken"];
  t.same(await ask("/ok", { headers }), { end: "answered", answer: { word: "mobile", fields: {} } });
  t.match(provider.asked, [
    { method: "GET", path: "/ok/%2B12125550101", text: "", headers: { authorization: "Bearer t0ken", accept: "application/json" } },
  ]);
  await ask("/ok", { method: "POST" });
  t.match(provider.asked.at(-1), {
    method: "POST",
    text: '{"number":"+12125550101","clientId":"","date":""}',
    headers: { "content-type": "application/json" },
  });
  t.match(await ask("/slow", { timeoutMs: 100 }), { end: "failed", again: true, reason: "no answer within 100 ms" });
  t.match(await ask("/busy"), { end: "failed", again: true, reason: "it answers 429" });
  t.match(await ask("/denied"), { end: "failed", again: false, reason: "it answers 401" });
  t.match(await ask("/absent"), { end: "failed", again: false, reason: "it answers 404" });
  t.match(await ask("/absent", { notFound: "unknown" }), { end: "answered", answer: { word: "unknown" } });
  t.match(await ask("/moved"), { end: "failed", again: false, reason: /redirects are not followed/ });
  t.match(await ask("/html"), { end: "failed", again: false, reason: /not JSON/ });
  t.match(await open(t, lookup(base)).ask("other", question), { end: "failed", again: false, reason: /no such look-up/ });
  const people = lookup({ name: "line", kind: "customer", url: `${provider.url}/people/{clientId}`, answer: "/line/type" });
  const asked = provider.asked.length;
  t.match(await open(t, people).ask("line", { subject: "..", dated: "" }), { end: "failed", again: false, reason: /no URL of its server/ });
  t.equal(provider.asked.length, asked);
  const refused = await open(t, lookup({ ...base, url: "http://ip6-localhost:9/{number}" })).ask("line", question);
  t.match(refused, { end: "failed", again: true }, "a name that leads into our own network is not followed");
  t.throws(() => open(t, lookup({ ...base, headers: ["Content-Length: 7"] })), { code: "lookup-invalid", message: /Header 0 of look-up line/ });
});
