import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { ENVIRONMENTS } from '../../shared/config/names.ts';
import { timing } from '../../shared/config/timing.ts';
import { announcements } from '../../shared/credential/announcements.ts';
import type { CredentialRecord } from '../../shared/credential/credential.ts';
import type { RenovaEvent } from '../../shared/events/event-publisher.ts';
import { renderEvent } from '../../shared/events/render-event.ts';
import { testAlert } from '../../shared/events/test-alert.ts';
import { AT_MS, aRecord } from '../support/records.ts';
import { matching, type Route, routesOf, textOf } from './event-rules.ts';
import { resolve } from './resolve.ts';
import { resourcesOf, synthesize } from './synthesis.ts';

const failure = {
  sinceMs: AT_MS,
  lastAtMs: AT_MS,
  count: 3,
  outcome: 'not-sent',
  reason: 'ECONNREFUSED',
} as const;
/** Records that between them have every event told. */
const RECORDS: readonly CredentialRecord[] = [
  aRecord({ announced: { generation: 0 } }),
  aRecord({ failure }),
  aRecord({ state: 'paused' }),
  aRecord({ state: 'lapsed', lapse: { atMs: AT_MS, reason: 'grant-refused' } } as Partial<CredentialRecord>),
  aRecord({ failure: { ...failure, outcome: 'refused-client', reason: 'invalid_client' } }),
  aRecord({ reports: { latest: { generation: 1, atMs: AT_MS } } }),
  aRecord({ announced: { generation: 1, problem: { kind: 'failing', sinceMs: AT_MS } } }),
];

for (const env of ENVIRONMENTS) {
  describe(`the alerts of ${env}`, () => {
    const synthesis = synthesize(env, { settings: { alarmAddress: { email: 'on-call@bank.example' } } });
    after(() => synthesis[Symbol.dispose]());
    const { template } = synthesis;
    const routes = routesOf(template);
    const told = (environment: string) =>
      eventsOf(environment).map((event) => [event, matching(routes, event)] as const);

    it('tell people of all events but ordinary refreshes, each once', () => {
      const counts = told(env).map(([{ type }, matched]) => [type, matched.length]);
      assert.equal(new Set(counts.map(([type]) => type)).size, 8);
      for (const [type, count] of counts)
        assert.equal(count, type === 'Token Refreshed' ? 0 : 1, String(type));
    });

    it('leave the events of another environment to that one', () => {
      const other = env === 'prd' ? 'hml' : 'prd';
      for (const [{ type }, matched] of told(other)) assert.deepEqual(matched, [], type);
    });

    it('say which credential it is, why, and the command that mends it', () => {
      for (const [event, [route]] of told(env)) {
        if (!route) continue;
        const { credential, provider, explanation, remedy } = event.detail;
        const text = textOf(route, event);
        assert.ok(text.startsWith(`Renova ${env}: ${credential} (${provider}): ${event.type}\n`), text);
        assert.ok(text.includes(explanation), text);
        assert.ok(
          remedy === undefined ? text.includes('Nothing to do') : text.includes(`DO: ${remedy}`),
          text,
        );
      }
    });

    it('bring the code of a test alert to whoever reads them', () => {
      const event = testAlert(env, '042042', AT_MS);
      const [route, ...others] = matching(routes, event);
      assert.deepEqual(others, []);
      assert.match(textOf(route ?? assert.fail('no rule'), event), /^WHY: .*The code is 042042\.$/m);
    });

    it('say since when, and until when there is time', () => {
      const failing = told(env).find(([{ type }]) => type === 'Refresh Failing');
      const [event, [route]] = failing ?? assert.fail('no event');
      const { failing_since, expires_at, refresh_token_expires_at } = event.detail;
      const text = textOf(route as Route, event);
      assert.ok(text.includes(`Failing since: ${failing_since}\n`));
      assert.ok(text.includes(`Readers have a token until: ${expires_at}\n`));
      assert.ok(text.includes(`if it is not mended by: ${refresh_token_expires_at}\n`));
    });

    it('give no time for mending to what has lapsed: its chain is over', () => {
      const lapsed = told(env).find(([{ type }]) => type === 'Credential Lapsed');
      const [event, [route]] = lapsed ?? assert.fail('no event');
      const { at, expires_at, refresh_token_expires_at } = event.detail;
      assert.ok(refresh_token_expires_at);
      const text = textOf(route as Route, event);
      assert.ok(text.includes(`Readers have a token until: ${expires_at}\n`), text);
      assert.ok(text.includes(`Told at ${at}`), text);
      assert.ok(!text.includes(refresh_token_expires_at), text);
    });

    it('say how the commands in them are run', () => {
      for (const [event, [route]] of told(env)) {
        if (event.detail.remedy)
          assert.match(textOf(route as Route, event), /^Run renova as npx renova\. More:/m);
      }
    });

    it('are encrypted with a key that rules and alarms may use', () => {
      const [topic] = resourcesOf(template, 'AWS::SNS::Topic');
      const keyId = topic?.Properties.KmsMasterKeyId as { 'Fn::GetAtt': [string, string] };
      const key = template.Resources[keyId['Fn::GetAtt'][0]]?.Properties.KeyPolicy;
      for (const service of ['events', 'cloudwatch']) {
        assert.ok(JSON.stringify(key).includes(`{"Service":"${service}.amazonaws.com"}`), service);
      }
    });

    it('come from rules, and from alarms of this environment and account alone', () => {
      const [policy] = resourcesOf(template, 'AWS::SNS::TopicPolicy');
      const { Statement } = resolve(template, policy?.Properties.PolicyDocument) as {
        Statement: { Effect: string; Principal: unknown; Condition?: unknown }[];
      };
      const allowed = Statement.filter(({ Effect }) => Effect === 'Allow');
      assert.deepEqual(
        allowed.map(({ Principal, Condition }) => ({ Principal, Condition })),
        [
          {
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: {
              ArnLike: { 'aws:SourceArn': `arn:aws:cloudwatch:us-east-1:000000000000:alarm:renova-${env}-*` },
              StringEquals: { 'aws:SourceAccount': '000000000000' },
            },
          },
          { Principal: { Service: 'events.amazonaws.com' }, Condition: undefined },
        ],
      );
    });

    it('are put aside when the topic does not take them', () => {
      for (const { deadLetterQueue } of routes) {
        assert.equal(deadLetterQueue, `arn:aws:sqs:us-east-1:000000000000:renova-${env}-undelivered-alerts`);
      }
    });

    it('go to the address of the settings', () => {
      const [person, ...others] = resourcesOf(template, 'AWS::SNS::Subscription');
      assert.deepEqual(others, []);
      assert.equal(person?.Properties.Protocol, 'email');
      assert.equal(person?.Properties.Endpoint, 'on-call@bank.example');
    });
  });
}

function eventsOf(environment: string): RenovaEvent[] {
  const ofCredentials = RECORDS.flatMap((record) => {
    const nowMs = (record.pair?.refreshTokenExpiresAtMs ?? 0) - 1;
    return announcements(record, timing(1)).map((each) => renderEvent(environment, record, each, nowMs));
  });
  return [...ofCredentials, testAlert(environment, '042042', AT_MS)];
}
