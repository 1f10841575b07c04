import t from "tap";
import { readMail } from "../../src/adapter/mailparser/read-mail.ts";
import { returnPathOf } from "../../src/email/address.ts";
import { judgeMail } from "../../src/email/incoming.ts";
import { listOf, mailbox, writeTo } from "../adapter/message-campaign-kit.ts";
import { allow, node } from "../adapter/stores-kit.ts";
import { judgeOptions, key, letter, report } from "../email/mail-kit.ts";
import { openCommands } from "./command-kit.ts";

t.test("what came in by e-mail is told on the command line, also with its attempt", async (t) => {
  const { stores, carillon, refused } = await openCommands();
  t.equal((await carillon(t, "mail", "list")).stdout.split(".")[0], "No e-mails have come in");
  await stores.registry.register(node, Date.now());
  const campaign = await writeTo(stores, "email", await listOf(stores, "people", [[{ kind: "email", mailbox: mailbox("ann@people.example") }]]), {
    name: "bills",
  });
  const { orders } = await stores.work.claimMessages(campaign, 1, Date.now(), node, allow);
  const attemptId = orders[0]?.attemptId ?? "";
  await stores.messages.begin({ attemptId, at: Date.now(), via: "relay", from: "hello@acme.example", text: "Your invoice" });
  await stores.messages.handed({ attemptId, at: Date.now(), result: "sent", reason: "250 Ok" });
  const mails = [
    report(["Action: failed", "Status: 5.1.1", "Diagnostic-Code: smtp; 550 no \u001b[31m such user"], {
      to: returnPathOf(key, attemptId, "in.acme.example"),
    }),
    letter(["Who is this?\u001b[2J"], { to: `reply+${campaign.id}@in.acme.example` }),
  ];
  for (const raw of mails) {
    const read = await readMail(raw);
    await stores.mails.keep({ ...raw, read, judged: judgeMail(read, judgeOptions) });
  }
  const list = await carillon(t, "mail", "list", "--campaign", "bills");
  t.match(
    list.stdout,
    new RegExp(
      `1 .* bounce .*mailer-daemon@mx\\.example +${attemptId} +5\\.1\\.1 +Delivery Status.*\\n2 .* reply +ann@people\\.example +${attemptId} +Re: Your invoice\\n$`,
    ),
  );
  const shown = await carillon(t, "mail", "show", "2");
  t.match(
    shown.stdout,
    new RegExp(
      `reply \\(a person answers\\)\\nFrom ann@people\\.example to reply\\+${campaign.id}@.*\\nOf attempt ${attemptId}, campaign ${campaign.id}, contact`,
    ),
  );
  const attempt = await carillon(t, "attempt", "show", attemptId);
  t.match(attempt.stdout, /reported: bounced-hard \(hard: failed 5\.1\.1 .*, carillon mail show 1\)/);
  t.match(attempt.stdout, /the person has written back, carillon mail show 2/);
  for (const { stdout } of [list, shown, attempt]) t.notOk(stdout.includes("\u001b"), "nothing in a mail moves the terminal");
  await refused(t, ["mail", "show", "77"], /There is no incoming e-mail 77/);
});
