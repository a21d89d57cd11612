/** Returns SQL for the rejection of a list_row as a JSON object with its reason; null where none is kept. */
export function rejectionOfRow(row: string): string {
  return `case when ${row}.rejection is not null then ${row}.rejection || jsonb_build_object('reason', ${row}.code) end`;
}
