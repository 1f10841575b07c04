import t from "tap";
import { judge, messageId, rawOf, returnPath } from "./mail-kit.ts";

t.test("complaints by RFC 5965", async (t) => {
  const complaint = (type: string, original = messageId) =>
    rawOf(
      [
        "From: <fbl@big.example>",
        `To: ${returnPath}`,
        "Subject: FW: Your invoice",
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"',
      ]
        .concat([
          "",
          "--b",
          "Content-Type: text/plain",
          "",
          "This is an email abuse report",
          "",
          "--b",
          "Content-Type: message/feedback-report",
          "",
          `Feedback-Type: ${type}`,
        ])
        .concat([
          "User-Agent: Big/1",
          "Original-Rcpt-To: <ann@people.example>",
          "",
          "--b",
          "Content-Type: message/rfc822",
          "",
          `Message-ID: ${original}`,
          "Subject: stop",
          "",
          "Hello",
          "--b--",
        ]),
      { from: "fbl@big.example", to: ["abuse@acme.example"] },
    );
  const judged = await judge(complaint("abuse"));
  t.match(judged, {
    kind: "complaint",
    attemptId: "77",
    reason: "abuse, by Big/1",
    consequences: [{ do: "move", result: "complained" }, { do: "suppress-person" }],
  });
  t.same((await judge(complaint("not-spam"))).consequences, []);
  t.same((await judge(complaint("auth-failure"))).consequences, []);
  const moved = Buffer.from(
    String(Buffer.from(complaint("abuse", "<other@relay.example>").raw))
      .replace(`To: ${returnPath}`, "To: abuse@acme.example")
      .replace("User-Agent:", `Original-Mail-From: <${returnPath}>\r\nUser-Agent:`),
  );
  const renamed = { ...complaint("abuse"), raw: moved };
  t.equal((await judge(renamed)).attemptId, "77", "a relay has given it a Message-ID of its own");
  t.equal((await judge({ ...renamed, raw: Buffer.from(String(moved).replace(/bounce\+77/g, "bounce+78")) })).attemptId, undefined, "none of ours");
  t.same((await judge(complaint("abuse", "<77.abcdefghij234567@mail.acme.example>"))).attemptId, "77", "the To field still has the return path");
});
