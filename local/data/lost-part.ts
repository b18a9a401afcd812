import { existsSync } from 'node:fs';
import { dataFolder } from './data-folder.ts';

/** A part of the state in the data folder that is gone while others are there. */
export type LostPart = 'tables' | 'secrets' | 'provider';

/** Which half of Renova's state is gone, so that what is left fits nothing; undefined: neither, or both. Pure. */
export function lostPart({
  secrets,
  hasTables,
}: {
  readonly secrets: number;
  readonly hasTables: boolean;
}): LostPart | undefined {
  if (secrets > 0 && !hasTables) return 'tables';
  return secrets === 0 && hasTables ? 'secrets' : undefined;
}

/** True: there are credentials of before, and nothing of the sandbox that gave them their tokens. */
export function isSandboxLost(data: string): boolean {
  const { dynamoDb, provider } = dataFolder(data);
  return existsSync(dynamoDb) && !existsSync(provider);
}
