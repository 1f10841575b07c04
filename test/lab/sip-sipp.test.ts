import t, { type Test } from "tap";
import type { CallEnd } from "../../src/lab/sip/outgoing-call.ts";
import { portForAnother } from "../harness/ports.ts";
import { openAgent, type TestAgent } from "./sip-kit.ts";
import { noSipp, runSipp, type SippOptions } from "./sipp.ts";
import { closeSrf, openLab, openSrf, type SrfMessage, type SrfResponder } from "./srf-kit.ts";

const calls = 20;
const sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n";
const from = "<sip:+15550001111@lab.example>";

/** A test that SIPp is a party to; skipped, aloud, where there is no SIPp. */
function witnessed(name: string, body: (test: Test, agent: TestAgent) => Promise<void>): void {
  t.test(name, { skip: noSipp ?? false }, async (test) => {
    const agent = await openAgent();
    await body(test, agent);
    const { dialogs } = agent.agent.counts;
    await agent.agent.close();
    test.equal(dialogs, 0, "no dialog left");
  });
}

async function allWell(test: Test, options: SippOptions): Promise<void> {
  const { exitCode, successful, failed, complaint } = await runSipp(options);
  test.same({ exitCode, successful, failed }, { exitCode: 0, successful: options.calls, failed: 0 }, options.scenario);
  if (exitCode !== 0) test.comment(complaint);
}

/** Calls once SIPp listens: until then the port is closed, which is a 503 that never reached it. */
async function callWhenUp({ agent }: TestAgent, uri: string, cancel = false): Promise<CallEnd> {
  for (;;) {
    const call = agent.invite({ uri, from, sdp });
    call.onProvisional = ({ status }) => {
      if (cancel && status === 180) call.cancel();
    };
    const end = await call.final;
    if (end.response.status !== 503) return end;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

for (const transport of ["udp", "tcp"] as const) {
  witnessed(`SIPp calls over ${transport}: answered with a re-INVITE, hung up on, refused, cancelled`, async (test, { agent }) => {
    const party = async () => ({ calls, transport, port: await portForAnother(), remote: `127.0.0.1:${agent.port}` });
    let reinvites = 0;
    agent.onInvite = async (call) => {
      call.provisional(180);
      const dialog = await call.answer(sdp);
      if (dialog === undefined) return;
      dialog.onReinvite = () => {
        reinvites += 1;
        return sdp;
      };
    };
    await allWell(test, { scenario: "uac-call", ...(await party()) });
    test.equal(reinvites, calls);
    agent.onInvite = async (call) => {
      const dialog = await call.answer(sdp);
      test.equal((await dialog?.bye())?.status, 200);
    };
    await allWell(test, { scenario: "uac-hangup", ...(await party()) });
    agent.onInvite = (call) => call.reject(486);
    await allWell(test, { scenario: "uac-refused", ...(await party()) });
    let cancelled = 0;
    agent.onInvite = (call) => {
      call.provisional(180);
      void call.cancelled.then(() => {
        cancelled += 1;
      });
    };
    await allWell(test, { scenario: "uac-cancel", ...(await party()) });
    test.equal(cancelled, calls);
  });

  witnessed(`SIPp is called over ${transport}: answers, hangs up, refuses, is cancelled`, async (test, caller) => {
    const scenarios: [string, (end: CallEnd) => Promise<void>][] = [
      ["uas-call", async (end) => void test.equal(end.ok ? (await end.dialog.bye()).status : 0, 200)],
      ["uas-hangup", async (end) => void test.equal(end.ok ? await end.dialog.ended : "", "remote")],
      ["uas-refusing", async (end) => void test.equal(end.response.status, 486)],
      ["uas-cancelled", async (end) => void test.equal(end.response.status, 487)],
    ];
    for (const [scenario, then] of scenarios) {
      const port = await portForAnother();
      const uri = `sip:bob@127.0.0.1:${port}${transport === "tcp" ? ";transport=tcp" : ""}`;
      const running = allWell(test, { scenario, calls, transport, port });
      for (let placed = 0; placed < calls; placed += 1) await then(await callWhenUp(caller, uri, scenario === "uas-cancelled"));
      await running;
    }
  });
}

t.test("SIPp and drachtio-srf, with the lab's drachtio-server between them", { skip: noSipp ?? false }, async (test) => {
  const lab = await openLab();
  const srf = await openSrf(lab);
  srf.invite((request, response) => {
    response.send(180);
    void srf.createUAS(request, response, { localSdp: sdp }).then((dialog) => {
      dialog.on("modify", (_request: SrfMessage, answer: SrfResponder) => answer.send(200, { body: sdp }));
    });
  });
  const witness = await openAgent();
  const route = `sip:1000@127.0.0.1:${lab.sipPort}`;
  // The route is there when an INVITE is no longer answered 503.
  for (let up = false; !up; ) {
    const end = await witness.agent.invite({ uri: route, from, sdp }).final;
    if (end.ok) await end.dialog.bye();
    up = end.ok;
  }
  await allWell(test, { scenario: "uac-call", calls, transport: "udp", port: await portForAnother(), remote: `127.0.0.1:${lab.sipPort}` });

  const port = await portForAnother();
  const running = allWell(test, { scenario: "uas-call", calls, transport: "udp", port });
  for (let placed = 0; placed < calls; ) {
    try {
      const dialog = await srf.createUAC(`sip:bob@127.0.0.1:${port}`, { localSdp: sdp });
      await dialog.destroy();
      placed += 1;
    } catch (error) {
      if ((error as { status?: number }).status !== 503) throw error;
    }
  }
  await running;
  test.match(lab.counts, { dialogs: 0, invites: 0, pending: 0 });
  closeSrf(srf);
  await lab.close();
  await witness.agent.close();
});
