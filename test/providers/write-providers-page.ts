// node test/providers/write-providers-page.ts: brings docs/providers.md up to what the profiles say.
import { readFileSync, writeFileSync } from 'node:fs';
import { partsOfPage, withParts } from './providers-page.ts';

const page = new URL('../../docs/providers.md', import.meta.url);
writeFileSync(page, withParts(readFileSync(page, 'utf8'), partsOfPage()));
