import { PLACES } from '../../../shared/refresh/tick/agenda.ts';

/** How long each service takes to answer, in milliseconds. */
export interface Latencies {
  readonly dynamoDb: number;
  readonly others: number;
  readonly provider: number;
  /** Of one provider of three. */
  readonly slowProvider: number;
}

export const LATENCIES: Latencies = { dynamoDb: 5, others: 60, provider: 200, slowProvider: 5000 };

/** Refreshes at a time: as many as a tick makes. */
export const ATTEMPTS = PLACES;
