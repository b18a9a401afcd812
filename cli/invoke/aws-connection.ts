import { Agent } from 'node:https';

/** As the AWS CLI: through the proxy that `HTTPS_PROXY` and `NO_PROXY` name, if there is one. For the SDK's `requestHandler`. */
export function throughProxy(variables: NodeJS.ProcessEnv = process.env): { readonly httpsAgent: Agent } {
  return { httpsAgent: new Agent({ keepAlive: true, proxyEnv: variables }) };
}
