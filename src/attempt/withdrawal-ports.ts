/** What is on its way to people who opted out meanwhile, by whatever channel. */
export interface Withdrawals {
  /**
   * Attempts of this node that are sending or ringing and whose person, or number, has been suppressed since they left:
   * each is to be taken back. Asked every second or two, so that nothing rings on for 5 s. They are named until they end.
   */
  withdrawn(node: string): Promise<readonly string[]>;
}
