import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { openJournal } from '../../../../local/data/journal/journal.ts';
import { JournalCorruptError } from '../../../../local/data/journal/journal-lines.ts';

type Entry = { n: number } | { text: string };

describe('journal', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'renova-journal-'));
    path = join(folder, 'data', 'journal.jsonl');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const reopened = () => {
    const journal = openJournal<Entry>(path);
    journal.close();
    return journal.entries;
  };

  it('starts empty, in a file and folder that only the owner can read', () => {
    const journal = openJournal<Entry>(path);
    journal.close();

    assert.deepEqual(journal.entries, []);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(join(folder, 'data')).mode & 0o777, 0o700);
  });

  for (const fsync of [false, true]) {
    it(`gives back what was appended, in order, with fsync ${fsync ? 'on' : 'off'}`, () => {
      const journal = openJournal<Entry>(path, { fsync });
      journal.append({ n: 1 });
      journal.append({ text: 'zwei\nZeilen, \u2028 und é' });
      journal.close();

      assert.deepEqual(reopened(), [{ n: 1 }, { text: 'zwei\nZeilen, \u2028 und é' }]);
    });

    it(`goes on after a rewrite with fsync ${fsync ? 'on' : 'off'}`, () => {
      const journal = openJournal<Entry>(path, { fsync });
      for (let n = 0; n < 5; n++) journal.append({ n });
      journal.rewrite([{ n: 4 }]);
      journal.append({ n: 5 });
      journal.close();

      assert.deepEqual(reopened(), [{ n: 4 }, { n: 5 }]);
      assert.equal(statSync(path).mode & 0o777, 0o600);
    });
  }

  it('holds an entry before append returns', () => {
    const journal = openJournal<Entry>(path);
    journal.append({ n: 7 });

    assert.equal(readFileSync(path, 'utf8'), '{"n":7}\n');
    journal.close();
  });

  it('keeps everything that was acknowledged before a kill -9', async () => {
    const module = new URL('../../../../local/data/journal/journal.ts', import.meta.url).href;
    const writer = `
      const { openJournal } = await import(${JSON.stringify(module)});
      const journal = openJournal(${JSON.stringify(path)});
      for (let n = 0; n < 100; n++) journal.append({ n });
      process.stdout.write('acknowledged');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', writer]);
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');

    assert.equal(reopened().length, 100);
  });

  for (const torn of ['{"n":', '{"n":3}', '\u0000\u0000']) {
    it(`drops the torn last line ${JSON.stringify(torn)} for good`, () => {
      const journal = openJournal<Entry>(path);
      journal.append({ n: 1 });
      journal.close();
      appendFileSync(path, torn);

      const again = openJournal<Entry>(path);
      again.append({ n: 2 });
      again.close();

      assert.deepEqual(again.entries, [{ n: 1 }]);
      assert.deepEqual(reopened(), [{ n: 1 }, { n: 2 }]);
    });
  }

  const corruptLines: [string, Buffer][] = [
    ['cut off', Buffer.from('{"n":2,"token":"fake-refresh-token-1\n')],
    ['empty', Buffer.from('\n')],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22, 0x0a])],
  ];
  for (const [what, bytes] of corruptLines) {
    for (const rest of ['', '{"n":3}\n']) {
      it(`refuses a whole line that is ${what}${rest ? ' in the middle' : ' at the end'}, without quoting it`, () => {
        openJournal<Entry>(path).close();
        const damaged = Buffer.concat([Buffer.from('{"n":1}\n'), bytes, Buffer.from(rest)]);
        writeFileSync(path, damaged);

        assert.throws(
          () => openJournal<Entry>(path),
          (error) => {
            assert.ok(error instanceof JournalCorruptError);
            assert.equal(error.code, 'journal-corrupt');
            assert.ok(error.message.startsWith(`${path}: line 2 is not valid JSON.`));
            assert.ok(!error.message.includes('fake-refresh-token-1'));
            return true;
          },
        );
        assert.deepEqual(readFileSync(path), damaged, 'the evidence is left as it is');
      });
    }
  }

  it('ignores what a crash during a rewrite left behind', () => {
    const journal = openJournal<Entry>(path);
    journal.append({ n: 1 });
    journal.close();
    writeFileSync(`${path}.new`, '{"n":9}\n{"n"');

    const again = openJournal<Entry>(path);
    assert.deepEqual(again.entries, [{ n: 1 }]);
    again.rewrite([{ n: 2 }]);
    again.close();

    assert.deepEqual(reopened(), [{ n: 2 }]);
  });

  it('refuses an append after it was closed', () => {
    const journal = openJournal<Entry>(path);
    journal.close();

    assert.throws(() => journal.append({ n: 1 }));
    assert.deepEqual(reopened(), []);
  });
});
