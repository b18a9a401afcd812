import { CURRENT_VERSION_FLAG_DEFAULTS, CURRENTLY_RECOMMENDED_FLAGS } from 'aws-cdk-lib/cx-api';

/**
 * Every feature flag of the CDK as it is where nobody sets it, which is what the tests of the templates see. Set, so that
 * each synthesis does not say that they are not.
 */
export const FEATURE_FLAGS: Readonly<Record<string, unknown>> = Object.fromEntries(
  Object.keys(CURRENTLY_RECOMMENDED_FLAGS).map((flag) => [
    flag,
    CURRENT_VERSION_FLAG_DEFAULTS[flag] ?? false,
  ]),
);
