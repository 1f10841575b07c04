import { createServer } from "node:net";
import { steadyRate } from "./gates.ts";

/* A mail server that takes everything and keeps nothing, in a process of its own. Told over IPC: `begin` forgets what came so far, `report` says what came. */

let times: number[] = [];
let octets = 0;

const server = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  let pending = "";
  let content = false;
  socket.write("220 sink ESMTP\r\n");
  socket.on("data", (chunk) => {
    pending += chunk.toString("latin1");
    let answer = "";
    for (;;) {
      const end = pending.indexOf(content ? "\r\n.\r\n" : "\r\n");
      if (end < 0) break;
      const line = pending.slice(0, end);
      pending = pending.slice(end + (content ? 5 : 2));
      if (content) {
        content = false;
        times.push(performance.timeOrigin + performance.now());
        octets += line.length;
        answer += "250 2.0.0 taken\r\n";
      } else if (line.startsWith("EHLO")) answer += "250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n";
      else if (line.startsWith("DATA")) {
        content = true;
        answer += "354 go on\r\n";
      } else answer += line.startsWith("QUIT") ? "221 bye\r\n" : "250 ok\r\n";
    }
    if (answer !== "") socket.write(answer);
  });
});

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" && address !== null ? address.port : 0 });
});

process.on("message", (order) => {
  if (order === "report") process.send?.({ count: times.length, rate: steadyRate(times), octets });
  times = [];
  octets = 0;
});
process.on("disconnect", () => process.exit(0));
