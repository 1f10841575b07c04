import type { EventEmitter } from "node:events";
import type { Server, Socket } from "node:net";
import { networkInterfaces } from "node:os";
import DrachtioMediaServer from "drachtio-fsmrf/lib/mediaserver.js";
import type { Clock } from "../../kernel/clock.ts";
import { Fault, toFault } from "../../kernel/fault.ts";
import type { Log } from "../../kernel/log.ts";
import { mayConnect } from "./admission.ts";
import { type FsmrfServer, type Mrf, newMrf } from "./fsmrf.ts";
import { bindListener } from "./listener.ts";
import { Connection, disconnect, type EslConnection, type EslServer, stayAway } from "./modesl.ts";

export interface MediaServerOptions {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly password: string;
  /** Where we listen for FreeSWITCH's outbound event socket; port 0 picks a free one. */
  readonly listenAddress: string;
  readonly listenPort: number;
  /** The same as FreeSWITCH reaches it, if different. */
  readonly advertisedAddress?: string;
  readonly advertisedPort?: number;
  /** The address from which FreeSWITCH connects to us; default the one that we are connected to. */
  readonly connectsFrom?: string;
  readonly profile?: string;
}

const openTimeoutMs = 5000;
/** Somebody who knocks again and again shall not fill the log. */
const refusalLogMs = 60_000;

/** fsmrf's own class, with what of its inside we need. */
interface FsmrfInside extends FsmrfServer {
  readonly _server?: EslServer;
}

/**
 * drachtio-fsmrf's media server. `Mrf#connect` of fsmrf makes the same, but a port in use, a missing profile or a
 * connection lost while it opens ends the process there, and it leaves a listener behind that nobody can close.
 * @throws Fault `port-unavailable`, `freeswitch-profile-missing`, `freeswitch-timeout` or `freeswitch-unreachable`
 */
export async function openMediaServer(srf: EventEmitter, options: MediaServerOptions, clock: Clock, log: Log): Promise<FsmrfServer> {
  const { name, address, port, password, listenAddress, listenPort, profile = "drachtio_mrf" } = options;
  const listener = await bindListener(name, listenAddress, listenPort);
  return new Promise((resolve, reject) => {
    let settled = false;
    const fail = (error: unknown) => {
      if (settled) return;
      settled = true;
      deadline.cancel();
      listener.close();
      disconnect(connection);
      reject(explained(error, name, profile));
    };
    const deadline = clock.after(openTimeoutMs, () =>
      fail(new Fault("freeswitch-timeout", `FreeSWITCH ${name} did not answer within ${openTimeoutMs} ms`, { retryable: true })),
    );
    const connection: EslConnection = new Connection(address, port, password, () => {
      const server = newMediaServer(connection, newMrf(srf), listenAddress, listener, options.advertisedAddress, options.advertisedPort, profile);
      // Its own time-out speaks up even after it has been given up; unheard it would end the process.
      server.on("error", fail);
      server.once("connect", () => {
        if (server._server) server._server.accepts = admission(connection, options.connectsFrom, clock, log);
      });
      server.once("ready", () => {
        settled = true;
        deadline.cancel();
        logSocketErrors(server, log);
        resolve(server);
      });
    });
    connection.on("error", fail);
    connection.on("esl::end", () => fail(new Error("it closed the connection")));
  });
}

/** fsmrf prints what it hears of a channel's socket that breaks, also of one whose channel has just ended. That a channel is gone is told otherwise; this is for whoever looks closely. */
function logSocketErrors(server: FsmrfServer, log: Log): void {
  const create = server.createEndpoint.bind(server);
  server.createEndpoint = async (options) => {
    const endpoint = await create(options);
    endpoint.conn
      ?.removeAllListeners("error")
      .on("error", (error: Error) => log.debug({ endpoint: endpoint.uuid, err: error }, "event socket of a channel"));
    return endpoint;
  };
}

/** Ends it for good; endpoints that are up stay up. */
export function closeMediaServer(server: FsmrfServer): void {
  const { socket } = server.conn;
  stayAway(server.conn);
  try {
    server.disconnect();
  } catch {
    // The socket is gone already, and the library says so to nobody.
  }
  socket?.destroySoon();
}

function newMediaServer(
  connection: EslConnection,
  mrf: Mrf,
  listenAddress: string,
  listener: Server,
  advertisedAddress: string | undefined,
  advertisedPort: number | undefined,
  profile: string,
): FsmrfInside {
  const Constructor = DrachtioMediaServer as unknown as new (
    connection: EslConnection,
    mrf: Mrf,
    listenAddress: string,
    // It goes to `listen` of node:net, which takes a server that listens already as well as a port.
    listenPort: Server,
    advertisedAddress: string | undefined,
    advertisedPort: number | undefined,
    profile: string,
  ) => FsmrfInside;
  return new Constructor(connection, mrf, listenAddress, listener, advertisedAddress, advertisedPort, profile);
}

function admission({ socket }: EslConnection, connectsFrom: string | undefined, clock: Clock, log: Log): (peer: Socket) => boolean {
  const known = { remoteAddress: connectsFrom ?? socket?.remoteAddress, localAddress: socket?.localAddress };
  let quietUntil = 0;
  return ({ remoteAddress }) => {
    const machine = () => Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((entry) => entry.address));
    if (mayConnect(remoteAddress, known, machine)) return true;
    if (clock.now() >= quietUntil) {
      quietUntil = clock.now() + refusalLogMs;
      log.warn(
        { from: remoteAddress, freeswitch: known.remoteAddress },
        "refused an event socket that is not from this FreeSWITCH; if it is, set its connectsFrom",
      );
    }
    return false;
  };
}

function explained(error: unknown, name: string, profile: string): Fault {
  const fault = toFault(error, "freeswitch-unreachable");
  if (fault.message.includes("sip profile found")) {
    const message = `FreeSWITCH ${name} has no SIP profile ${profile} that is running. Load the configuration in freeswitch/ there.`;
    return new Fault("freeswitch-profile-missing", message, { retryable: true, detail: { answer: fault.message } });
  }
  if (fault.code !== "freeswitch-unreachable") return fault;
  return new Fault(fault.code, `FreeSWITCH ${name} gave up the event socket: ${fault.message}`, { retryable: true, cause: error });
}
