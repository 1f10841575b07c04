import t from "tap";
import { intBetween, seededRandom } from "../../src/kernel/random.ts";
import { shareOut } from "../../src/voice/line-share.ts";

const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 1_000_000);
const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);
const want = (...wanted: number[]) => wanted.map((each) => ({ least: 0, wanted: each }));

t.test("lines are shared by what is wanted", async (t) => {
  t.same(shareOut(want(3), 10), [3], "alone one has what one wants");
  t.same(shareOut(want(30), 10), [10], "as far as there is");
  t.same(shareOut(want(30, 30), 10), [5, 5]);
  t.same(shareOut(want(2, 30, 30), 10), [2, 4, 4], "who wants little has it, the others what that leaves");
  t.same(shareOut(want(0, 0), 10), [0, 0]);
  t.same(shareOut([], 10), []);
  t.same(shareOut(want(4, 4), 0), [0, 0]);
  t.same(
    shareOut(
      [
        { least: 7, wanted: 7 },
        { least: 0, wanted: 9 },
      ],
      10,
    ),
    [7, 3],
    "who has a claim keeps it",
  );
  t.same(
    [0, 1, 2, 3].map((turn) => shareOut(want(9, 9, 9), 2, turn)),
    [
      [1, 1, 0],
      [0, 1, 1],
      [1, 0, 1],
      [1, 1, 0],
    ],
    "what cannot be shared evenly goes round",
  );
});

t.test("whatever is wanted: no line is given twice or left over, and nobody has more while another one who wants more has less", async (t) => {
  const random = seededRandom(seed);
  let broken = 0;
  for (let round = 0; round < 5000 && broken === 0; round += 1) {
    const maxLines = intBetween(random, 0, random.next() < 0.1 ? 2000 : 20);
    const claims = Array.from({ length: intBetween(random, 1, 6) }, () => ({
      least: random.next() < 0.6 ? 0 : intBetween(random, 0, 8),
      wanted: intBetween(random, 0, random.next() < 0.1 ? 2000 : 12),
    }));
    const shares = shareOut(claims, maxLines, intBetween(random, 0, 9));
    const least = sum(claims.map((claim) => claim.least));
    const most = sum(claims.map((claim) => Math.max(claim.least, claim.wanted)));
    const good =
      sum(shares) === Math.max(least, Math.min(maxLines, most)) &&
      claims.every((one, index) => {
        const share = shares[index] ?? Number.NaN;
        const within = share >= one.least && share <= Math.max(one.least, one.wanted);
        const poorest = Math.min(...claims.flatMap((other, at) => ((shares[at] ?? 0) < other.wanted ? [shares[at] ?? 0] : [])));
        return within && (share === one.least || share <= poorest + 1);
      });
    if (good) continue;
    broken += 1;
    t.fail(`round ${round}, seed ${seed}`, { claims, maxLines, shares });
  }
  t.equal(broken, 0);
});
