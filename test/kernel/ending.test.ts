import t from "tap";
import { Ending } from "../../src/kernel/ending.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

t.test("who listens is told once, and nobody of whom it was taken back", async (t) => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const ending = new Ending(promise);
  const told: string[] = [];
  ending.on((how) => told.push(`first ${how}`));
  ending.on((how) => told.push(`second ${how}`))();
  t.equal(ending.heard, 1);
  resolve("lost");
  await turn();
  t.same(told, ["first lost"]);
  t.equal(ending.heard, 0, "nothing is kept afterwards");
});

t.test("who comes late is told soon, unless they have taken it back by then", async (t) => {
  const ending = new Ending(Promise.resolve("over"));
  const told: string[] = [];
  // Before it can know, and after.
  ending.on((how) => told.push(`before ${how}`));
  await turn();
  ending.on((how) => told.push(`after ${how}`));
  ending.on(() => told.push("taken back"))();
  t.same(told, ["before over"], "not while they still listen");
  await turn();
  t.same(told, ["before over", "after over"]);
  t.equal(ending.heard, 0);
});

t.test("somebody who is told may have others taken off", async (t) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const ending = new Ending(promise);
  const told: string[] = [];
  ending.on(() => {
    told.push("first");
    unhear();
  });
  const unhear = ending.on(() => told.push("second"));
  resolve();
  await turn();
  t.same(told, ["first"]);
});
