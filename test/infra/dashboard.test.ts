import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { METRICS } from '../../shared/config/metrics.ts';
import { ENVIRONMENTS } from '../../shared/config/names.ts';
import { timing } from '../../shared/config/timing.ts';
import { credentialStatus } from '../../shared/telemetry/credential-status.ts';
import { AT_MS, aRecord } from '../support/records.ts';
import { resolve } from './resolve.ts';
import { resourcesOf, synthesize } from './synthesis.ts';

interface Widget {
  readonly type: string;
  readonly properties: { readonly title?: string; readonly metrics?: readonly unknown[][] };
}

for (const env of ENVIRONMENTS) {
  describe(`the dashboard of ${env}`, () => {
    const synthesis = synthesize(env);
    after(() => synthesis[Symbol.dispose]());
    const { template } = synthesis;
    const [dashboard] = resourcesOf(template, 'AWS::CloudWatch::Dashboard');
    const body = String(resolve(template, dashboard?.Properties.DashboardBody));
    const { widgets } = JSON.parse(body) as { widgets: Widget[] };
    const shown = (title: RegExp) =>
      JSON.stringify(widgets.find(({ properties }) => title.test(properties.title ?? '')) ?? assert.fail());

    it('tells at one look: alarms, credentials by state, time to lapse, quota, failures', () => {
      assert.equal(widgets[0]?.type, 'alarm');
      for (const state of ['Active', 'Failing', 'Lapsed', 'Paused']) {
        assert.ok(shown(/by state/).includes(`"${state}Credentials"`), state);
      }
      for (const name of ['ChainLifeLeft', 'HoursToLapse']) {
        assert.ok(shown(/left of the chain/).includes(`"${name}"`), name);
      }
      assert.ok(shown(/Requests a minute/).includes('"expression":"used0 * 10 / 100"'));
      for (const name of Object.keys(METRICS).filter((each) => /^Refreshes(?!Succeeded)/.test(each))) {
        assert.ok(shown(/failed/).includes(`"${name}"`), name);
      }
      assert.ok(shown(/failed/).includes('"StoreFailures"'));
      assert.ok(shown(/Errors and throttles/).includes('"AWS/ApiGateway","5xx"'));
    });

    it('tells the age of every credential, from the lines that a inventory logs', () => {
      const { properties } = JSON.parse(shown(/^Every credential/));
      assert.ok(
        properties.query.startsWith(
          `SOURCE '/aws/lambda/renova-${env}-refresh' | filter message = "credential"`,
        ),
      );
      const found = credentialStatus(aRecord({ failure: undefined }), AT_MS, timing(1)) ?? assert.fail();
      const [, ...read] = [...String(properties.query).matchAll(/latest\((\w+)\)|by (\w+)/g)].map(
        ([, a, b]) => a ?? b,
      );
      for (const field of read) assert.ok(Object.hasOwn(found, String(field)), field);
    });

    it('shows metrics that Renova reports, of this environment', () => {
      const names = [...body.matchAll(/\["Renova","(\w+)","environment","(\w+)"/g)];
      assert.ok(names.length > 10);
      for (const [, name = '', environment] of names) {
        assert.ok(Object.hasOwn(METRICS, name), name);
        assert.equal(environment, env);
      }
    });
  });
}
