import type { BindOptions } from "../../sms/options.ts";
import type { Part, Submission } from "../../sms/ports.ts";
import { command, tag, writePdu, writeTlv } from "./pdu.ts";

/** UDHI of esm_class (SMPP 3.4 §5.2.12). */
const headerIndicator = 0x40;
/** sm_length of short_message at most (§5.2.21); longer texts go into message_payload. */
const mostShortOctets = 254;
/** registered_delivery (§5.2.17). */
const registered = { all: 1, failures: 2, none: 0 } as const;

/** One part of a submission as a submit_sm (SMPP 3.4 §4.4.1). */
export function writeSubmitSm(
  sequence: number,
  submission: Submission,
  part: Part,
  bind: Pick<BindOptions, "registeredDelivery" | "validityS" | "serviceType" | "destinationTon" | "destinationNpi">,
): Buffer {
  const { sender, to, reference, validityS = bind.validityS, scheduleAt } = submission;
  const text = part.udh === undefined ? Buffer.from(part.text) : Buffer.concat([part.udh, part.text]);
  const inPayload = part.payload === true || text.length > mostShortOctets;
  const { sar } = part;
  return writePdu(command.submitSm, 0, sequence, [
    bind.serviceType,
    sender.ton,
    sender.npi,
    withoutPlus(sender.address),
    bind.destinationTon,
    bind.destinationNpi,
    withoutPlus(to),
    part.udh === undefined ? 0 : headerIndicator,
    0, // protocol_id
    0, // priority_flag
    scheduleAt === undefined ? "" : absoluteTime(scheduleAt),
    validityS === 0 ? "" : relativeTime(validityS),
    registered[bind.registeredDelivery],
    0, // replace_if_present_flag
    part.dataCoding,
    0, // sm_default_msg_id
    inPayload ? 0 : text.length,
    ...(inPayload ? [] : [text]),
    writeTlv(tag.userMessageReference, reference, 2),
    ...(sar === undefined
      ? []
      : [writeTlv(tag.sarReference, sar.reference, 2), writeTlv(tag.sarTotal, sar.total), writeTlv(tag.sarNumber, sar.number)]),
    ...(inPayload ? [writeTlv(tag.messagePayload, text)] : []),
  ]);
}

function withoutPlus(address: string): string {
  return address.startsWith("+") ? address.slice(1) : address;
}

const two = (value: number) => String(value).padStart(2, "0");

/** YYMMDDhhmmsstnnp, UTC (§7.1.1.1). */
function absoluteTime(atMs: number): string {
  const at = new Date(atMs);
  const parts = [at.getUTCFullYear() % 100, at.getUTCMonth() + 1, at.getUTCDate(), at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()];
  return `${parts.map(two).join("")}000+`;
}

/** The same from the SMSC's now on (§7.1.1.2): nobody's clock needs to be right. At most 30 days. */
function relativeTime(seconds: number): string {
  const [days, left] = [Math.floor(seconds / 86_400), seconds % 86_400];
  const time = [Math.floor(left / 3600), Math.floor((left % 3600) / 60), Math.floor(left % 60)];
  return `0000${two(Math.min(30, days))}${time.map(two).join("")}000R`;
}
