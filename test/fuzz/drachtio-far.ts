import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { type Random, seededRandom } from "../../src/kernel/random.ts";
import { AppConnection, type AppFrame } from "../../src/lab/drachtio/app-connection.ts";
import { readAppMessage } from "../../src/lab/drachtio/app-message.ts";
import type { Teardown } from "../harness/database.ts";
import { portOf } from "../harness/dead-wire.ts";
import { response } from "./corpus.ts";

const time = "12:00:00.000000";

/** A request that an app has sent, and how to say something about it. */
export interface Sent {
  readonly transactionId: string;
  readonly dialogId: string;
  readonly callId: string;
  readonly fromTag: string;
  readonly cseq: string;
}

/** The admin side of drachtio-server, without any SIP behind it: what comes from the network is what the test says. */
export async function openAdminSide(t: Teardown, onInvite: (sent: Sent, say: (text: string) => void) => void) {
  const sockets = new Set<Socket>();
  let app: AppConnection | undefined;
  let transactions = 0;
  const random: Random = seededRandom(1);
  const calls = new Map<string, Sent>();
  const say = ({ transactionId, dialogId }: Pick<Sent, "transactionId" | "dialogId">, text: string) =>
    app?.tell(`network|${Buffer.byteLength(text)}|udp|127.0.0.1|5070|${time}|${transactionId}|${dialogId}`, text);

  const requested = (from: AppConnection, { id, words, sip = "" }: AppFrame) => {
    const { startLine, headers } = readAppMessage(sip);
    const method = startLine.split(" ")[0] ?? "";
    transactions += 1;
    const transactionId = `txn-${transactions}`;
    const meta = `application|0|udp|127.0.0.1|5060|${time}|${transactionId}`;
    if (startLine.startsWith("SIP/2.0")) return from.reply(id, "OK", `${meta}|${words[1] ?? ""}||Msg sent:|\r\n${sip}`);
    const known = calls.get(words[1] ?? "");
    const callId = headers.get("call-id") ?? known?.callId ?? "none";
    const fromTag = /tag=([^;>]+)/.exec(headers.get("from") ?? "")?.[1] ?? known?.fromTag ?? "f";
    const cseq = `${method === "INVITE" ? 1 : 2} ${method}`;
    const sent: Sent = { transactionId, dialogId: `${callId};from-tag=${fromTag}`, callId, fromTag, cseq };
    const echo = `${startLine}\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9\r\nFrom: <sip:a@b>;tag=${fromTag}\r\nTo: <sip:c@d>\r\nCall-ID: ${callId}\r\nCSeq: ${cseq}\r\nContact: <sip:a@127.0.0.1>\r\nContent-Length: 0\r\n\r\n`;
    from.reply(id, "OK", `${meta}|Msg sent:|\r\n${echo}`);
    if (method === "INVITE") {
      calls.set(sent.dialogId, sent);
      onInvite(sent, (text) => say(sent, text));
    } else if (method !== "ACK" && method !== "CANCEL") say(sent, response(200, "OK", sent, ""));
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    app = new AppConnection(socket, random, {
      closed() {},
      frame(from, frame) {
        if (frame.command === "sip") requested(from, frame);
        else if (frame.command === "authenticate") from.reply(frame.id, "OK", "udp/127.0.0.1:5060|0.9.0|udp/127.0.0.1:5060");
        else from.reply(frame.id, "OK", frame.command === "ping" ? "pong" : undefined);
      },
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    port: portOf(server),
    /** Bytes that are no frame. */
    garble(): void {
      for (const socket of sockets) socket.write("sip|no length#\r\n");
    },
    /** A request from the network, inside a dialog or not. */
    fromNetwork(text: string, dialogId = ""): void {
      transactions += 1;
      say({ transactionId: `net-${transactions}`, dialogId }, text);
    },
  };
}
