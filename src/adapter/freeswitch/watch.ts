import type { Clock, Timer } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import { Connection, disconnect, type EslConnection } from "./modesl.ts";

export interface FreeswitchAddress {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly password: string;
}

/** A connection to one FreeSWITCH that only watches it, and takes api commands that concern no call of ours. */
export interface Watch {
  /** The body of the answer. @throws Fault `freeswitch-timeout` or `freeswitch-unreachable`, after 3 s at most */
  api(command: string): Promise<string>;
  /** Whether an answer is long overdue: a FreeSWITCH that has stopped looks like that, and one that is far too busy. It may still come. */
  readonly doubtful: boolean;
  /** Called once, when the connection is lost, with the reason for people. It does not come back: open a new one. */
  onLost: (why: string) => void;
  close(): void;
}

/**
 * Silence is counted in steps: a process that stood still for a while must not take its own silence for the other side's.
 * A FreeSWITCH that is well answers within milliseconds.
 */
const stepMs = 250;
const apiSteps = 12;
/**
 * How often it is asked whether it is there: half-open TCP connections and stopped processes tell nobody, and the next HEARTBEAT is up to 20 s away.
 */
const lookMs = 500;
/** No new calls for one that owes an answer for so long: with lookMs less than 2 s after it has stopped. */
const doubtSteps = 4;
/**
 * Whoever listens to a prompt on a FreeSWITCH that has stopped hears nothing: with lookMs and hastySteps less than 4 s. One that was
 * offered 400 calls/s and collapsed under them still answered this look within 0.2 s, and let us log in within 0.35 s.
 */
const lookSteps = 6;
/** Costs FreeSWITCH nothing. */
const look = "uptime";
/** How long a connection may take: for one that comes up, and when people on it wait for the answer. */
const patientSteps = 20;
const hastySteps = 4;

/**
 * Opens the watching connection. modesl would reconnect by itself, but then the replies to api commands are shifted by
 * the one that was lost, so it is closed instead. Replies come in the order of their commands: one that does not come
 * holds up all others, so the connection is given up with it.
 * @param hasty people on this FreeSWITCH hear nothing should it be gone: 1 s instead of 5
 * @throws Fault `freeswitch-unreachable`, `freeswitch-password-wrong` or `freeswitch-refused`, each saying what to do
 */
export function openWatch({ name, address, port, password }: FreeswitchAddress, clock: Clock, hasty = false): Promise<Watch> {
  const where = `${name} (${address}:${port})`;
  return new Promise((resolve, reject) => {
    const openSteps = hasty ? hastySteps : patientSteps;
    let state: "opening" | "open" | "closed" = "opening";
    let timer: Timer | undefined;
    const gone = new Fault("freeswitch-unreachable", `FreeSWITCH ${where} is not connected`, { retryable: true });
    const pending = new Set<(fault: Fault) => void>();
    const overdue = new Set<object>();
    const end = (): void => {
      state = "closed";
      timer?.cancel();
      disconnect(connection);
      for (const fail of pending) fail(gone);
      pending.clear();
      overdue.clear();
    };
    const refuse = (code: string, message: string, retryable: boolean, cause?: unknown) => {
      if (state !== "opening") return;
      end();
      reject(new Fault(code, message, { retryable, cause }));
    };
    const lose = (why: string) => {
      if (state !== "open") return;
      end();
      watch.onLost(why);
    };
    const ask = (command: string, steps: number): Promise<string> => {
      if (state !== "open") return Promise.reject(gone);
      return new Promise((answered, failed) => {
        const fail = (fault: Fault) => {
          deadline.cancel();
          failed(fault);
        };
        const onStep = (step: number) => {
          if (step === doubtSteps) overdue.add(fail);
        };
        const late = () => {
          pending.delete(fail);
          failed(new Fault("freeswitch-timeout", `FreeSWITCH ${where} did not answer "${command}"`, { retryable: true }));
          lose("it does not answer");
        };
        const deadline = afterSteps(clock, steps, late, onStep);
        pending.add(fail);
        connection.api(command, (response) => {
          deadline.cancel();
          pending.delete(fail);
          overdue.delete(fail);
          answered(response.getBody() ?? "");
        });
      });
    };
    const watch: Watch = {
      api: (command) => ask(command, apiSteps),
      get doubtful() {
        return overdue.size > 0;
      },
      onLost() {},
      close() {
        if (state !== "closed") end();
      },
    };
    const lookLater = () => {
      // Whether the answer says anything is all the same; that there is none is noticed by `ask`. Behind a command that takes longer a look would wait.
      timer = clock.after(lookMs, () => (pending.size > 0 ? lookLater() : void ask(look, lookSteps).then(lookLater, () => {})));
    };
    const connection: EslConnection = new Connection(address, port, password, () => {
      if (state !== "opening") return;
      state = "open";
      timer?.cancel();
      lookLater();
      resolve(watch);
    });
    timer = afterSteps(clock, openSteps, () =>
      refuse(
        "freeswitch-unreachable",
        `FreeSWITCH ${where} does not answer on its event socket (nothing came within ${(openSteps * stepMs) / 1000} s). Restart it, or mend its address and port in freeswitch:.`,
        true,
      ),
    );
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
      lose("it closed the connection");
    });
  });
}

function afterSteps(clock: Clock, steps: number, fire: () => void, onStep?: (step: number) => void): Timer {
  let timer = clock.after(stepMs, step);
  let gone = 0;
  function step(): void {
    gone += 1;
    if (gone >= steps) fire();
    else {
      onStep?.(gone);
      timer = clock.after(stepMs, step);
    }
  }
  return { cancel: () => timer.cancel() };
}
