import t from "tap";
import { compareMails, compareTexts, type SentMessage } from "../../src/command/demo-books.ts";
import { deal, localTime, type Person, roles, zoneNear } from "../../src/command/demo-cast.ts";
import { type PromiseFacts, promises } from "../../src/command/demo-promises.ts";
import { messageIdOf } from "../../src/email/address.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import type { CallSummary } from "../../src/lab/carrier/call-record.ts";
import type { MailRecord } from "../../src/lab/mailbox/books.ts";
import type { SubmitEntry } from "../../src/lab/smsc/sms-books.ts";

/* The demo must find what it says is not there. */

const noon = Date.UTC(2026, 10, 23, 12);
const [ada, ben] = [1, 2].map(
  (at): Person => ({ contactId: `${at}`, clientId: `c-${at}`, number: `+1212555010${at}`, mailbox: `p${at}@example.com` }),
);
if (!ada || !ben) throw new Error("there is nobody");
const key = Buffer.alloc(32, 1).toString("base64");

function submit(to: Person, reference: number, at = noon): SubmitEntry {
  const wire = { systemId: "s", from: "55501", fromTon: 3, dataCoding: 0, esmClass: 0, registeredDelivery: 1, part: null, status: 0, persona: "" };
  return { ...wire, at, to: to.number.slice(1), text: "Hello", reference, id: `m${reference}` };
}

function mail(to: Person, attemptId: string, atMs = noon): MailRecord {
  const wire = { session: "s", tls: false, from: "", octets: 1, taken: true, reply: "250" };
  return { ...wire, atMs, to: [to.mailbox ?? ""], messageId: messageIdOf(key, attemptId, "example.com") };
}

function call(to: Person, attempt: string, more: Partial<CallSummary> = {}): CallSummary {
  const audio = {
    packets: 1,
    lost: 0,
    firstPacketAtMs: 0,
    firstSoundAtMs: 0,
    lastSoundAtMs: 0,
    soundMs: 900,
    longestSilenceMs: 0,
    answerToSoundMs: 0,
  };
  return {
    ...{ callId: attempt, attempt, called: to.number, caller: "", persona: "person", transport: "udp", state: "ended", finalStatus: 200 },
    ...{ invitedAtMs: noon, expiresS: 15, invites: 1, retransmissions: 0, reinvites: 0, responses: [], ringingAtMs: noon, answeredAtMs: noon },
    ...{
      ackedAtMs: noon,
      cancelledAtMs: null,
      endedAtMs: noon + 9000,
      endedBy: "carrier",
      endCause: null,
      legs: [],
      digitsSent: "",
      digitsHeard: "",
    },
    ...{ audio, heard: [], voices: [], silences: [] },
    ...more,
  };
}

const text = (id: string, address: string, result: string, reference: number | null): SentMessage => ({
  id,
  channel: "sms",
  address,
  result,
  reference,
});
const letter = (id: string, address: string | undefined, result: string): SentMessage => ({
  id,
  channel: "email",
  address: address ?? "",
  result,
  reference: null,
});

