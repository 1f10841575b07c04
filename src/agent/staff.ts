/** The agents of the groups that work for a campaign, over all nodes. */
export interface Staff {
  readonly groups: number;
  readonly loggedIn: number;
  /** Neither logged out nor not ready. */
  readonly atWork: number;
  /** Those of them whose telephone is kept on the line. */
  readonly onTheLine: number;
}

/**
 * Why no agent takes the calls of a campaign, for people; undefined when somebody may.
 * @param atOnce whether whoever is called must not wait until an agent has picked up
 */
export function whyNoAgents(campaignId: string, { groups, loggedIn, atWork, onTheLine }: Staff, atOnce: boolean): string | undefined {
  if (groups === 0)
    return `No group of agents works for it: assign one with carillon group assign, or PUT /api/v1/groups/{id}/campaigns/${campaignId}.`;
  if (loggedIn === 0) return "No agent of its groups is logged in: nobody is called for them.";
  if (atWork === 0) return "No agent of its groups is ready: nobody is called for them.";
  if (atOnce && onTheLine === 0)
    return "The agents of its groups who are ready have telephones that have to be picked up first: in this mode nobody is called for them. Keep one on the line: carillon phone set.";
  return undefined;
}
