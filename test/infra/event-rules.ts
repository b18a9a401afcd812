import type { RenovaEvent } from '../../shared/events/event-publisher.ts';
import { type ResolvableTemplate, resolve } from './resolve.ts';
import { resourcesOf } from './synthesis.ts';

/** A rule of the default bus, with what it makes of an event for its one target. */
export interface Route {
  readonly pattern: {
    readonly source: readonly string[];
    readonly 'detail-type': readonly string[];
    readonly detail: {
      readonly environment: readonly string[];
      readonly credentials?: readonly [{ readonly numeric: readonly [sign: string, than: number] }];
    };
  };
  readonly paths: Readonly<Record<string, string>>;
  readonly template: string;
  readonly deadLetterQueue: string;
}

/** Every rule of the stack. */
export function routesOf(template: ResolvableTemplate): Route[] {
  return resourcesOf(template, 'AWS::Events::Rule').map(({ Properties }) => {
    const [target] = resolve(template, Properties.Targets) as [
      {
        InputTransformer: { InputPathsMap: Record<string, string>; InputTemplate: string };
        DeadLetterConfig: { Arn: string };
      },
    ];
    return {
      pattern: Properties.EventPattern as Route['pattern'],
      paths: target.InputTransformer.InputPathsMap,
      template: target.InputTransformer.InputTemplate,
      deadLetterQueue: target.DeadLetterConfig.Arn,
    };
  });
}

/** The rules that an event of Renova's meets. */
export function matching(routes: readonly Route[], { type, detail }: RenovaEvent): Route[] {
  return routes.filter(
    ({ pattern }) =>
      pattern.source.includes('renova') &&
      pattern['detail-type'].includes(type) &&
      pattern.detail.environment.includes(detail.environment) &&
      isCounted(pattern.detail.credentials?.[0].numeric, detail.credentials),
  );
}

function isCounted(numeric: readonly [sign: string, than: number] | undefined, count: unknown): boolean {
  if (!numeric) return true;
  const [sign, than] = numeric;
  if (typeof count !== 'number') return false;
  return sign === '>' ? count > than : count === than;
}

/**
 * What the target gets, without the quotation timestamps that EventBridge leaves around each line: every line of the
 * template is a JSON string, and what an event does not have leaves nothing.
 */
export function textOf({ paths, template }: Route, { type, detail }: RenovaEvent): string {
  const event = { 'detail-type': type, detail } as Record<string, unknown>;
  const valueAt = (path: string) =>
    path
      .replace(/^\$\./, '')
      .split('.')
      .reduce<unknown>((value, member) => (value as Record<string, unknown>)?.[member], event);
  return template
    .split('\n')
    .map((line) => String(JSON.parse(line)))
    .join('\n')
    .replaceAll(/<([\w-]+)>/g, (_, name: string) => String(valueAt(paths[name] ?? '') ?? ''));
}
