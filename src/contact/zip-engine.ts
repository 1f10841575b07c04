import type { FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { createInflateRaw } from "node:zlib";
import { Fault } from "../kernel/fault.ts";

/** A file within a zip file. Sizes in bytes. */
interface Entry {
  readonly method: number;
  readonly packed: number;
  readonly headerAt: number;
}

const maxEntries = 10_000;
/** No sheet of 1,048,576 rows comes near it; what does is made to. */
const maxUnpackedBytes = 4 * 2 ** 30;
const damaged = (what: string, cause?: unknown) =>
  new Fault("import-format", `The workbook is damaged: ${what}. Save it anew, or as CSV.`, { cause });

/**
 * Reads a zip file (PKWARE APPNOTE 6.3.10, without encryption, several disks and zip64, which workbooks do not use) that lies in a file. What is in it is read as a stream and never believed:
 * sizes are counted, not taken from the headers.
 */
export class ZipFile {
  readonly #file: FileHandle;
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(file: FileHandle, entries: ReadonlyMap<string, Entry>) {
    this.#file = file;
    this.#entries = entries;
  }

  /** @throws Fault `import-format` */
  static async open(file: FileHandle): Promise<ZipFile> {
    const { size } = await file.stat();
    const tail = await readAt(file, Math.max(0, size - 65_557), Math.min(size, 65_557));
    const at = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
    if (at < 0 || at + 22 > tail.length) throw damaged("its end is missing, so it was not sent as a whole");
    const [count, length, from] = [tail.readUInt16LE(at + 10), tail.readUInt32LE(at + 12), tail.readUInt32LE(at + 16)];
    if (count > maxEntries || length > 16 * 2 ** 20 || from + length > size) throw damaged("its table of contents cannot be right");
    return new ZipFile(file, entriesOf(await readAt(file, from, length), count));
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /** What is in one of its files. @param most bytes that it may unpack to @throws Fault `import-format`, also in the middle */
  async *read(name: string, most = maxUnpackedBytes): AsyncGenerator<Buffer> {
    const entry = this.#entries.get(name);
    if (!entry) throw damaged(`there is no ${name} in it`);
    const header = await readAt(this.#file, entry.headerAt, 30);
    if (header.length < 30 || header.readUInt32LE(0) !== 0x04034b50) throw damaged(`${name} is not where it should be`);
    if ((header.readUInt16LE(6) & 1) !== 0) throw new Fault("import-format", "The workbook is protected by a password. Save it without one.");
    const from = entry.headerAt + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
    const packed = Readable.from(stretch(this.#file, from, entry.packed));
    if (entry.method !== 0 && entry.method !== 8) throw damaged(`${name} is packed in a way that workbooks are not`);
    const unpacked = entry.method === 0 ? packed : packed.pipe(createInflateRaw());
    packed.on("error", (error) => unpacked.destroy(error));
    let bytes = 0;
    try {
      for await (const chunk of unpacked) {
        const piece: Buffer = chunk;
        bytes += piece.length;
        if (bytes > most) throw new Fault("import-format", `${name} of the workbook unpacks to more than ${most / 2 ** 20} MB. Save it as CSV.`);
        yield piece;
      }
    } catch (error) {
      throw error instanceof Fault ? error : damaged(`${name} cannot be unpacked`, error);
    } finally {
      packed.destroy();
      unpacked.destroy();
    }
  }
}

function entriesOf(directory: Buffer, count: number): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== 0x02014b50) throw damaged("its table of contents cannot be read");
    const [nameLength, extra, comment] = [directory.readUInt16LE(at + 28), directory.readUInt16LE(at + 30), directory.readUInt16LE(at + 32)];
    const name = directory.toString("utf8", at + 46, at + 46 + nameLength).replaceAll("\\", "/");
    entries.set(name, {
      method: directory.readUInt16LE(at + 10),
      packed: directory.readUInt32LE(at + 20),
      headerAt: directory.readUInt32LE(at + 42),
    });
    at += 46 + nameLength + extra + comment;
  }
  return entries;
}

async function* stretch(file: FileHandle, from: number, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < length; at += 65_536) {
    const piece = await readAt(file, from + at, Math.min(65_536, length - at));
    if (piece.length === 0) return;
    yield piece;
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}
