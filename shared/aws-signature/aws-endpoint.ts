export interface EndpointChoice {
  readonly region: string;
  readonly useFips?: boolean;
  readonly useDualStack?: boolean;
}

/**
 * The base URL of a service, by the rules that the SDK's own clients follow. `service` is its name in hosts, such as
 * `lambda`.
 * @see https://docs.aws.amazon.com/general/latest/gr/rande.html
 */
export function awsEndpoint(service: string, { region, useFips, useDualStack }: EndpointChoice): string {
  const partition = PARTITIONS.find(({ regions }) => regions.test(region)) ?? STANDARD;
  const isDualStack = useDualStack && !hasOneDomain(service, partition, useFips);
  // What DynamoDB has in GovCloud is all FIPS.
  const isPlain = service === 'dynamodb' && /^us-gov-/.test(region) && !isDualStack;
  const host = `${service}${useFips && !isPlain ? '-fips' : ''}.${region}`;
  return `https://${host}.${isDualStack ? partition.dualStackDomain : partition.domain}`;
}

/** Where one host of Secrets Manager serves both IPv4 and IPv6. */
function hasOneDomain(service: string, { domain }: Pick<Partition, 'domain'>, useFips = false): boolean {
  if (service !== 'secretsmanager') return false;
  return domain === STANDARD.domain || (domain === 'amazonaws.com.cn' && !useFips);
}

interface Partition {
  readonly regions: RegExp;
  readonly domain: string;
  readonly dualStackDomain: string;
}

/** Also for regions that are younger than this table. */
const STANDARD = { domain: 'amazonaws.com', dualStackDomain: 'api.aws' };

/** The partitions whose domains differ from the standard one, as the SDK knows them. */
const PARTITIONS: readonly Partition[] = [
  {
    regions: /^cn-\w+-\d+$/,
    domain: 'amazonaws.com.cn',
    dualStackDomain: 'api.amazonwebservices.com.cn',
  },
  { regions: /^eusc-de-\w+-\d+$/, domain: 'amazonaws.eu', dualStackDomain: 'api.amazonwebservices.eu' },
  { regions: /^us-iso-\w+-\d+$/, domain: 'c2s.ic.gov', dualStackDomain: 'api.aws.ic.gov' },
  { regions: /^us-isob-\w+-\d+$/, domain: 'sc2s.sgov.gov', dualStackDomain: 'api.aws.scloud' },
  { regions: /^eu-isoe-\w+-\d+$/, domain: 'cloud.adc-e.uk', dualStackDomain: 'api.cloud-aws.adc-e.uk' },
  { regions: /^us-isof-\w+-\d+$/, domain: 'csp.hci.ic.gov', dualStackDomain: 'api.aws.hci.ic.gov' },
];
