import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { Clock } from '../../../shared/clock/clock.ts';
import type { Journal } from '../../data/journal/journal.ts';
import { ServiceError } from '../secrets-manager/errors.ts';
import { listOf, nextToken, oneOf, text, wholeNumber } from '../secrets-manager/fields.ts';
import { pageOf } from '../secrets-manager/paging.ts';
import { type RateLimit, rateLimiter } from '../secrets-manager/rate-limit.ts';
import { parseRequest } from '../secrets-manager/request.ts';
import { invalid, ParameterError } from './errors.ts';
import { openParameterIndex, type ParameterIndex, type StoredVersion } from './parameter-index.ts';
import { arnOf, assertNewName, parseReference } from './parameter-name.ts';

export type { StoredVersion } from './parameter-index.ts';

/** AWS Systems Manager Parameter Store in the process: what a published token needs of it. */
export interface ParameterStore {
  /**
   * Answers one request: `operation` is what follows `AmazonSSM.` in `X-Amz-Target`, `input` the parsed JSON body. All
   * regions share their parameters. A change is in the journal before this returns. Throws only for a defect.
   */
  handle(
    operation: string,
    input: unknown,
    region: string,
  ): { readonly status: number; readonly body: object };
}

interface ParameterStoreOptions {
  readonly clock: Clock;
  /** Where parameters outlive the process; without one they do not. */
  readonly journal?: Journal<StoredVersion> | undefined;
}

/**
 * Requests a second, for each region, at standard throughput. That of reads is documented; that of writes AWS names to
 * those who ask, as 3.
 * @see https://docs.aws.amazon.com/general/latest/gr/ssm.html#limits_ssm
 */
const LIMITS: readonly RateLimit[] = [
  { perSecond: 40, operations: ['GetParameter', 'GetParameters'] },
  { perSecond: 3, operations: ['PutParameter'] },
];
const MOST_PARAMETERS = 10_000;
const LONGEST = { Standard: 4096, Advanced: 8192 } as const;

/** Starts the emulator on what the journal remembers. */
export function createParameterStore({ clock, journal }: ParameterStoreOptions): ParameterStore {
  const parameters = openParameterIndex(journal);
  const admit = rateLimiter(clock, LIMITS);
  return {
    handle(name, input, region) {
      try {
        const operation = OPERATIONS.get(name);
        if (!operation) {
          const available = [...OPERATIONS.keys()].join(', ');
          throw new ParameterError(
            'UnknownOperationException',
            `No such operation here. Available: ${available}.`,
          );
        }
        admit(name, region);
        return { status: 200, body: operation({ parameters, nowMs: clock.nowMs(), region }, input) };
      } catch (error) {
        if (!(error instanceof ParameterError || error instanceof ServiceError)) throw error;
        return { status: error.status, body: { __type: error.code, message: error.message } };
      }
    },
  };
}

interface Context {
  readonly parameters: ParameterIndex;
  readonly nowMs: number;
  readonly region: string;
}

type Operation = (context: Context, input: unknown) => object;

function defineOperation<Schema extends v.GenericSchema>(
  schema: Schema,
  run: (context: Context, request: v.InferOutput<Schema>) => object,
): Operation {
  return (context, input) => run(context, parseRequest(schema, input));
}

const name = text(1, 2048);

