import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { READ_ROUTE, REFUSED_ROUTE } from '../../functions/http-messages.ts';
import { ENVIRONMENT_SETTINGS } from '../../shared/config/environments.ts';
import { FUNCTIONS, type FunctionRole } from '../../shared/config/functions.ts';
import { ENVIRONMENTS, names } from '../../shared/config/names.ts';
import { VERSION } from '../../shared/config/version.ts';
import { resolve } from './resolve.ts';
import { resourcesOf, synthesize } from './synthesis.ts';

for (const env of ENVIRONMENTS) {
  describe(`what the stack of ${env} runs`, () => {
    const synthesis = synthesize(env);
    after(() => synthesis[Symbol.dispose]());
    const { template, assertions } = synthesis;
    const settings = ENVIRONMENT_SETTINGS[env];
    const { credentialsTable, quotaTable, secretPrefix, ...functionNames } = names(env);
    const propertiesOf = (type: string) => resourcesOf(template, type).map(({ Properties }) => Properties);

    it('has three functions with the environment of the contract and the settings of shared/config', () => {
      const common = {
        RENOVA_ENV: env,
        RENOVA_CREDENTIALS_TABLE: credentialsTable,
        RENOVA_QUOTA_TABLE: quotaTable,
        RENOVA_SECRET_PREFIX: secretPrefix,
        RENOVA_EVENT_BUS: 'default',
        RENOVA_SCALE: '1',
      };
      const asked: Readonly<Record<FunctionRole, string | undefined>> = {
        refresh: undefined,
        read: `renova-${env}-refresh:readers`,
        admin: `renova-${env}-refresh`,
      };
      const functions = propertiesOf('AWS::Lambda::Function');
      assert.equal(functions.length, 3);
      for (const role of Object.keys(FUNCTIONS) as FunctionRole[]) {
        const name = functionNames[`${role}Function`];
        const properties = functions.find(({ FunctionName }) => FunctionName === name) ?? {};
        const asks = asked[role] && { RENOVA_REFRESH_FUNCTION: asked[role] };
        assert.deepEqual(resolve(template, properties.Environment), { Variables: { ...common, ...asks } });
        assert.equal(properties.Timeout, FUNCTIONS[role].timeoutSeconds);
        assert.equal(properties.MemorySize, FUNCTIONS[role].memoryMb);
        assert.equal(properties.Runtime, 'nodejs24.x');
        assert.deepEqual(properties.Architectures, ['arm64']);
        assert.equal(
          properties.ReservedConcurrentExecutions,
          (settings.reservedConcurrency as Record<FunctionRole, number>)[role],
        );
        assert.deepEqual(properties.TracingConfig, { Mode: 'Active' });
        assert.deepEqual(resolve(template, properties.LoggingConfig), {
          LogFormat: 'JSON',
          LogGroup: `/aws/lambda/${name}`,
        });
      }
    });

    it('keeps every log for as long as the environment says', () => {
      const groups = propertiesOf('AWS::Logs::LogGroup');
      assert.equal(groups.length, 4);
      for (const { RetentionInDays } of groups) assert.equal(RetentionInDays, settings.logRetentionDays);
    });

    it('ticks once a minute and retries nothing; what was not delivered is counted in an encrypted queue', () => {
      const [schedule, ...others] = propertiesOf('AWS::Scheduler::Schedule');
      assert.deepEqual(others, []);
      assert.equal(schedule?.ScheduleExpression, 'rate(1 minute)');
      assert.equal(schedule?.State, 'ENABLED');
      assert.deepEqual(schedule?.FlexibleTimeWindow, { Mode: 'OFF' });
      const { Arn, RetryPolicy, DeadLetterConfig, Input } = resolve(template, schedule?.Target) as Record<
        string,
        unknown
      >;
      assert.equal(Arn, `arn:aws:lambda:us-east-1:000000000000:function:${functionNames.refreshFunction}`);
      assert.deepEqual(RetryPolicy, { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 });
      assert.deepEqual(DeadLetterConfig, {
        Arn: `arn:aws:sqs:us-east-1:000000000000:renova-${env}-undelivered-ticks`,
      });
      // Without an input, the function gets the schedule's event, which has no `action`: a tick.
      assert.equal(Input, undefined);
      assertions.hasResourceProperties('AWS::SQS::Queue', { SqsManagedSseEnabled: true });
    });

    it('ticks by several schedules, each for its shard, where the setting says so', () => {
      const reservedConcurrency = { refresh: 60, read: 40, admin: 5 };
      using several = synthesize(env, { settings: { schedules: 3, reservedConcurrency } });
      const schedules = resourcesOf(several.template, 'AWS::Scheduler::Schedule');
      const parts = schedules.map(({ Properties }) => {
        const { Input } = resolve(several.template, Properties?.Target) as { readonly Input?: string };
        return [Properties?.Name, JSON.parse(Input ?? '')];
      });
      assert.deepEqual(parts, [
        [`renova-${env}-tick`, { shard: { index: 0, of: 3 } }],
        [`renova-${env}-tick-2`, { shard: { index: 1, of: 3 } }],
        [`renova-${env}-tick-3`, { shard: { index: 2, of: 3 } }],
      ]);
    });

    it('gives the refresh function the memory that the setting says, and the others theirs', () => {
      using larger = synthesize(env, { settings: { refreshMemoryMb: 1769 } });
      const memory = resourcesOf(larger.template, 'AWS::Lambda::Function').map(({ Properties }) => [
        Properties?.FunctionName,
        Properties?.MemorySize,
      ]);
      assert.deepEqual(Object.fromEntries(memory), {
        [`renova-${env}-refresh`]: 1769,
        [`renova-${env}-read`]: FUNCTIONS.read.memoryMb,
        [`renova-${env}-admin`]: FUNCTIONS.admin.memoryMb,
      });
    });

    it('has an alias for readers, of the latest version of the refresh function', () => {
      const [alias, ...others] = propertiesOf('AWS::Lambda::Alias');
      assert.deepEqual(others, []);
      assert.equal(resolve(template, alias?.FunctionName), functionNames.refreshFunction);
      assert.deepEqual([alias?.Name, alias?.FunctionVersion], ['readers', '$LATEST']);
    });

    it('retries no asynchronous run of any function, and drops it after a minute, by the alias too', () => {
      const asynchronous = propertiesOf('AWS::Lambda::EventInvokeConfig');
      const { refreshFunction, readFunction, adminFunction } = functionNames;
      assert.deepEqual(
        asynchronous
          .map(({ FunctionName, Qualifier }) =>
            [FunctionName, Qualifier].map((each) => resolve(template, each)).join(' '),
          )
          .sort(),
        [
          `${adminFunction} $LATEST`,
          `${readFunction} $LATEST`,
          `${refreshFunction} $LATEST`,
          `${refreshFunction} readers`,
        ],
      );
      for (const { MaximumRetryAttempts, MaximumEventAgeInSeconds } of asynchronous) {
        assert.deepEqual([MaximumRetryAttempts, MaximumEventAgeInSeconds], [0, 60]);
      }
    });

    it('serves the two routes of the read function over HTTP, signed', () => {
      const routes = propertiesOf('AWS::ApiGatewayV2::Route');
      assert.deepEqual(routes.map(({ RouteKey }) => RouteKey).sort(), [READ_ROUTE, REFUSED_ROUTE]);
      for (const { AuthorizationType } of routes) assert.equal(AuthorizationType, 'AWS_IAM');
      const [integration, ...others] = propertiesOf('AWS::ApiGatewayV2::Integration');
      assert.deepEqual(others, []);
      assert.equal(integration?.PayloadFormatVersion, '2.0');
      assert.match(
        JSON.stringify(resolve(template, integration?.IntegrationUri)),
        /:function:renova-[a-z]+-read"/,
      );
    });

    it('takes so many requests from readers as the environment says, and not what the whole account may', () => {
      const [stage] = propertiesOf('AWS::ApiGatewayV2::Stage');
      assert.deepEqual(stage?.DefaultRouteSettings, {
        ThrottlingBurstLimit: settings.readThrottle.burst,
        ThrottlingRateLimit: settings.readThrottle.perSecond,
      });
    });

    it('logs who asked for which credential, and no header', () => {
      const [stage] = propertiesOf('AWS::ApiGatewayV2::Stage');
      const { Format } = { ...stage }.AccessLogSettings as { Format: string };
      const { path, caller } = JSON.parse(Format) as Record<string, string>;
      assert.equal(path, '$context.path');
      assert.equal(caller, '$context.identity.userArn');
      assert.doesNotMatch(Format, /authoriz|header/i);
    });

    it('puts out its version, the address of the API, the names of the functions, and where alerts go', () => {
      const outputs = Object.entries(template.Outputs ?? {});
      const values = Object.fromEntries(outputs.map(([name, { Value }]) => [name, resolve(template, Value)]));
      assert.deepEqual(values, {
        Version: VERSION,
        ReadApiUrl: '<HttpReadApi12CC5C74.ApiEndpoint>',
        RefreshFunctionName: functionNames.refreshFunction,
        ReadFunctionName: functionNames.readFunction,
        AdminFunctionName: functionNames.adminFunction,
        AlertTopicArn: `arn:aws:sns:us-east-1:000000000000:renova-${env}-alerts`,
        UnwellAlarmArn: '<AlarmsUnwellF10BB23E.Arn>',
      });
    });
  });
}
