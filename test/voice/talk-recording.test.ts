import { setImmediate as turn } from "node:timers/promises";
import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import type { CallCard } from "../../src/agent/card.ts";
import { defaultDeskRules } from "../../src/agent/desk-rules.ts";
import { countryOf } from "../../src/compliance/destination.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { talkKeeper } from "../../src/start/talk-keeper.ts";
import type { Person } from "../../src/voice/caller-session.ts";
import { DeskCalls } from "../../src/voice/desk-call.ts";
import type { PhoneLeg } from "../../src/voice/phone-ports.ts";
import type { CallRecording } from "../../src/voice/ports.ts";
import { Talk } from "../../src/voice/queue-talk-session.ts";
import { type TalkRecordingParts, TalkRecordings } from "../../src/voice/talk-recording-engine.ts";
import { until } from "../harness/far-side.ts";
import { ScriptedEndpoint } from "./scripted-endpoint.ts";

/* Which conversations are recorded, when they are paused and ended. What a recording holds is told by the contract of media. */

/** Tells what is done to recordings. */
class Recorder extends ScriptedEndpoint {
  readonly told: string[] = [];
  unmaskable = false;

  override async recordCall(name = ""): Promise<CallRecording> {
    this.told.push(`begin ${name.replace(/-\d+$/, "")}`);
    return {
      file: `${name}.wav`,
      mask: async (masked) => {
        if (this.unmaskable) throw new Fault("recording-unavailable", "no");
        this.told.push(masked ? "mask" : "unmask");
      },
      stop: async () => void this.told.push("stop"),
    };
  }
}

function converse(share: number | Promise<number>, keep: TalkRecordingParts["keep"] = async () => true) {
  const calls = new DeskCalls();
  const recordings = new TalkRecordings({
    calls,
    shareOf: async () => await share,
    keep,
    random: seededRandom(7),
    clock: systemClock,
    log: silentLog,
  });
  const begin = (agentId: string, campaignId?: string) => {
    const endpoint = new Recorder("person", "fs-1");
    const left = Promise.withResolvers<"hung-up">();
    const never = new Promise<never>(() => {});
    const events: string[] = [];
    const cards: (string | undefined)[] = [];
    const person = { endpoint, left: left.promise } as unknown as Person;
    const leg = { agentId, dialog: { id: "d", ended: never }, gone: never, endpoint: new ScriptedEndpoint("agent", "fs-1") } as unknown as PhoneLeg;
    const asking = {
      ...{ attemptId: "63", callerId: "+12125550100", person, direction: "outbound" as const, note: async () => {} },
      ...(campaignId !== undefined && { campaignId }),
      mediaEvent: (event: string, text: string) => void events.push(`${event} ${text.replace(/^.*wav, /, "")}`),
    };
    const show = ({ recording }: CallCard) => void cards.push(recording);
    const talk = new Talk({ asking, request: {} as never, leg, card: {} as CallCard, show, clock: systemClock });
    calls.add(talk);
    return { endpoint, talk, events, cards, leave: () => left.resolve("hung-up") };
  };
  return { recordings, begin };
}

t.test("from the beginning to the end, with what must not be kept left out", async (t) => {
  const { recordings, begin } = converse(1);
  const { endpoint, events, cards, leave } = begin("5", "9");
  await until(() => cards.length === 1, "it is shown");
  await recordings.order("5", "pause");
  await recordings.order("5", "resume");
  await recordings.pauseFor("5");
  leave();
  await until(() => events.length === 5, "its end is told");
  t.same(endpoint.told, ["begin talk-63-5", "mask", "unmask", "mask", "stop"]);
  t.same(events, ["recording begun", "recording paused", "recording resumed", "recording paused", "recording ended"]);
  t.same(cards, ["on", "paused", "on", "paused"]);
  await t.rejects(recordings.order("5", "pause"), { code: "agent-state" });
});

