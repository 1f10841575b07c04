import type { MailAttachment, MailKind } from "./inbox-ports.ts";

/** An e-mail that came in, as it is shown. */
export interface IncomingMailView {
  readonly id: string;
  readonly inbox: string;
  /** Epoch ms. */
  readonly at: number;
  readonly kind: MailKind;
  readonly from?: string;
  readonly recipients: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** RFC 3463. */
  readonly enhanced?: string;
  readonly reason: string;
  readonly attemptId?: string;
  readonly campaignId?: string;
  readonly contactId?: string;
  readonly size: number;
  /** What hangs on it, by name. */
  readonly attachments: readonly MailAttachment[];
}

export interface IncomingMailFilter {
  readonly campaignId?: string;
  readonly contactId?: string;
  readonly attemptId?: string;
  readonly kind?: MailKind;
}

/** Reads the e-mails that came in. */
export interface IncomingMailReader {
  /** In ascending order of ids. */
  mails(filter: IncomingMailFilter, page: { readonly limit: number; readonly afterId?: string }): Promise<readonly IncomingMailView[]>;
  mail(id: string): Promise<IncomingMailView | undefined>;
}
