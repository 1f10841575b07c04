import t from "tap";
import type { AttemptView } from "../../src/api/ports.ts";
import type { Result } from "../../src/attempt/result.ts";
import { compare } from "../../src/command/compare.ts";
import { type CallRecord, summarize } from "../../src/lab/carrier/call-record.ts";
import { Hearing } from "../../src/lab/carrier/hearing.ts";

/* What a campaign says who answered, beside who it was. */

const at = 1_800_000_000_000;
const called = "+12125550101";

interface Case {
  readonly persona: string;
  readonly result: Result;
  /** 487 after our CANCEL; otherwise it was answered. */
  readonly cancelled?: true;
  /** What the carrier heard of us, ms. */
  readonly soundMs?: number;
}

function booked({ persona, cancelled, soundMs = 0 }: Case) {
  const hearing = new Hearing(false);
  hearing.soundMs = soundMs;
  const record: CallRecord = {
    callId: "call-1",
    placed: false,
    attempt: "1",
    called,
    caller: "+15550100100",
    transport: "udp",
    invitedAtMs: at,
    expiresS: undefined,
    invites: 1,
    retransmissions: 0,
    reinvites: 0,
    responses: [{ status: cancelled ? 487 : 200, atMs: at + 1000 }],
    cancelledAtMs: cancelled && at + 900,
    finalStatus: cancelled ? 487 : 200,
    legs: cancelled ? [] : [{ toTag: "t", answeredAtMs: at + 1000, ackedAtMs: at + 1010, byeAtMs: at + 9000, byeBy: "caller" }],
    persona,
    hearings: [hearing],
  };
  return summarize(record, at + 10_000, []);
}

function told({ result, cancelled }: Case): AttemptView {
  return {
    id: "1",
    campaignId: "1",
    contactId: "1",
    addressId: "1",
    calledNumber: undefined,
    channel: "voice",
    address: called,
    state: "ended",
    result,
    outcome: undefined,
    reason: undefined,
    sipStatus: cancelled ? 487 : 200,
    q850: undefined,
    callId: "call-1",
    reservedAt: at,
    answeredAt: cancelled ? undefined : at + 1000,
    endedAt: cancelled ? at + 1000 : at + 9000,
    againAt: undefined,
  };
}

const found = (one: Case, listens: boolean) => compare([told(one)], [booked(one)], new Set(), [], listens).disagreements;

t.test("a campaign that listens is compared with who answered", async (t) => {
  const right: readonly Case[] = [
    { persona: "person", result: "human" },
    { persona: "person", result: "dropped" },
    { persona: "voicemail", result: "machine" },
    { persona: "voicemail-late-beep", result: "machine-message", soundMs: 4000 },
    { persona: "fax", result: "fax" },
    { persona: "silent", result: "silence" },
    { persona: "silent", result: "human" },
    { persona: "sit", result: "sit", cancelled: true },
    { persona: "busy-tone", result: "busy", cancelled: true },
    { persona: "does:say 5s", result: "machine" },
  ];
  for (const one of right) t.same(found(one, true), [], `${one.persona}: ${one.result}`);
  const wrong: readonly (readonly [Case, RegExp])[] = [
    [{ persona: "person", result: "machine" }, /we say machine, the carrier saw person answer/],
    [{ persona: "business", result: "machine-message", soundMs: 4000 }, /saw business answer/],
    [{ persona: "voicemail", result: "human" }, /we say human, the carrier saw voicemail answer/],
    [{ persona: "voicemail", result: "machine-message" }, /a message was left, and the carrier heard none/],
    [{ persona: "fax", result: "human" }, /saw fax answer/],
    [{ persona: "person", result: "silence" }, /saw person answer/],
    [{ persona: "person", result: "human", cancelled: true }, /we say human, the carrier sent 487/],
  ];
  for (const [one, why] of wrong) t.match(found(one, true), [why], `${one.persona}: ${one.result}`);
});

t.test("without listening whoever answers is a person", async (t) => {
  t.same(found({ persona: "voicemail", result: "human" }, false), []);
  t.match(found({ persona: "voicemail", result: "machine" }, false), [/we say machine/, /whether it was answered/]);
  t.match(found({ persona: "sit", result: "sit", cancelled: true }, false), [/the carrier sent 487/]);
});
