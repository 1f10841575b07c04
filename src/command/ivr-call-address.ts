import { createSocket } from "node:dgram";
import { once } from "node:events";
import { Fault } from "../kernel/fault.ts";

/** A SIP telephone to be called. */
export interface SipAddress {
  /** Request-URI. */
  readonly uri: string;
  readonly host: string;
  readonly port: number;
}

const form = /^sip:[A-Za-z0-9+._~*#%!$&'()-]+@([A-Za-z0-9.-]+)(?::(\d{1,5}))?(?:;transport=(?:udp|tcp))?$/;

/** @throws Fault `call-address` */
export function sipAddress(text: string): SipAddress {
  const [uri, host, port = "5060"] = form.exec(text) ?? [];
  if (uri === undefined || host === undefined || Number(port) > 65_535 || Number(port) === 0)
    throw new Fault("call-address", `--to ${text}: write it as sip:USER@HOST or sip:USER@HOST:PORT, with ;transport=tcp where it is not UDP`);
  return { uri, host, port: Number(port) };
}

/** The IPv4 address of this machine by which it reaches that telephone; nothing is sent. @throws Fault `call-address` */
export async function addressTowards({ host, port, uri }: SipAddress): Promise<string> {
  const socket = createSocket("udp4");
  try {
    socket.connect(port, host);
    await once(socket, "connect");
    return socket.address().address;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Fault("call-address", `--to ${uri}: ${host} is not to be found from here (${why})`, { cause: error });
  } finally {
    socket.close();
  }
}
