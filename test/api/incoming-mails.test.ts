import t from "tap";
import { readMail } from "../../src/adapter/mailparser/read-mail.ts";
import { judgeMail } from "../../src/email/incoming.ts";
import { judgeOptions, letter, report } from "../email/mail-kit.ts";
import { world } from "./world.ts";

t.test("what came in by e-mail is read over the API", async (t) => {
  const { stores, ask } = await world(t);
  for (const raw of [letter(["Yes, please"], { to: "reply+4@in.acme.example" }), report(["Action: failed", "Status: 5.1.1"]), letter(["Stop"])]) {
    const read = await readMail(raw);
    await stores.mails.keep({ ...raw, read, judged: judgeMail(read, judgeOptions) });
  }
  const first = await ask("GET", "/api/v1/incoming-mails?limit=2");
  t.equal(first.status, 200, first.text);
  t.match(first.body, {
    items: [
      { kind: "reply", from: "ann@people.example", subject: "Re: Your invoice", text: /^Yes, please/, inbox: "main", at: "2026-01-01T00:00:00.000Z" },
      { kind: "bounce", enhanced: "5.1.1", reason: /^hard: failed 5\.1\.1/ },
    ],
    next: String,
  });
  const rest = await ask("GET", `/api/v1/incoming-mails?limit=2&cursor=${String(first.body["next"])}`);
  t.match(rest.body, { items: [{ kind: "opt-out" }] });
  t.match((await ask("GET", "/api/v1/incoming-mails?kind=bounce")).body, { items: [{ kind: "bounce" }] });
  t.match((await ask("GET", "/api/v1/incoming-mails?kind=spam")).status, 400);
  t.same((await ask("GET", "/api/v1/incoming-mails?campaignId=77")).body, { items: [] });
  t.match((await ask("GET", "/api/v1/incoming-mails/3")).body, { id: "3", text: /^Stop/ });
  t.match(await ask("GET", "/api/v1/incoming-mails/99"), { status: 404, body: { code: "mail-unknown" } });
});
