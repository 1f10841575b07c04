/** What the system says of a file (POSIX errno), in words. */
const words: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is no folder",
  EACCES: "this user may not do that",
  EPERM: "this user may not do that",
  EROFS: "nothing can be written there",
  ENOSPC: "the disk is full",
  ENAMETOOLONG: "its name is too long",
  ELOOP: "its links go round in a circle",
};

/** Why a file could not be opened, read or written: the part of a sentence behind a colon. */
export function fileTrouble(error: unknown): string {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  return words[code] ?? (error instanceof Error ? error.message : String(error));
}
