import t from "tap";
import { type Codec, likeFirst, offeredTo } from "../../src/voice/codec.ts";
import { loadCampaign, noLeaks, numberOf, openServer, run, seed } from "./calls-kit.ts";
import { openCarrier, trunkTo } from "./carriers-kit.ts";

t.setTimeout(280_000);

const lines = (formats: string, ...attributes: string[]) =>
  ["v=0", "o=FreeSWITCH 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0", `m=audio 4000 RTP/AVP ${formats}`, ...attributes, ""].join(
    "\r\n",
  );

t.test("an offer holds what the trunk wants, in its order, with keys and comfort noise", async (t) => {
  const offer = lines(
    "0 8 101 13",
    "a=rtpmap:0 PCMU/8000",
    "a=rtpmap:8 PCMA/8000",
    "a=rtpmap:101 telephone-event/8000",
    "a=fmtp:101 0-15",
    "a=rtpmap:13 CN/8000",
  );
  const rows: readonly (readonly [readonly Codec[] | undefined, string, string])[] = [
    [undefined, offer, offer],
    [[], offer, offer],
    [["PCMU", "PCMA"], offer, offer],
    [["PCMA", "PCMU"], offer, offer.replace("AVP 0 8", "AVP 8 0")],
    [["PCMA"], offer, offer.replace("AVP 0 8", "AVP 8").replace("a=rtpmap:0 PCMU/8000\r\n", "")],
    [["PCMU"], offer, offer.replace("AVP 0 8", "AVP 0").replace("a=rtpmap:8 PCMA/8000\r\n", "")],
    [["PCMA"], lines("0 8 9", "a=rtpmap:9 G722/8000", "a=ptime:20"), lines("8", "a=ptime:20")],
    [["PCMA", "PCMU"], lines("96 0", "a=rtpmap:96 PCMA/8000"), lines("96 0", "a=rtpmap:96 PCMA/8000")],
    [["PCMA"], lines("0 101", "a=rtpmap:101 telephone-event/8000"), lines("0 101", "a=rtpmap:101 telephone-event/8000")],
    [["PCMA", "PCMA"], offer, offer.replace("AVP 0 8", "AVP 8").replace("a=rtpmap:0 PCMU/8000\r\n", "")],
    [["PCMA"], "no sdp", "no sdp"],
    [["PCMA"], "", ""],
  ];
  for (const [wanted, sdp, expected] of rows) t.equal(offeredTo(wanted, sdp), expected, JSON.stringify([wanted, sdp.match(/m=.*/)?.[0]]));
});

t.test("the other end of a conversation is offered first what the one end speaks", async (t) => {
  t.same(likeFirst(undefined, "8"), ["PCMA", "PCMU"]);
  t.same(likeFirst(undefined, "0"), ["PCMU", "PCMA"]);
  t.same(likeFirst(["PCMA", "PCMU"], undefined), ["PCMA", "PCMU"]);
  t.same(likeFirst(["PCMA", "PCMU"], "96"), ["PCMA", "PCMU"]);
  t.same(likeFirst(["PCMU"], "8"), ["PCMU"], "never what a trunk does not want");
});

t.test("each trunk is offered its own codecs, and is talked to in the one it takes", async (t) => {
  const alaw = await openCarrier(t, "hasty");
  const both = await openCarrier(t, "hasty");
  const offers = new Map<string, string[]>();
  const member = (name: string, weight: number) => ({ name, priority: 1, weight });
  const server = await openServer(
    t,
    {},
    {},
    {
      moreTrunks: () => [trunkTo("alaw", alaw, { codecs: ["PCMA"] }), trunkTo("both", both, { codecs: ["PCMA", "PCMU"] })],
      routes: [{ name: "all", maxTries: 1, trunks: [member("alaw", 1), member("both", 1), member("lab", 1)] }],
    },
  );
  server.far.carrier.directory.setEverybody("hasty");
  for (const [name, { agent }] of Object.entries({ alaw, both, lab: server.far.carrier })) {
    const { onInvite } = agent;
    agent.onInvite = (call) => {
      offers.set(name, [...(offers.get(name) ?? []), /^m=audio \d+ RTP\/AVP (.*)$/m.exec(call.offer ?? "")?.[1]?.trim() ?? ""]);
      onInvite(call);
    };
  }
  const numbers = Array.from({ length: 6 }, (_, index) => numberOf(`+1312555${String(1000 + index)}`));
  const attempts = await run(server, await loadCampaign(server, "codecs", numbers, undefined, undefined, undefined, "all"));
  t.ok(
    attempts.every(({ result }) => result === "human"),
    `seed ${seed}`,
  );
  t.same(Object.fromEntries(offers), { alaw: Array(2).fill("8 101 13"), both: Array(2).fill("8 0 101 13"), lab: Array(2).fill("0 8 101 13") });
  for (const { books } of [alaw, both, server.far.carrier])
    t.ok(
      books.calls.every(({ hearings }) => hearings.some(({ packets }) => packets > 0)),
      "and hears us",
    );
  await noLeaks(t, server);
  await server.close();
});
