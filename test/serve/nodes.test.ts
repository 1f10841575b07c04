import t from "tap";
import { callOnTwoServers, mostAtOnce, tooClose } from "./limits-kit.ts";

t.setTimeout(280_000);
const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 1_000_000);
const maxCps = 2;
const maxLines = 5;
const calls = 40;

t.test("two servers on one campaign: its calls per second and its lines are those of both together", async (t) => {
  const { books, nodes } = await callOnTwoServers(t, { seed, calls, maxCps, maxLines });
  for (const one of nodes) t.ok(one.calls >= calls / 6, `${one.node}: ${one.calls} calls`);
  t.same(tooClose(books, maxCps), [], `never more than ${maxCps} calls a second (seed ${seed})`);
  t.ok(mostAtOnce(books) <= maxLines, `${mostAtOnce(books)} lines (seed ${seed})`);
});
