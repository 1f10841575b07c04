import type { Dirent } from "node:fs";
import { opendir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";

let taken = 0;

/**
 * Removes prompts that nobody used since a time, and what was left half written then.
 * Walks folder by folder, so that a million prompts take time and no memory.
 * @param before epoch ms; whoever is given a prompt must have marked its file as used later than this
 * @returns how many files were removed, and how large they were
 */
export async function pruneFolder(dir: string, before: number): Promise<{ removed: number; bytes: number }> {
  const sum = { removed: 0, bytes: 0 };
  for await (const folder of entries(dir)) {
    if (!folder.isDirectory() || !/^[0-9a-f]{2}$/.test(folder.name)) continue;
    for await (const entry of entries(join(dir, folder.name))) {
      if (!entry.isFile() || !/^[0-9a-f]{62}\.wav(\.[\w.-]+\.part)?$/.test(entry.name)) continue;
      const bytes = await removeUnused(join(dir, folder.name, entry.name), before);
      if (bytes === undefined) continue;
      sum.removed += 1;
      sum.bytes += bytes;
    }
  }
  return sum;
}

/**
 * Takes the file away before it looks again: whoever finds it there marks it as used first and then looks whether it is still
 * there, so one of the two always notices the other.
 */
async function removeUnused(path: string, before: number): Promise<number | undefined> {
  const unused = async (at: string) => {
    const found = await stat(at).catch(() => undefined);
    return found && found.mtimeMs < before ? found.size : undefined;
  };
  if ((await unused(path)) === undefined) return undefined;
  // A name of its own, so that two who prune do not take each other's.
  const aside = `${path.replace(/\.wav\..*$/, ".wav")}.${process.pid}.unused-${taken++}.part`;
  const mine = await rename(path, aside).then(
    () => true,
    () => false,
  );
  if (!mine) return undefined;
  const bytes = await unused(aside);
  if (bytes === undefined) await rename(aside, path).catch(() => {});
  else await rm(aside, { force: true });
  return bytes;
}

async function* entries(dir: string): AsyncGenerator<Dirent> {
  const open = await opendir(dir).catch(() => undefined);
  if (open) yield* open;
}
