import t from "tap";
import { callOnTwoServers, mostAtOnce, tooClose } from "./limits-kit.ts";

t.setTimeout(280_000);
const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 1_000_000);
const trunk = { maxCps: 3, maxChannels: 5 };

t.test("two servers on one trunk: its calls per second and its channels are those of both together", async (t) => {
  const { books } = await callOnTwoServers(t, { seed, calls: 40, maxCps: 50, maxLines: 50, trunk });
  t.same(tooClose(books, trunk.maxCps), [], `never more than ${trunk.maxCps} INVITEs a second (seed ${seed})`);
  const most = mostAtOnce(books);
  t.ok(most <= trunk.maxChannels, `${most} channels (seed ${seed})`);
  t.equal(most, trunk.maxChannels, "and all of them were used");
});
