import { Fault } from "../../../kernel/fault.ts";

/** Which life of a node this process is: what an earlier life still tries to write is refused. */
export interface Incarnations {
  incarnationOf(node: string): string | undefined;
}

/**
 * @param does what the node does, as in "Node a calls people without having registered"
 * @throws Fault `node-unregistered`
 */
export function incarnationNow(nodes: Incarnations, node: string, does: string): string {
  const incarnation = nodes.incarnationOf(node);
  if (incarnation === undefined) throw new Fault("node-unregistered", `Node ${node} ${does} without having registered.`);
  return incarnation;
}
