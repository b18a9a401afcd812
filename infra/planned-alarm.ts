import { Duration } from 'aws-cdk-lib';
import type { ComparisonOperator, IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { EnvironmentSettings } from '../shared/config/environments.ts';
import type { FunctionRole } from '../shared/config/functions.ts';
import type { EnvironmentName } from '../shared/config/names.ts';

/** One alarm, before there is a construct for it. */
export interface PlannedAlarm {
  /** Last part of its name; its section in docs/operations.md has this name. */
  readonly name: string;
  readonly metric: IMetric;
  readonly is: ComparisonOperator;
  readonly threshold: number;
  /** So many of the latest so many periods. */
  readonly periods: readonly [bad: number, of: number];
  /** No figure is a bad sign; everywhere else it says that nothing happened. */
  readonly isSilenceBad?: boolean;
  /** What it means and what to do, for whoever reads it at night. */
  readonly says: string;
}

/** What alarms are about. */
export interface AlarmPlanProps {
  readonly env: EnvironmentName;
  readonly settings: EnvironmentSettings;
  readonly functions: Readonly<Record<FunctionRole, IFunction>>;
  readonly queues: Readonly<Record<'ticks' | 'alerts', IQueue>>;
  /** Answers of the read API that are 5xx. */
  readonly failedReads: IMetric;
}

/** The period of what is looked at tick by tick. */
export const TICK = Duration.minutes(1);
/** The period of what may happen now and then. */
export const SOON = Duration.minutes(5);
