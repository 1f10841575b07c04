import { isIP } from "node:net";
import { type Trunk, usualPort } from "../voice/trunk.ts";

/** The part of the DNS that is asked, as `node:dns/promises` has it. */
export interface Dns {
  lookup(host: string): Promise<readonly { readonly address: string }[]>;
  resolveSrv(name: string): Promise<readonly { readonly name: string; readonly port: number }[]>;
}

const services = { udp: "_sip._udp", tcp: "_sip._tcp", tls: "_sips._tcp" } as const;

/** Where the carrier is, as seen from this machine; drachtio-server finds out for itself (RFC 3263 §4.2). */
export async function whereabouts({ host, port, transport }: Pick<Trunk, "host" | "port" | "transport">, dns: Dns): Promise<string> {
  if (isIP(host)) return `address ${host}`;
  const service = `${services[transport]}.${host}`;
  const records = port === undefined ? await dns.resolveSrv(service).catch(() => []) : [];
  if (records.length > 0) return `DNS: ${service} is ${records.map((record) => `${record.name} port ${record.port}`).join(", ")}`;
  const without = port === undefined ? `no SRV record ${service}, so port ${usualPort(transport)}; ` : "";
  try {
    const found = await dns.lookup(host);
    return `DNS: ${without}${host} is ${found.map(({ address }) => address).join(", ")}`;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    return `DNS: ${without}${host} is not to be found from this machine (${code}). Check the trunk's host; drachtio-server looks it up by itself.`;
  }
}
