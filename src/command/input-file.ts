import type { ReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { Fault } from "../kernel/fault.ts";
import { fileTrouble } from "../kernel/file-error.ts";

/**
 * Opens a file whose content is read as it comes. It is open when this resolves: what keeps it from being opened would otherwise be told before anybody listens to the stream.
 * @returns with its length in bytes, 0 of a pipe; whoever does not read it to its end destroys the content
 * @throws Fault `import-file`
 */
export async function openInput(file: string): Promise<{ readonly content: ReadStream; readonly bytes: number }> {
  const handle = await open(file).catch((error: unknown) => {
    throw new Fault("import-file", `Cannot read ${file}: ${fileTrouble(error)}.`, { cause: error });
  });
  const found = await handle.stat();
  if (!found.isDirectory()) return { content: handle.createReadStream(), bytes: found.size };
  await handle.close();
  throw new Fault("import-file", `Cannot read ${file}: it is a folder.`);
}
