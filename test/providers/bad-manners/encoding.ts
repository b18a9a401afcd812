import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { type BadManner, type Exchanged, manners, pair, whole } from './manner.ts';

/** Long enough to be worth packing. */
const long = (x: Exchanged) => pair(x, { id_token: `fake.${'x'.repeat(200)}` });
const packed = (name: string) => [`content-encoding: ${name}`];
const utf16 = (text: string) => Buffer.from(text, 'utf16le');

/** What was done to the bytes of a body, asked or not, and what the head says of it. */
export const ENCODINGS: readonly BadManner[] = manners('encoding', [
  ['gzip, unasked', 'success', (x) => whole(gzipSync(long(x)), 200, packed('gzip'))],
  ['gzip, unsaid', 'success', (x) => whole(gzipSync(long(x)))],
  ['gzip, called br', 'success', (x) => whole(gzipSync(long(x)), 200, packed('br'))],
  ['gzip, called identity', 'success', (x) => whole(gzipSync(long(x)), 200, packed('identity'))],
  ['gzip, twice', 'success', (x) => whole(gzipSync(gzipSync(long(x))), 200, packed('gzip, gzip'))],
  ['gzip, twice, said once', 'success', (x) => whole(gzipSync(gzipSync(long(x))), 200, packed('gzip'))],
  [
    'gzip, twice, in two headers',
    'success',
    (x) => whole(gzipSync(gzipSync(long(x))), 200, [...packed('gzip'), ...packed('gzip')]),
  ],
  ['gzip, four times', 'success', (x) => whole(gzipSync(gzipSync(gzipSync(gzipSync(long(x))))))],
  ['gzip without its end', 'success', (x) => whole(gzipSync(long(x)).subarray(0, -9), 200, packed('gzip'))],
  [
    'gzip with a wrong checksum',
    'success',
    (x) => whole(Buffer.concat([gzipSync(long(x)).subarray(0, -8), Buffer.alloc(8)]), 200, packed('gzip')),
  ],
  [
    'gzip in two members',
    'success',
    (x) =>
      whole(
        Buffer.concat([gzipSync(long(x).slice(0, 50)), gzipSync(long(x).slice(50))]),
        200,
        packed('gzip'),
      ),
  ],
  ['deflate', 'success', (x) => whole(deflateSync(long(x)), 200, packed('deflate'))],
  ['deflate without its frame', 'success', (x) => whole(deflateRawSync(long(x)), 200, packed('deflate'))],
  ['deflate, unsaid', 'success', (x) => whole(deflateSync(long(x)))],
  ['br', 'success', (x) => whole(brotliCompressSync(long(x)), 200, packed('br'))],
  ['br, in gzip', 'success', (x) => whole(gzipSync(brotliCompressSync(long(x))), 200, packed('br, gzip'))],
  ['zstd', 'success', (x) => whole(zstdCompressSync(long(x)), 200, packed('zstd'))],
  ['zstd, unsaid', 'success', (x) => whole(zstdCompressSync(long(x)))],
  ['text, called gzip', 'success', (x) => whole(pair(x), 200, packed('gzip'))],
  ['text, called by an unknown name', 'success', (x) => whole(pair(x), 200, packed('rot13'))],
  ['UTF-8 with a mark', 'success', (x) => whole(`\ufeff${pair(x)}`)],
  ['UTF-8 with two marks', 'success', (x) => whole(`\ufeff\ufeff${pair(x)}`)],
  ['UTF-16 with a mark', 'success', (x) => whole(utf16(`\ufeff${pair(x)}`))],
  ['UTF-16 with a mark, big end first', 'success', (x) => whole(utf16(`\ufeff${pair(x)}`).swap16())],
  ['UTF-16 without a mark', 'success', (x) => whole(utf16(pair(x)))],
  ['UTF-16 without a mark, big end first', 'success', (x) => whole(utf16(pair(x)).swap16())],
  ['UTF-16, in gzip', 'success', (x) => whole(gzipSync(utf16(pair(x))), 200, packed('gzip'))],
  [
    'UTF-16, cut in the middle of a character',
    'success',
    (x) => whole(utf16(pair(x, { x: 'y' })).subarray(0, -3)),
  ],
  ['Latin-1', 'success', (x) => whole(Buffer.from(pair(x, { name: 'João' }), 'latin1'))],
  [
    'UTF-8 with a broken character',
    'success',
    (x) =>
      whole(
        Buffer.concat([Buffer.from(pair(x, { name: 'Jo' }).slice(0, -2)), Buffer.from([0xc3, 0x22, 0x7d])]),
      ),
  ],
  ['base64', 'success', (x) => whole(Buffer.from(pair(x)).toString('base64'))],
  [
    'base64 in lines',
    'success',
    (x) => whole(Buffer.from(long(x)).toString('base64').replaceAll(/.{76}/g, '$&\r\n')),
  ],
  ['gzip in base64', 'success', (x) => whole(gzipSync(long(x)).toString('base64'))],
  [
    'every character escaped',
    'success',
    (x) =>
      whole(
        pair(x).replaceAll(/(?<=")[a-z]+(?=_token":)/g, (name) =>
          Array.from(name, (each) => `\\u00${each.charCodeAt(0).toString(16)}`).join(''),
        ),
      ),
  ],
  [
    'UTF-32',
    'garbled',
    (x) => whole(Buffer.concat(Array.from(pair(x), (each) => Buffer.from([each.charCodeAt(0), 0, 0, 0])))),
  ],
  [
    'packed in a way that nobody knows',
    'garbled',
    () => whole(Buffer.from('1f9d90c2caf6c2e6e6be000102030405', 'hex'), 200, packed('compress')),
  ],
  [
    'gzip, spoilt',
    'garbled',
    (x) =>
      whole(Buffer.concat([gzipSync(long(x)).subarray(0, 4), Buffer.alloc(30, 0xfe)]), 200, packed('gzip')),
  ],
  ['a bomb', 'garbled', () => whole(gzipSync(Buffer.alloc(8 * 1024 * 1024, ' ')), 200, packed('gzip'))],
]);
