import t from "tap";
import type { Ladder } from "../../src/attempt/ladder.ts";
import { begun, makeCampaign } from "../adapter/stores-kit.ts";
import { world } from "./world.ts";

t.test("an attempt tells what happened on the wire, and what to do about it", async (t) => {
  const { stores, ask } = await world(t);
  const [order] = await begun(stores, await makeCampaign(stores, { people: 1 }), 1);
  if (!order) throw new Error("no order");
  const startedAt = Date.UTC(2026, 2, 2, 15);
  const ladder: Ladder = {
    startedAt,
    legs: [{ leg: 1, name: "trunk carrier-a", callId: "abc", from: "sip:a@b", to: "sip:c@d" }],
    rungs: [
      { ms: 0, leg: 1, sip: { sent: true, method: "INVITE", uri: "sip:c@d", cseq: "1 INVITE", sdp: "audio 10.0.0.1:4000 PCMU sendrecv" } },
      {
        ms: 90,
        leg: 1,
        sip: { sent: false, status: 603, phrase: "Decline", cseq: "1 INVITE", from: "10.0.0.2:5060/udp", headers: { Reason: "Q.850;cause=21" } },
      },
      { ms: 91, leg: 1, media: { event: "hang-up", text: "by us" } },
    ],
    leftOut: 0,
  };
  const { attemptId } = order;
  await stores.attempts.mark(attemptId, { at: startedAt, kind: "sent", detail: { trunk: "carrier-a" } });
  await stores.attempts.mark(attemptId, { at: startedAt + 91, kind: "ladder", ladder });
  await stores.attempts.finish(attemptId, { at: startedAt + 91, result: "rejected", reason: "603 Decline" });
  const { status, body } = await ask("GET", `/api/v1/attempts/${attemptId}`);
  t.equal(status, 200);
  t.same(body["ladder"], {
    ...ladder,
    startedAt: "2026-03-02T15:00:00.000Z",
    rungs: ladder.rungs.map((rung) =>
      "sip" in rung && rung.sip.status === 603
        ? {
            ...rung,
            sip: {
              ...rung.sip,
              meaning: "the person, or a blocking service, declined the call",
              advice: "Nothing to mend; when many calls end so, check the reputation of the caller id.",
            },
          }
        : rung,
    ),
  });
  t.match(body["events"], [
    { at: "2026-03-02T15:00:00.000Z", kind: "sent", detail: { trunk: "carrier-a" } },
    { kind: "ended", detail: { result: "rejected", reason: "603 Decline" } },
  ]);
  const [, other] = await begun(stores, await makeCampaign(stores, { name: "second", people: 2 }), 2);
  const fresh = await ask("GET", `/api/v1/attempts/${other?.attemptId}`);
  t.match(fresh, { status: 200, body: { state: "sending", events: [], ladder: undefined } });
});
