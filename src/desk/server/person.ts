/** Who uses the desk. */
export interface Person {
  /** As the ledger keeps it. */
  readonly name: string;
}
