/** Statuses of a record the ledger holds as success, as an SQL list. A test compares it with the domain's classes. */
export const SUCCESS_LIST = `('enrolled', 'recovered', 'already_active')`;
