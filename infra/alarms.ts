import { Alarm, AlarmRule, AlarmState, CompositeAlarm, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { EnvironmentSettings } from '../shared/config/environments.ts';
import type { EnvironmentName } from '../shared/config/names.ts';
import { planAlarms } from './alarm-plan.ts';
import type { Functions } from './functions.ts';
import type { HttpReadApi } from './http-api.ts';
import { type AlarmPlanProps, type PlannedAlarm, SOON } from './planned-alarm.ts';

export interface AlarmsProps {
  readonly env: EnvironmentName;
  readonly settings: EnvironmentSettings;
  readonly functions: Functions;
  readonly readApi: HttpReadApi;
  readonly queues: AlarmPlanProps['queues'];
  /** Told when an alarm goes off, and when it is over. */
  readonly topic: ITopic;
}

/** The alarms of alarm-plan.ts, each telling the topic by itself, and one that sums them up. */
export class Alarms extends Construct {
  readonly all: readonly Alarm[];
  /** In alarm while any other is: the one state that another system needs to know. It tells nobody itself. */
  readonly unwell: CompositeAlarm;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { env, settings, functions, readApi, queues, topic } = props;
    const tell = new SnsAction(topic);
    const failedReads = readApi.stage.metricServerError({ period: SOON, statistic: 'Sum' });
    const planned = planAlarms({ env, settings, functions: functions.byRole, queues, failedReads });
    this.all = planned.map((each) => {
      const alarm = this.#create(env, each);
      alarm.addAlarmAction(tell);
      alarm.addOkAction(tell);
      return alarm;
    });
    this.unwell = new CompositeAlarm(this, 'Unwell', {
      compositeAlarmName: `renova-${env}-unwell`,
      alarmDescription: `Something is wrong with Renova ${env}: see which of its alarms it is.`,
      alarmRule: AlarmRule.anyOf(...this.all.map((alarm) => AlarmRule.fromAlarm(alarm, AlarmState.ALARM))),
    });
  }

  #create(env: EnvironmentName, { name, metric, is, threshold, periods, isSilenceBad, says }: PlannedAlarm) {
    const [datapointsToAlarm, evaluationPeriods] = periods;
    return new Alarm(this, name, {
      alarmName: `renova-${env}-${name}`,
      alarmDescription: `${says} More: docs/operations.md, "${name}".`,
      metric,
      comparisonOperator: is,
      threshold,
      datapointsToAlarm,
      evaluationPeriods,
      treatMissingData: isSilenceBad ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
  }
}
