import { once } from "node:events";
import { connect } from "node:net";
import t from "tap";
import { intBetween, pick, seededRandom } from "../../src/kernel/random.ts";
import { Headers } from "../../src/lab/sip/headers.ts";
import { writeMessage } from "../../src/lab/sip/message.ts";
import { cseqOf, maxMessageBytes, parseMessage } from "../../src/lab/sip/parse.ts";
import { parseNameAddress, parseUri, parseVia } from "../../src/lab/sip/uri.ts";
import { mutate, openAgent, RawPeer, seed } from "./sip-kit.ts";

/** A request that is well in every respect; `edit` damages one line of it. */
function invite(edit: (text: string) => string = (text) => text): string {
  const body = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n";
  return edit(
    "INVITE sip:bob@192.0.2.2 SIP/2.0\r\n" +
      "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKtorture\r\n" +
      "Max-Forwards: 70\r\n" +
      'From: "Alice, \\"A\\"" <sip:alice@192.0.2.1>;tag=1\r\n' +
      "To: <sip:bob@192.0.2.2>\r\n" +
      "Call-ID: torture@192.0.2.1\r\n" +
      "CSeq: 1 INVITE\r\n" +
      "Contact: <sip:alice@192.0.2.1>\r\n" +
      "Content-Type: application/sdp\r\n" +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
  );
}

const swap = (from: string | RegExp, to: string) => invite((text) => text.replace(from, to));
const read = (text: string) => parseMessage(Buffer.from(text));

t.test("valid, however odd (RFC 4475 §3.1.1)", async (test) => {
  const compact = read(
    "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\r\n" +
      "TO :\r\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\r\n" +
      'f  : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>\r\n  ;\r\n  tag = 98asjd8\r\n' +
      "MaX-fOrWaRdS: 0068\r\n" +
      "Call-ID: wsinv.ndaksdj@192.0.2.1\r\n" +
      "l : 4\r\n" +
      "cseq: 0009\r\n  INVITE\r\n" +
      "v  : SIP  / 2.0  / UDP\r\n    192.0.2.2 ; branch=390skdjuw, SIP / 2.0 / TCP spindle.example.com ; branch = z9hG4bK9ikj8\r\n" +
      "s:\r\nNewFangledHeader:   newfangled value\r\n continued newfangled value\r\n" +
      "UnknownHeaderWithUnusualValue: ;;,,;;,;\r\n" +
      'm:"Quoted, string" <sip:jdrosen@example.com> ; newparam = newvalue ;\r\n  secondparam ; q = 0.33, tel:4443322\r\n' +
      "\r\nbodyand more than it says",
  );
  if (!compact.ok || compact.message.kind !== "request") throw new Error(compact.ok ? "no request" : compact.why);
  const { headers, body } = compact.message;
  test.equal(body, "body");
  test.same(cseqOf(compact.message), { number: 9, method: "INVITE" });
  test.equal(headers.list("Via").length, 2);
  test.equal(parseVia(headers.list("via")[1] ?? "")?.params.get("branch"), "z9hG4bK9ikj8");
  test.equal(headers.get("newfangledheader"), "newfangled value continued newfangled value");
  test.equal(headers.get("Subject"), "");
  test.equal(headers.list("contact").length, 2);
  test.match(parseNameAddress(headers.get("From") ?? ""), { display: 'J Rosenberg \\"', uri: "sip:jdrosen@example.com" });
  test.equal(parseNameAddress(headers.get("to") ?? "")?.params.get("tag"), "1918181833n");

  test.ok(read(invite()).ok);
  test.ok(read(invite((text) => text.replaceAll("\r\n", "\n").replace(/Content-Length: \d+/, "Content-Length: 5"))).ok, "lone line feeds");
  test.ok(read(`\r\n\r\n${invite()}`).ok, "leading line ends");
  test.ok(read(swap("INVITE sip:bob@192.0.2.2", "INVITE sip:%62ob;x=1@192.0.2.2;lr?a=b")).ok, "escapes");
  test.ok(read(`SIP/2.0 200 = 2**3 * 5**2 é\r\n${invite().split("\r\n").slice(1).join("\r\n")}`).ok, "any reason phrase");
  test.ok(read(`SIP/2.0 100 \r\n${invite().split("\r\n").slice(1).join("\r\n")}`).ok, "an empty reason phrase");
});

