import type { SwitchCore } from "./core.ts";
import type { Header } from "./event.ts";
import { expand, type Variables } from "./variables.ts";

/** The channel, as running an application on it needs it. */
export interface Executor {
  readonly core: SwitchCore;
  readonly variables: Variables;
  interrupted: boolean;
  fire(name: string, after: readonly Header[]): void;
}

/** Runs one application between its two events (switch_core_session_exec). @param id their Application-UUID */
export async function runApplication<C extends Executor>(
  channel: C,
  name: string,
  application: (channel: C, data: string) => Promise<void> | void,
  data: string,
  id: string,
): Promise<void> {
  const { variables, core } = channel;
  const expanded = expand(data, (variable) => variables.get(variable), core.globals);
  variables.set("current_application_data", expanded);
  variables.set("current_application", name);
  variables.set("current_application_response", undefined);
  const what: Header[] = [["Application", name]];
  if (expanded !== "") what.push(["Application-Data", expanded]);
  channel.fire("CHANNEL_EXECUTE", [...what, ["Application-UUID", id]]);
  channel.interrupted = false;
  await application(channel, expanded);
  const response = variables.get("current_application_response") ?? "_none_";
  channel.fire("CHANNEL_EXECUTE_COMPLETE", [...what, ["Application-Response", response], ["Application-UUID", id]]);
}
