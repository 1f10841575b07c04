/** What a key is: the same text may be a client id and an address. */
export type KeyKind = "clientId" | "address";

/**
 * Whether a key may have been seen: never wrong when it says no (B. H. Bloom, Space/time trade-offs in hash coding with allowable errors, CACM 13 (7), 1970).
 * A list that is being made need not be searched for what was never put on it. With more keys than it is made for it says yes more often, which costs time only.
 */
export class KeyFilter {
  readonly #bits: Uint32Array;
  readonly #blockMask: number;

  /** @param keys how many there will be, of which one in ten thousand is a needless yes; each takes 4 bytes */
  constructor(keys: number) {
    const blocks = 1 << Math.ceil(Math.log2(Math.max(16, keys) / keysPerBlock));
    this.#bits = new Uint32Array(blocks * blockWords);
    this.#blockMask = blocks - 1;
  }

  has(kind: KeyKind, key: string): boolean {
    return this.#look(kind, key, false);
  }

  /** @returns whether it may have been there before */
  add(kind: KeyKind, key: string): boolean {
    return this.#look(kind, key, true);
  }

  #look(kind: KeyKind, key: string, leave: boolean): boolean {
    let one = kind === "address" ? 0x811c9dc5 : 0x2f0b4a27;
    let other = 0x9747b28c;
    for (let index = 0; index < key.length; index += 1) {
      const code = key.charCodeAt(index);
      one = Math.imul(one ^ code, 0x01000193);
      other = Math.imul(other ^ code, 0x5bd1e995) + one;
    }
    const from = (mixed(one) & this.#blockMask) * blockWords;
    // Each probe has bits of its own: of places that follow from two numbers there are so few that one key in a hundred thousand would meet another's.
    const [first, second] = [mixed(other), mixed(Math.imul(one, 0x9e3779b1) ^ other)];
    let found = true;
    for (let probe = 0; probe < probes; probe += 1) {
      const bit = ((probe & 1 ? second : first) >>> ((probe >>> 1) * bitsOfProbe)) & blockMask;
      const word = from + (bit >>> 5);
      const before = this.#bits[word] ?? 0;
      const mask = 1 << (bit & 31);
      if ((before & mask) !== 0) continue;
      if (!leave) return false;
      found = false;
      this.#bits[word] = before | mask;
    }
    return found;
  }
}

const probes = 6;
/** A key's bits lie in one block, which is one line of the processor's cache (Putze, Sanders, Singler, Cache-, hash- and space-efficient Bloom filters, 2007). */
const blockWords = 16;
const blockMask = blockWords * 32 - 1;
const bitsOfProbe = 9;
const keysPerBlock = 16;

/** The last step of MurmurHash3 (public domain). */
function mixed(hash: number): number {
  let at = hash ^ (hash >>> 16);
  at = Math.imul(at, 0x85ebca6b);
  at ^= at >>> 13;
  at = Math.imul(at, 0xc2b2ae35);
  return (at ^ (at >>> 16)) >>> 0;
}