t.test("texts and mails are held against the books one by one", async (t) => {
  const report = { at: noon, kind: "report" as const, id: "m7", stat: "UNDELIV", from: "", to: "", status: 0 };
  const agreed = [text("1", ada.number, "undelivered", 7), text("2", ben.number, "canceled", null)];
  t.same(compareTexts(agreed, { submits: [submit(ada, 7)], delivers: [report] }), []);
  const cases: readonly (readonly [RegExp, readonly SentMessage[], readonly SubmitEntry[]])[] = [
    [/we say delivered, the SMSC undelivered/, [text("1", ada.number, "delivered", 7)], [submit(ada, 7)]],
    [/we say sent, the SMSC never took it/, [text("1", ada.number, "sent", 8)], []],
    [/taken 2 times/, [text("1", ada.number, "undelivered", 7)], [submit(ada, 7), submit(ada, 7)]],
    [/was asked for \+12125550102/, [text("1", ada.number, "undelivered", 7)], [submit(ben, 7)]],
    [/which we know nothing of/, [], [submit(ben, 9)]],
  ];
  for (const [said, messages, submits] of cases) t.match(compareTexts(messages, { submits, delivers: [report] }).join("\n"), said);

  const books = (mails: readonly MailRecord[]) => ({ mails, answers: [], refused: [{ atMs: 0, from: "", to: ben.mailbox ?? "", reply: "550" }] });
  t.same(compareMails([letter("1", ada.mailbox, "sent"), letter("2", ben.mailbox, "bounced-hard")], books([mail(ada, "1")]), key), []);
  t.match(compareMails([letter("1", ada.mailbox, "sent")], books([mail(ada, "1"), mail(ada, "1")]), key), [/taken 2 times/]);
  t.match(compareMails([letter("2", ben.mailbox, "sent")], books([]), key), [/we say sent, the mail exchanger refused it/]);
  t.match(compareMails([], books([mail(ada, "1")]), key), [/which we know nothing of/]);
});

t.test("each promise that is broken is seen", async (t) => {
  const zones = { awake: "Europe/London", asleep: "Pacific/Honolulu" };
  const [plain, asleep] = [
    { name: "anybody", count: 1 },
    { name: "asleep", count: 1, asleep: true as const },
  ];
  const facts: PromiseFacts = {
    ...{ people: new Map([[ada, plain]]), calls: [call(ada, "1")], texts: { submits: [submit(ada, 7)], delivers: [] } },
    ...{ mails: { mails: [mail(ada, "2")], refused: [], answers: [] }, told: [], zones, stopAnswer: "" },
  };
  const broken = (changed: Partial<PromiseFacts>) => promises({ ...facts, ...changed }).map(({ broken }) => broken.length);
  t.same(broken({}), [0, 0, 0, 0]);
  t.same(broken({ calls: [call(ada, "1"), call(ada, "2", { invitedAtMs: noon + 5000 })] }), [1, 0, 0, 0], "two calls at once");
  t.same(broken({ texts: { submits: [submit(ada, 7), submit(ada, 7)], delivers: [] } }), [1, 0, 0, 0], "a text twice");
  t.same(broken({ told: [{ number: ada.number, at: noon - 10_000 }] }), [0, 3, 0, 0], "on any channel after an agent was told");
  t.same(
    broken({ calls: [call(ada, "1", { digitsSent: "9" }), call(ada, "2", { invitedAtMs: noon + 60_000, endedAtMs: noon + 70_000 })] }),
    [0, 1, 0, 0],
  );
  t.same(broken({ people: new Map([[ada, asleep]]) }), [0, 0, 3, 0], "in the night");
  const mute = call(ada, "1");
  t.same(broken({ calls: [{ ...mute, audio: { ...mute.audio, soundMs: 0 } }] }), [0, 0, 0, 1], "in silence");
});

t.test("everybody has a role, and at any hour there is a zone with day and one with night", async (t) => {
  const people = Array.from({ length: 100 }, (_, at): Person => ({ contactId: `${at}`, clientId: `c${at}`, number: `+1${at}`, mailbox: undefined }));
  const dealt = deal(people, seededRandom(1));
  t.equal(dealt.size, 100);
  for (const role of roles) t.equal([...dealt.values()].filter(({ name }) => name === role.name).length, role.count, role.name);
  for (let hour = 0; hour < 24; hour += 1) {
    const at = noon + hour * 3_600_000;
    const [day, night] = [zoneNear(at, 14), zoneNear(at, 2)].map((zone) => localTime(at, zone).minute / 60);
    t.ok((day ?? 0) > 10 && (day ?? 0) < 18, `${day}`);
    t.ok((night ?? 12) < 6 || (night ?? 12) > 22, `${night}`);
  }
});
