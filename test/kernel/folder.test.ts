import { mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { makeFolder } from "../../src/kernel/folder.ts";

t.test("folders are made as far as they are not there, and what cannot be made is told at once", async (t) => {
  const home = t.testdir();
  const deep = join(home, "a", "b", "c");
  t.equal(await makeFolder(deep, 0o700), true);
  for (const made of ["a", "a/b", "a/b/c"]) t.equal(statSync(join(home, made)).mode & 0o777, 0o700, made);
  t.equal(await makeFolder(deep), false, "it was there");
  t.equal(await makeFolder("/"), false);
  t.same((await Promise.all([1, 2, 3].map(() => makeFolder(join(home, "once", "twice"))))).filter(Boolean).length, 1, "made by one of several");

  writeFileSync(join(home, "file"), "");
  await t.rejects(makeFolder(join(home, "file")), { code: "EEXIST" });
  await t.rejects(makeFolder(join(home, "file", "below")), { code: "ENOTDIR" });
  symlinkSync(join(home, "nothing"), join(home, "link"));
  await t.rejects(makeFolder(join(home, "link")), { code: "EEXIST" });
  mkdirSync(join(home, "there"));
  symlinkSync(join(home, "there"), join(home, "good"));
  t.equal(await makeFolder(join(home, "good", "below")), true, "behind a link");
  // Linux says ENOENT of what is made there.
  if (process.platform === "linux") await t.rejects(makeFolder("/proc/carillon/prompts"), { code: "ENOENT" });
});
