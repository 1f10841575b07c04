import t from "tap";
import { inTurn } from "../../src/kernel/in-turn.ts";

t.test("one after the other, whoever asks, so that what was read first never comes last", async (t) => {
  let known = 0;
  let now = 0;
  const held: (() => void)[] = [];
  const look = inTurn(async () => {
    const read = now;
    await new Promise<void>((resolve) => held.push(resolve));
    known = read;
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const first = look();
  await turn();
  now = 1;
  const second = look();
  await turn();
  t.equal(held.length, 1, "the second has not read yet");
  held[0]?.();
  await first;
  await turn();
  t.equal(known, 0);
  held[1]?.();
  await second;
  t.equal(known, 1);
});

t.test("who fails is told so, and the next one goes on", async (t) => {
  let tried = 0;
  const work = inTurn(async () => {
    tried += 1;
    if (tried === 1) throw new Error("away");
  });
  const [one, other] = [work(), work()];
  await t.rejects(one, /away/);
  await t.resolves(other);
  t.equal(tried, 2);
});
