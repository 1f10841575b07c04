import type { FeedFile, SeenFiles } from "./feed-ports.ts";

/** Names under which programs write what they have not ended. */
const unfinished = /(?:^\.|~$|\.(?:part|partial|filepart|tmp|temp|crdownload|swp)$)/i;
const maxNameChars = 200;
/** Of a folder that holds more, the oldest are looked at. */
const maxFiles = 1000;

/** Whether a name in a folder can be that of a file to take: whatever a server calls its files, they stay in their folder. */
export function isFileName(name: string): boolean {
  return name !== "" && name.length <= maxNameChars && !/[/\\\p{Cc}]/u.test(name) && !unfinished.test(name);
}

/** Whether a name is one of `pattern`, in which `*` and `?` stand for any characters and for one. Takes as long as both are long, whatever stands in them. */
export function matchesName(pattern: string, name: string): boolean {
  const [wanted, given] = [[...pattern.toLowerCase()], [...name.toLowerCase()]];
  let [at, from, star, tried] = [0, 0, -1, 0];
  while (from < given.length) {
    if (at < wanted.length && wanted[at] !== "*" && (wanted[at] === "?" || wanted[at] === given[from])) {
      at += 1;
      from += 1;
    } else if (wanted[at] === "*") {
      star = at;
      tried = from;
      at += 1;
    } else if (star >= 0) {
      at = star + 1;
      tried += 1;
      from = tried;
    } else return false;
  }
  while (wanted[at] === "*") at += 1;
  return at === wanted.length;
}

/** Files of a folder that can be taken, and those that may still be written to. */
export interface Sorted {
  /** The oldest first. */
  readonly ready: readonly FeedFile[];
  readonly seen: SeenFiles;
}

/**
 * Sorts what lies in a folder: a file is ready when it has been as it is for `quietMs`, by our clock and since we have seen it so.
 * @param seen what the look before saw; @param now epoch ms
 */
export function sortFiles(files: readonly FeedFile[], pattern: string, seen: SeenFiles, quietMs: number, now: number): Sorted {
  const byAge = (one: FeedFile, other: FeedFile) => one.modifiedAt - other.modifiedAt || (one.name < other.name ? -1 : 1);
  const wanted = files
    .filter(({ name }) => isFileName(name) && matchesName(pattern, name))
    .sort(byAge)
    .slice(0, maxFiles);
  const known = new Map(Object.entries(seen));
  const states = wanted.map((file) => {
    const before = known.get(file.name);
    const same = before !== undefined && before.bytes === file.bytes && before.modifiedAt === file.modifiedAt;
    return { file, since: same ? before.since : now };
  });
  const ready = states.filter(({ since }) => now - since >= quietMs).map(({ file }) => file);
  return { ready, seen: Object.fromEntries(states.map(({ file: { name, bytes, modifiedAt }, since }) => [name, { bytes, modifiedAt, since }])) };
}

const firstPauseMs = 30_000;
const longestPauseMs = 3_600_000;

/** How long to wait after so many failures in a row. */
export function pauseAfter(failures: number): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(20, Math.max(0, failures - 1)));
}

/** What a file is called when it is over with: two of one name do not meet. */
export function keptName(folder: "done" | "failed", run: string, file: string): string {
  return `${folder}/${run}-${file}`;
}
