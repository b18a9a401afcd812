import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  createParameterStore,
  type StoredVersion,
} from '../../../../local/aws/parameter-store/parameter-store.ts';
import { openJournal } from '../../../../local/data/journal/journal.ts';
import { ManualClock } from '../../../support/fakes/manual-clock.ts';

const NAME = '/renova/prd/acme/token';
const NEW = { Name: NAME, Value: 'fake-value-1', Type: 'SecureString' };

describe('the emulator of Parameter Store', () => {
  it('keeps versions, and shows a SecureString in clear only when asked to', () => {
    const { ok } = store();
    assert.deepEqual(ok('PutParameter', NEW), { Version: 1, Tier: 'Standard' });
    assert.deepEqual(ok('PutParameter', { Name: NAME, Value: 'fake-value-2', Overwrite: true }), {
      Version: 2,
      Tier: 'Standard',
    });

    const { Parameter } = ok('GetParameter', { Name: NAME, WithDecryption: true });
    assert.deepEqual(Parameter, {
      Name: NAME,
      Type: 'SecureString',
      Value: 'fake-value-2',
      Version: 2,
      LastModifiedDate: Date.UTC(2026, 0, 1) / 1000,
      ARN: `arn:aws:ssm:sa-east-1:000000000000:parameter${NAME}`,
      DataType: 'text',
    });
    assert.doesNotMatch(JSON.stringify(ok('GetParameter', { Name: NAME })), /fake-value/);
    const old = ok('GetParameter', { Name: `${NAME}:1`, WithDecryption: true });
    assert.deepEqual([old.Parameter.Value, old.Parameter.Selector], ['fake-value-1', ':1']);
    assert.equal(ok('GetParameter', { Name: Parameter.ARN, WithDecryption: true }).Parameter.Version, 2);
  });

  it('drops the oldest of more than 100 versions, whatever its age', () => {
    const { ok, code } = store();
    ok('PutParameter', NEW);
    for (let version = 2; version <= 101; version += 1) {
      ok('PutParameter', { Name: NAME, Value: `fake-value-${version}`, Overwrite: true });
    }
    assert.equal(code('GetParameter', { Name: `${NAME}:1` }), 'ParameterVersionNotFound');
    assert.equal(
      ok('GetParameter', { Name: `${NAME}:2`, WithDecryption: true }).Parameter.Value,
      'fake-value-2',
    );
  });

  it('keeps tags from version to version, changes them, and loses none by an overwrite', () => {
    const { ok, code } = store();
    const tagsOf = () =>
      Object.fromEntries(
        ok('ListTagsForResource', { ...resource }).TagList.map(({ Key, Value }: Record<string, string>) => [
          Key,
          Value,
        ]),
      );
    const resource = { ResourceType: 'Parameter', ResourceId: NAME };
    for (const operation of ['ListTagsForResource', 'AddTagsToResource', 'RemoveTagsFromResource']) {
      assert.equal(code(operation, { ...resource, Tags: [], TagKeys: [] }), 'InvalidResourceId');
    }
    ok('PutParameter', { ...NEW, Tags: [{ Key: 'owner', Value: 'a' }] });
    const Tags = ['owner', 'team'].map((Key) => ({ Key, Value: 'b' }));
    ok('AddTagsToResource', { ...resource, Tags });
    ok('PutParameter', { Name: NAME, Value: 'fake-value-2', Overwrite: true });
    assert.deepEqual(tagsOf(), { owner: 'b', team: 'b' });
    assert.equal(ok('GetParameter', { Name: NAME }).Parameter.Version, 2);
    ok('RemoveTagsFromResource', { ...resource, TagKeys: ['owner', 'none'] });
    assert.deepEqual(tagsOf(), { team: 'b' });
  });

  it('answers up to ten at once, and names those that are not there', () => {
    const { ok, code } = store();
    ok('PutParameter', NEW);
    const answer = ok('GetParameters', { Names: [NAME, '/other'], WithDecryption: true });
    assert.deepEqual(
      [answer.Parameters.map(({ Value }: { Value: string }) => Value), answer.InvalidParameters],
      [['fake-value-1'], ['/other']],
    );
    assert.equal(code('GetParameters', { Names: Array(11).fill(NAME) }), 'ValidationException');
  });

  it('deletes', () => {
    const { ok, code } = store();
    ok('PutParameter', NEW);
    assert.deepEqual(ok('DeleteParameter', { Name: NAME }), {});
    assert.equal(code('GetParameter', { Name: NAME }), 'ParameterNotFound');
    assert.equal(code('DeleteParameter', { Name: NAME }), 'ParameterNotFound');
    assert.equal(ok('PutParameter', NEW).Version, 1);
  });

  for (const [what, input, expected] of [
    ['an existing one without Overwrite', {}, 'ParameterAlreadyExists'],
    [
      'tags together with Overwrite',
      { Overwrite: true, Tags: [{ Key: 'a', Value: 'b' }] },
      'ValidationException',
    ],
    ['another type', { Overwrite: true, Type: 'String' }, 'HierarchyTypeMismatchException'],
    ['over 4 KB in the standard tier', { Overwrite: true, Value: 'x'.repeat(4097) }, 'ValidationException'],
    ['over 4 KB by bytes', { Overwrite: true, Value: 'é'.repeat(2049) }, 'ValidationException'],
    [
      'over 8 KB',
      { Overwrite: true, Tier: 'Intelligent-Tiering', Value: 'x'.repeat(8193) },
      'ValidationException',
    ],
    ['an empty value', { Overwrite: true, Value: '' }, 'ValidationException'],
    ['nested parameters', { Overwrite: true, Value: '{{ssm:x}}' }, 'ValidationException'],
    ['a new one without a type', { Name: '/new', Type: undefined }, 'ValidationException'],
    ['a name of the service', { Name: '/aws/x' }, 'ValidationException'],
    ['a path without its first slash', { Name: 'renova/prd' }, 'ValidationException'],
    ['a blank in the name', { Name: '/a b' }, 'ValidationException'],
    [
      'an ARN as a name',
      { Name: `arn:aws:ssm:sa-east-1:000000000000:parameter${NAME}` },
      'ValidationException',
    ],
    ['16 levels', { Name: '/a'.repeat(16) }, 'HierarchyLevelLimitExceededException'],
  ] as const) {
    it(`refuses ${what}`, () => {
      const { ok, code } = store();
      ok('PutParameter', NEW);
      assert.equal(code('PutParameter', { ...NEW, ...input }), expected);
      assert.equal(ok('GetParameter', { Name: NAME }).Parameter.Version, 1);
    });
  }

  it('makes a parameter advanced when its value needs it, and never standard again', () => {
    const { ok, code } = store();
    ok('PutParameter', { ...NEW, Tier: 'Intelligent-Tiering' });
    const put = (Value: string, Tier: string) => ({ Name: NAME, Overwrite: true, Value, Tier });
    assert.equal(ok('PutParameter', put('x'.repeat(4096), 'Intelligent-Tiering')).Tier, 'Standard');
    assert.equal(ok('PutParameter', put('x'.repeat(8192), 'Intelligent-Tiering')).Tier, 'Advanced');
    assert.equal(ok('PutParameter', put('x', 'Intelligent-Tiering')).Tier, 'Advanced');
    assert.equal(code('PutParameter', put('x', 'Standard')), 'ValidationException');
  });

  it('takes three writes a second, as an account without higher throughput', async () => {
    const clock = new ManualClock(Date.UTC(2026, 0, 1));
    const parameters = createParameterStore({ clock });
    const put = (number: number) =>
      parameters.handle('PutParameter', { ...NEW, Name: `/p${number}` }, 'sa-east-1');
    assert.deepEqual(
      [1, 2, 3, 4].map((number) => put(number).status),
      [200, 200, 200, 400],
    );
    assert.match(JSON.stringify(put(4).body), /ThrottlingException/);
    await clock.advance(1000);
    assert.equal(put(4).status, 200);
  });

  it('remembers what it promised', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'renova-parameters-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 'parameters.jsonl');
    const first = openJournal<StoredVersion>(path);
    const before = store(first);
    before.ok('PutParameter', NEW);
    before.ok('PutParameter', { ...NEW, Value: 'fake-value-2', Overwrite: true });
    before.ok('PutParameter', { ...NEW, Name: '/gone' });
    before.ok('DeleteParameter', { Name: '/gone' });
    first.close();

    const second = openJournal<StoredVersion>(path);
    t.after(() => second.close());
    const after = store(second);
    assert.equal(
      after.ok('GetParameter', { Name: NAME, WithDecryption: true }).Parameter.Value,
      'fake-value-2',
    );
    assert.equal(after.ok('GetParameter', { Name: `${NAME}:1` }).Parameter.Version, 1);
    assert.equal(after.code('GetParameter', { Name: '/gone' }), 'ParameterNotFound');
  });

  it('describes parameters, in pages and by a filter of their name, without a value', () => {
    const { ok, code } = store();
    for (const name of ['/a/one', '/a/two', '/b/one']) {
      ok('PutParameter', { ...NEW, Name: name, Description: `of ${name}` });
    }
    const named = (Key: string, Values: string[], Option?: string) =>
      ok('DescribeParameters', { ParameterFilters: [{ Key, Values, Option }] }).Parameters.map(
        ({ Name }: { Name: string }) => Name,
      );
    assert.deepEqual(named('Name', ['/a/two']), ['/a/two']);
    assert.deepEqual(named('Name', ['/a/'], 'BeginsWith'), ['/a/one', '/a/two']);
    assert.deepEqual(named('Name', ['one', 'two'], 'Contains'), ['/a/one', '/a/two', '/b/one']);
    const filters = [{ Key: 'KeyId', Values: ['x'] }];
    assert.equal(code('DescribeParameters', { ParameterFilters: filters }), 'ValidationException');

    const first = ok('DescribeParameters', { MaxResults: 2 });
    const rest = ok('DescribeParameters', { MaxResults: 2, NextToken: first.NextToken });
    assert.deepEqual([first.Parameters.length, rest.NextToken], [2, undefined]);
    assert.deepEqual(rest.Parameters[0], {
      Name: '/b/one',
      ARN: 'arn:aws:ssm:sa-east-1:000000000000:parameter/b/one',
      Type: 'SecureString',
      KeyId: 'alias/aws/ssm',
      LastModifiedDate: Date.UTC(2026, 0, 1) / 1000,
      Description: 'of /b/one',
      Version: 1,
      Tier: 'Standard',
      Policies: [],
      DataType: 'text',
    });
  });

  it('names the operations that it has', () => {
    assert.equal(store().code('GetParameterHistory', {}), 'UnknownOperationException');
  });
});

// biome-ignore lint/suspicious/noExplicitAny: answers of the wire, which each test knows.
type Body = any;

function store(journal?: ReturnType<typeof openJournal<StoredVersion>>) {
  const wall = new ManualClock(Date.UTC(2026, 0, 1));
  const parameters = createParameterStore({
    clock: { nowMs: () => wall.nowMs(), monotonicMs: slow(), sleep: (ms) => wall.sleep(ms) },
    journal,
  });
  const handle = (operation: string, input: object) => parameters.handle(operation, input, 'sa-east-1');
  return {
    ok(operation: string, input: object): Body {
      const { status, body } = handle(operation, input);
      assert.equal(status, 200, JSON.stringify(body));
      return body;
    },
    code(operation: string, input: object): string {
      const { status, body } = handle(operation, input);
      assert.equal(status, 400);
      return (body as Body).__type;
    },
  };
}

/** A second passes between two requests. */
function slow(): () => number {
  let nowMs = 0;
  return () => {
    nowMs += 1000;
    return nowMs;
  };
}
