/** What the package `renova-cdk` exports. */
export type { ChatSettings, EnvironmentSettings, WebhookSettings } from '../shared/config/environments.ts';
export type { EnvironmentName } from '../shared/config/names.ts';
export { acknowledgeFindings } from './accepted-findings.ts';
export { Renova, type RenovaProps } from './renova.ts';
export { type ExistingVpc, type RenovaSettings, SettingsError } from './settings.ts';
