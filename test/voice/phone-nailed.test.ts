import t from "tap";
import { silentLog } from "../../src/kernel/log.ts";
import type { Missed } from "../../src/voice/phone-dial-session.ts";
import { NailedPhone } from "../../src/voice/phone-nailed-session.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";

t.test("what listens to a call of a telephone that is not picked up goes with that call; the logout takes back the one that rings", async (t) => {
  const clock = new VirtualClock();
  const signals: AbortSignal[] = [];
  const dial = async (withdraw: AbortSignal): Promise<Missed> => {
    signals.push(withdraw);
    if (signals.length < 4) return { miss: "missed", why: "nobody picked up" };
    await new Promise((resolve) => withdraw.addEventListener("abort", resolve, { once: true }));
    return { miss: "withdrawn", why: "withdrawn" };
  };
  const parts = { agentId: "7", dial, move: async () => undefined, moved() {}, clock, log: silentLog, renewMs: undefined };
  const phone = new NailedPhone(parts);
  await clock.advance(600_000);
  t.equal(signals.length, 4, "called again and again");
  t.equal(new Set(signals).size, 4, "with a signal for each call");
  await phone.close();
  t.same(
    signals.map(({ aborted }) => aborted),
    [false, false, false, true],
  );
});
