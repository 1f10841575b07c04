import t from "tap";
import { openWorld } from "./stores-kit.ts";

const document = (name: string, text: string) =>
  `name: ${name}\npasses:\n  b: { channel: sms, template: ${text}, sender: main, after: { undelivered: { pass: a } } }\n  a: { channel: email, template: ${text}, sender: main }\n`;

t.test("strategies are published in versions that stay as they are", async (t) => {
  const { stores, open } = await openWorld(t);
  const { strategies } = stores;
  t.equal(await strategies.version("1"), undefined);
  t.equal(await strategies.version("no id"), undefined);
  const first = await strategies.publish(document("waves", "one"), "key crm");
  t.match(first, { fresh: true, version: { name: "waves", version: 1, source: document("waves", "one"), publishedBy: "key crm" } });
  t.same(
    first.version.strategy.passes.map(({ name }) => name),
    ["b", "a"],
    "in the order in which they are written: everybody begins in the first",
  );
  t.equal(first.version.strategy.first, "b");
  t.match(await strategies.publish(document("waves", "one"), "key other"), {
    fresh: false,
    version: { id: first.version.id, publishedBy: "key crm" },
  });
  const second = await strategies.publish(document("waves", "two"), "key crm");
  t.match(second, { fresh: true, version: { version: 2 } });
  await t.rejects(strategies.publish("name: waves\npasses: {}", "key crm"), {
    code: "strategy-invalid",
    detail: { errors: [{ line: 2, pointer: "/passes" }] },
  });
  await strategies.publish(document("letters", "one"), "key crm");

  const other = await open();
  const kept = await other.strategies.version(first.version.id);
  t.match(kept, { version: 1, strategy: first.version.strategy });
  t.equal(await other.strategies.version(first.version.id), kept, "read once");
  t.match(await strategies.find("waves"), { version: 2 });
  t.match(await strategies.find("waves", 1), { id: first.version.id });
  t.equal(await strategies.find("waves", 9), undefined);
  t.same(
    (await strategies.all({ limit: 10 })).map(({ name, version }) => `${name} ${version}`),
    ["waves 2", "letters 1"],
  );
  const page = await strategies.versions("waves", { limit: 1 });
  t.match(page, [{ version: 2 }]);
  t.match(await strategies.versions("waves", { limit: 2, afterId: page[0]?.id ?? "" }), [{ version: 1 }]);

  const race = await Promise.all(
    ["a", "b", "c", "d"].map((text, index) => (index % 2 ? other : stores).strategies.publish(document("race", text), "key crm")),
  );
  t.same(race.map(({ version }) => version.version).toSorted(), [1, 2, 3, 4], "no number twice, none left out");
  for (const change of ["update strategy_version set version = 9", "delete from strategy_version", "truncate strategy_version cascade"])
    await t.rejects(stores.pool.query(change), /append-only/, change);
});
