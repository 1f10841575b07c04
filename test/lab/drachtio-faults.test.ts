import { once } from "node:events";
import { connect } from "node:net";
import t from "tap";
import { intBetween, pick, seededRandom } from "../../src/kernel/random.ts";
import { VirtualClock } from "../harness/virtual-clock.ts";
import { mutate, openAgent, RawPeer, seed } from "./sip-kit.ts";
import { ask, closeSrf, openLab, openSrf, place, type SrfDialog, type SrfMessage, sdp, withApp } from "./srf-kit.ts";

t.comment(`seed ${seed}`);

t.test("the server is killed and comes back: the app reconnects and calls again, what was up is unknown to it", async (test) => {
  const first = await openLab();
  const ports = { adminPort: first.adminPort, sipPort: first.sipPort };
  const srf = await openSrf(first);
  const carrier = await openAgent();
  srf.options((_request, response) => response.send(200));
  srf.on("error", () => {});
  const before = await place(srf, carrier);
  const reconnected = once(srf, "connect");
  await first.close();
  test.equal((await before.far.reinvite(sdp)).status, 503, "nobody there");
  const second = await openLab(undefined, 500, ports);
  test.same(await reconnected.then(([error]) => error), null);
  test.equal((await before.far.bye()).status, 481, "a call of the dead one");
  test.match(await ask(srf, { method: "BYE", uri: "sip:placeholder", stackDialogId: before.dialog.id }), { error: /unable to find dialog/ });
  const after = await place(srf, carrier);
  await after.dialog.destroy();
  while ((await carrier.agent.request({ method: "OPTIONS", uri: `sip:127.0.0.1:${second.sipPort}` })).status !== 200);
  test.equal(carrier.agent.counts.dialogs, 0);
  closeSrf(srf);
  await second.close();
  await carrier.agent.close();
});

t.test("silence: 408 after 32 s; a 2xx of ours that nobody acknowledges is repeated, then the call is ended and the app told", async (test) => {
  const clock = new VirtualClock();
  const lab = await openLab(clock);
  const srf = await openSrf(lab);
  const raw = await new RawPeer().open();
  const calling = srf.createUAC(`sip:silent@127.0.0.1:${raw.port}`, { localSdp: sdp }).catch((error: { status: number }) => error.status);
  await raw.request("INVITE");
  await clock.advance(32_000);
  test.equal(await calling, 408);
  test.equal(raw.count("INVITE"), 5, "repeated after 1, 3, 7, 15 and 31 s");

  const dialogs: Promise<SrfDialog>[] = [];
  srf.invite((request, response) => dialogs.push(srf.createUAS(request, response, { localSdp: sdp })));
  // The route is asked for in the background: ask until it is there.
  for (let branch = 0; dialogs.length === 0; branch += 1) {
    await raw.send(raw.write("INVITE", { port: lab.sipPort }, { branch: `z9hG4bKin${branch}`, callId: `in-${branch}`, body: sdp }), lab.sipPort);
    await raw.response(100);
    await ask(srf, { method: "OPTIONS", uri: "mailto:nobody" });
  }
  await raw.response(200);
  const dialog = await dialogs[0];
  const destroyed = dialog === undefined ? [] : once(dialog, "destroy");
  for (let repeats = 0; repeats < 3; repeats += 1) {
    await clock.advance(4000);
    await raw.response(200);
  }
  await clock.advance(32_000);
  const bye = await raw.request("BYE");
  test.match(bye.headers.get("reason"), /ACK timeout/);
  await raw.answer(bye, 200, lab.sipPort, "raw");
  const [told] = (await destroyed) as [SrfMessage];
  test.match(told.get("reason"), /ACK timeout/);
  await clock.advance(70_000);
  test.match(lab.counts, { dialogs: 0, invites: 0, pending: 0, servers: 0 });
  closeSrf(srf);
  await lab.close();
  raw.close();
});