const putParameter = defineOperation(
  v.object({
    Name: name,
    Value: text(1, Number.MAX_SAFE_INTEGER),
    Description: v.optional(text(0, 1024)),
    Type: v.optional(oneOf(['String', 'StringList', 'SecureString'])),
    KeyId: v.optional(text(1, 256)),
    Overwrite: v.optional(v.boolean(), false),
    Tags: v.optional(listOf(v.object({ Key: text(1, 128), Value: text(0, 256) }), 0, 1000)),
    Tier: v.optional(oneOf(['Standard', 'Advanced', 'Intelligent-Tiering']), 'Standard'),
  }),
  ({ parameters, nowMs, region }, request) => {
    const { Name, Value, Overwrite, Tags } = request;
    assertNewName(Name, region);
    const before = parameters.latest(Name);
    if (Overwrite && Tags?.length) {
      throw invalid(
        "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
      );
    }
    if (before && !Overwrite) {
      throw new ParameterError(
        'ParameterAlreadyExists',
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      );
    }
    const type = request.Type ?? before?.type;
    if (!type) throw invalid('A parameter type is required when you create a parameter.');
    if (before && before.type !== type) {
      throw new ParameterError(
        'HierarchyTypeMismatchException',
        "Parameter Store doesn't support changing a parameter type in a hierarchy.",
      );
    }
    if (/\{\{.*\}\}/s.test(Value)) {
      throw invalid('Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.');
    }
    const tier = tierOf(request.Tier, Value, before?.tier);
    if (!before && parameters.size >= MOST_PARAMETERS) {
      throw new ParameterError('ParameterLimitExceeded', 'The account has 10,000 parameters in this region.');
    }
    const version = (before?.version ?? 0) + 1;
    const keyId = request.KeyId ?? (type === 'SecureString' ? 'alias/aws/ssm' : undefined);
    const description = request.Description ?? before?.description;
    const tags = before?.tags ?? withTags({}, Tags ?? []);
    const stored = { name: Name, version, type, value: Value, tier, keyId, description, tags };
    parameters.add({ ...stored, modifiedAtMs: nowMs });
    return { Version: version, Tier: tier };
  },
);

/** The tier of a new version; a parameter that was advanced stays so. */
function tierOf(
  asked: 'Standard' | 'Advanced' | 'Intelligent-Tiering',
  value: string,
  before: StoredVersion['tier'] | undefined,
): StoredVersion['tier'] {
  if (asked === 'Standard' && before === 'Advanced') {
    throw invalid(
      "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter.",
    );
  }
  const bytes = Buffer.byteLength(value);
  const needed = bytes > LONGEST.Standard ? 'Advanced' : 'Standard';
  const tier = asked === 'Intelligent-Tiering' ? (before === 'Advanced' ? before : needed) : asked;
  if (bytes <= LONGEST[tier]) return tier;
  throw invalid(
    tier === 'Standard'
      ? 'Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.'
      : 'Advanced tier parameters support a maximum parameter value of 8192 characters.',
  );
}

const getParameter = defineOperation(
  v.object({ Name: name, WithDecryption: v.optional(v.boolean(), false) }),
  (context, { Name, WithDecryption }) => {
    const { found, selector } = find(context, Name);
    if (found) return { Parameter: shown(context, found, WithDecryption, selector) };
    const isKnown = parseReference(Name).names.some((each) => context.parameters.latest(each));
    if (isKnown) {
      throw new ParameterError(
        'ParameterVersionNotFound',
        'Systems Manager could not find the version of the parameter.',
      );
    }
    throw new ParameterError('ParameterNotFound');
  },
);

const getParameters = defineOperation(
  v.object({ Names: listOf(name, 1, 10), WithDecryption: v.optional(v.boolean(), false) }),
  (context, { Names, WithDecryption }) => {
    const answers = [...new Set(Names)].map((reference) => ({ reference, ...find(context, reference) }));
    return {
      Parameters: answers.flatMap(({ found, selector }) =>
        found ? [shown(context, found, WithDecryption, selector)] : [],
      ),
      InvalidParameters: answers.filter(({ found }) => !found).map(({ reference }) => reference),
    };
  },
);

/** The filters that tools use to find a parameter by its name. */
const nameFilter = v.object({
  Key: oneOf(['Name']),
  Option: v.optional(oneOf(['Equals', 'BeginsWith', 'Contains']), 'Equals'),
  Values: listOf(text(1, 1024), 1, 50),
});

const describeParameters = defineOperation(
  v.object({
    ParameterFilters: v.optional(listOf(nameFilter, 0, 1), []),
    MaxResults: v.optional(wholeNumber(1, 50), 10),
    NextToken: v.optional(nextToken),
  }),
  ({ parameters, region }, { ParameterFilters, MaxResults, NextToken }) => {
    const isMeant = ({ name }: StoredVersion) =>
      ParameterFilters.every(({ Option, Values }) => Values.some((value) => MATCHES[Option](name, value)));
    const asked = { maxResults: MaxResults, nextToken: NextToken, list: 'DescribeParameters' };
    const { page, nextToken: following } = pageOf(
      parameters.all().filter(isMeant),
      ({ name }) => ['', name],
      asked,
    );
    const Parameters = page.map((stored) => ({
      Name: stored.name,
      ARN: arnOf(stored.name, region),
      Type: stored.type,
      KeyId: stored.keyId,
      LastModifiedDate: stored.modifiedAtMs / 1000,
      Description: stored.description,
      Version: stored.version,
      Tier: stored.tier,
      Policies: [],
      DataType: 'text',
    }));
    return { Parameters, NextToken: following };
  },
);

