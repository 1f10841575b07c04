import { isAbsolute } from "node:path";
import type { LookupOptions } from "../contact/lookup/options.ts";
import type { FeedOptions } from "../contact/options.ts";
import type { Told } from "./part.ts";
import type { Path } from "./shape.ts";

/** What no single setting of a feed can show. */
export function checkFeed(feed: FeedOptions, path: Path, fault: Told, known: readonly Pick<LookupOptions, "name">[]): void {
  const {
    folder,
    host,
    user,
    password,
    privateKey,
    hostKeys,
    trustFirstHostKey,
    does,
    list,
    suppressionList,
    campaign,
    startCampaign,
    zone,
    lookups,
  } = feed;
  if (host === undefined && !isAbsolute(folder)) fault([...path, "folder"], "is no whole path: write it from the root");
  if (host !== undefined) {
    if (user === "") fault([...path, "user"], `is missing: who we are on ${host}`);
    if (password === undefined && privateKey === undefined)
      fault([...path, "password"], `is missing, and so is privateKey: one of them lets us in on ${host}`);
    if (hostKeys.length === 0 && !trustFirstHostKey)
      fault(
        [...path, "hostKeys"],
        `is empty: ssh-keyscan ${host} | ssh-keygen -lf - shows the keys, to be compared with what the operator of ${host} says`,
      );
  }
  if (does === "import" && list === undefined) fault([...path, "list"], "is missing: the list that files are imported into");
  if (does === "suppress" && suppressionList === undefined) fault([...path, "suppressionList"], "is missing: the one that files are loaded into");
  if (does === "export" && campaign === undefined) fault([...path, "campaign"], "is missing: the campaign whose results are put into the folder");
  if (does === "export" && startCampaign !== undefined)
    fault([...path, "startCampaign"], "goes with files that come in, not with results that go out");
  for (const [at, name] of lookups.entries()) {
    if (!known.some((lookup) => lookup.name === name)) fault([...path, "lookups", at], `${name} is no look-up: its name must stand under lookups`);
    if (lookups.indexOf(name) < at) fault([...path, "lookups", at], `${name} stands here twice`);
  }
  if (lookups.length > 0 && does !== "import") fault([...path, "lookups"], "goes with files of people that come in");
  if (!isZone(zone)) fault([...path, "zone"], `${zone} is no time zone of the IANA database, such as America/Chicago`);
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
