import type { EnvironmentSettings } from '../shared/config/environments.ts';
import type { EnvironmentName } from '../shared/config/names.ts';
import type { Alarms } from './alarms.ts';
import type { Functions } from './functions.ts';
import type { HttpReadApi } from './http-api.ts';

/** What the dashboard shows. */
export interface DashboardProps {
  readonly env: EnvironmentName;
  readonly settings: EnvironmentSettings;
  readonly functions: Functions;
  readonly readApi: HttpReadApi;
  readonly alarms: Alarms;
}
