import { join } from "node:path";
import t from "tap";
import { orderCampaign } from "../../src/command/campaign.ts";
import { campaignSafeguards, recordConsent, showConsents } from "../../src/command/consent.ts";
import { loadConsentFile } from "../../src/command/consent-load.ts";
import {
  createSuppressionList,
  endSuppression,
  exportSuppressions,
  loadSuppressionFile,
  searchSuppressions,
  showSuppressionLists,
  suppress,
} from "../../src/command/suppression.ts";
import { makeCampaign } from "../adapter/stores-kit.ts";
import { openCommands } from "./command-kit.ts";

t.setTimeout(280_000);
const { stores, file, folder, carillon, refused } = await openCommands();
const options = { config: join(folder, "carillon.yaml") };
const path = (name: string) => join(folder, name);

t.test("suppressions on the command line", async (t) => {
  t.match(
    await carillon(t, "suppression", "create", "federal", "--kind", "us-national", "--channel", "voice", "sms", "--reason", "National Registry"),
    {
      ...{ code: 0, stderr: "", stdout: /Suppression list federal is made, heeded by every campaign/ },
    },
  );
  await refused(t, ["suppression", "load", path("no.csv"), "--list", "nothing"], /There is no suppression list nothing/);
  const missing = { code: "import-file", message: /no\.csv: there is no such file or folder\.$/ };
  await t.rejects(loadSuppressionFile(path("no.csv"), { ...options, list: "federal" }), missing);
  await t.rejects(loadSuppressionFile(folder, { ...options, list: "federal" }), { code: "import-file", message: /it is a folder\.$/ });
  await t.rejects(loadConsentFile(path("no.csv"), { ...options, purpose: "marketing", source: "web" }), missing);
  file("ftc.txt", "212,2000001\r\n212,2000002\r\n999,12\r\n");
  const dated = new Date().toISOString().slice(0, 10);
  t.match(
    await loadSuppressionFile(path("ftc.txt"), { ...options, list: "federal", dated }),
    /3 rows; 2 new\. List federal has 2 entries now\.\n1 row could not be used; they are in .*ftc\.rejects\.csv/,
  );
  t.match(
    await createSuppressionList("rivals", { ...options, optional: true, reason: 'works for a rival, "Acme"' }),
    /heeded by campaigns that name it/,
  );
  t.match(await suppress("c3", { ...options, list: "rivals", reason: "told us", until: "2999-12-31" }), /c3 is suppressed \(\d+\)/);
  t.match(
    await showSuppressionLists(options),
    new RegExp(`federal +us-national +every campaign +voice, sms +2 +${dated}[\\s\\S]*rivals +who names it +all +1 +never`),
  );
  t.match(JSON.parse(await showSuppressionLists({ ...options, json: true })), [
    { name: "federal", entries: 2 },
    { name: "rivals", mandatory: false },
  ]);
  let written = "";
  await exportSuppressions("rivals", options, async (text) => {
    written += text;
  });
  t.equal(written, "phone,email,client_id,reason,expires_at\r\n,,c3,told us,2999-12-31T00:00:00.000Z\r\n");
  await suppress("Ann@Example.com", { ...options, reason: "wrote", channel: "email" });
  const found = await searchSuppressions("ann@example.com", options);
  t.match(found, /admin +every +email +wrote +user /);
  const id = /^(\d+) /m.exec(found)?.[1] ?? "";
  t.match(await endSuppression(id, { ...options, reason: "came back" }), /stays as evidence/);
  t.match(await searchSuppressions("ann@example.com", options), /by user .*: came back/);
  await t.rejects(endSuppression(id, { ...options, reason: "again" }), { code: "suppression-unknown" });
});

t.test("consents and safeguards on the command line", async (t) => {
  await makeCampaign(stores, { name: "spring", people: 2, started: false });
  t.match(
    await recordConsent("+12122000001", "consent", { ...options, purpose: "offers", source: "form", obtained: "2026-01-05" }),
    /record \d+ of the chain/,
  );
  await recordConsent("+12122000001", "revocation", { ...options, source: "letter" });
  t.match(
    await showConsents(["+12122000001", "c1"], options),
    /consent +number +all +offers +2026-01-05 00:00:00Z +form[\s\S]*revocation +number +all +every/,
  );
  t.match(await carillon(t, "consent", "verify"), { code: 0, stdout: /The chain is whole: [2-9] records, the last [0-9a-f]{64}\./ });
  t.match(
    await campaignSafeguards("spring", { ...options, purpose: "offers", requireConsent: true, list: ["rivals"] }),
    /Only people who agreed[\s\S]*mandatory ones: rivals[\s\S]*heeded/,
  );
  t.match(
    await campaignSafeguards("spring", { ...options, list: ["none"], requireConsent: false }),
    /Purpose: offers\. No consent is needed, but to calls where the law wants it\.[\s\S]*mandatory ones: none/,
  );

  await createSuppressionList("states", { ...options, kind: "us-state", reason: "state list" });
  t.match(await showSuppressionLists(options), /states +us-state +every campaign +voice, sms +0 +never/);
  await t.rejects(orderCampaign("spring", "start", options), { code: "do-not-call-list-old", message: /list states .*was never loaded/ });
  t.match(await campaignSafeguards("spring", { ...options, doNotCallExempt: "a survey" }), /not for it: a survey/);
  t.match(await orderCampaign("spring", "start", options), { state: "running" });
});
