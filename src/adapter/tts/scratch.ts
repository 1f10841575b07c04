import { randomBytes } from "node:crypto";
import { lstat, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What nobody touched for so long was left behind by a process that was killed: one prompt takes half a minute at most. */
const abandonedAfterMs = 3_600_000;
const prefix = "carillon-speech-";
/** As this version names them, and as versions before did. */
const isOurs = /^(?:[0-9a-f]{24}|[0-9A-Za-z]{6})$/;

/** A folder for what a speech engine writes while it speaks one prompt; there is none yet. */
export function scratchFolder(): string {
  return join(tmpdir(), `${prefix}${randomBytes(12).toString("hex")}`);
}

/**
 * Removes the folders of processes that were killed while they spoke. They are known by their age, not by a process id: processes in other containers may share
 * the folder of temporary files and have the same ids.
 * @param now epoch ms
 * @returns how many it removed
 */
export async function sweepScratch(now: number): Promise<number> {
  const names = (await readdir(tmpdir()).catch(() => [])).filter((name) => name.startsWith(prefix) && isOurs.test(name.slice(prefix.length)));
  let removed = 0;
  for (const name of names) {
    const path = join(tmpdir(), name);
    const found = await lstat(path).catch(() => undefined);
    if (!found?.isDirectory() || found.uid !== process.getuid?.() || now - found.mtimeMs < abandonedAfterMs) continue;
    const gone = await rm(path, { recursive: true, force: true }).then(
      () => true,
      () => false,
    );
    if (gone) removed += 1;
  }
  return removed;
}
