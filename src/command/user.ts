import { userInfo } from "node:os";

/** Who gives a command, for what is written down. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without an entry in the system's list, as in some containers.
    return `id ${process.getuid?.() ?? "unknown"}`;
  }
}

/** The same beside names of API keys. */
export function byUser(): string {
  return `user ${userName()}`;
}
