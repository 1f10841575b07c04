import t from "tap";
import { calledNumber, callerNumber, type InboundTrunk, readNumber, trunkOf, userOf } from "../../src/voice/inbound.ts";
import type { Trunk } from "../../src/voice/trunk.ts";

/* Whose a call from outside is, as tables. */

const base: Trunk = {
  name: "carrier",
  host: "203.0.113.5",
  transport: "udp",
  maxCps: 1,
  maxChannels: 1,
  callerIdPrefixes: [],
  destinationPrefixes: [],
  numberFormat: "e164",
};

t.test("numbers are read as the trunk's carrier writes them", async (t) => {
  const britain = { numberFormat: "national", countryCode: "44", nationalPrefix: "0", internationalPrefix: "00" } as const;
  const america = { numberFormat: "national", countryCode: "1", nationalPrefix: "", internationalPrefix: "011" } as const;
  const table: readonly (readonly [Parameters<typeof readNumber>[0], string, string | undefined])[] = [
    [base, "+12125550100", "+12125550100"],
    [base, "12125550100", "+12125550100"],
    [base, "+1 (212) 555-0100", "+12125550100"],
    [base, "anonymous", undefined],
    [base, "", undefined],
    [base, "+0123456789", undefined],
    [base, "123", undefined],
    [base, "1234567890123456", undefined],
    [{ numberFormat: "digits" }, "442079460123", "+442079460123"],
    [britain, "02079460123", "+442079460123"],
    [britain, "0012125550100", "+12125550100"],
    [britain, "+442079460123", "+442079460123"],
    [britain, "442079460123", "+442079460123"],
    [america, "2125550100", "+12125550100"],
    [america, "12125550100", "+12125550100"],
    [america, "011442079460123", "+442079460123"],
  ];
  for (const [trunk, text, number] of table) t.equal(readNumber(trunk, text), number, `${trunk.numberFormat} ${text}`);
});

t.test("the user of a header or a URI", async (t) => {
  const table = [
    ["<sip:+15550100123@h>;tag=1", "+15550100123"],
    ['"Ann <x>" <sip:%2B15550100123;npdi=yes@h:5060;user=phone>', "+15550100123"],
    ["sip:100@h", "100"],
    ["tel:+15550100123;phone-context=x", "+15550100123"],
    ["<tel:+15550100123>", "+15550100123"],
    ["sip:h.example", undefined],
    ["<sip:%E0%A4%A@h>", undefined],
    ["nonsense", undefined],
    ["", undefined],
  ] as const;
  for (const [text, user] of table) t.equal(userOf(text), user, text);
});

t.test("the trunk by which a call came", async (t) => {
  const trunks: readonly InboundTrunk[] = [
    { name: "a", host: "203.0.113.5", port: 5060, inbound: true },
    { name: "a-tls", host: "203.0.113.5", port: 5061, inbound: true },
    { name: "quiet", host: "203.0.113.5", port: 5062 },
    { name: "registered", host: "203.0.113.5", username: "acme", inbound: true },
    { name: "named", host: "sip.carrier.example", inbound: true },
    { name: "networks", host: "sip.other.example", inbound: true, inboundFrom: ["198.51.100.0/28", "2001:db8::/32"] },
  ];
  const addressesOf = (host: string) =>
    host === "sip.carrier.example" ? ["192.0.2.10", "192.0.2.11"] : host === "sip.other.example" ? ["192.0.2.99"] : [];
  const table: readonly (readonly [string, number, string, string | undefined])[] = [
    ["203.0.113.5", 5060, "sip:+1@h", "a"],
    ["203.0.113.5", 5061, "sip:+1@h", "a-tls"],
    ["203.0.113.5", 5062, "sip:+1@h", "a"],
    ["203.0.113.5", 5061, "sip:acme@h", "registered"],
    ["192.0.2.11", 40_000, "sip:+1@h", "named"],
    ["198.51.100.15", 5060, "sip:+1@h", "networks"],
    ["198.51.100.16", 5060, "sip:+1@h", undefined],
    ["2001:db8::7", 5060, "sip:+1@h", "networks"],
    ["192.0.2.99", 5060, "sip:+1@h", undefined],
    ["127.0.0.1", 5060, "sip:+1@h", undefined],
    ["", 0, "sip:+1@h", undefined],
  ];
  for (const [address, port, requestUri, name] of table)
    t.equal(
      trunkOf(trunks, { source: { address, port, transport: "udp" }, requestUri }, addressesOf)?.name,
      name,
      `${address}:${port} ${requestUri}`,
    );
});

t.test("who is called, and who calls", async (t) => {
  t.equal(calledNumber(base, { requestUri: "sip:+12125550100@us", to: "<sip:+12125550199@us>" }), "+12125550100");
  const registered = { ...base, username: "15551230000" };
  t.equal(
    calledNumber(registered, { requestUri: "sip:15551230000@us", to: "<sip:+12125550199@us>" }),
    "+12125550199",
    "called by the user it registered",
  );
  t.equal(calledNumber(base, { requestUri: "sip:us", to: "<sip:us>" }), undefined);

  const from = "<sip:+15550100123@them>;tag=1";
  t.equal(callerNumber(base, { from }), "+15550100123");
  t.equal(callerNumber(base, { from, assertedIdentity: '"X" <sip:+15550100124@them>, <tel:+15550100125>' }), "+15550100124", "the carrier's word");
  t.equal(callerNumber(base, { from: '"Anonymous" <sip:anonymous@anonymous.invalid>', assertedIdentity: "<sip:+15550100124@them>" }), "+15550100124");
  t.equal(callerNumber(base, { from, assertedIdentity: "<sip:+15550100124@them>", privacy: "id" }), undefined, "who hides");
  t.equal(callerNumber(base, { from, privacy: "none" }), "+15550100123");
  t.equal(callerNumber(base, { from: '"Anonymous" <sip:anonymous@anonymous.invalid>' }), undefined);
});
