// Takes the pictures of the documents: node test/console/take-pictures.ts
import { fileURLToPath } from 'node:url';
import { launch, ShownConsole } from './browser.ts';

const IMAGES = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const target = { env: 'prd', options: '--env prd' } as const;
const PICTURES = [
  ['console.png', { width: 1280, height: 860, sharpness: 1.5 }],
  ['console-phone-dark.png', { width: 375, height: 812, sharpness: 2, dark: true }],
] as const;

const browser = await launch();
const ends: (() => Promise<void>)[] = [];
const t = { after: (end: () => Promise<void>) => void ends.push(end) } as Parameters<
  typeof ShownConsole.open
>[0];
for (const [name, view] of PICTURES) {
  const { page } = await ShownConsole.open(t, browser, { ...view, target });
  await page.screenshot({ path: IMAGES + name });
}
for (const end of ends) await end();
await browser.close();
