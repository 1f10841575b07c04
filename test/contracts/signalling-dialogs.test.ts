import { createSocket } from "node:dgram";
import t from "tap";
import { connectDrachtio } from "../../src/adapter/drachtio/connection.ts";
import { takeRegisters } from "../../src/adapter/drachtio/registers.ts";
import { systemClock } from "../../src/adapter/system/clock.ts";
import { silentLog } from "../../src/kernel/log.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import type { SipDialog } from "../../src/lab/sip/dialog.ts";
import { SipAgent } from "../../src/lab/sip/user-agent.ts";
import { ringAddress } from "../../src/voice/invite-session.ts";
import type { Registration } from "../../src/voice/registrar-ports.ts";
import { inTime, until } from "../harness/far-side.ts";
import { ScriptedEndpoint } from "../voice/scripted-endpoint.ts";
import { quiet, realDrachtio, type SignallingFar, sdp, seed, setUp, startLabDrachtio } from "./signalling-far.ts";

/* What else agents' telephones want of signalling; runs like signalling.test.ts. */

t.setTimeout(280_000);

function suite(name: string, start: () => Promise<SignallingFar>): void {
  t.test(name, async (t) => {
    const far = await start();
    t.teardown(() => far.close());

    t.test("within a call other media are offered, and it is asked whether the far side is there", async (t) => {
      let vanish = () => {};
      const offers: string[] = [];
      const { signalling, request } = await setUp(t, far, async (call) => {
        const dialog = await call.answer(sdp);
        if (!dialog) return;
        vanish = () => dialog.vanish();
        dialog.onReinvite = (offer) => {
          offers.push(offer ?? "");
          return sdp.replace("40000", "40002");
        };
      });
      const end = await inTime(signalling.invite(request(), quiet).end, "the INVITE to have an end");
      if (!end.answered) return t.fail("not answered");
      const { dialog } = end;
      t.equal(await dialog.isThere(), true);
      const offer = sdp.replace("40000", "50000");
      t.match(await dialog.offer(offer), /^m=audio 40002 /m);
      t.match(offers, [/^m=audio 50000 /m]);
      vanish();
      t.equal(await dialog.isThere(), false, "who is gone without a BYE");
      await dialog.end();
      t.equal(await dialog.isThere(), false);
      await t.rejects(dialog.offer(offer), { code: "media-refused" });
    });

    t.test("the far side moves its media, holds us and takes us back: it is answered with what is said to that, or refused", async (t) => {
      const called = Promise.withResolvers<SipDialog>();
      const { signalling, request } = await setUp(t, far, async (call) => {
        const dialog = await call.answer(sdp);
        if (dialog) called.resolve(dialog);
      });
      const end = await inTime(signalling.invite(request(), quiet).end, "the INVITE to have an end");
      if (!end.answered) return t.fail("not answered");
      const there = await called.promise;
      const ours = sdp.replace("40000", "50000");
      const [moved, held] = [sdp.replace("40000", "40002"), `${sdp}a=sendonly\r\n`];
      t.equal((await there.reinvite(moved)).status, 200, "while nobody says where the media are they stay");
      const asked: string[] = [];
      end.dialog.answerOffers(async (offer) => {
        asked.push(offer);
        if (offer.includes("40009")) throw new Error("not this one");
        return `${ours}a=sendrecv\r\n`;
      });
      const answers = [];
      for (const offer of [moved, held, `${sdp}a=inactive\r\n`, sdp.replace(/^c=.*$/m, "c=IN IP4 0.0.0.0"), sdp, sdp.replace("40000", "40009")]) {
        const { status, body } = await there.reinvite(offer);
        answers.push(`${status} ${/^m=audio (\d+)/m.exec(body)?.[1] ?? ""} ${/^a=(send\w+|recv\w+|inactive)/m.exec(body)?.[1] ?? ""}`.trim());
      }
      t.same(answers, ["200 50000", "200 50000 recvonly", "200 50000 inactive", "200 50000", "200 50000", "488"]);
      t.same(
        asked.map((offer) => [/^m=audio (\d+)/m.exec(offer)?.[1], /a=send|a=inactive/.test(offer)]),
        [
          ...[
            ["40002", false],
            ["40000", false],
            ["40000", false],
            ["40000", false],
            ["40009", false],
          ],
        ],
      );
      const update = await there.request("UPDATE", { body: moved });
      t.match([update.status, update.body], [200, /^m=audio 50000 /m]);
      asked.length = 0;
      const offerless = await there.reinvite(undefined, { answerOffer: () => moved });
      t.match([offerless.status, offerless.body], [200, /^m=audio 50000 /m]);
      await until(() => asked.length === 1, "what it says with its ACK to be taken");
      t.match(asked, [/^m=audio 40002 /m]);
      await end.dialog.end();
    });

    t.test("what was said of the sound with the 183 holds where the 200 says nothing", async (t) => {
      const { signalling, request } = await setUp(t, far, async (call) => {
        call.provisional(183, undefined, { sdp });
        await call.answer(undefined);
      });
      const order = { ...request(), leg: signalling.nameLeg(), ringTimeoutMs: 15_000 };
      const ringing = ringAddress(signalling, systemClock, order, new ScriptedEndpoint("ep-1", "fs-1"), { sent() {}, ringing() {} });
      const rung = await inTime(ringing.end, "it to be answered");
      if (!rung.answered) return t.fail("not answered");
      t.equal(rung.sdp.trim(), sdp.trim());
      await rung.dialog.end();
    });

    t.test("a REGISTER comes with where it came from, and is answered with what is said to it", async (t) => {
      const connection = await connectDrachtio(far, systemClock, silentLog);
      t.teardown(() => connection.close());
      const seen: Registration[] = [];
      takeRegisters(connection.srf, "dr-1", silentLog, async (registration) => {
        seen.push(registration);
        return { status: 423, phrase: "Interval Too Brief", headers: { "Min-Expires": "60" } };
      });
      const agent = new SipAgent({ clock: systemClock, random: seededRandom(seed), host: "127.0.0.1", port: 0 });
      await agent.listen();
      t.teardown(() => agent.close());
      for (const transport of ["udp", "tcp"]) {
        const response = await agent.request({
          method: "REGISTER",
          uri: `sip:127.0.0.1:${far.sipPort};transport=${transport}`,
          from: "<sip:ann@carillon.test>",
          to: "<sip:ann@carillon.test>",
          headers: {
            Contact: '"Ann, desk" <sip:ann@10.1.2.3:5062>;expires=7, <sip:ann@10.1.2.4>',
            Expires: "9",
            Authorization: 'Digest username="ann"',
          },
        });
        t.match([response.status, response.headers.get("min-expires")], [423, "60"], transport);
      }
      t.match(seen, [
        {
          user: "ann",
          expires: "9",
          via: "dr-1",
          authorization: /^Digest username="ann"/,
          source: { address: "127.0.0.1", port: agent.port, transport: "udp" },
        },
        { source: { transport: "tcp" } },
      ]);
      t.match(seen[0]?.contacts, /^"Ann, desk" ?<sip:ann@10\.1\.2\.3:5062>;expires=7, ?<sip:ann@10\.1\.2\.4>$/);
      // Without a Call-ID nobody is asked, and nothing breaks.
      const socket = createSocket("udp4");
      t.teardown(() => socket.close());
      const text = `REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx\r\nTo: <sip:a@b>\r\nFrom: <sip:a@b>;tag=1\r\nCSeq: 1 REGISTER\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n`;
      await new Promise((resolve) => socket.send(text, far.sipPort, "127.0.0.1", resolve));
      t.equal(seen.length, 2);
    });
  });
}

suite("dialogs over the lab's drachtio", startLabDrachtio);
const real = realDrachtio(process.env);
if (real) suite("dialogs over a real drachtio-server", real);
else t.test("dialogs over a real drachtio-server", { skip: "CARILLON_TEST_DRACHTIO=host:port:secret is not set" }, async () => {});
