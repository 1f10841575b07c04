import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";

/** Hexadecimal digits of SHA-1, which is what such lists are made of: it finds a line, and keeps nothing secret. */
const digits = 40;
/** A line has its hash, a colon and how often it was seen; what is read at once holds a whole one wherever it begins. */
const chunkBytes = 256;

/**
 * Whether a password stands in a list of those that leaked: SHA-1 in hexadecimal, one a line, in order, as Have I Been Pwned gives them out.
 * It is looked for by halves: 40 reads in 40 GB.
 */
export async function isLeaked(path: string, password: string): Promise<boolean> {
  const wanted = createHash("sha1").update(password, "utf8").digest("hex").toUpperCase();
  const file = await open(path);
  try {
    // The line that is looked for begins at or behind `from`, and before `to`.
    let [from, to] = [0, (await file.stat()).size];
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      const line = await lineAt(file, middle);
      if (line === undefined || line.start >= to) to = middle;
      else if (line.hash === wanted) return true;
      else if (line.hash < wanted) from = line.end;
      else to = middle;
    }
    return false;
  } finally {
    await file.close();
  }
}

/** The first line that begins at that place or behind it. */
async function lineAt(file: FileHandle, at: number): Promise<{ readonly hash: string; readonly start: number; readonly end: number } | undefined> {
  // From the byte before: a line begins behind the end of another one.
  const before = Math.max(0, at - 1);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(chunkBytes), 0, chunkBytes, before);
  const text = buffer.toString("latin1", 0, bytesRead);
  const start = at === 0 ? 0 : text.indexOf("\n") + 1;
  if (at > 0 && start === 0) return undefined;
  const hash = text.slice(start, start + digits).toUpperCase();
  if (hash.length < digits) return undefined;
  const end = text.indexOf("\n", start);
  return { hash, start: before + start, end: end < 0 ? before + text.length : before + end + 1 };
}