const MATCHES = {
  Equals: (name: string, value: string) => name === value,
  BeginsWith: (name: string, value: string) => name.startsWith(value),
  Contains: (name: string, value: string) => name.includes(value),
} as const;

const deleteParameter = defineOperation(v.object({ Name: name }), ({ parameters }, { Name }) => {
  if (!parameters.latest(Name)) throw new ParameterError('ParameterNotFound');
  parameters.remove(Name);
  return {};
});

const tag = v.object({ Key: text(1, 128), Value: text(0, 256) });
const resource = { ResourceType: oneOf(['Parameter']), ResourceId: name };

const addTags = defineOperation(
  v.object({ ...resource, Tags: listOf(tag, 0, 1000) }),
  ({ parameters }, { ResourceId, Tags }) => {
    const found = taggable(parameters, ResourceId);
    parameters.add({ ...found, tags: withTags(found.tags, Tags) });
    return {};
  },
);

const removeTags = defineOperation(
  v.object({ ...resource, TagKeys: listOf(text(1, 128), 0, 1000) }),
  ({ parameters }, { ResourceId, TagKeys }) => {
    const found = taggable(parameters, ResourceId);
    const kept = Object.entries(found.tags ?? {}).filter(([key]) => !TagKeys.includes(key));
    parameters.add({ ...found, tags: Object.fromEntries(kept) });
    return {};
  },
);

const listTags = defineOperation(v.object(resource), ({ parameters }, { ResourceId }) => ({
  TagList: Object.entries(taggable(parameters, ResourceId).tags ?? {}).map(([Key, Value]) => ({
    Key,
    Value,
  })),
}));

function taggable(parameters: ParameterIndex, name: string): StoredVersion {
  const found = parameters.latest(name);
  if (found) return found;
  throw new ParameterError(
    'InvalidResourceId',
    'The resource ID is not valid. Verify that you entered the correct ID and try again.',
  );
}

const MOST_TAGS = 50;

function withTags(
  tags: StoredVersion['tags'],
  added: readonly { readonly Key: string; readonly Value: string }[],
): NonNullable<StoredVersion['tags']> {
  const merged = { ...tags, ...Object.fromEntries(added.map(({ Key, Value }) => [Key, Value])) };
  if (Object.keys(merged).length <= MOST_TAGS) return merged;
  throw new ParameterError('TooManyTagsError', `A parameter can have ${MOST_TAGS} tags.`);
}

function find({ parameters }: Context, reference: string) {
  const { names, selector } = parseReference(reference);
  const versions = names.map((each) =>
    selector === undefined ? parameters.latest(each) : parameters.version(each, Number(selector)),
  );
  return { found: versions.find((version) => version !== undefined), selector };
}

/** A SecureString that nobody asked to decrypt is shown as something that it is not. */
function shown(
  { region }: Context,
  stored: StoredVersion,
  withDecryption: boolean,
  selector?: string,
): object {
  const isEncrypted = stored.type === 'SecureString' && !withDecryption;
  const value = isEncrypted ? createHash('sha512').update(stored.value).digest('base64') : stored.value;
  return {
    Name: stored.name,
    Type: stored.type,
    Value: value,
    Version: stored.version,
    ...(selector === undefined ? {} : { Selector: `:${selector}` }),
    LastModifiedDate: stored.modifiedAtMs / 1000,
    ARN: arnOf(stored.name, region),
    DataType: 'text',
  };
}

const OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ['AddTagsToResource', addTags],
  ['DeleteParameter', deleteParameter],
  ['DescribeParameters', describeParameters],
  ['GetParameter', getParameter],
  ['GetParameters', getParameters],
  ['ListTagsForResource', listTags],
  ['PutParameter', putParameter],
  ['RemoveTagsFromResource', removeTags],
]);
