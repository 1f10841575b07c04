import type { Socket } from "node:net";
import type { Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import type { Log } from "../../kernel/log.ts";
import { unhandledMessage } from "./mended.ts";
import { newSrf, type Srf } from "./srf.ts";

export interface DrachtioAddress {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
}

/** The longest pause between attempts to reconnect. drachtio-srf's back-off grows ×1.7 without end otherwise. */
const maxReconnectDelayMs = 2000;

/** drachtio-srf asks every five seconds at most, and looks at no answer. */
const pingMs = 500;
/** One that owes so many pongs gets no new calls: within two seconds after it has stopped. */
const doubtfulPongs = 2;
/** One that owes so many does not hear us, whatever the socket says. Not sooner: its calls are lost with the connection, and they may well go on. */
const maxPongsOwed = 30;

/** One connection to drachtio-server's admin port; drachtio-srf reconnects it by itself. */
export interface DrachtioConnection {
  readonly srf: Srf;
  /** Whether it is connected and answers in time. */
  readonly ready: boolean;
  readonly state: "up" | "silent" | "down";
  /** Called every time the connection is lost: what was under way over it will never be reported. */
  onLost: () => void;
  /** Called every time it is there again. */
  onBack: () => void;
  close(): void;
}

/**
 * Connects and authenticates.
 * @throws Fault `drachtio-unreachable` or `drachtio-secret-wrong`, each saying what to do
 */
export function connectDrachtio(address: DrachtioAddress, clock: Clock, log: Log): Promise<DrachtioConnection> {
  const srf = newSrf();
  const where = `${address.host}:${address.port}`;
  let ready = false;
  let closed = false;
  const connection: DrachtioConnection = {
    srf,
    get ready() {
      return ready && !pings.doubtful;
    },
    get state() {
      return this.ready ? "up" : ready ? "silent" : "down";
    },
    onLost() {},
    onBack() {},
    close() {
      closed = true;
      ready = false;
      pings.stop();
      disconnect(srf);
    },
  };
  const lost = () => {
    if (!ready) return;
    ready = false;
    if (!closed) log.error({ drachtio: where }, "connection to drachtio-server lost; reconnecting");
    connection.onLost();
  };
  const pings = sendPings(srf, clock, {
    silent: () => log.error({ drachtio: where }, "drachtio-server does not answer pings; connecting anew"),
    answers() {
      if (ready) connection.onBack();
    },
  });
  srf.on("close", lost);
  srf.on("reconnecting", lost);

  return new Promise((resolve, reject) => {
    let settled = false;
    const fail = (fault: Fault) => {
      if (settled) return;
      settled = true;
      connection.close();
      reject(fault);
    };
    srf.on("error", (error: NodeJS.ErrnoException) => {
      lost();
      fail(
        new Fault(
          "drachtio-unreachable",
          `drachtio-server does not answer at ${where} (${error.code ?? error.message}). Start it, or set drachtio.host and drachtio.port.`,
          { retryable: true, cause: error },
        ),
      );
    });
    srf.on("connect", (error: Error | null, hostPorts?: string) => {
      if (error) {
        // drachtio-srf would go on trying every 255 ms for ever with the same wrong secret.
        fail(
          new Fault(
            "drachtio-secret-wrong",
            `drachtio-server at ${where} refused the secret. Set drachtio.secret to the secret in its drachtio.conf.xml (<admin secret="…">).`,
          ),
        );
        if (ready) connection.close();
        return;
      }
      ready = true;
      log.info({ drachtio: where, sip: hostPorts }, "connected to drachtio-server");
      if (!settled) {
        settled = true;
        resolve(connection);
      } else connection.onBack();
    });
    srf.options((_request, response) => response.send(200));
    srf.connect({ ...address, reconnect: { retryMaxDelay: maxReconnectDelayMs } });
    (srf as unknown as Inner)._app?.client?.on(unhandledMessage, (error) =>
      log.warn({ err: error, drachtio: where }, "a SIP message that nobody can make sense of; passed over"),
    );
  });
}

/** The parts of drachtio-srf below its surface: `disconnect` alone does not stop a reconnect, and nobody looks at missing pongs. */
interface Inner {
  readonly _app?: {
    readonly client?: {
      removeRoute(verb: string): void;
      on(event: string, listener: (error: unknown) => void): void;
      readonly wp?: {
        closing: boolean;
        readonly reconnectVars?: { readonly retryTimer?: NodeJS.Timeout | null };
        /** @returns the id of the message */
        send(socket: Socket, message: string): string;
      };
      readonly mapServer?: ReadonlyMap<Socket, { readonly pendingPingRequests: Set<string> }>;
    };
  };
}

/**
 * Asks again and again whether the far end is there, and ends a connection where it has gone without a word: drachtio-srf then connects anew.
 * @param on `silent`: it has; `answers`: it does again after it had been doubted
 */
function sendPings(
  srf: Srf,
  clock: Clock,
  on: { readonly silent: () => void; readonly answers: () => void },
): { readonly doubtful: boolean; stop(): void } {
  let owed = 0;
  let timer = clock.after(pingMs, ping);
  function ping(): void {
    const { wp, mapServer } = (srf as unknown as Inner)._app?.client ?? {};
    const doubted = owed >= doubtfulPongs;
    owed = 0;
    for (const [socket, { pendingPingRequests: pending }] of mapServer ?? []) {
      owed = Math.max(owed, pending.size);
      if (pending.size > maxPongsOwed) {
        on.silent();
        socket.destroy();
      } else if (wp && !socket.destroyed) pending.add(wp.send(socket, "ping"));
    }
    if (doubted && owed < doubtfulPongs) on.answers();
    timer = clock.after(pingMs, ping);
  }
  return {
    get doubtful() {
      return owed >= doubtfulPongs;
    },
    stop: () => timer.cancel(),
  };
}

/** Drachtio-server passes no more calls from outside to this connection. */
export function leaveInvites(srf: Srf): void {
  try {
    (srf as unknown as Inner)._app?.client?.removeRoute("invite");
  } catch {
    // It throws on a socket that is gone, and then nothing comes over it.
  }
}

function disconnect(srf: Srf): void {
  const wire = (srf as unknown as Inner)._app?.client?.wp;
  if (wire) {
    wire.closing = true;
    clearTimeout(wire.reconnectVars?.retryTimer ?? undefined);
  }
  try {
    srf.disconnect();
  } catch {
    // It throws when the socket is already gone, which is what we want.
  }
}
