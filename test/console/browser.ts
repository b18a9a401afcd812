import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { TestContext } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { startConsole } from '../../cli/console/console-server.ts';
import type { JsonObject } from '../../cli/context.ts';
import type { Target } from '../../cli/target.ts';
import { findChromium } from '../support/optional-tools.ts';
import { sampleAnswers, TARGET } from './sample.ts';

/** The moment at which every console of these tests is looked at. */
export const NOW_MS = Date.UTC(2026, 0, 1, 12);

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** How a page is opened. */
interface View {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  /** Pixels of the picture for one of the page. */
  readonly sharpness?: number;
  readonly target?: Target;
}

/** Starts the browser. A container's user namespaces are often closed, so it runs without its own sandbox. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium().path,
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
    timeout: 120_000,
  });
}

const pages = new WeakMap<Browser, Promise<Page>>();

/** One page of a browser for one console after the other, each at an origin of its own: a new page is a new process. */
async function pageOf(browser: Browser, sharpness: number): Promise<Page> {
  const page = await (sharpness === 1
    ? (pages.get(browser) ?? browser.newPage())
    : browser.newPage({ deviceScaleFactor: sharpness }));
  if (sharpness === 1) pages.set(browser, Promise.resolve(page));
  page.setDefaultTimeout(60_000);
  return page;
}

/** A console before an admin function that answers as told, and a page that shows it. */
export class ShownConsole {
  readonly page: Page;
  readonly url: string;
  /** What the admin function answers, by action; a test changes it. */
  answers: Readonly<Record<string, JsonObject>>;
  /** What buttons asked for. */
  readonly actions: JsonObject[] = [];
  readonly complaints: string[] = [];
  readonly #close: () => Promise<void>;

  private constructor(page: Page, url: string, answers: ShownConsole['answers'], close: () => Promise<void>) {
    this.page = page;
    this.url = url;
    this.answers = answers;
    this.#close = close;
  }

  /** Opens it, and closes it when the test ends. */
  static async open(
    t: Pick<TestContext, 'after'>,
    browser: Browser,
    { width = 1280, height = 900, dark = false, sharpness = 1, target = TARGET }: View = {},
    answers = sampleAnswers(NOW_MS),
  ): Promise<ShownConsole> {
    let shown: ShownConsole | undefined;
    const running = await startConsole(
      {
        target,
        invoke: async (_, request) => {
          if (request.action !== 'list' && request.action !== 'capacity') shown?.actions.push(request);
          return shown?.answers[String(request.action)] ?? { credential: request.credential };
        },
        // A clock that stands: a slow machine sees what a fast one does.
        nowMs: () => NOW_MS,
        lookMs: 0,
        token: 'fake-console-token-of-a-test',
        againAfterMs: 200,
      },
      0,
    );
    const page = await pageOf(browser, sharpness);
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce' });
    shown = new ShownConsole(page, running.url, answers, () => running.close());
    page.on('console', (message) => {
      if (message.type() === 'error') shown.complaints.push(message.text());
    });
    page.on('pageerror', (error) => shown.complaints.push(String(error)));
    t.after(async () => {
      page.removeAllListeners('console').removeAllListeners('pageerror');
      await page.goto('about:blank');
      await running.close().catch(() => undefined);
    });
    await page.goto(running.url);
    await shown.look();
    return shown;
  }

  /** Resolves when the page has drawn an answer. By a locator: the page's policy lets nobody evaluate a text. */
  async look(): Promise<void> {
    await this.page.locator('#where:not(:empty)').waitFor({ state: 'attached' });
  }

  card(id: string) {
    return this.page.locator(`[data-id="${id}"]`);
  }

  /** The functions and their server are gone. */
  stop(): Promise<void> {
    return this.#close();
  }

  /** What axe finds: nothing, or the test fails with its words. */
  async assertAccessible(): Promise<void> {
    // Through the debugger: the page's policy lets no other script in.
    if (await this.page.evaluate<boolean>(`typeof axe === 'undefined'`)) await this.page.evaluate(AXE);
    const found = await this.page.evaluate<readonly string[]>(
      `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
        violations.map(({ id, help, nodes }) => id + ': ' + help + ' ' + nodes.map(({ target }) => target.join(' ')).join(', ')))`,
    );
    assert.deepEqual(found, []);
  }

  /** How much wider than the window the page is. */
  overflow(): Promise<number> {
    return this.page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
  }
}