withApp("300 calls at once, half of them refused, leave nothing behind", async (test, { srf, carrier }) => {
  carrier.agent.onInvite = (call) => {
    call.provisional(180);
    if (call.calledUser.endsWith("1")) call.reject(486);
    else void call.answer(sdp);
  };
  const outcomes = await Promise.all(
    Array.from({ length: 300 }, async (_none, index) => {
      try {
        const dialog = await srf.createUAC(carrier.uri(`n${index}${index % 2}`), { localSdp: sdp });
        await dialog.destroy();
        return 200;
      } catch (error) {
        return (error as { status: number }).status;
      }
    }),
  );
  test.equal(outcomes.filter((status) => status === 200).length, 150);
  test.equal(outcomes.filter((status) => status === 486).length, 150);
});

t.test("a port in use, a wrong secret, and junk on the admin port", async (test) => {
  const lab = await openLab();
  const { LabDrachtio: Lab } = await import("../../src/lab/drachtio/lab-drachtio.ts");
  const { systemClock } = await import("../../src/adapter/system/clock.ts");
  const { silentLog } = await import("../../src/kernel/log.ts");
  const random = seededRandom(seed);
  const common = { clock: systemClock, random, log: silentLog, host: "127.0.0.1", secret: "x" };
  await test.rejects(new Lab({ ...common, adminPort: lab.adminPort, sipPort: 0 }).listen(), { code: "EADDRINUSE" });
  await test.rejects(new Lab({ ...common, adminPort: 0, sipPort: lab.sipPort }).listen(), { code: "EADDRINUSE" });

  const say = async (bytes: Buffer | string): Promise<string> => {
    const socket = connect(lab.adminPort, "127.0.0.1");
    let heard = "";
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      heard += chunk.toString();
    });
    socket.end(bytes);
    await once(socket, "close");
    return heard;
  };
  const frame = (content: string) => `${Buffer.byteLength(content)}#${content}`;
  test.match(await say(frame("id|authenticate|wrong|")), /\|response\|id\|NO\|incorrect secret$/);
  test.match(await say(frame("id")), /NO\|Invalid message format/);
  test.match(await say(frame("id|sip|x")), /NO\|Invalid message format/);
  test.match(await say(frame("id|sip||\r\nSIP/2.0 200 OK\r\n\r\n")), /NO\|transaction id missing/);
  test.match(await say(frame(`id|sip||\r\nOPTIONS sip:127.0.0.1:${lab.sipPort} SIP/2.0\r\n\r\n`)), /NOK\|can not send request to myself/);
  test.match(await say(frame("id|sip||\r\nMESSAGE sip:127.0.0.1:9 SIP/2.0\r\n\r\nhello")), /NOK\|missing content-type/);
  for (let round = 0; round < 300; round += 1) {
    const good = Buffer.from(
      frame(
        `id|sip|${round % 3 === 0 ? "txn" : ""}|${round % 5 === 0 ? "dlg" : ""}\r\nINVITE sip:bob@127.0.0.1:9 SIP/2.0\r\nfrom: sip:a@localhost\r\n\r\nv=0\r\n`,
      ),
    );
    for (let edits = intBetween(random, 0, 4); edits > 0; edits -= 1) good[intBetween(random, 0, good.length - 1)] = intBetween(random, 0, 255);
    await say(good);
  }

  // The SIP side under fire, with an app that wants to hear of everything and answers nothing.
  const app = connect(lab.adminPort, "127.0.0.1");
  app.write(["invite", "options", "bye", "message", "register"].map((verb) => frame(`id|route|${verb}`)).join(""));
  await once(app, "data");
  app.resume();
  const raw = await new RawPeer().open();
  const far = { port: lab.sipPort };
  for (let round = 0; round < 500; round += 1) {
    const branch = `z9hG4bKfire${round}`;
    const text = raw.write(pick(random, ["INVITE", "OPTIONS", "BYE", "ACK", "CANCEL", "MESSAGE"]), far, { branch, callId: branch, body: "v=0" });
    await raw.send(mutate(Buffer.from(text), random), lab.sipPort);
  }
  const alive = raw.write("BYE", far, { toTag: "none", branch: "z9hG4bKalive", callId: "alive" });
  await raw.send(alive, lab.sipPort);
  while ((await raw.response(481)).headers.get("call-id") !== "alive");
  app.destroy();
  raw.close();
  test.match(await say(frame("id|ping")), /OK\|pong$/, "alive after all that");
  await lab.close();
});
