import t from "tap";
import { KeyFilter } from "../../src/adapter/postgres/repository/key-filter.ts";

const many = 1 << 16;
const idOf = (index: number) => `C-${index}`;
const numberOf = (index: number) => `+1212${2_000_000 + index * 7}`;

t.test("what was put in is always found, and hardly anything else, full as it is", async (t) => {
  const filter = new KeyFilter(2 * many);
  let needless = 0;
  for (let index = 0; index < many; index += 1) {
    if (filter.add("clientId", idOf(index))) needless += 1;
    if (filter.add("address", numberOf(index))) needless += 1;
  }
  t.ok(needless < 20, `${needless} of ${2 * many} seemed to be there before`);
  let [found, wrong] = [0, 0];
  for (let index = 0; index < many; index += 1) {
    if (filter.has("clientId", idOf(index)) && filter.has("address", numberOf(index))) found += 1;
    if (filter.has("clientId", idOf(many + index))) wrong += 1;
    // The same text is another key as an address.
    if (filter.has("address", idOf(index))) wrong += 1;
  }
  t.equal(found, many);
  t.ok(wrong < 40, `${wrong} of ${2 * many} that were never put in`);
});
