import type { MessageTemplates } from "../template/ports.ts";
import { formOf, type MailForm, type MailSender } from "./form.ts";

/** A version and a sender each. */
const mostForms = 200;

/** Compiled templates, so that a message to a million people is read once. */
export class MailForms {
  readonly #templates: Pick<MessageTemplates, "version">;
  readonly #forms = new Map<string, Promise<MailForm | string>>();

  constructor(templates: Pick<MessageTemplates, "version">) {
    this.#templates = templates;
  }

  /** @returns why there is none, where that is no version of an e-mail */
  of(versionId: string, sender: MailSender): Promise<MailForm | string> {
    const key = `${versionId} ${sender.name}`;
    const known = this.#forms.get(key);
    if (known) return known;
    const fresh = this.#compile(versionId, sender);
    this.#forms.set(key, fresh);
    // One that could not be read is read again.
    fresh.catch(() => this.#forms.delete(key));
    const oldest = this.#forms.keys().next().value;
    if (this.#forms.size > mostForms && oldest !== undefined) this.#forms.delete(oldest);
    return fresh;
  }

  async #compile(versionId: string, sender: MailSender): Promise<MailForm | string> {
    const template = await this.#templates.version(versionId);
    return template?.channel === "email" ? formOf(template, sender) : `there is no e-mail template version ${versionId}`;
  }
}
