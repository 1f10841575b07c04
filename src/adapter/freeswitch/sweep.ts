import { nodeVariable } from "./dialplan.ts";

interface Channels {
  readonly rows?: readonly { readonly uuid?: unknown }[];
}

/** Ids of the channels on a server that this node made, in this life or an earlier one. */
export async function listOwnChannels(server: { api(command: string): Promise<string> }, node: string): Promise<readonly string[]> {
  const ids = readChannels(await server.api("show channels as json"));
  const own: string[] = [];
  for (const id of ids) {
    if ((await server.api(`uuid_getvar ${id} ${nodeVariable}`)).trim() === node) own.push(id);
  }
  return own;
}

function readChannels(body: string): readonly string[] {
  try {
    const { rows = [] } = JSON.parse(body) as Channels;
    return rows.map(({ uuid }) => uuid).filter((uuid) => typeof uuid === "string");
  } catch {
    // Without channels FreeSWITCH answers {"row_count":0}; anything that is no JSON is an -ERR and lists nothing.
    return [];
  }
}