t.test("damage that can be answered gets 400 or 505; damage that cannot is dropped", async (test) => {
  const classes: [string, string, number | undefined][] = [
    ["negative Content-Length", swap(/Content-Length: \d+/, "Content-Length: -999"), 400],
    ["Content-Length beyond the end", swap(/Content-Length: \d+/, "Content-Length: 9999"), 400],
    ["Content-Length that is a word", swap(/Content-Length: \d+/, "Content-Length: many"), 400],
    ["two Content-Lengths that differ", swap(/Content-Length: \d+/, "Content-Length: 1\r\nContent-Length: 2"), 400],
    ["no From", swap(/From: .*\r\n/, ""), undefined],
    ["no To", swap(/To: .*\r\n/, ""), undefined],
    ["no Call-ID", swap(/Call-ID: .*\r\n/, ""), undefined],
    ["no CSeq", swap(/CSeq: .*\r\n/, ""), undefined],
    ["no Via", swap(/Via: .*\r\n/, ""), undefined],
    ["negative CSeq", swap("CSeq: 1 ", "CSeq: -1 "), 400],
    ["CSeq beyond 2^31", swap("CSeq: 1 ", "CSeq: 36893488147419103232 "), 400],
    ["CSeq of another method", swap("CSeq: 1 INVITE", "CSeq: 1 OPTIONS"), 400],
    ["unterminated quote in To", swap("To: <sip:bob@192.0.2.2>", 'To: "Mr. J. User <sip:bob@192.0.2.2>'), 400],
    ["bracket left open in From", swap("sip:alice@192.0.2.1>;tag=1", "sip:alice@192.0.2.1;tag=1"), 400],
    ["From twice", swap("To: ", "From: <sip:x@y>;tag=2\r\nTo: "), 400],
    ["Call-ID twice", swap("Call-ID", "Call-ID: other\r\nCall-ID"), 400],
    ["Max-Forwards that is no number", swap("Max-Forwards: 70", "Max-Forwards: several"), 400],
    ["header without a colon", swap("Max-Forwards: 70", "Max-Forwards 70"), 400],
    ["header with a control character in its name", swap("Max-Forwards", "Max\u0001Forwards"), 400],
    ["NUL in a header", swap("Max-Forwards: 70", "Max-Forwards: 70\0"), 400],
    ["Via that cannot be read", swap("SIP/2.0/UDP 192.0.2.1:5060", "HTTP/1.1/UDP ???"), undefined],
    ["Via with port 99999", swap("192.0.2.1:5060", "192.0.2.1:99999"), undefined],
    ["another version", swap("SIP/2.0\r\n", "SIP/7.0\r\n"), 505],
    ["white space in the Request-URI", swap("sip:bob@192.0.2.2 SIP", "sip:bob @192.0.2.2 SIP"), undefined],
    ["brackets round the Request-URI are taken, for routing to refuse", swap("INVITE sip:bob@192.0.2.2 ", "INVITE <sip:bob@192.0.2.2> "), 0],
    ["two blanks in the start line", swap("INVITE sip", "INVITE  sip"), undefined],
    ["an ACK that is broken is never answered", swap(/CSeq: 1 INVITE/, "CSeq: -1 ACK").replace(/^INVITE/, "ACK"), undefined],
    ["response with status 4294967301", invite().replace(/^.*\r\n/, "SIP/2.0 4294967301 better not\r\n"), undefined],
    ["response with status 099", invite().replace(/^.*\r\n/, "SIP/2.0 099 no\r\n"), undefined],
    ["response without Via", invite().replace(/^.*\r\nVia.*\r\n/, "SIP/2.0 200 OK\r\n"), undefined],
    ["too many headers", swap("Contact", `${"X-Filler: 1\r\n".repeat(300)}Contact`), undefined],
    ["nothing", "", undefined],
    ["one line end", "\r\n", undefined],
    ["no start line", invite().replace(/^.*\r\n/, ""), undefined],
    ["HTTP", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", undefined],
  ];
  for (const [name, text, status] of classes) {
    const parsed = read(text);
    if (status === 0) test.ok(parsed.ok, name);
    else if (parsed.ok) test.fail(`${name}: taken as good`);
    else test.equal(parsed.answer?.status, status, name);
  }
  test.match(parseMessage(Buffer.alloc(maxMessageBytes + 1, 65)), { ok: false, why: /64 kB/ });
  test.ok(read(swap("Contact", `X-Huge: ${"h".repeat(60_000)}\r\nContact`)).ok, "one huge header below the limit is only huge");
});

t.test("addresses and URIs that cannot be read are undefined, never an exception", async (test) => {
  for (const text of [
    "",
    "sip:",
    "sip:@x",
    "sip:a@",
    "sip:a@b:0",
    "sip:a@b:70000",
    "sip:a b@c",
    "tel:+1555",
    "sip:a@b@@@",
    "<sip:a@b>",
    "sip:[::1",
    "😀",
  ]) {
    test.equal(parseUri(text), undefined, text);
  }
  for (const text of ["", "<", "<>", '"', '"a', '"a" sip:x@y', "<sip:a@b", "no uri", '"\\']) test.equal(parseNameAddress(text), undefined, text);
  test.match(parseUri("sip:alice@[2001:db8::1]:5070;transport=tcp"), { host: "[2001:db8::1]", port: 5070 });
  test.same(new Headers().append("Contact", '"a, b" <sip:x,y@z>, <sip:q@r>').list("m"), ['"a, b" <sip:x,y@z>', "<sip:q@r>"]);
});

t.test("2000 mutated messages and as many of pure noise: nothing throws, and what is taken can be written and read again", async (test) => {
  test.comment(`seed ${seed}`);
  const random = seededRandom(seed);
  let taken = 0;
  for (let round = 0; round < 2000; round += 1) {
    const bytes = mutate(Buffer.from(invite()), random);
    const parsed = parseMessage(bytes);
    if (parsed.ok) {
      taken += 1;
      const again = parseMessage(Buffer.from(writeMessage(parsed.message)));
      if (!again.ok) test.fail(`round ${round}, seed ${seed}: ${again.why}`);
    }
    parseMessage(Buffer.from(Array.from({ length: intBetween(random, 0, 400) }, () => intBetween(random, 0, 255))));
  }
  test.ok(taken > 20 && taken < 1900, `${taken} of 2000 were still SIP`);
});

t.test("an agent under fire on both transports goes on answering", async (test) => {
  const random = seededRandom(seed + 1);
  const { agent, lines, uri } = await openAgent();
  const witness = await openAgent();
  const raw = await new RawPeer().open();
  agent.onInvite = (call) => call.reject(486);
  const good = (branch: string) =>
    Buffer.from(raw.write(pick(random, ["INVITE", "OPTIONS", "BYE", "ACK", "CANCEL"]), agent, { branch, callId: branch }));
  for (let round = 0; round < 400; round += 1) {
    await raw.send(mutate(good(`z9hG4bKfire${round}`), random), agent.port);
    const socket = round % 20 === 0 ? connect(agent.port, "127.0.0.1") : undefined;
    if (socket === undefined) continue;
    socket.on("error", () => {});
    const closed = once(socket, "close");
    socket.end(mutate(good(`z9hG4bKstream${round}`), random));
    socket.resume();
    await closed;
  }
  const malformed = raw.write("OPTIONS", agent, { branch: "z9hG4bKlast", callId: "last" }).replace("Content-Length: 0", "Content-Length: -1");
  await raw.send(malformed, agent.port);
  let refusal = await raw.response(400);
  while (refusal.headers.get("call-id") !== "last") refusal = await raw.response(400);
  test.match(refusal.headers.get("warning"), /Content-Length/, "says what is wrong");
  for (const params of ["", ";transport=tcp"]) {
    test.equal((await witness.agent.request({ method: "OPTIONS", uri: uri("alive", params) })).status, 200);
  }
  test.ok(lines("in").length > 100);
  await agent.close();
  await witness.agent.close();
  raw.close();
});
