import { once } from "node:events";
import { connect } from "node:net";
import t from "tap";
import { tagOf } from "../../src/lab/sip/uri.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";
import { from, openAgent, RawPeer, seed } from "./sip-kit.ts";

t.comment(`seed ${seed}`);

t.test("silence: INVITE and other requests are repeated as RFC 3261 says, then end as 408", async (test) => {
  const clock = new VirtualClock();
  const caller = await openAgent(clock);
  const raw = await new RawPeer().open();
  const uri = `sip:silent@127.0.0.1:${raw.port}`;
  const gaps = (method: string) =>
    caller.wire.filter(({ text }) => text.startsWith(method)).map(({ at }, index, all) => at - (all[index - 1]?.at ?? at));
  const call = caller.agent.invite({ uri, from, sdp: "x" });
  await clock.advance(32_000);
  test.match(await call.final, { ok: false, response: { status: 408 } });
  test.same(gaps("INVITE"), [0, 500, 1000, 2000, 4000, 8000, 16_000], "timer A doubles");
  const asking = caller.agent.request({ method: "OPTIONS", uri });
  await clock.advance(32_000);
  test.equal((await asking).status, 408);
  test.same(gaps("OPTIONS"), [0, 500, 1000, 2000, 4000, 4000, 4000, 4000, 4000, 4000, 4000], "timer E stops at T2");
  await clock.advance(32_000);
  test.same(caller.agent.counts, { dialogs: 0, clients: 0, servers: 0, connections: 0 });
  await caller.agent.close();
  raw.close();
  test.equal(clock.pending, 0);
});

t.test(
  "the called side repeats a final response until its ACK comes, absorbs repeated requests, and ends a call nobody acknowledges",
  async (test) => {
    const clock = new VirtualClock();
    const callee = await openAgent(clock);
    const raw = await new RawPeer().open();
    let invites = 0;
    let unacknowledged = 0;
    const outs = (start: string) => callee.lines("out").filter((line) => line.startsWith(start)).length;

    callee.agent.onInvite = (incoming) => {
      invites += 1;
      incoming.onUnacknowledged = () => {
        unacknowledged += 1;
      };
      incoming.reject(486);
    };
    const invite = raw.write("INVITE", callee.agent);
    await raw.send(invite, callee.agent.port);
    const refusal = await raw.response(486);
    await raw.send(invite, callee.agent.port);
    await raw.response(486);
    await clock.advance(1500);
    test.equal(invites, 1, "one call, not two");
    test.equal(outs("SIP/2.0 486"), 4, "once, for the repeated INVITE, and twice by timer G");
    await raw.send(raw.write("ACK", callee.agent, { toTag: tagOf(refusal.headers.get("to")) ?? "" }), callee.agent.port);
    while (callee.lines("in").length < 3) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(40_000);
    test.equal(outs("SIP/2.0 486"), 4, "the ACK stops it");
    test.equal(unacknowledged, 0);

    callee.agent.onInvite = async (incoming) => {
      const dialog = await incoming.answer("sdp");
      test.equal(dialog?.isEnded, true, "no ACK, no call");
    };
    await raw.send(raw.write("INVITE", callee.agent, { branch: "z9hG4bKraw2", callId: "raw-2" }), callee.agent.port);
    await raw.response(200);
    await clock.advance(32_000);
    // T1 doubling to T2: 0.5, 1.5, 3.5, then every 4 s up to 31.5 s.
    test.equal(outs("SIP/2.0 200"), 11);
    const bye = await raw.request("BYE");
    await raw.answer(bye, 200, callee.agent.port, "raw");
    test.equal(callee.agent.counts.dialogs, 0);
    await clock.advance(64_000);
    test.same(callee.agent.counts, { dialogs: 0, clients: 0, servers: 0, connections: 0 });
    await callee.agent.close();
    raw.close();
  },
);

t.test("the calling side acknowledges every repetition of a 2xx, and keeps to the route set and the Contact", async (test) => {
  const caller = await openAgent();
  const raw = await new RawPeer().open();
  const proxy = await new RawPeer().open();
  const call = caller.agent.invite({ uri: `sip:bob@127.0.0.1:${raw.port}`, from, sdp: "x" });
  const invite = await raw.request("INVITE");
  const routes = { "Record-Route": `<sip:far.example;lr>, <sip:127.0.0.1:${proxy.port};lr>` };
  for (let times = 0; times < 3; times += 1) await raw.answer(invite, 200, caller.agent.port, "callee", routes, "answer");
  // No DNS in the lab: the route that is asked first must be an address, which is the last Record-Route taken from the right.
  const acks = [await proxy.request("ACK"), await proxy.request("ACK"), await proxy.request("ACK")];
  test.equal(new Set(acks.map(({ headers }) => headers.get("via"))).size, 1, "the very same ACK");
  test.equal(acks[0]?.uri, `sip:raw@127.0.0.1:${raw.port}`, "to the Contact");
  test.equal(acks[0]?.headers.get("cseq"), "1 ACK");
  test.same(acks[0]?.headers.list("route"), [`<sip:127.0.0.1:${proxy.port};lr>`, "<sip:far.example;lr>"]);
  const end = await call.final;
  if (!end.ok) throw new Error("not answered");
  void end.dialog.bye();
  await raw.answer(await proxy.request("BYE"), 200, caller.agent.port, "callee");
  test.equal(await end.dialog.ended, "local");
  await caller.agent.close();
  raw.close();
  proxy.close();
});

t.test("a TCP stream: messages split and joined, keep-alives, and no way on without Content-Length", async (test) => {
  const callee = await openAgent();
  const raw = await new RawPeer().open();
  const socket = connect(callee.agent.port, "127.0.0.1");
  await once(socket, "connect");
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  const answered = async (times: number) => {
    while (text.split("SIP/2.0 200 OK").length - 1 < times) await once(socket, "data");
  };
  const ping = (branch: string) => raw.write("OPTIONS", callee.agent, { branch, body: "é" }).replace("SIP/2.0/UDP", "SIP/2.0/TCP");
  socket.write("\r\n\r\n");
  const bytes = Buffer.from(ping("z9hG4bK1") + ping("z9hG4bK2") + ping("z9hG4bK3"));
  for (let start = 0; start < bytes.length; start += 37) socket.write(bytes.subarray(start, start + 37));
  await answered(3);
  const broken = ping("z9hG4bK4").replace(/Content-Length: \d+\r\n/, "");
  const gone = once(socket, "close");
  socket.write(broken);
  await gone;
  test.equal(callee.lines("out").length, 3);
  await callee.agent.close();
  raw.close();
});
