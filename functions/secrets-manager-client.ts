import { SecretsManagerClient, type SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager';
import { errorName } from '../shared/table/store-failure.ts';

/**
 * A client whose retries are the SDK's standard ones, save that it does not wait for a secret that has too many
 * versions. By its name the SDK takes `LimitExceededException` for throttling and tries again for seconds; here
 * it is the version quota, which a second does not fix, and another lane has room (design: "Version quota").
 */
export function secretsManagerClient(settings: SecretsManagerClientConfig): SecretsManagerClient {
  const client = new SecretsManagerClient(settings);
  const standard = client.config.retryStrategy;
  client.config.retryStrategy = async () => exceptForQuotas(await standard());
  return client;
}

type RetryStrategy = Awaited<ReturnType<SecretsManagerClient['config']['retryStrategy']>>;

function exceptForQuotas(strategy: RetryStrategy): RetryStrategy {
  if (!('refreshRetryTokenForRetry' in strategy)) return strategy;
  return {
    acquireInitialRetryToken: (scope) => strategy.acquireInitialRetryToken(scope),
    async refreshRetryTokenForRetry(token, failure) {
      if (errorName(failure.error) === 'LimitExceededException') throw failure.error;
      return strategy.refreshRetryTokenForRetry(token, failure);
    },
    recordSuccess: (token) => strategy.recordSuccess(token),
  };
}
