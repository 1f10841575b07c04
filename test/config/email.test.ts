import t from "tap";
import { loadConfig } from "../../src/config/load.ts";
import { Fault } from "../../src/kernel/fault.ts";

const base = "drachtio: { secret: one-secret }\nfreeswitch: [{ name: fs-1, password: two-secret }]\n";
const sender = "name: main, mailbox: a@x.example, pool: relay, bounceDomain: b.x.example, postalAddress: 1 Road, phone: '+12125550100'";

function faultsOf(email: string): readonly string[] {
  try {
    loadConfig({ env: {}, cwd: "/base", readText: (path) => (path === "/base/carillon.yaml" ? `${base}email:\n${email}` : undefined) });
  } catch (error) {
    if (error instanceof Fault) return [error.message];
    throw error;
  }
  return [];
}

t.test("e-mail wants a key, an address for unsubscribing, a pool that is there and a safe password", (t) => {
  const key = "  key: a-key-of-thirty-two-octets-and-more\n  publicUrl: https://mail.x.example\n";
  t.same(faultsOf(`${key}  pools: [{ name: relay, host: mx.x.example, user: u, password: p }]\n  senders: [{ ${sender} }]\n`), []);
  const wrong: [string, RegExp][] = [
    [`  senders: [{ ${sender} }]\n`, /email\.key.*is missing[\s\S]*publicUrl.*is missing/],
    [`${key}  senders: [{ ${sender} }]\n`, /email\.senders\.0\.pool.*there is no pool relay/],
    ["  pools: [{ name: relay, host: mx.x.example, user: u, password: p, tls: none }]\n", /pools\.0\.tls.*password would be told/],
    ["  pools: [{ name: relay, host: mx.x.example, user: u }]\n", /pools\.0\.password.*is missing/],
    ["  pools: [{ name: relay, host: a }, { name: relay, host: b }]\n", /pools\.1\.name.*twice/],
    [`${key}  pools: [{ name: relay, host: a }]\n  senders: [{ ${sender}, dkim: [{ domain: y.example, selector: s, privateKey: k }] }]\n`, /DMARC/],
    ["  wishSender: service\n", /email\.wishSender.*there is no sender service/],
    ["  unsubscribeUrl: https://x.example/bye\n", /\{mark\}/],
  ];
  for (const [text, fault] of wrong) t.match(faultsOf(text)[0] ?? "no fault", fault);
  t.end();
});

t.test("inboxes want the key, names of their own, a safe password and a certificate with its key", (t) => {
  const key = "  key: a-key-of-thirty-two-octets-and-more\n";
  const box = "name: in, host: imap.x.example, user: u, password: p";
  const receiver = "name: back, domains: [b.x.example]";
  t.same(faultsOf(`${key}  mailboxes: [{ ${box} }]\n  receivers: [{ ${receiver} }]\n`), []);
  const wrong: [string, RegExp][] = [
    [`  receivers: [{ ${receiver} }]\n`, /email\.key.*is missing/],
    [`${key}  mailboxes: [{ ${box}, tls: none }]\n`, /mailboxes\.0\.tls.*password would be told/],
    [`${key}  mailboxes: [{ ${box} }, { ${box} }]\n`, /mailboxes\.1\.name.*twice/],
    [`${key}  mailboxes: [{ ${box} }]\n  receivers: [{ name: in, domains: [b.x.example] }]\n`, /receivers\.0\.name.*name of a mailbox/],
    [`${key}  receivers: [{ ${receiver}, certificate: x }]\n`, /receivers\.0\.certificateKey.*is missing/],
    [`${key}  receivers: [{ name: back, domains: [Not A Domain] }]\n`, /receivers\.0\.domains\.0/],
  ];
  for (const [text, fault] of wrong) t.match(faultsOf(text)[0] ?? "no fault", fault);
  t.end();
});
