import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { timing } from '../../shared/config/timing.ts';
import { type Operator, operatorOf } from '../integration/operator.ts';
import { type SandboxClient, sandboxClient } from '../integration/sandbox-client.ts';
import { testClientOptions } from '../support/aws-clients.ts';
import { startStackProcess } from '../support/stack-process.ts';

/** Quota windows of seconds: rotations need not wait for minutes. */
const SCALE = 10;

/** A running local stack and its clients. */
export interface RunningStack {
  readonly awsUrl: string;
  readonly apiUrl: string;
  readonly operator: Operator;
  readonly sandbox: SandboxClient;
  readonly secretsManager: SecretsManagerClient;
  readonly dayMs: number;
}

/** The local stack that sections share: it is started by the first that asks for it. */
export class BenchStack {
  readonly #cleanUps: (() => unknown)[] = [];
  #running: Promise<RunningStack> | undefined;

  running(): Promise<RunningStack> {
    this.#running ??= this.#start();
    return this.#running;
  }

  async stop(): Promise<void> {
    for (const cleanUp of this.#cleanUps.splice(0).toReversed()) await cleanUp();
    this.#running = undefined;
  }

  async #start(): Promise<RunningStack> {
    const t = { after: (cleanUp: () => unknown) => void this.#cleanUps.push(cleanUp) };
    const { awsUrl, apiUrl, providerUrl } = await startStackProcess(t, [
      '--env',
      'prd',
      '--scale',
      String(SCALE),
    ]);
    const secretsManager = new SecretsManagerClient(testClientOptions(awsUrl));
    t.after(() => secretsManager.destroy());
    const operator = operatorOf(t, 'prd', awsUrl);
    const sandbox = sandboxClient(providerUrl);
    return { awsUrl, apiUrl, operator, sandbox, secretsManager, dayMs: timing(SCALE).dayMs };
  }
}
