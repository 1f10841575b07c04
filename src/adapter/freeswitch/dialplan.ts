/** Extension, dialplan and context of the goodbye, as shipped in freeswitch/dialplan/mrf.xml. */
export const goodbyeTarget = "goodbye XML mrf";

/** Where somebody waits whose conversation has ended; a plain park would leave that person in silence if we died. */
export const aloneTarget = "alone XML mrf";

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
