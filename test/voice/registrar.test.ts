import { createHash } from "node:crypto";
import t, { type Test } from "tap";
import { seededRandom } from "../../src/kernel/random.ts";
import { SipAgent } from "../../src/lab/sip/user-agent.ts";
import { until } from "../harness/far-side.ts";
import { answersWith, logIn, noLines, openPhoneWorld, type PhoneWorld, request, seed } from "./phones-kit.ts";

const password = "a-long-password";
const realm = "carillon.test";

async function hireDevice(world: PhoneWorld, name: string, nailedUp: boolean): Promise<string> {
  const { id } = await world.stores.agents.addAgent(name);
  await world.control.set(id, { kind: "device", nailedUp, username: name, password });
  return id;
}

/** A device that says exactly what it is told to. */
async function openDevice(t: Test, { far, clock }: PhoneWorld, transport: "udp" | "tcp" = "udp") {
  const agent = new SipAgent({ clock, random: seededRandom(seed), host: "127.0.0.1", port: 0, timers: { t1Ms: 100 } });
  await agent.listen();
  t.teardown(() => agent.close());
  const registrar = `sip:127.0.0.1:${far.drachtio.sipPort};transport=${transport}`;
  let cseq = 0;
  const send = (user: string, headers: Readonly<Record<string, string>>, callId = `device-${agent.port}`) =>
    agent.request({
      method: "REGISTER",
      uri: registrar,
      from: `<sip:${user}@${realm}>`,
      to: `<sip:${user}@${realm}>`,
      headers: { "Call-ID": callId, CSeq: `${++cseq} REGISTER`, ...headers },
    });
  const contact = (name: string) => `<sip:${name}@10.1.2.3:5062>`;
  return { agent, registrar, send, contact, rewind: () => (cseq = 0) };
}

type Device = Awaited<ReturnType<typeof openDevice>>;

/** What a device answers to a challenge. */
function authorization(challenge: string | undefined, user: string, uri: string, { secret = password, nc = "00000001", qop = "auth" } = {}): string {
  const nonce = /nonce="([^"]+)"/.exec(challenge ?? "")?.[1] ?? "";
  const name = /algorithm=([^,\s]+)/.exec(challenge ?? "")?.[1] ?? "MD5";
  const hash = (text: string) =>
    createHash(name === "MD5" ? "md5" : name === "SHA-256" ? "sha256" : "sha512-256")
      .update(text)
      .digest("hex");
  const response = hash([hash(`${user}:${realm}:${secret}`), nonce, nc, "c0ffee", qop, hash(`REGISTER:${uri}`)].join(":"));
  return `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}", algorithm=${name}, qop=${qop}, nc=${nc}, cnonce="c0ffee"`;
}

async function challenged({ send }: Device, user: string): Promise<string> {
  const response = await send(user, {});
  t.equal(response.status, 401);
  return response.headers.get("www-authenticate") ?? "";
}

async function register(device: Device, user: string, headers: Readonly<Record<string, string>>, callId?: string) {
  const challenge = await challenged(device, user);
  return device.send(user, { ...headers, Authorization: authorization(challenge, user, device.registrar) }, callId);
}

t.test("telephones register, by UDP and TCP, are called where they registered, and are known after a restart", async (t) => {
  const world = await openPhoneWorld(t);
  const { lab, phones, far, stores, control, registrar } = world;
  const ada = await hireDevice(world, "ada", true);
  const desk = await logIn(world, ada);
  await desk.ready();
  await desk.is("not-ready phone");
  const place = { username: "ada", password, domain: realm };
  // It rings for longer than the other one takes to be reached.
  answersWith(world, "agent-1", { afterMs: 600 });
  answersWith(world, "agent-2", { afterMs: 60_000 });
  t.equal(await lab.register("agent-1", { ...place, registrar: `127.0.0.1:${far.drachtio.sipPort}` }), 200);
  t.equal(await lab.register("agent-2", { ...place, registrar: `127.0.0.1:${far.drachtio.sipPort};transport=tcp` }), 200);
  const { devices } = await control.find(ada);
  t.same(devices.map(({ address }) => /;transport=(\w+)$/.exec(address)?.[1]).sort(), ["tcp", "udp"]);
  await desk.ready();
  await until(() => phones.isUp(ada), "one of the two to be picked up");
  await until(() => lab.books.legsUp().length === 1, "the other one to be taken back");
  t.equal(lab.named("agent-1").calls + lab.named("agent-2").calls, 2, "both rang");
  t.match(await registrar.contactsOf(ada), [{ uri: /^sip:agent-/ }, { uri: /^sip:agent-/ }], "read from the database, not from memory");
  await Promise.all([lab.unregister("agent-1"), lab.unregister("agent-2")]);
  t.same((await control.find(ada)).devices, []);
  await desk.logOut();
  await noLines(world);
  t.equal((await stores.pool.query("select from phone_binding")).rowCount, 0);
});

