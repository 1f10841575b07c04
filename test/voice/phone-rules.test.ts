import t from "tap";
import { offeredAfter } from "../../src/voice/codec.ts";
import { readDigest } from "../../src/voice/digest.ts";
import { makeNonce, nonceHoldsUntil, nonceMs, nonceRandomBytes } from "../../src/voice/nonce.ts";
import { mayCallHost, missOf, readSipAddress, redialMs } from "../../src/voice/phone.ts";
import { contactsText, mostContacts, proxyOf, readContacts, rebind } from "../../src/voice/registrar.ts";
import type { Registration } from "../../src/voice/registrar-ports.ts";

t.test("what SIP URIs of telephones are, and where they may point", async (t) => {
  t.same(readSipAddress("sip:ann@Phones.Example:5062;transport=TCP"), { user: "ann", host: "phones.example", port: 5062, transport: "tcp" });
  t.same(readSipAddress("sip:[2001:db8::1]"), { user: undefined, host: "2001:db8::1", port: undefined, transport: undefined });
  for (const bad of [
    "",
    "ann@phones.example",
    "sips:a@b",
    "sip:a:pw@b",
    "sip:a@b;maddr=c",
    "sip:a@b?X=y",
    "sip:a@b:0",
    "sip:a@b:65536",
    "sip:a@[::g]",
    "sip:a@b c",
    "sip:a@b\r\nX: y",
  ])
    t.equal(readSipAddress(bad), undefined, JSON.stringify(bad));
  const allowed = ["phones.example", "192.168.0.0/16", "2001:db8::/32", "198.51.100.7"];
  for (const host of ["PHONES.example", "192.168.7.21", "2001:db8::1", "198.51.100.7"]) t.ok(mayCallHost(host, allowed), host);
  for (const host of ["a.phones.example", "192.169.0.1", "2001:db9::1", "198.51.100.8"]) t.notOk(mayCallHost(host, allowed), host);
  t.notOk(mayCallHost("phones.example", []), "nowhere, when nothing is said");
});

t.test("who did not pick up, and what is not there", async (t) => {
  const miss = (status: number, rang: boolean, canceled?: "ring-timeout" | "withdrawn" | "media") =>
    missOf({ status, phrase: "" }, { rang, ...(canceled && { canceled }) }).miss;
  for (const status of [486, 600, 603]) t.equal(miss(status, false), "missed", String(status));
  t.same([miss(480, true), miss(480, false), miss(404, false), miss(503, true)], ["missed", "unreachable", "unreachable", "unreachable"]);
  t.same(
    [miss(487, true, "ring-timeout"), miss(487, false, "ring-timeout"), miss(487, true, "withdrawn"), miss(487, true, "media")],
    ["missed", "unreachable", "withdrawn", "unreachable"],
  );
  t.same([1, 2, 3, 4, 5, 6, 7, 8, 99].map(redialMs), [1000, 2000, 4000, 8000, 15_000, 30_000, 60_000, 60_000, 60_000]);
});

t.test("an offer that follows another has its origin and the next version", async (t) => {
  t.equal(
    offeredAfter("v=0\r\no=fs 17 41 IN IP4 10.0.0.1\r\n", "v=0\r\no=FreeSWITCH 99 3 IN IP4 10.0.0.2\r\n"),
    "v=0\r\no=fs 17 42 IN IP4 10.0.0.2\r\n",
  );
  t.equal(offeredAfter("", "v=0\r\no=a 1 1 IN IP4 x\r\n"), "v=0\r\no=a 1 1 IN IP4 x\r\n");
});