t.test("paused before it has begun, it begins in silence", async (t) => {
  const share = Promise.withResolvers<number>();
  const { recordings, begin } = converse(share.promise);
  const { endpoint, cards } = begin("5", "9");
  const paused = recordings.pauseFor("5");
  share.resolve(1);
  await paused;
  t.same(endpoint.told.slice(0, 2), ["begin talk-63-5", "mask"]);
  t.notOk(cards.includes("on"));
});

t.test("whoever has left before it could begin is not recorded", async (t) => {
  const share = Promise.withResolvers<number>();
  const { begin } = converse(share.promise);
  const { endpoint, leave } = begin("5", "9");
  leave();
  await new Promise(setImmediate);
  share.resolve(1);
  await new Promise(setImmediate);
  t.same(endpoint.told, []);
});

t.test("what cannot be paused is ended, and the agent is told", async (t) => {
  const { recordings, begin } = converse(1);
  const { endpoint, events, cards } = begin("5", "9");
  await until(() => cards.length === 1, "it is shown");
  endpoint.unmaskable = true;
  await t.rejects(recordings.order("5", "pause"), { code: "recording-unavailable" });
  t.same(endpoint.told.at(-1), "stop");
  t.match(events.at(-1), /could not be paused/);
  t.equal(cards.at(-1), undefined, "and the card does not say that it goes on");
});

t.test("a share of a campaign's, none of the others, none without a campaign", async (t) => {
  const { recordings, begin } = converse(0.5);
  const talks = Array.from({ length: 200 }, (_, at) => begin(String(at), "9"));
  await until(() => talks.filter(({ cards }) => cards.length > 0).length > 60, "some are recorded");
  await new Promise(setImmediate);
  const recorded = talks.filter(({ endpoint }) => endpoint.told.length > 0).length;
  t.ok(recorded > 70 && recorded < 130, `${recorded} of 200`);
  const none = converse(0).begin("1", "9");
  const own = begin("1000");
  await new Promise(setImmediate);
  t.same([none.endpoint.told, own.endpoint.told], [[], []]);
  await recordings.pauseFor("1000");
});

t.test("recorded only where what people were told or asked is enough, and never without a row", async (t) => {
  const rows: unknown[] = [];
  const needs = {
    consent: "told" as const,
    countries: [
      { country: "DE", consent: "agreed" as const },
      { country: "US", consent: "none" as const },
    ],
  };
  const keeperOf = (recordingConsent: "none" | "told" | "agreed", number: string) =>
    talkKeeper(
      {
        campaignDesks: { rules: async () => ({ ...defaultDeskRules, recordingConsent }) },
        privacy: { addressOf: async () => number, talkBegins: async (row) => void rows.push(row) },
      },
      needs,
      silentLog,
    );
  t.equal(countryOf("+4930123456")?.country, "DE");
  const table = [
    ["none", "+12125550101", true],
    ["none", "+442079460000", false],
    ["told", "+442079460000", true],
    ["told", "+4930123456", false],
    ["agreed", "+4930123456", true],
    // A satellite telephone is of no country: as in the strictest.
    ["told", "+870773111632", false],
    ["agreed", "anonymous", true],
  ] as const;
  for (const [consent, number, may] of table) {
    rows.length = 0;
    const asked = Promise.withResolvers<boolean>();
    const keep = keeperOf(consent, number);
    const { begin } = converse(1, async (recording) => {
      const allowed = await keep(recording);
      asked.resolve(allowed);
      return allowed;
    });
    const { endpoint, events, leave } = begin("5", "9");
    t.equal(await asked.promise, may, `${consent}, ${number}`);
    if (may) await until(() => events.length === 1, "it begins");
    leave();
    t.same(rows.length, may ? 1 : 0);
    if (may) t.match(rows, [{ attemptId: "63", file: /^talk-63-5-\d+\.wav$/, consent }]);
    else t.same(endpoint.told, [], "nothing is recorded");
  }
  const { begin } = converse(1, () => Promise.reject(new Error("the database is away")));
  const { endpoint, leave } = begin("5", "9");
  await turn();
  leave();
  t.same(endpoint.told, [], "what cannot be written down is not recorded");
});
