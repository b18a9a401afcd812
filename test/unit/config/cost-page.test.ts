import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { costRows, costTable, PRICES, PRICES_OF } from '../../bench/cost.ts';

const PAGE = readFileSync(new URL('../../../docs/scale.md', import.meta.url), 'utf8');

describe('what docs/scale.md says that a credential costs', () => {
  const counted = costRows();

  it('is what one refresh asks of AWS, counted', async () => {
    const table = costTable(await counted);
    assert.ok(PAGE.includes(table), `put this into docs/scale.md:\n${table}`);
  });

  it('names each price, where it is from and when it was read', () => {
    assert.ok(PAGE.includes(PRICES_OF));
    for (const { source } of Object.values(PRICES)) assert.ok(PAGE.includes(source), source);
  });

  it('grows with nothing but what was decided: a refresh is no more than these requests', async () => {
    for (const { what, ledger, quota, vault } of await counted) {
      assert.ok(ledger <= 6 && quota <= 4 && vault <= 3, `${what}: ${ledger}, ${quota}, ${vault}`);
    }
  });
});
