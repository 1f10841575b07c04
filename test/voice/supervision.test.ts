import t from "tap";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { type DeskCall, DeskCalls, type Parted } from "../../src/voice/desk-call.ts";
import { OpenLine } from "../../src/voice/phone-line-session.ts";
import { PhoneNotes } from "../../src/voice/phone-notes-session.ts";
import type { Dialog, Endpoint, Overhearing } from "../../src/voice/ports.ts";
import { Supervisions } from "../../src/voice/supervision-engine.ts";
import { until } from "../harness/far-side.ts";
import { ScriptedEndpoint } from "./scripted-endpoint.ts";

/* In which order a supervisor's telephone is told whom it hears; that it hears them: desk-call.test.ts. */

/** Notes what it was told, and does it when it is let. */
class SlowEar extends ScriptedEndpoint {
  readonly told: string[] = [];
  readonly held: (() => void)[] = [];
  override async overhear(...[other, how]: [other: Endpoint, how: Overhearing] | []) {
    this.told.push(`${how} ${other?.id}`);
    await new Promise<void>((resolve) => this.held.push(resolve));
    this.told.push("done");
  }
}

const dialog: Dialog = {
  ...{ id: "d", callId: "c", ended: new Promise(() => {}) },
  end: async () => {},
  offer: async () => "",
  answerOffers() {},
  isThere: async () => true,
};

/** As much of a conversation as is listened to. */
function callOf(endpointId: string) {
  const { promise: ended, resolve: end } = Promise.withResolvers<Parted>();
  const call = { agentId: "1", attemptId: endpointId, leg: { endpoint: new ScriptedEndpoint(endpointId, "a") }, ended } as unknown as DeskCall;
  return { call, end };
}

t.test("what a supervisor wanted last is done last, and of a conversation that is over nothing is heard any more", async (t) => {
  const calls = new DeskCalls();
  const ear = new SlowEar("ear", "a");
  const keep = async () => {};
  const leg = { dialogId: "d", agentId: "1", mediaServer: "a", endpointId: "ear" };
  const notes = new PhoneNotes({ keep, forget: keep, takeDead: async () => [] }, leg, silentLog);
  const line = new OpenLine({ endpoint: ear, dialog, notes, offered: "v=0", codecs: undefined });
  const desks = { present: [], onChange: () => () => {} };
  const supervisions = new Supervisions({
    ...{ calls, desks, phones: { ring: async () => line }, ringTimeoutMs: 1000, clock: systemClock, log: silentLog },
  });
  const [first, second] = [callOf("first"), callOf("second")];
  calls.add(first.call);
  const { id } = supervisions.start({ agentId: "1", mode: "listen", phone: { kind: "agent", agentId: "2" }, by: "Sue" });
  await until(() => ear.held.length === 1, "it to be told");
  const changes = [supervisions.change("1", id, "barge", "Sue"), supervisions.change("1", id, "whisper", "Sue")];
  first.end("agent-left");
  await first.call.ended;
  calls.add(second.call);
  for (let done = 0; done < 2; done++) {
    await until(() => ear.held.length > done, "it to be told again");
    ear.held[done]?.();
  }
  await Promise.all(changes);
  await until(() => ear.told.length === 4, "all of it to be done");
  t.same(ear.told, ["listen first", "done", "whisper second", "done"]);
  t.match(supervisions.find("1", id), { mode: "whisper", state: "listening" });
  line.endpoint.close();
});
