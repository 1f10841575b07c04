import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { FolderPlace } from "../../src/adapter/folder/folder-place.ts";
import { fingerprintOf, hostKeyRefusal } from "../../src/adapter/sftp/host-key.ts";
import { isFileName, matchesName, pauseAfter, sortFiles } from "../../src/contact/feed.ts";

t.test("which files are taken", async (t) => {
  const names: [pattern: string, name: string, matches: boolean][] = [
    ["*", "a", true],
    ["*.csv", "people.CSV", true],
    ["*.csv", "people.csv.gz", false],
    ["crm-????-*.csv", "crm-2026-a.csv", true],
    ["crm-????-*.csv", "crm-26-a.csv", false],
    ["a*b*c", "aXbYbZc", true],
    ["a*b*c", "aXbYbZ", false],
    ["**", "", true],
    ["?", "", false],
    [`${"a*".repeat(50)}b`, "a".repeat(200), false],
  ];
  for (const [pattern, name, matches] of names) t.equal(matchesName(pattern, name), matches, `${pattern} ${name}`);
  for (const name of ["people.csv", "Läufer 1.csv", "a..b"]) t.ok(isFileName(name), name);
  for (const name of ["", ".", "..", ".x", "a/b", "../b", "a\\b", "a\nb", "x.part", "x.csv.filepart", "x.TMP", "x~", "a".repeat(201)])
    t.notOk(isFileName(name), JSON.stringify(name));

  const at = 1_000_000;
  const file = (name: string, bytes: number, modifiedAt = 5) => ({ name, bytes, modifiedAt });
  const first = sortFiles([file("b", 1, 9), file("a", 2), file("c.part", 3)], "*", {}, 30_000, at);
  t.same(first.ready, [], "nothing is taken that was never seen");
  const second = sortFiles([file("b", 1, 9), file("a", 3), file("d", 1)], "*", first.seen, 30_000, at + 30_000);
  t.same(
    second.ready.map(({ name }) => name),
    ["b"],
    "what grows waits on",
  );
  const third = sortFiles([file("b", 1, 9), file("a", 3), file("d", 1)], "*", second.seen, 30_000, at + 60_000);
  t.same(
    third.ready.map(({ name }) => name),
    ["a", "d", "b"],
    "the oldest first",
  );
  t.same(sortFiles([file("a", 3)], "*", {}, 0, at).ready.length, 1);
  t.same([0, 1, 2, 3, 8, 5000].map(pauseAfter), [30_000, 30_000, 60_000, 120_000, 3_600_000, 3_600_000]);
});

t.test("whom an SFTP server must be", async (t) => {
  const shown = fingerprintOf(Buffer.from("key"));
  t.match(shown, /^SHA256:[A-Za-z0-9+/]{43}$/);
  t.equal(hostKeyRefusal(shown, ["SHA256:other", shown], false), undefined);
  t.match(hostKeyRefusal(shown, ["SHA256:other"], true), /must have SHA256:other/, "one that is wanted is never given up for the first");
  t.match(hostKeyRefusal(shown, [], false), /compare it/);
  t.equal(hostKeyRefusal(shown, [], true), undefined);
});

t.test("a folder in which somebody else may put what they like leads nowhere else", async (t) => {
  const { inbox, elsewhere } = { inbox: join(t.testdir(), "in"), elsewhere: join(t.testdirName, "elsewhere") };
  mkdirSync(inbox);
  mkdirSync(elsewhere);
  writeFileSync(join(inbox, "a.csv"), "theirs");
  const place = await FolderPlace.open(inbox);

  symlinkSync(elsewhere, join(inbox, "done"));
  const linked = { code: "feed-folder", message: /done is no folder, or a link to one, which is not followed/, retryable: true };
  await t.rejects(place.write("done/1-a.csv.report.json", [Buffer.from("{}")]), linked);
  await t.rejects(place.move("a.csv", "done/1-a.csv"), linked);
  t.same(readdirSync(elsewhere), [], "nothing is written behind a link");
  t.same(readdirSync(inbox).sort(), ["a.csv", "done"], "and the file stays");

  rmSync(join(inbox, "done"));
  t.equal(await place.move("a.csv", "done/1-a.csv"), true);
  t.equal(await place.move("a.csv", "done/2-a.csv"), false, "what is gone is no trouble");
  t.equal(readFileSync(join(inbox, "done", "1-a.csv"), "utf8"), "theirs");

  const swapped = async function* () {
    yield Buffer.from("ours");
    renameSync(join(inbox, "done"), join(inbox, "was"));
    symlinkSync(elsewhere, join(inbox, "done"));
  };
  if (process.platform === "linux") {
    await place.write("done/2.csv", swapped());
    t.equal(readFileSync(join(inbox, "was", "2.csv"), "utf8"), "ours", "a link that comes in between is not followed either");
    t.same(readdirSync(elsewhere), []);
    rmSync(join(inbox, "done"));
  }

  execFileSync("mkfifo", [join(inbox, "b.csv")]);
  const read = async () => {
    for await (const _ of place.read("b.csv"));
  };
  await t.rejects(read(), { message: /b.csv is no file any more/ }, "nobody waits for a pipe to speak");
  t.same(await place.files(), []);
});
