import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a folder, and those above it that are not there. Not by `recursive` of Node's own: where the system says of a folder that is there that it is not, as Linux does of /proc to
 * whoever makes something in it, that tries again without end.
 * @param mode of each that is made
 * @returns whether it was not there before
 * @throws the system's error
 */
export async function makeFolder(path: string, mode = 0o777): Promise<boolean> {
  try {
    return await makeOne(path, mode);
  } catch (error) {
    const above = dirname(path);
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT") || above === path) throw error;
    await makeFolder(above, mode);
    return await makeOne(path, mode);
  }
}

async function makeOne(path: string, mode: number): Promise<boolean> {
  try {
    await mkdir(path, { mode });
    return true;
  } catch (error) {
    if ((await stat(path).catch(() => undefined))?.isDirectory()) return false;
    throw error;
  }
}
