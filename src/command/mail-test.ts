import { SmtpPools } from "../adapter/smtp/mail-pools.ts";
import { systemClock as clock } from "../adapter/system/clock.ts";
import { systemRandom as random } from "../adapter/system/random.ts";
import { TestMails } from "../email/test-engine.ts";
import { Fault } from "../kernel/fault.ts";
import { silentLog as log } from "../kernel/log.ts";
import { readMailbox } from "../kernel/mailbox.ts";
import { mailSendersOf } from "../start/mail.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { type FieldOptions, fieldsFrom } from "./ivr-fields.ts";
import { terminalText } from "./table.ts";

export interface MailTestOptions extends CommonOptions, FieldOptions {
  readonly sender: string;
  readonly to: string;
}

/** `carillon mail test TEMPLATE`: needs no running server. Rejects as TestMails.send does. */
export function testMail(template: string, { sender, to, ...options }: MailTestOptions): Promise<string> {
  const read = readMailbox(to.trim());
  if ("reason" in read) throw new Fault("request-invalid", `--to ${to}: ${read.reason}`);
  return withStores(options, async ({ templates, suppressions, trunks: moments }, { email }) => {
    const pools = new SmtpPools(email.pools, { clock, random, log, moments });
    try {
      const tests = new TestMails({ templates, pools, suppressions, senders: mailSendersOf(email), clock });
      const { subject, response } = await tests.send({ template, sender, to: read.mailbox, fields: await fieldsFrom(options) });
      return `“${terminalText(subject)}” was taken for ${read.mailbox}: ${terminalText(response)}`;
    } finally {
      await pools.close();
    }
  });
}
