/** The records of a ledger, so many at a time: the last group has those that are left. Rejects as the ledger does. */
export async function* inGroups<Record>(
  records: AsyncIterable<Record>,
  size: number,
): AsyncIterable<readonly Record[]> {
  let group: Record[] = [];
  for await (const record of records) {
    group.push(record);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
