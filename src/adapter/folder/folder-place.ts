import { randomUUID } from "node:crypto";
import { constants, createReadStream, createWriteStream } from "node:fs";
import { type FileHandle, lstat, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, isAbsolute, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { FeedFile, FeedPlace } from "../../contact/feed-ports.ts";
import { Fault } from "../../kernel/fault.ts";
import { fileTrouble } from "../../kernel/file-error.ts";
import { makeFolder } from "../../kernel/folder.ts";

/** A folder of this machine. Links in it are not followed: whoever may put files there must not have others read, or have any written elsewhere. */
export class FolderPlace implements FeedPlace {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws Fault `feed-folder` */
  static async open(folder: string): Promise<FolderPlace> {
    if (!isAbsolute(folder)) throw new Fault("feed-folder", `${folder} is no whole path: write the folder of a feed from the root.`);
    const place = new FolderPlace(folder);
    await place.#trying(`look into ${folder}`, async () => {
      if (!(await lstat(join(folder, "."))).isDirectory()) throw new Fault("feed-folder", `${folder} is no folder.`);
    });
    return place;
  }

  files(): Promise<readonly FeedFile[]> {
    return this.#trying(`look into ${this.#folder}`, async () => {
      const found: FeedFile[] = [];
      for (const entry of await readdir(this.#folder, { withFileTypes: true })) {
        if (!entry.isFile()) continue;
        // One that was taken away meanwhile is no trouble.
        const state = await lstat(join(this.#folder, entry.name)).catch(() => undefined);
        if (state?.isFile()) found.push({ name: entry.name, bytes: state.size, modifiedAt: Math.trunc(state.mtimeMs) });
      }
      return found;
    });
  }

  async *read(name: string): AsyncGenerator<Uint8Array> {
    const handle = await this.#trying(`read ${name}`, () => openFile(join(this.#folder, name)));
    const stream = createReadStream("", { fd: handle });
    try {
      for await (const chunk of stream) yield chunk;
    } catch (error) {
      throw folderFault(error, `read ${name}`);
    }
  }

  write(name: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    return this.#trying(`write ${name}`, () =>
      this.#within(name, async (path) => {
        const half = join(dirname(path), `.${randomUUID()}.part`);
        try {
          await pipeline(Readable.from(content, { objectMode: false }), createWriteStream(half, { flags: "wx", mode: 0o640 }));
          await rename(half, path);
        } finally {
          await rm(half, { force: true });
        }
      }),
    );
  }

  move(from: string, to: string): Promise<boolean> {
    return this.#trying(`move ${from}`, () =>
      this.#within(to, async (path) => {
        try {
          await rename(join(this.#folder, from), path);
          return true;
        } catch (error) {
          if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
          throw error;
        }
      }),
    );
  }

  /** @param work given the path to write to, which leads into the folder that was looked at, whatever is put in its place meanwhile */
  async #within<T>(name: string, work: (path: string) => Promise<T>): Promise<T> {
    if (dirname(name) === ".") return await work(join(this.#folder, name));
    const under = join(this.#folder, dirname(name));
    await makeFolder(under);
    const handle = await openFolder(under);
    try {
      // Linux goes on from an open folder by this name; elsewhere what was looked at a moment ago has to do.
      const opened = process.platform === "linux" ? `/proc/self/fd/${handle.fd}` : under;
      return await work(join(opened, basename(name)));
    } finally {
      await handle.close();
    }
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }

  async #trying<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw folderFault(error, what);
    }
  }
}

async function openFolder(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && (error.code === "ENOTDIR" || error.code === "ELOOP"))) throw error;
    throw new Fault("feed-folder", `${path} is no folder, or a link to one, which is not followed: take it away.`, { cause: error, retryable: true });
  }
}

/** An ordinary file, and nothing that took its place: a pipe would keep whoever opens it waiting. */
async function openFile(path: string): Promise<FileHandle> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new Fault("feed-folder", `${path} is no file any more.`, { retryable: true });
}

function folderFault(error: unknown, what: string): Fault {
  if (error instanceof Fault) return error;
  return new Fault("feed-folder", `Cannot ${what}: ${fileTrouble(error)}.`, { cause: error, retryable: true });
}
