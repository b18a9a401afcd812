import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { EnvironmentName } from '../shared/config/names.ts';
import type { OwnKeys } from './own-keys.ts';
import type { RenovaSettings } from './settings.ts';

export interface HttpReadApiProps {
  readonly env: EnvironmentName;
  readonly settings: RenovaSettings;
  readonly read: IFunction;
  readonly keys: OwnKeys;
}

/** The HTTP API that serves tokens. Every request is signed, and IAM decides by its path, one a credential. */
export class HttpReadApi extends Construct {
  /** Base URL, without a slash at its end. */
  readonly url: string;
  /** The one stage. */
  readonly stage: HttpStage;
  readonly #api: HttpApi;

  constructor(scope: Construct, id: string, { env, settings, read, keys }: HttpReadApiProps) {
    super(scope, id);
    const api = new HttpApi(this, 'Api', {
      apiName: `renova-${env}`,
      description: `Current tokens of Renova ${env}`,
      defaultAuthorizer: new HttpIamAuthorizer(),
      createDefaultStage: false,
    });
    const integration = new HttpLambdaIntegration('Read', read);
    api.addRoutes({ path: '/tokens/{credential}', methods: [HttpMethod.GET], integration });
    api.addRoutes({ path: '/tokens/{credential}/refused', methods: [HttpMethod.POST], integration });

    const accessLog = new LogGroup(this, 'AccessLog', {
      // Under this prefix, deliveries need no resource policy of their own, whose size is limited.
      logGroupName: `/aws/vendedlogs/renova-${env}-read-api`,
      retention: settings.logRetentionDays,
      encryptionKey: keys.logs,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      // Without it, all APIs of the account share its limit, and one reader could take it all.
      throttle: { rateLimit: settings.readThrottle.perSecond, burstLimit: settings.readThrottle.burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLog),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_FIELDS)),
      },
    });
    this.url = api.apiEndpoint;
    this.#api = api;
  }

  /** The ARN that IAM is asked about for a request of this method and path. */
  arnOf(method: 'GET' | 'POST', path: `/${string}`): string {
    return Stack.of(this).formatArn({
      service: 'execute-api',
      resource: this.#api.apiId,
      resourceName: `$default/${method}${path}`,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
  }
}

/** Who asked for which credential, and what came of it. No header and no body is ever among them. */
const ACCESS_LOG_FIELDS = {
  requestId: '$context.requestId',
  time: '$context.requestTime',
  routeKey: '$context.routeKey',
  path: '$context.path',
  status: '$context.status',
  caller: '$context.identity.userArn',
  sourceIp: '$context.identity.sourceIp',
  latencyMs: '$context.responseLatency',
  integrationLatencyMs: '$context.integrationLatency',
  integrationStatus: '$context.integrationStatus',
};
