import { type LookupAddress, type LookupOptions, lookup } from "node:dns";
import { isIP } from "node:net";
import { type Networks, readNetworks } from "../../kernel/network.ts";

/** IPv4 networks in which nobody who is anybody's business can be reached (RFC 6890 and its updates; multicast; the rest of class E). */
const notPublic4 = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24"],
  ...["192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"],
];
/** Of IPv6 only global unicast is public (RFC 4291 §2.4), and of that not what leads elsewhere (Teredo, 6to4), benchmarks and examples. */
const public6 = ["2000::/3"];
const notPublic6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

export type LookupCallback = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/**
 * Lets connections be made to public addresses only, and to networks that the configuration names: somebody who may give a URL must not
 * reach our own network with it (OWASP API7:2023). What was looked up is what is connected to, so that a name cannot say one thing and do another.
 */
export class NetworkGuard {
  readonly #allowed: Networks;
  readonly #refused = readNetworks([...notPublic4, ...notPublic6]);
  readonly #public6 = readNetworks(public6);

  /** @param privateNetworks as `10.1.2.0/24`. RangeError when one is none */
  constructor(privateNetworks: readonly string[] = []) {
    this.#allowed = readNetworks(privateNetworks);
  }

  /** Whether that address (IPv4 or IPv6 as text) may be connected to. */
  permits(address: string): boolean {
    const family = isIP(address);
    if (family === 0) return false;
    if (this.#allowed.has(address)) return true;
    return !this.#refused.has(address) && (family === 4 || this.#public6.has(address));
  }

  /** Why a host that is written as an address may not be connected to; of a name nothing is known before it is looked up. */
  refusal(hostname: string): string | undefined {
    const host = hostname.replace(/^\[(.*)\]$/, "$1");
    return isIP(host) === 0 || this.permits(host) ? undefined : saying(host);
  }

  /** For `lookup` of a connection: fails when any address of the name may not be connected to. */
  readonly lookup = (hostname: string, options: LookupOptions, done: LookupCallback): void => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, []);
      const bad = addresses.find(({ address }) => !this.permits(address));
      const [first] = addresses;
      if (bad !== undefined || first === undefined)
        return done(Object.assign(new Error(saying(`${hostname} (${bad?.address ?? "no address"})`)), { code: "ENOTPUBLIC" }), []);
      if (options.all === true) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}

function saying(whom: string): string {
  return `${whom} is no public address, and not of a network in webhookDelivery.privateNetworks`;
}
