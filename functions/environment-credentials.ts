import { awsCredentials } from './environment.ts';

/**
 * Stands for the SDK's chain of credential providers (`@aws-sdk/credential-provider-node`) in the functions' bundles:
 * Lambda gives a function its role's credentials in the environment, and being able to look elsewhere (files, SSO,
 * instance metadata) is two fifths of the SDK's code.
 */
export const defaultProvider = () => async () => awsCredentials();