t.test("contacts and credentials are read as they are written", async (t) => {
  t.equal(readContacts(" * "), "*");
  t.same(readContacts('"A, \\"b\\" <c>" <sip:a@b;x=y>;q=0.7;expires="60" , sip:c@d;expires=0, Some One <sip:[::1]:5>;expires=soon'), [
    { uri: "sip:a@b;x=y", expiresS: 60 },
    { uri: "sip:c@d", expiresS: 0 },
    { uri: "sip:[::1]:5", expiresS: 3600 },
  ]);
  const long = ["<", " ", ";", '"', ",", "a", "\\", ";a="].map((text) => text.repeat(4000 / text.length));
  for (const bad of [
    "",
    "sip:",
    "<sip:a@b",
    "<tel:+1>",
    "<sip:a@b>;",
    "<sip:a@b>,",
    "<sip:a@b>\r\nX: y",
    ...long,
    `${`<sip:a@b>${" ".repeat(3990)}`.slice(0, 3999)}x`,
    "x".repeat(5000),
  ])
    t.equal(readContacts(bad), undefined, JSON.stringify(bad).slice(0, 40));
  const digest = 'Digest username="a\\"b", realm="r",nonce=n , uri="sip:x", response="0", qop=auth, nc=00000001, cnonce="c"';
  t.match(readDigest(digest), { username: 'a"b', nonce: "n", qop: "auth", algorithm: "MD5" });
  for (const bad of [
    "",
    "Digest",
    `${digest}, nonce=m`,
    `${digest} x`,
    "Digest username=a",
    `Digest ${" ".repeat(3900)}`,
    ...long.map((text) => `Digest ${text}`),
  ])
    t.equal(readDigest(bad), undefined, bad.slice(0, 40));
  const key = Buffer.from("key");
  const nonce = makeNonce(key, 1_800_000_000_000, Buffer.alloc(nonceRandomBytes));
  t.equal(nonceHoldsUntil(key, nonce), 1_800_000_000_000 + nonceMs);
  t.equal(nonceHoldsUntil(Buffer.from("other"), nonce), undefined);
  t.equal(nonceHoldsUntil(key, nonce.replace(/^./, "z")), undefined);
});

t.test("what a REGISTER leaves", async (t) => {
  const limits = { minExpiresS: 60, maxExpiresS: 600 };
  const source = { address: "2001:db8::5", port: 5060, transport: "tcp" };
  const from = (more: Partial<Registration>): Registration => ({
    ...{ callId: "one", cseq: 5, user: "ann", contacts: "<sip:a@b>", expires: undefined, authorization: undefined },
    ...{ requires: undefined, userAgent: "Desk phone", source, via: undefined, ...more },
  });
  const now = 1_800_000_000_000;
  const first = rebind([], from({}), limits, now);
  if ("refused" in first) return t.fail("refused");
  t.match(first.bindings, [
    { contact: "sip:a@b", proxy: "sip:[2001:db8::5]:5060;transport=tcp", cseq: 5, userAgent: "Desk phone", expiresAt: now + 600_000 },
  ]);
  t.equal(contactsText(first.bindings, now + 1), "<sip:a@b>;expires=600");
  const status = (more: Partial<Registration>, bindings = first.bindings) => {
    const rebound = rebind(bindings, from(more), limits, now);
    return "refused" in rebound ? rebound.refused.status : rebound.bindings.length;
  };
  t.equal(status({ contacts: undefined }), 1, "asked only");
  t.equal(status({}), 500, "the same once more");
  t.equal(status({ cseq: 6 }), 1);
  t.equal(status({ cseq: 1, callId: "two" }), 1, "a telephone that was started anew");
  t.equal(status({ cseq: 6, expires: "0" }), 0);
  t.equal(status({ cseq: 6, expires: "59" }), 423);
  t.equal(status({ cseq: 6, contacts: "<sip:c@d>;expires=60" }), 2);
  t.equal(status({ cseq: 6, contacts: "*", expires: "0" }), 0);
  t.equal(status({ cseq: 6, contacts: "*" }), 400);
  t.equal(status({ cseq: 5, contacts: "*", expires: "0" }), 500);
  const many = Array.from({ length: mostContacts }, (_, at) => `<sip:${at}@b>`).join();
  t.equal(status({ cseq: 6, contacts: many }), 403);
  t.equal(status({ contacts: many }, []), mostContacts);
  t.equal(proxyOf({ address: "10.0.0.1", port: 7, transport: "udp" }), "sip:10.0.0.1:7;transport=udp");
});
