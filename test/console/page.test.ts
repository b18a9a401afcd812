// The console as a person has it: in a real browser, by mouse, keyboard and screen reader.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { takesLong } from '../runner/amount.ts';
import { findChromium } from '../support/optional-tools.ts';
import { launch, NOW_MS, ShownConsole } from './browser.ts';
import { sampleAnswers } from './sample.ts';

const { skip } = findChromium();

describe('the console', { skip, timeout: 600_000 }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  test('breaks a command between words, not behind the dashes of an option, also where it is narrow', async (t) => {
    const shown = await ShownConsole.open(t, browser, { width: 320, height: 568 });
    const words = shown.card('shop-north').locator('code .word');
    assert.deepEqual(await words.allTextContents(), ['npx', 'renova', 'reseed', 'shop-north', '--local']);
    const heights = await words.evaluateAll((all) => all.map((word) => word.getClientRects().length));
    const lines = await words.evaluateAll((all) => all.map((word) => word.getBoundingClientRect().height));
    assert.deepEqual(new Set(heights), new Set([1]));
    assert.equal(new Set(lines.map(Math.round)).size, 1);
  });

  test('shows what needs somebody first, with the command that fixes it', async (t) => {
    const shown = await ShownConsole.open(t, browser);
    const ids = await shown.page.locator('.card h3').allTextContents();
    assert.deepEqual(ids, [
      'shop-north',
      'shop-south',
      'night-shift',
      'acme-collections',
      'acme-pix',
      'crm-archive',
      'lobby-screens',
    ]);
    assert.equal(await shown.page.locator('h1').textContent(), '1 credential needs you');
    const lapsed = shown.card('shop-north');
    assert.match((await lapsed.textContent()) ?? '', /lapsed.*refused the refresh token/s);
    assert.equal(await lapsed.locator('code').textContent(), 'npx renova reseed shop-north --local');
    assert.match((await shown.card('shop-south').textContent()) ?? '', /Nothing to do: tried again in/);
    assert.match(
      (await shown.page.locator('#quotas').textContent()) ?? '',
      /bs2.*6 of 10 used in the last minute/,
    );
    assert.match(
      (await shown.page.locator('#events').textContent()) ?? '',
      /shop-north.*the chain has ended/,
    );
    assert.deepEqual(shown.complaints, []);
  });

  test('shows the life of token and login as bars, and the last 20 refreshes', async (t) => {
    const shown = await ShownConsole.open(t, browser);
    const card = shown.card('acme-collections');
    const [token, chain] = await card
      .locator('.fill')
      .evaluateAll((fills) =>
        fills.map((fill) => Number.parseFloat((fill as unknown as { style: { width: string } }).style.width)),
      );
    assert.ok(token !== undefined && token > 50 && token < 84, `${token} %`);
    assert.ok(chain !== undefined && chain > 99, `${chain} %`);
    assert.match((await card.locator('.life').first().textContent()) ?? '', /min.* left/);
    const past = card.locator('.strokes');
    assert.equal(await past.getAttribute('aria-label'), '20 of the last 20 refreshes went well');
    assert.equal(await past.locator('.stroke.good').count(), 20);
    assert.equal(
      await shown.card('shop-south').locator('.strokes').getAttribute('aria-label'),
      '16 of the last 20 refreshes went well',
    );
  });

  // Wide and narrow, bright and dark; every pair of them in `npm run prove`.
  for (const [name, view, skipped] of [
    ['wide', {}, false],
    ['wide and dark', { dark: true }, takesLong],
    ['on a phone', { width: 375, height: 812 }, takesLong],
    ['at 320 pixels and dark', { width: 320, height: 568, dark: true }, false],
  ] as const) {
    test(`can be used by everybody, and is no wider than its window: ${name}`, {
      skip: skipped,
    }, async (t) => {
      const shown = await ShownConsole.open(t, browser, view);
      await shown
        .card('acme-collections')
        .getByRole('button', { name: /Details/ })
        .click();
      await shown.assertAccessible();
      assert.equal(await shown.overflow(), 0);
      await shown
        .card('night-shift')
        .getByRole('button', { name: /^Resume/ })
        .click();
      await shown.assertAccessible();
    });
  }

  test('without a credential says how to register one', async (t) => {
    const nothing = { list: { credentials: [] }, capacity: { quotas: [] } };
    const shown = await ShownConsole.open(t, browser, {}, nothing);
    assert.match(
      (await shown.page.locator('#empty').textContent()) ?? '',
      /npx renova register acme .*--local/,
    );
    await shown.assertAccessible();
  });

  test('with nothing wrong says so', async (t) => {
    const shown = await ShownConsole.open(t, browser, {}, sampleAnswers(NOW_MS, true));
    assert.equal(await shown.page.locator('h1').textContent(), 'All is well');
    await shown.assertAccessible();
  });

  test('does nothing before it is confirmed, by keyboard alone', async (t) => {
    const shown = await ShownConsole.open(t, browser);
    const { page } = shown;
    await shown
      .card('night-shift')
      .getByRole('button', { name: /^Resume/ })
      .focus();
    await page.keyboard.press('Enter');
    await page.locator('dialog[open]').waitFor();
    assert.match((await page.locator('dialog').textContent()) ?? '', /Resume: night-shift\?/);
    await page.keyboard.press('Escape');
    await page.locator('#confirm').waitFor({ state: 'hidden' });
    assert.deepEqual(shown.actions, []);

    await page.keyboard.press('Enter');
    await page.locator('dialog[open]').waitFor();
    await page.getByRole('button', { name: 'Resume', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.locator('#confirm').waitFor({ state: 'hidden' });
    assert.deepEqual(shown.actions, [{ action: 'resume', credential: 'night-shift' }]);
    await page.locator('#said:not(:empty)').waitFor({ state: 'attached' });
  });

  test('says why an action was refused, and stays where it is', async (t) => {
    const shown = await ShownConsole.open(t, browser);
    shown.answers = {
      ...shown.answers,
      resume: { error: { code: 'fake', message: 'It cannot be resumed now.' } },
    };
    await shown
      .card('night-shift')
      .getByRole('button', { name: /^Resume/ })
      .click();
    await shown.page.getByRole('button', { name: 'Resume', exact: true }).click();
    await shown.page.getByText('It cannot be resumed now.').waitFor();
    assert.equal(await shown.page.locator('dialog').getAttribute('open'), '');
  });

  test('draws what changes by itself, keeps the focus, and tells a screen reader once', async (t) => {
    const shown = await ShownConsole.open(t, browser);
    const { page } = shown;
    await shown.card('shop-north').getByRole('button', { name: /^Copy/ }).focus();
    const { credentials } = shown.answers.list as { credentials: readonly Record<string, unknown>[] };
    const fixed = credentials.map((one) =>
      one.credential === 'shop-south' ? { ...one, failing_since: undefined, outcome: undefined } : one,
    );
    const older = fixed.map((one) =>
      one.credential === 'shop-north' ? { ...one, tags: { seen: 'twice' } } : one,
    );
    shown.answers = { ...shown.answers, list: { credentials: older } };
    await page.getByText('seen: twice').waitFor();
    assert.match(
      (await page.evaluate<string>(`document.activeElement.getAttribute('aria-label')`)) ?? '',
      /^Copy: npx renova reseed shop-north/,
    );
    assert.match((await page.locator('#said').textContent()) ?? '', /1 credential needs you/);
    shown.answers = { ...shown.answers, list: { credentials: older.slice(0, 2) } };
    await shown.card('shop-north').waitFor({ state: 'detached' });
  });

  test('says that it has lost its program, and dims what is old', async (t) => {
    const shown = await ShownConsole.open(t, browser);
    await shown.stop();
    await shown.page.getByText('Is its program still running?').waitFor();
    assert.equal(await shown.page.locator('.lost .columns').count(), 1);
  });

  test('shows nothing to a page that was opened without its key', async (t) => {
    const shown = await ShownConsole.open(t, browser);
    const stranger = await browser.newPage();
    t.after(() => stranger.close());
    await stranger.goto(new URL('/', shown.url).href);
    await stranger.getByText('open it by the address that was printed').waitFor({ timeout: 60_000 });
    assert.equal(await stranger.locator('.card').count(), 0);
    await shown.page.reload();
    await shown.look();
    assert.equal(await shown.page.locator('.card').count(), 7, 'a reload still has the key');
    assert.doesNotMatch(shown.page.url(), /#/, 'the key does not stay in the address');
  });

  test('finds a credential by its tag when there are many', async (t) => {
    const { list, ...others } = sampleAnswers(NOW_MS);
    const { credentials } = list as { credentials: readonly Record<string, unknown>[] };
    const many = [...credentials, { ...credentials[0], credential: 'one-more', tags: { owner: 'finance' } }];
    const shown = await ShownConsole.open(t, browser, {}, { ...others, list: { credentials: many } });
    await shown.page.getByRole('searchbox').fill('owner=finance');
    assert.deepEqual(await shown.page.locator('.card:visible h3').allTextContents(), ['one-more']);
    await shown.page.getByRole('searchbox').fill('nobody');
    await shown.page.getByText('No credential fits.').waitFor();
  });
});
