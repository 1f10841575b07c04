import t from "tap";
import { Listeners } from "../../src/kernel/listeners.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

t.test("who listens is told once, and nobody of whom it was taken back", async (t) => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const listeners = new Listeners(promise);
  const told: string[] = [];
  listeners.on((how) => told.push(`first ${how}`));
  listeners.on((how) => told.push(`second ${how}`))();
  t.equal(listeners.count, 1);
  resolve("lost");
  await turn();
  t.same(told, ["first lost"]);
  t.equal(listeners.count, 0, "nothing is kept afterwards");
});

t.test("who comes late is told soon, unless they have taken it back by then", async (t) => {
  const listeners = new Listeners(Promise.resolve("over"));
  const told: string[] = [];
  // Before it can know, and after.
  listeners.on((how) => told.push(`before ${how}`));
  await turn();
  listeners.on((how) => told.push(`after ${how}`));
  listeners.on(() => told.push("taken back"))();
  t.same(told, ["before over"], "not while they still listen");
  await turn();
  t.same(told, ["before over", "after over"]);
  t.equal(listeners.count, 0);
});

t.test("somebody who is told may have others taken off", async (t) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const listeners = new Listeners(promise);
  const told: string[] = [];
  listeners.on(() => {
    told.push("first");
    unhear();
  });
  const unhear = listeners.on(() => told.push("second"));
  resolve();
  await turn();
  t.same(told, ["first"]);
});
