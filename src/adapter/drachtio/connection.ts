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

/** The shortest that drachtio-srf allows. */
const pingMs = 5000;
/** A server that owes so many pongs does not hear us, whatever the socket says. */
const maxPongsOwed = 2;

/** One connection to drachtio-server's admin port; drachtio-srf reconnects it by itself. */
export interface DrachtioConnection {
  readonly srf: Srf;
  readonly ready: boolean;
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
      return ready;
    },
    onLost() {},
    onBack() {},
    close() {
      closed = true;
      ready = false;
      stopWatching();
      disconnect(srf);
    },
  };
  const lost = () => {
    if (!ready) return;
    ready = false;
    if (!closed) log.error({ drachtio: where }, "connection to drachtio-server lost; reconnecting");
    connection.onLost();
  };
  const stopWatching = watchPongs(srf, clock, () => log.error({ drachtio: where }, "drachtio-server does not answer pings; connecting anew"));
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
    srf.connect({ ...address, enablePing: true, pingInterval: pingMs, reconnect: { retryMaxDelay: maxReconnectDelayMs } });
    (srf as unknown as Inner)._app?.client?.on(unhandledMessage, (error) =>
      log.warn({ err: error, drachtio: where }, "a SIP message that nobody can make sense of; passed over"),
    );
  });
}

/** The parts of drachtio-srf below its surface: `disconnect` alone does not stop a reconnect, and nobody looks at missing pongs. */
interface Inner {
  readonly _app?: {
    readonly client?: {
      on(event: string, listener: (error: unknown) => void): void;
      readonly wp?: { closing: boolean; readonly reconnectVars?: { readonly retryTimer?: NodeJS.Timeout | null } };
      readonly mapServer?: ReadonlyMap<Socket, { readonly pendingPingRequests?: ReadonlySet<string> }>;
    };
  };
}

/** Ends a connection whose far end has gone without a word: drachtio-srf then connects anew. */
function watchPongs(srf: Srf, clock: Clock, onSilence: () => void): () => void {
  let timer = clock.after(pingMs, look);
  function look(): void {
    for (const [socket, { pendingPingRequests }] of (srf as unknown as Inner)._app?.client?.mapServer ?? []) {
      if ((pendingPingRequests?.size ?? 0) <= maxPongsOwed) continue;
      onSilence();
      socket.destroy();
    }
    timer = clock.after(pingMs, look);
  }
  return () => timer.cancel();
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
