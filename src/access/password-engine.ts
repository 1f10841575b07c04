import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { Fault } from "../kernel/fault.ts";

/** argon2id with what OWASP's Password Storage Cheat Sheet (2025) gives as its minimum: 19 MiB, 2 passes, 1 lane. */
const costs = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const;
const saltBytes = 16;

/** Hashes at once: each takes memory and a thread, which calls need. */
const atOnce = 2;
const mostWaiting = 50;

const form = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{16,86})\$([A-Za-z0-9+/]{16,86})$/;

let working = 0;
const waiting: (() => void)[] = [];

/** @throws Fault `overloaded` (retryable) when too many wait */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (working >= atOnce) {
    if (waiting.length >= mostWaiting)
      throw new Fault("overloaded", "Too many log in at this moment; try again in a few seconds.", { retryable: true });
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else working += 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else working -= 1;
  }
}

function derive(password: string, nonce: Uint8Array, cost: Readonly<Record<keyof typeof costs, number>>): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    argon2("argon2id", { ...cost, message: Buffer.from(password.normalize("NFKC")), nonce }, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

/** @returns a PHC string: `$argon2id$v=19$m=…,t=…,p=…$salt$hash` */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const key = await inTurn(() => derive(password, salt, costs));
  return `$argon2id$v=19$m=${costs.memory},t=${costs.passes},p=${costs.parallelism}$${unpadded(salt)}$${unpadded(key)}`;
}

/**
 * Whether it is that password. Takes as long where there is no hash to hold it against.
 * @param hash of `hashPassword`; undefined for somebody who has none, or who is not there
 */
export async function isPassword(password: string, hash: string | undefined): Promise<boolean> {
  const [, memory, passes, parallelism, salt = "", kept = ""] = form.exec(hash ?? "") ?? [];
  if (memory === undefined) {
    await inTurn(() => derive(password, Buffer.alloc(saltBytes), costs));
    return false;
  }
  const expected = Buffer.from(kept, "base64");
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism), tagLength: expected.length };
  const key = await inTurn(() => derive(password, Buffer.from(salt, "base64"), cost));
  return timingSafeEqual(key, expected);
}

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}
