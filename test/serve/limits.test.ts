import t from "tap";
import { sideBySide } from "../harness/side-by-side.ts";
import { callOnTwoServers, mostAtOnce, tooClose } from "./limits-kit.ts";

t.setTimeout(280_000);
const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 1_000_000);
const parts = sideBySide(t, 2);

parts.test("two servers on one campaign: its calls per second and its lines are those of both together", async (t) => {
  const [calls, maxCps, maxLines] = [30, 2, 5];
  const { books, nodes } = await callOnTwoServers(t, { seed, calls, maxCps, maxLines });
  for (const one of nodes) t.ok(one.calls >= calls / 6, `${one.node}: ${one.calls} calls`);
  t.same(tooClose(books, maxCps), [], `never more than ${maxCps} calls a second (seed ${seed})`);
  t.ok(mostAtOnce(books) <= maxLines, `${mostAtOnce(books)} lines (seed ${seed})`);
});

parts.test("two servers on one trunk: its calls per second and its channels are those of both together", async (t) => {
  const trunk = { maxCps: 3, maxChannels: 5 };
  const { books } = await callOnTwoServers(t, { seed, calls: 40, maxCps: 50, maxLines: 50, trunk });
  t.same(tooClose(books, trunk.maxCps), [], `never more than ${trunk.maxCps} INVITEs a second (seed ${seed})`);
  const most = mostAtOnce(books);
  t.ok(most <= trunk.maxChannels, `${most} channels (seed ${seed})`);
  t.equal(most, trunk.maxChannels, "and all of them were used");
});
