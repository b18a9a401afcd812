import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { EVENT_TYPES, EVENTS, MAILS } from '../../shared/config/events.ts';
import { ENVIRONMENTS } from '../../shared/config/names.ts';
import type { RenovaEvent } from '../../shared/events/event-publisher.ts';
import { testAlert } from '../../shared/events/test-alert.ts';
import { everyEvent } from '../support/every-event.ts';
import { AT_MS } from '../support/records.ts';
import { matching, type Route, routesOf, textOf } from './event-rules.ts';
import { resolve } from './resolve.ts';
import { resourcesOf, synthesize } from './synthesis.ts';

/** What the refresh function tells of a provider, as far as rules and mails look at it. */
const providerEvent = (environment: string, credentials: number): RenovaEvent => ({
  type: 'Provider Failing',
  detail: {
    environment,
    credential: '*',
    provider: 'bs2',
    generation: 0,
    at: new Date(AT_MS).toISOString(),
    credentials,
    explanation: 'Why.',
    ...(credentials > 0 && { remedy: 'What to do.', runbook: 'docs/operations.md#provider-failing' }),
  },
});
const eventsOf = (env: string): RenovaEvent[] => [
  ...everyEvent(env),
  ...[12, 0].map((n) => providerEvent(env, n)),
];

for (const env of ENVIRONMENTS) {
  describe(`the alerts of ${env}`, () => {
    const synthesis = synthesize(env, { settings: { alarmAddress: { email: 'on-call@bank.example' } } });
    after(() => synthesis[Symbol.dispose]());
    const { template } = synthesis;
    const routes = routesOf(template);
    const told = (environment: string) =>
      eventsOf(environment).map((event) => [event, matching(routes, event)] as const);

    it('tell people of every event that has a mail, each once, and of no other', () => {
      const all = told(env);
      assert.deepEqual(new Set(all.map(([{ type }]) => type)), new Set(EVENT_TYPES));
      for (const [{ type }, matched] of all) {
        assert.equal(matched.length, EVENTS[type].mails.length === 0 ? 0 : 1, type);
      }
      assert.equal(routes.length, Object.keys(MAILS).length);
    });

    it('leave no place of a mail empty', () => {
      for (const [event, [route]] of told(env)) {
        if (!route) continue;
        for (const line of textOf(route, event).split('\n'))
          assert.match(line, /[^: ]$/, `${event.type}: ${line}`);
      }
    });

    it('leave the events of another environment to that one', () => {
      const other = env === 'prd' ? 'hml' : 'prd';
      for (const [{ type }, matched] of told(other)) assert.deepEqual(matched, [], type);
    });

    it('say which credential it is, why, the command that fixes it, and where more is said', () => {
      for (const [event, [route]] of told(env)) {
        if (!route || event.type === 'Provider Failing') continue;
        const { credential, provider, explanation, remedy, runbook, outlook } = event.detail;
        const text = textOf(route, event);
        assert.ok(text.startsWith(`Renova ${env}: ${credential} (${provider}): ${event.type}\n`), text);
        assert.ok(text.includes(explanation), text);
        if (remedy === undefined) assert.ok(text.includes('Nothing to do'), text);
        else
          for (const said of [`DO: ${remedy}`, `TIME: ${outlook}`, `MORE: ${runbook}`])
            assert.ok(text.includes(said), text);
      }
    });

    it('say of a provider how many fail, and that it is over', () => {
      const textsOf = (credentials: number) => {
        const event = providerEvent(env, credentials);
        return matching(routes, event).map((route) => textOf(route, event));
      };
      const [failing = '', ...others] = textsOf(12);
      assert.deepEqual(others, []);
      assert.match(
        failing,
        /^Renova \w+: bs2: Provider Failing: 12 credentials\nWHY: Why\.\nDO: What to do\./,
      );
      assert.match(textsOf(0).join(), /^Renova \w+: bs2: Provider Failing is over\nWhy\.\nNothing to do\./);
    });

    it('bring the code of a test alert to whoever reads them', () => {
      const event = testAlert(env, '042042', AT_MS);
      const [route, ...others] = matching(routes, event);
      assert.deepEqual(others, []);
      assert.match(textOf(route ?? assert.fail('no rule'), event), /^WHY: .*The code is 042042\.$/m);
    });

    it('never name a package of the public registry that anybody could claim', () => {
      for (const [event, [route]] of told(env)) {
        if (!event.detail.remedy) continue;
        const text = textOf(route as Route, event);
        assert.doesNotMatch(text, /npx renova/);
        if (event.detail.command) assert.match(text, /npx --no-install renova /);
        assert.match(text, /is not it\.$/);
      }
    });

    it('are encrypted with a key that rules, and alarms of this account, may use', () => {
      const [topic] = resourcesOf(template, 'AWS::SNS::Topic');
      const keyId = topic?.Properties.KmsMasterKeyId as { 'Fn::GetAtt': [string, string] };
      const policy = template.Resources[keyId['Fn::GetAtt'][0]]?.Properties.KeyPolicy;
      const { Statement } = resolve(template, policy) as {
        Statement: { Sid: string; [part: string]: unknown }[];
      };
      const ofServices = Statement.filter(({ Sid }) => Sid !== 'Account');
      const Action = ['kms:Decrypt', 'kms:GenerateDataKey'];
      const allowed = { Effect: 'Allow', Action, Resource: '*' };
      assert.deepEqual(ofServices, [
        {
          ...allowed,
          Sid: 'Alarms',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': '000000000000' } },
        },
        // A condition here, or on the rules below, and no alert is delivered.
        { ...allowed, Sid: 'Rules', Principal: { Service: 'events.amazonaws.com' } },
      ]);
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
