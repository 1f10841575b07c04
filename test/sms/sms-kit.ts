import type { Stores } from "../../src/adapter/postgres/stores.ts";
import type { MessageOrder, MessageSource } from "../../src/attempt/message-ports.ts";
import type { BindOptions, SenderOptions, SmsOptions } from "../../src/sms/options.ts";
import type { BindState, Binds, PartEnd, Submission } from "../../src/sms/ports.ts";
import { reserveMessages } from "../adapter/messages-kit.ts";

export type Reply = (submission: Submission, index: number) => Promise<readonly PartEnd[]> | readonly PartEnd[];

/** A bind in memory that takes what it is told to, and keeps books. */
export class BookedBinds implements Binds {
  readonly submitted: { readonly bind: string; readonly submission: Submission }[] = [];
  reply: Reply;
  window = 10;
  readonly up: Set<string>;
  #under = 0;
  most = 0;

  constructor(names: readonly string[], reply: Reply = accepted) {
    this.reply = reply;
    this.up = new Set(names);
  }

  get all(): readonly BindState[] {
    return [...this.up].map((name) => ({ name, up: true, room: this.roomFor(name) }));
  }

  roomFor(bind: string): number {
    return this.up.has(bind) ? Math.max(0, this.window - this.#under) : 0;
  }

  async submit(bind: string, submission: Submission): Promise<readonly PartEnd[]> {
    this.submitted.push({ bind, submission });
    this.#under += 1;
    this.most = Math.max(this.most, this.#under);
    const ends = await this.reply(submission, this.submitted.length);
    await new Promise((resolve) => setImmediate(resolve));
    this.#under -= 1;
    return ends;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export function accepted({ parts }: Submission, index: number): readonly PartEnd[] {
  return parts.map((_, part) => ({ end: "accepted", remoteId: `${index}-${part}` }));
}

export function bindOf(name: string, more: Partial<BindOptions> = {}): BindOptions {
  return {
    name,
    host: "127.0.0.1",
    port: 2775,
    tls: false,
    systemId: "carillon",
    password: "secret",
    systemType: "",
    addressRange: "",
    serviceType: "",
    destinationTon: 1,
    destinationNpi: 1,
    bindType: "transceiver",
    sessions: 1,
    window: 10,
    maxPerSecond: 10_000,
    enquireLinkMs: 30_000,
    responseTimeoutMs: 2000,
    concatenation: "udh-8",
    dataCoding0: "gsm",
    registeredDelivery: "all",
    validityS: 86_400,
    messageIds: "same",
    unmarkedReceipts: false,
    receiptUtcOffsetMinutes: 0,
    destinationPrefixes: [],
    ...more,
  };
}

export const shortCode: SenderOptions = { name: "main", address: "55501", kind: "short-code", binds: [] };

export function optionsOf(binds: readonly BindOptions[], senders: readonly SenderOptions[] = [shortCode]): SmsOptions {
  return {
    binds: [...binds],
    senders: [...senders],
    transliterate: false,
    stopAnswer: "You are out.",
    helpAnswer: "We are here.",
    startAnswer: "You are in.",
    startHeldAnswer: "You stay out.",
    stopWords: ["Feierabend"],
    helpWords: ["Wer ist da?"],
    answerOnceWithinS: 3600,
    keywords: [{ keyword: "balance", answer: "It is 12.00.", webhook: "crm" }],
  };
}

/** The orders of a campaign, read out of the tables of its attempts. */
export class TableOrders implements MessageSource {
  readonly #stores: Stores;
  readonly #templateVersionId: string;
  readonly pulled: string[] = [];
  left: number;

  constructor(stores: Stores, templateVersionId: string, left: number) {
    this.#stores = stores;
    this.#templateVersionId = templateVersionId;
    this.left = left;
  }

  due(): boolean {
    return this.left > 0;
  }

  async pull(campaignId: string, count: number): Promise<readonly MessageOrder[]> {
    const wanted = Math.min(count, this.left);
    this.left -= wanted;
    const ids = await reserveMessages(this.#stores, campaignId, wanted);
    this.pulled.push(...ids);
    const { rows } = await this.#stores.pool.query<{ id: string; address: string; fields: Record<string, string> }>(
      "select a.id::text, a.address, p.fields from attempt a join contact p on p.id = a.contact_id where a.id = any($1::bigint[]) order by a.id",
      [ids],
    );
    return rows.map(({ id, address, fields }) => ({
      attemptId: id,
      campaignId,
      channel: "sms",
      address,
      sender: "main",
      fields,
      templateVersionId: this.#templateVersionId,
      permit: { at: Date.now(), untilMs: Date.now() + 60_000 },
    }));
  }
}
