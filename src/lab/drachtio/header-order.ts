/**
 * Headers in the order drachtio-server writes them (sofia-sip prints its sip_t struct in field order; unknown headers follow Content-Length, as the
 * transcripts show), with the spelling it uses.
 */
const known = [
  "Via",
  "Route",
  "Record-Route",
  "Max-Forwards",
  "Proxy-Require",
  "From",
  "To",
  "Call-ID",
  "CSeq",
  "Contact",
  "RSeq",
  "RAck",
  "Request-Disposition",
  "Accept-Contact",
  "Reject-Contact",
  "Expires",
  "Date",
  "Retry-After",
  "Timestamp",
  "Min-Expires",
  "Subject",
  "Priority",
  "Call-Info",
  "Organization",
  "Server",
  "User-Agent",
  "In-Reply-To",
  "Accept",
  "Accept-Encoding",
  "Accept-Language",
  "Allow",
  "Require",
  "Supported",
  "Unsupported",
  "Event",
  "Allow-Events",
  "Subscription-State",
  "Proxy-Authenticate",
  "Proxy-Authorization",
  "Authorization",
  "WWW-Authenticate",
  "Warning",
  "Refer-To",
  "Referred-By",
  "Replaces",
  "Session-Expires",
  "Min-SE",
  "Path",
  "Service-Route",
  "Reason",
  "MIME-Version",
  "Content-Type",
  "Content-Encoding",
  "Content-Language",
  "Content-Disposition",
  "Content-Length",
];

const places = new Map(known.map((name, index) => [name.toLowerCase(), index]));

/** Where a header stands among the others, by its lower-case name; those unknown come last. */
export function placeOf(key: string): number {
  return places.get(key) ?? known.length;
}

/** The server's spelling of a header; one it does not know keeps the app's. */
export function spellingOf(key: string, given: string): string {
  const place = places.get(key);
  return (place === undefined ? undefined : known[place]) ?? given;
}