t.test("what registers with an address of its own network is called through the one it came from", async (t) => {
  const world = await openPhoneWorld(t);
  const ben = await hireDevice(world, "ben", false);
  const device = await openDevice(t, world);
  const response = await register(device, "ben", {
    Contact: `"Ben, desk" ${device.contact("desk")};q=0.5, <sip:soft@10.1.2.4;ob>;expires=120`,
    Expires: "5000",
  });
  t.equal(response.status, 200);
  t.same(
    response.headers
      .list("contact")
      .flatMap((value) => value.split(/\s*,\s*/))
      .sort(),
    ["<sip:desk@10.1.2.3:5062>;expires=3600", "<sip:soft@10.1.2.4;ob>;expires=120"],
    "with the time each is granted",
  );
  const asked: string[] = [];
  device.agent.onInvite = (call) => {
    asked.push(call.request.uri);
    call.reject(486);
  };
  t.equal(await world.phones.take(ben, request("fs-1")), "missed");
  t.same(asked.sort(), ["sip:desk@10.1.2.3:5062", "sip:soft@10.1.2.4;ob"]);
  await noLines(world);
});

t.test("nobody gets in who does not know the password, or says again what was said", async (t) => {
  const world = await openPhoneWorld(t, { phoneOptions: { digest: "SHA-256" } });
  const { registrar } = world;
  const eve = await hireDevice(world, "eve", false);
  const device = await openDevice(t, world);
  const { send, contact } = device;
  const challenge = await challenged(device, "eve");
  t.match(challenge, /^Digest realm="carillon.test", nonce="[^"]+", qop="auth", algorithm=SHA-256$/);
  const say = (more: Parameters<typeof authorization>[3] = {}, user = "eve", with_ = challenge) =>
    send(user, { Contact: contact("eve"), Authorization: authorization(with_, user, device.registrar, more) });
  t.equal((await say({ secret: "wrong-password" })).status, 403);
  t.equal((await say({}, "nobody")).status, 403, "a name that nobody has is answered like a wrong password");
  t.equal((await say()).status, 200);
  const again = await say();
  t.equal(again.status, 401, "the same once more");
  t.match(again.headers.get("www-authenticate"), /stale=true/);
  t.equal((await say({ nc: "00000002" })).status, 200, "the next one");
  t.equal((await say({ nc: "00000003" }, "eve", challenge.replace(/nonce="./, 'nonce="z'))).status, 401, "a nonce of somebody else's");
  t.equal((await say({ nc: "0000000003" })).status, 403);
  t.equal((await say({ qop: "auth-int" })).status, 403);
  for (const nonsense of ["Digest", "Basic ZXZlOnB3", 'Digest username="eve"', `${authorization(challenge, "eve", "x")}, nonce="again"`])
    t.equal((await send("eve", { Authorization: nonsense })).status, 401, nonsense);
  t.equal((await registrar.contactsOf(eve)).length, 1);
  for (let count = 0; count < 10; count++) await say({ secret: "wrong-password" });
  const held = await say({ nc: "00000009" });
  t.equal(held.status, 503, "held off");
  t.match(held.headers.get("retry-after"), /^\d\d?$/);
  t.equal((await say({}, "adam")).status, 403, "others behind the same address are not");
  await world.control.set(eve, { kind: "device", nailedUp: false, username: "eve", password: "another-password" });
  t.same(await registrar.contactsOf(eve), [], "what registered with the old password is gone with it");
});

t.test("a telephone may be asked for SHA-512-256, and nothing weaker is taken", async (t) => {
  const world = await openPhoneWorld(t, { phoneOptions: { digest: "SHA-512-256" } });
  await hireDevice(world, "ann", false);
  const device = await openDevice(t, world);
  const challenge = await challenged(device, "ann");
  t.match(challenge, /algorithm=SHA-512-256$/);
  const say = (challenge: string) =>
    device.send("ann", { Contact: device.contact("ann"), Authorization: authorization(challenge, "ann", device.registrar) });
  t.equal((await say(challenge.replace("SHA-512-256", "MD5"))).status, 403);
  t.equal((await say(challenge)).status, 200);
});

t.test("times have bounds, requests an order, and malformed ones an answer", async (t) => {
  const world = await openPhoneWorld(t);
  const ida = await hireDevice(world, "ida", false);
  const device = await openDevice(t, world);
  const { contact, send } = device;
  const bindings = async () => (await world.registrar.contactsOf(ida)).map(({ uri }) => uri).sort();
  const short = await register(device, "ida", { Contact: contact("a"), Expires: "10" });
  t.equal(short.status, 423);
  t.equal(short.headers.get("min-expires"), "60");
  t.equal((await register(device, "ida", { Contact: contact("a") })).status, 200);
  t.equal((await register(device, "ida", { Contact: "*", Expires: "60" })).status, 400);
  for (const bad of ["<sip:a@b>, *", "<http://x>", "<sip:a@b c>", "<sip:a@b", "<sip:a@b>x", '"a <sip:a@b>']) {
    t.equal((await register(device, "ida", { Contact: bad })).status, 400, bad);
  }
  t.equal((await register(device, "ida", { Contact: contact("a"), Require: "gruu" })).status, 420);
  t.equal((await register(device, "ida", { Contact: [1, 2, 3, 4, 5].map((n) => `<sip:${n}@10.0.0.1>`).join(", ") })).status, 403, "six are too many");
  t.same(await bindings(), ["sip:a@10.1.2.3:5062"], "and nothing of these has changed anything");
  const challenge = await challenged(device, "ida");
  device.rewind();
  const late = await send("ida", { Contact: `${contact("a")};expires=0`, Authorization: authorization(challenge, "ida", device.registrar) });
  t.equal(late.status, 500, "an older request does not undo a newer one");
  t.equal((await register(device, "ida", { Contact: `${contact("a")};expires=0` }, "another-call")).status, 200);
  t.same(await bindings(), []);
  t.equal((await send("ida", { "Call-ID": "x".repeat(600) })).status, 400);
});
