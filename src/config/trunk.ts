import { type ReadPart, readPart, type Told } from "./part.ts";
import type { IdentityOptions } from "./section/identity.ts";
import { type TrunkOptions, trunkOptions } from "./section/telephony.ts";
import type { Path } from "./shape.ts";

/** What no single setting of a trunk can show. @param path where the trunk stands */
export function checkTrunk(trunk: TrunkOptions, { privateKey }: Pick<IdentityOptions, "privateKey">, path: Path, fault: Told): void {
  const { username, password, register, signIdentity, numberFormat, countryCode } = trunk;
  if (username !== undefined && password === undefined) fault([...path, "password"], "is missing: a username was given");
  if (password !== undefined && username === undefined) fault([...path, "username"], "is missing: a password was given");
  if (register && username === undefined) fault([...path, "username"], "is missing: register needs username and password");
  if (signIdentity && privateKey === undefined) fault([...path, "signIdentity"], "needs a key to sign with: identity.privateKey");
  if (numberFormat === "national" && countryCode === undefined)
    fault([...path, "countryCode"], "is missing: numberFormat national needs to know which numbers are of the country");
}

/** A trunk from elsewhere than the configuration, held to the same. */
export function readTrunk(value: unknown, identity: Pick<IdentityOptions, "privateKey">): ReadPart<TrunkOptions> {
  return readPart<TrunkOptions>(trunkOptions, value, (trunk, fault) => checkTrunk(trunk, identity, [], fault));
}
