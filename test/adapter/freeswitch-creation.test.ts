import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import t from "tap";
import { Creations } from "../../src/adapter/freeswitch/creation.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";

/** A channel as fsmrf gives it. */
function channel() {
  const ended: string[] = [];
  return { ended, dialog: { destroy: async () => void ended.push("destroy") } };
}

t.test("a channel that comes is given, one that does not come in time is not waited for, and let go when it comes late", async (t) => {
  const clock = new VirtualClock();
  const creations = new Creations("fs-1", clock);
  const made = channel();
  t.equal(await creations.of(Promise.resolve(made)), made);
  await t.rejects(creations.of(Promise.reject(new Error("480"))), /480/);
  const slow = Promise.withResolvers<ReturnType<typeof channel>>();
  const waiting = creations.of(slow.promise);
  const refused = t.rejects(waiting, { code: "freeswitch-timeout", retryable: true });
  await clock.advance(5001);
  await refused;
  const late = channel();
  slow.resolve(late);
  await turn();
  t.same([late.ended, made.ended], [["destroy"], []]);
});

t.test("when the connection is lost nobody waits any more; who comes after it does", async (t) => {
  const creations = new Creations("fs-1", new VirtualClock());
  const [first, second] = [Promise.withResolvers<ReturnType<typeof channel>>(), Promise.withResolvers<ReturnType<typeof channel>>()];
  const refused = t.rejects(creations.of(first.promise), { code: "freeswitch-unreachable", message: /fs-1 was lost/ });
  creations.lose();
  await refused;
  const waiting = creations.of(second.promise);
  const made = channel();
  second.resolve(made);
  t.equal(await waiting, made);
  creations.lose();
  t.same(made.ended, [], "what is made is not let go with the connection");
});

t.test("nothing of a channel is kept once it is made, as long as the connection may last", async (t) => {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const creations = new Creations("fs-1", new VirtualClock());
  const kept = await Promise.all(Array.from({ length: 50 }, async () => new WeakRef(await creations.of(Promise.resolve(channel())))));
  let left = kept.length;
  for (let round = 0; round < 20 && left > 0; round += 1) {
    await turn();
    collect();
    left = kept.filter((each) => each.deref() !== undefined).length;
  }
  t.equal(left, 0);
});
