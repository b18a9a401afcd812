import type { Remedy } from './command.ts';

/** What fixes that a token does not get into its secret for this reason; undefined: what fixes any other. */
export function publicationRemedy(id: string, reason: string | undefined): Remedy | undefined {
  if (reason !== 'token-too-large') return undefined;
  return {
    text: 'No secret can hold it: let its workloads read it from the read API, and publish it no more:',
    command: { name: 'update', id, flags: ['--publish', 'none'] },
  };
}
