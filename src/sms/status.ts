import type { Result } from "../attempt/result.ts";

/*
 * What an SMSC says to a submit that it does not take, and what that comes to (command_status, SMPP 3.4 §5.1.3; from 0x100 on SMPP 5.0 §4.7.6). `carrier-fault` is what we, the configuration or the
 * SMSC have to answer for; only what says something of the person's number is `bad-number`.
 */
const statuses: ReadonlyMap<number, readonly [name: string, result: Result]> = new Map([
  [0x01, ["ESME_RINVMSGLEN", "carrier-fault"]],
  [0x02, ["ESME_RINVCMDLEN", "carrier-fault"]],
  [0x03, ["ESME_RINVCMDID", "carrier-fault"]],
  [0x04, ["ESME_RINVBNDSTS", "carrier-fault"]],
  [0x05, ["ESME_RALYBND", "carrier-fault"]],
  [0x06, ["ESME_RINVPRTFLG", "carrier-fault"]],
  [0x07, ["ESME_RINVREGDLVFLG", "carrier-fault"]],
  [0x08, ["ESME_RSYSERR", "carrier-fault"]],
  [0x0a, ["ESME_RINVSRCADR", "carrier-fault"]],
  [0x0b, ["ESME_RINVDSTADR", "bad-number"]],
  [0x0c, ["ESME_RINVMSGID", "carrier-fault"]],
  [0x0d, ["ESME_RBINDFAIL", "carrier-fault"]],
  [0x14, ["ESME_RMSGQFUL", "congestion"]],
  [0x15, ["ESME_RINVSERTYP", "carrier-fault"]],
  [0x33, ["ESME_RINVNUMDESTS", "carrier-fault"]],
  [0x34, ["ESME_RINVDLNAME", "carrier-fault"]],
  [0x40, ["ESME_RINVDESTFLAG", "carrier-fault"]],
  [0x42, ["ESME_RINVSUBREP", "carrier-fault"]],
  [0x43, ["ESME_RINVESMCLASS", "carrier-fault"]],
  [0x44, ["ESME_RCNTSUBDL", "carrier-fault"]],
  [0x45, ["ESME_RSUBMITFAIL", "carrier-fault"]],
  [0x48, ["ESME_RINVSRCTON", "carrier-fault"]],
  [0x49, ["ESME_RINVSRCNPI", "carrier-fault"]],
  [0x50, ["ESME_RINVDSTTON", "carrier-fault"]],
  [0x51, ["ESME_RINVDSTNPI", "carrier-fault"]],
  [0x53, ["ESME_RINVSYSTYP", "carrier-fault"]],
  [0x54, ["ESME_RINVREPFLAG", "carrier-fault"]],
  [0x55, ["ESME_RINVNUMMSGS", "carrier-fault"]],
  [0x58, ["ESME_RTHROTTLED", "congestion"]],
  [0x61, ["ESME_RINVSCHED", "carrier-fault"]],
  [0x62, ["ESME_RINVEXPIRY", "carrier-fault"]],
  [0x63, ["ESME_RINVDFTMSGID", "carrier-fault"]],
  [0x64, ["ESME_RX_T_APPN", "congestion"]],
  [0x65, ["ESME_RX_P_APPN", "rejected"]],
  [0x66, ["ESME_RX_R_APPN", "rejected"]],
  [0xc0, ["ESME_RINVOPTPARSTREAM", "carrier-fault"]],
  [0xc1, ["ESME_ROPTPARNOTALLWD", "carrier-fault"]],
  [0xc2, ["ESME_RINVPARLEN", "carrier-fault"]],
  [0xc3, ["ESME_RMISSINGOPTPARAM", "carrier-fault"]],
  [0xc4, ["ESME_RINVOPTPARAMVAL", "carrier-fault"]],
  [0xfe, ["ESME_RDELIVERYFAILURE", "undelivered"]],
  [0xff, ["ESME_RUNKNOWNERR", "carrier-fault"]],
  [0x100, ["ESME_RSERTYPUNAUTH", "carrier-fault"]],
  [0x101, ["ESME_RPROHIBITED", "rejected"]],
  [0x102, ["ESME_RSERTYPUNAVAIL", "carrier-fault"]],
  [0x103, ["ESME_RSERTYPDENIED", "carrier-fault"]],
  [0x104, ["ESME_RINVDCS", "carrier-fault"]],
  [0x105, ["ESME_RINVSRCADDRSUBUNIT", "carrier-fault"]],
  [0x106, ["ESME_RINVDSTADDRSUBUNIT", "carrier-fault"]],
]);

/** Faults that may be of one message, or pass by themselves: its length, an SMSC that is ill, what says nothing. */
const passing: ReadonlySet<number> = new Set([0x01, 0x02, 0x08, 0x0d, 0x44, 0x45, 0xff]);

/** @returns the name people look up, the result, and whether every message would be refused so: it is about our sender, or how the bind is set up */
export function readStatus(status: number): { readonly name: string; readonly result: Result; readonly standing: boolean } {
  const known = statuses.get(status);
  if (known === undefined)
    return { name: `command_status 0x${(status >>> 0).toString(16).padStart(8, "0")}`, result: "carrier-fault", standing: false };
  const [name, result] = known;
  return { name, result, standing: result === "carrier-fault" && !passing.has(status) };
}
