import type { XmlElement } from "./xml.ts";
import { elements } from "./xml.ts";

/** One step of an extension. */
export interface DialplanAction {
  readonly application: string;
  readonly data: string;
}

export interface Hunt {
  readonly context: string;
  readonly destination: string;
  /** Value of a channel variable. */
  variable(name: string): string | undefined;
}

export interface Route {
  readonly actions: readonly DialplanAction[];
  /** What the last matching expression captured, for the DP_MATCH variable. */
  readonly match: readonly string[];
}

/**
 * The XML dialplan (mod_dialplan_xml): the first extension of the context all of whose conditions match. Of break-on attributes and
 * anti-actions it knows nothing, and the configuration we ship uses none.
 */
export class Dialplan {
  readonly #contexts = new Map<string, XmlElement[]>();

  constructor(files: readonly XmlElement[]) {
    for (const file of files) {
      for (const context of elements({ name: "", attributes: new Map(), children: [file] }, "context")) {
        const name = context.attributes.get("name") ?? "";
        this.#contexts.set(name, [...(this.#contexts.get(name) ?? []), ...elements(context, "extension")]);
      }
    }
  }

  hunt(hunt: Hunt): Route | undefined {
    for (const extension of this.#contexts.get(hunt.context) ?? []) {
      const actions: DialplanAction[] = [];
      let match: string[] = [];
      let fits = true;
      for (const condition of elements(extension, "condition")) {
        const found = new RegExp(condition.attributes.get("expression") ?? "^.*$").exec(fieldOf(condition, hunt));
        if (!found) {
          fits = false;
          break;
        }
        match = [...found];
        for (const action of elements(condition, "action")) {
          const data = (action.attributes.get("data") ?? "").replace(/\$(\d)/g, (_, digit: string) => found[Number(digit)] ?? "");
          actions.push({ application: action.attributes.get("application") ?? "", data });
        }
      }
      if (fits) return { actions, match };
    }
    return undefined;
  }
}

function fieldOf(condition: XmlElement, hunt: Hunt): string {
  const field = condition.attributes.get("field") ?? "destination_number";
  const variable = /^\$\{(.*)\}$/.exec(field)?.[1];
  if (variable !== undefined) return hunt.variable(variable) ?? "";
  return field === "destination_number" ? hunt.destination : field === "context" ? hunt.context : (hunt.variable(field) ?? "");
}

/** The `inline` dialplan: `app:data,app:data` (mod_dptools, inline_dialplan_hunt). */
export function inlineActions(text: string): DialplanAction[] {
  const delimiter = /^m:(.):/.exec(text)?.[1];
  const parts = (delimiter === undefined ? text : text.slice(4)).split(delimiter ?? ",");
  return parts
    .filter((part) => part.trim() !== "")
    .map((part) => {
      const colon = part.indexOf(":");
      return colon < 0 ? { application: part.trim(), data: "" } : { application: part.slice(0, colon).trim(), data: part.slice(colon + 1) };
    });
}
