import { BlockList, isIP } from "node:net";

/** Networks, and whether an address is in one of them. */
export interface Networks {
  /** Of an IPv4 or IPv6 address as text; of what is no address, no. */
  has(address: string): boolean;
}

/** @param texts as `10.1.2.0/24` @throws RangeError when one is no network */
export function readNetworks(texts: readonly string[]): Networks {
  const list = new BlockList();
  for (const text of texts) {
    if (!isNetwork(text)) throw new RangeError(`readNetworks: ${text} is no network`);
    const [address = "", bits = ""] = text.split("/");
    list.addSubnet(address, Number(bits), isIP(address) === 4 ? "ipv4" : "ipv6");
  }
  return {
    has: (address) => {
      const family = isIP(address);
      return family !== 0 && list.check(address, family === 4 ? "ipv4" : "ipv6");
    },
  };
}

export function isNetwork(text: string): boolean {
  const [address = "", bits = "", more] = text.split("/");
  const family = isIP(address);
  return family !== 0 && more === undefined && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}

/** An IPv4 address that came over an IPv6 socket (RFC 4291 §2.5.5.2) as what it is; every other one as it is written. */
export function plainAddress(address: string): string {
  return /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)?.[1] ?? address;
}
