import { openBinds } from "../adapter/smpp/binds.ts";
import { systemClock as clock } from "../adapter/system/clock.ts";
import { systemRandom as random } from "../adapter/system/random.ts";
import { Fault } from "../kernel/fault.ts";
import { silentLog as log } from "../kernel/log.ts";
import { isPhoneNumber } from "../kernel/phone.ts";
import { TestTexts } from "../sms/test-engine.ts";
import { type CommonOptions, withStores } from "./context.ts";
import { type FieldOptions, fieldsFrom } from "./ivr-fields.ts";
import { oneLine } from "./table.ts";
import { counted } from "./terminal.ts";

export interface MessageTestOptions extends CommonOptions, FieldOptions {
  readonly sender: string;
  readonly to: string;
}

/** Takes nothing: whatever comes over the binds of a test is brought again to a server. */
const away = () => Promise.reject(new Fault("database-unreachable", "This is a test.", { retryable: true }));

/** `carillon message test TEMPLATE`: needs no running server. Rejects as TestTexts.send does. */
export function testMessage(template: string, { sender, to, ...options }: MessageTestOptions): Promise<string> {
  const number = to.trim();
  if (!isPhoneNumber(number)) throw new Fault("request-invalid", `--to ${to}: write the number in E.164 form, such as +12125550123.`);
  return withStores(options, async ({ templates, suppressions, trunks: pace }, { sms }) => {
    const binds = openBinds(sms, { clock, random, log, pace }, { onReceipt: away, onIncoming: away, onChange: () => {} });
    try {
      const tests = new TestTexts({ templates, binds, suppressions, options: sms, clock, random });
      const { text, bind, parts } = await tests.send({ template, sender, to: number, fields: await fieldsFrom(options) });
      return oneLine(`“${text}” was taken for ${number} over ${bind}, in ${counted(parts, "part")}.`);
    } finally {
      await binds.close();
    }
  });
}
