import t from "tap";
import { seededRandom } from "../../src/kernel/random.ts";
import { Ticker } from "../../src/lab/media/ticker.ts";
import { PatientTime } from "../../src/lab/patient-time.ts";
import { handBeat } from "./hand-beat.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 100_000);

t.test("it goes as the machine's time does while the process gets its turns", async (t) => {
  const machine = handBeat();
  const time = new PatientTime(machine);
  const clock = time.clock(1_000_000, 2);
  const fired: string[] = [];
  clock.after(200, () => fired.push("second"));
  clock.after(100, () => fired.push("first"));
  const never = clock.after(150, () => fired.push("cancelled"));
  clock.after(200, () => fired.push("third"));
  clock.after(-5, () => clock.after(0, () => fired.push("at once")));
  never.cancel();
  for (let passed = 0; passed < 49; passed++) machine.pass(1);
  t.same(fired, ["at once"], "twice as fast as life: 98 ms");
  for (let passed = 0; passed < 5; passed++) machine.pass(1);
  t.same(fired, ["at once", "first"]);
  for (let passed = 0; passed < 51; passed++) machine.pass(1);
  t.same(fired, ["at once", "first", "second", "third"], "in the order they are due, then as they were set");
  t.equal(clock.now(), 1_000_210);
  t.equal(time.clock(5).now(), 5, "another clock shows what it is told to");
  clock.after(0, () => fired.push("after the end"));
  time.close();
  machine.pass(1000);
  t.equal(fired.length, 4, "closed, it fires nothing");
});

t.test("while the process is held up it waits, and the media with it", async (t) => {
  const machine = handBeat();
  const time = new PatientTime(machine);
  const clock = time.clock(0);
  const random = seededRandom(seed);
  const ticker = new Ticker(time.beat());
  let frames = 0;
  ticker.add(() => {
    frames++;
  });
  let guard = false;
  clock.after(2000, () => {
    guard = true;
  });
  let heldUpMs = 0;
  let mostMs = 0;
  while (frames < 90) {
    const stepMs = random.next() < 0.2 ? random.next() * 3000 : 5;
    heldUpMs += stepMs;
    const before = clock.now();
    machine.pass(stepMs);
    mostMs = Math.max(mostMs, clock.now() - before);
  }
  t.ok(mostMs <= 21, `never more than 20 ms at once, ${mostMs} (seed ${seed})`);
  t.ok(heldUpMs > 10_000, `${heldUpMs} ms of the machine`);
  t.equal(ticker.skippedFrames, 0, `no sound is let go (seed ${seed})`);
  t.notOk(guard, `what guards two seconds waits for 1.8 s of sound (seed ${seed})`);
  while (frames < 102) machine.pass(5);
  t.ok(guard, "and no longer");
  time.close();
  ticker.close();
});
