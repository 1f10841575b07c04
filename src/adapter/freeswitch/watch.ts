import { Fault } from "../../kernel/fault.ts";
import type { Log } from "../../kernel/log.ts";
import { Connection, type EslConnection, type EslEvent } from "./modesl.ts";

export interface FreeswitchAddress {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly password: string;
}

export interface Heartbeat {
  readonly sessions: number;
  readonly maxSessions: number;
}

/** A connection to one FreeSWITCH that only watches it: heartbeats, and api commands that concern no call of ours. */
export interface Watch {
  readonly lastHeartbeat: Heartbeat | undefined;
  api(command: string): Promise<string>;
  /** Called once, when the connection is lost. It does not come back: open a new one. */
  onLost: () => void;
  close(): void;
}

/**
 * Opens the watching connection. modesl would reconnect by itself, but then HEARTBEAT is not subscribed again and the
 * replies to api commands are shifted by the one that was lost, so it is closed instead.
 * @throws Fault `freeswitch-unreachable` or `freeswitch-password-wrong`, each saying what to do
 */
export function openWatch({ name, address, port, password }: FreeswitchAddress, log: Log): Promise<Watch> {
  const where = `${name} (${address}:${port})`;
  return new Promise((resolve, reject) => {
    let heartbeat: Heartbeat | undefined;
    let state: "opening" | "open" | "closed" = "opening";
    const gone = new Fault("freeswitch-unreachable", `FreeSWITCH ${where} is not connected`, { retryable: true });
    const pending = new Set<(fault: Fault) => void>();
    const end = (): boolean => {
      const wasOpen = state === "open";
      if (state === "closed") return false;
      state = "closed";
      disconnect(connection);
      for (const fail of pending) fail(gone);
      pending.clear();
      return wasOpen;
    };
    const refuse = (code: string, message: string, retryable: boolean, cause?: unknown) => {
      if (state !== "opening") return;
      end();
      reject(new Fault(code, message, { retryable, cause }));
    };
    const watch: Watch = {
      get lastHeartbeat() {
        return heartbeat;
      },
      api(command) {
        if (state !== "open") return Promise.reject(gone);
        return new Promise((answered, failed) => {
          pending.add(failed);
          connection.api(command, (response) => {
            pending.delete(failed);
            answered(response.getBody() ?? "");
          });
        });
      },
      onLost() {},
      close() {
        end();
      },
    };
    const connection: EslConnection = new Connection(address, port, password, () => {
      state = "open";
      connection.subscribe(["HEARTBEAT"]);
      resolve(watch);
    });
    connection.on("esl::event::HEARTBEAT::*", (event: EslEvent) => {
      heartbeat = { sessions: Number(event.getHeader("Session-Count")), maxSessions: Number(event.getHeader("Max-Sessions")) };
    });
    connection.on("esl::event::auth::fail", () =>
      refuse(
        "freeswitch-password-wrong",
        `FreeSWITCH ${where} refused the password. Set its password in freeswitch: to the one in its event_socket.conf.xml.`,
        false,
      ),
    );
    connection.on("esl::event::raw::text/rude-rejection", () =>
      refuse(
        "freeswitch-refused",
        `FreeSWITCH ${where} refused this address. Add it to the access list in its event_socket.conf.xml (apply-inbound-acl).`,
        false,
      ),
    );
    connection.on("error", (error: NodeJS.ErrnoException) => {
      refuse(
        "freeswitch-unreachable",
        `FreeSWITCH ${where} does not answer on its event socket (${error.code ?? error.message}). Start it, or mend its address and port in freeswitch:.`,
        true,
        error,
      );
    });
    connection.on("esl::end", () => {
      refuse("freeswitch-unreachable", `FreeSWITCH ${where} closed the event socket while we were logging in.`, true);
      if (end()) {
        log.error({ mediaServer: name }, "connection to FreeSWITCH lost");
        watch.onLost();
      }
    });
  });
}

function disconnect(connection: EslConnection): void {
  try {
    connection.disconnect();
  } catch {
    // The socket was never there.
  }
}
