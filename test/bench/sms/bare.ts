/*
 * The comparator of the sms benchmark: what a programmer who knows the `smpp` package writes with it alone, and with Nagle's algorithm off: submits in
 * a window, reports answered. No database, no templates, no rules.
 */
import smpp from "smpp";
import { cpuSince, numberOf, type SmsOrder, type SmsReport, serveSide } from "./protocol.ts";

/* The package leaves its declarations out. */
interface BareSession {
  readonly socket: { setNoDelay(on: boolean): void };
  on(event: "connect", take: () => void): void;
  on(event: "deliver_sm", take: (pdu: { response(): unknown }) => void): void;
  on(event: "error", take: (error: Error) => void): void;
  bind_transceiver(fields: Record<string, unknown>, take: (pdu: { command_status: number }) => void): void;
  submit_sm(fields: Record<string, unknown>, take: (pdu: { command_status: number }) => void): void;
  send(pdu: unknown): void;
  close(take: () => void): void;
}
const { connect } = smpp as unknown as { connect(options: { host: string; port: number }): BareSession };

const port = Number(process.argv[2]);

async function run({ messages, window }: SmsOrder): Promise<SmsReport> {
  const session = connect({ host: "127.0.0.1", port });
  session.socket.setNoDelay(true);
  await new Promise<void>((resolve, reject) => {
    session.on("error", reject);
    session.on("connect", () => session.bind_transceiver({ system_id: "bare", password: "x" }, () => resolve()));
  });
  const startedAt = performance.now();
  const cpu = cpuSince();
  let [sent, answered, reported, failed] = [0, 0, 0, 0];
  await new Promise<void>((resolve) => {
    const check = () => {
      if (answered === messages && reported === messages) resolve();
    };
    const next = () => {
      if (sent === messages) return;
      const index = sent;
      sent += 1;
      const text = `Hello Contact ${index}, your appointment is tomorrow at 10. Reply STOP to opt out.`;
      const fields = {
        source_addr_ton: 3,
        source_addr: "55501",
        dest_addr_ton: 1,
        dest_addr_npi: 1,
        destination_addr: numberOf(index).slice(1),
        registered_delivery: 1,
        short_message: text,
      };
      session.submit_sm(fields, ({ command_status }) => {
        answered += 1;
        if (command_status !== 0) failed += 1;
        next();
        check();
      });
    };
    session.on("deliver_sm", (pdu) => {
      session.send(pdu.response());
      reported += 1;
      check();
    });
    for (let place = 0; place < window; place += 1) next();
  });
  const report = { elapsedMs: performance.now() - startedAt, cpuMs: cpu(), databaseCpuMs: 0, storedMs: [], failed };
  await new Promise<void>((resolve) => session.close(resolve));
  return report;
}

serveSide("ready", { run, close: () => Promise.resolve() });
