/** Extension, dialplan and context of the goodbye, as shipped in freeswitch/dialplan/mrf.xml. */
export const goodbyeTarget = "goodbye XML mrf";

/** Where somebody waits whose conversation has ended; a plain park would leave that person in silence if we died. */
export const aloneTarget = "alone XML mrf";
/** Set when somebody has come there. */
export const aloneVariable = "carillon_alone";

/** Where several people hear each other; who is left alone there comes to `aloneTarget`. @param room letters, digits and hyphens */
export function togetherTarget(room: string): string {
  return `together-${room} XML mrf`;
}

/** Where a supervisor hears a channel; by its end that one comes to `aloneTarget`. */
export function overhearTarget(channel: string): string {
  return `overhear-${channel} XML mrf`;
}

/** What parts the files of one playback, as the dialplan sets it. */
export const promptDelimiter = "!";

/** The header by which our own channels are told from other people's; FreeSWITCH keeps it as a channel variable. */
export const nodeHeader = "X-Carillon-Node";
export const nodeVariable = `sip_h_${nodeHeader}`;

/**
 * Carried by the channels that connect two FreeSWITCH servers, instead of that: they end with the conversation they carry, and nobody who clears up
 * after a dead process may take them for something left over.
 */
export const linkHeader = "X-Carillon-Link";
