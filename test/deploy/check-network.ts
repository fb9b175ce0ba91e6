import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a deployment with a network and a host name of its own must have brought. */
export interface Promised {
  readonly domainName: string;
  /** Functions with a way out go through these. */
  readonly egress: 'nat' | { readonly gatewayId: string; readonly cidrs: readonly string[] };
  /** The API is private, behind these. Empty: it is public, and the zone has its record. */
  readonly endpointIds: readonly string[];
}

/** The functions that talk to J-LIS, and nobody else: they get a way out. */
const towardsJlis = [
  'AttributeStatus',
  'Authentications',
  'Certificates',
  'IngestCrl',
  'ReadingSessions',
  'Rights',
];

type Expect = (holds: boolean, what: string) => void;

interface RouteTable {
  readonly VpcId: string;
  readonly Associations: readonly { readonly SubnetId?: string }[];
  readonly Routes: readonly {
    readonly DestinationCidrBlock?: string;
    readonly GatewayId?: string;
    readonly NatGatewayId?: string;
  }[];
}

interface DeployedFunction {
  readonly FunctionName: string;
  readonly VpcConfig?: {
    readonly SubnetIds?: readonly string[];
    readonly SecurityGroupIds?: readonly string[];
  };
}

interface Endpoint {
  readonly VpcId: string;
  readonly ServiceName: string;
  readonly VpcEndpointType?: string;
  readonly SubnetIds?: readonly string[];
  readonly RouteTableIds?: readonly string[];
  readonly PrivateDnsEnabled?: boolean;
}

/** Looks at host name, access and network of what was deployed; tells `expect` what holds. */
export function checkNetwork(
  endpoint: string,
  region: string,
  promised: Promised,
  expect: Expect,
): void {
  const ask = asking(endpoint, region);
  checkAddress(ask, promised, expect);
  const { Functions } = ask('lambda.list_functions') as { Functions: readonly DeployedFunction[] };
  const placed = Functions.filter(({ VpcConfig }) => (VpcConfig?.SubnetIds ?? []).length > 0);
  const names = placed.map(({ FunctionName }) => FunctionName);
  expect(
    names.length === towardsJlis.length &&
      towardsJlis.every((name) => names.some((placedName) => placedName.includes(`-${name}`))),
    `in the network are the functions that talk to J-LIS, and no other: ${names.length}`,
  );
  const subnets = [...new Set(placed.flatMap(({ VpcConfig }) => VpcConfig!.SubnetIds!))];
  expect(subnets.length === 2, 'they stand in a subnet of each of two zones');
  checkEgress(ask, promised, subnets, expect);
}

function checkAddress(ask: Ask, { domainName, endpointIds }: Promised, expect: Expect): void {
  const isPrivate = endpointIds.length > 0;
  const domain = ask('apigateway.get_domain_name', { domainName }) as {
    readonly securityPolicy?: string;
    readonly regionalDomainName?: string;
    readonly endpointConfiguration?: { readonly types?: readonly string[] };
  };
  expect(domain.securityPolicy === 'TLS_1_2', `host name ${domainName}, TLS 1.2 or later`);
  const type = isPrivate ? 'PRIVATE' : 'REGIONAL';
  expect(domain.endpointConfiguration?.types?.join() === type, `it is ${type.toLowerCase()}`);

  const { items: apis } = ask('apigateway.get_rest_apis') as {
    items: readonly {
      readonly id: string;
      readonly name: string;
      readonly policy?: string;
      readonly disableExecuteApiEndpoint?: boolean;
      readonly endpointConfiguration: {
        readonly types: readonly string[];
        readonly vpcEndpointIds?: readonly string[];
      };
    }[];
  };
  const api = apis.find(({ name }) => name === 'my-key-platform-dev');
  const { items: mappings } = ask('apigateway.get_base_path_mappings', { domainName }) as {
    items: readonly { readonly restApiId: string; readonly stage: string }[];
  };
  expect(
    mappings.length === 1 && mappings[0]!.restApiId === api?.id && mappings[0]!.stage === 'dev',
    'it is mapped to the stage of the API',
  );
  expect(api?.disableExecuteApiEndpoint === true, 'the gateway’s own address is off');
  expect(api?.endpointConfiguration.types.join() === type, `the API is ${type.toLowerCase()}`);
  if (isPrivate) {
    expect(
      api?.endpointConfiguration.vpcEndpointIds?.join() === endpointIds.join(),
      'it is behind the named endpoints',
    );
    expect(
      refusesAllBut(endpointIds, api?.policy),
      'its resource policy refuses whoever comes by another way',
    );
  } else {
    const { ResourceRecordSets } = ask('route53.list_resource_record_sets', {
      HostedZoneId: 'Z0123456789ABC',
    }) as {
      ResourceRecordSets: readonly {
        readonly Name: string;
        readonly Type: string;
        readonly AliasTarget?: { readonly DNSName: string };
      }[];
    };
    expect(
      ResourceRecordSets.some(
        ({ Name, Type, AliasTarget }) =>
          Name === `${domainName}.` &&
          Type === 'A' &&
          AliasTarget?.DNSName.replace(/\.$/, '') === domain.regionalDomainName,
      ),
      'the zone has its record, an alias of the gateway’s host',
    );
  }
}

/** Whether a policy of API Gateway denies every call that comes by no such endpoint. */
function refusesAllBut(endpointIds: readonly string[], policy: string | undefined): boolean {
  if (policy === undefined) return false;
  const { Statement } = JSON.parse(policy.replaceAll('\\"', '"')) as {
    Statement: readonly {
      readonly Effect: string;
      readonly Resource: string | readonly string[];
      readonly Condition?: { readonly StringNotEquals?: Record<string, string | string[]> };
    }[];
  };
  return Statement.some(
    ({ Effect, Resource, Condition }) =>
      Effect === 'Deny' &&
      [Resource].flat().join() === 'execute-api:/*' &&
      [Condition?.StringNotEquals?.['aws:SourceVpce']].flat().join() === endpointIds.join(),
  );
}

function checkEgress(
  ask: Ask,
  { egress }: Promised,
  subnets: readonly string[],
  expect: Expect,
): void {
  const { RouteTables } = ask('ec2.describe_route_tables') as {
    RouteTables: readonly RouteTable[];
  };
  const tablesOf = subnets.map((subnet) =>
    RouteTables.find(({ Associations }) =>
      Associations.some(({ SubnetId }) => SubnetId === subnet),
    ),
  );
  const vpcId = tablesOf[0]?.VpcId;
  if (egress === 'nat') {
    const { NatGateways } = ask('ec2.describe_nat_gateways') as {
      NatGateways: readonly {
        readonly NatGatewayId: string;
        readonly NatGatewayAddresses: readonly { readonly AllocationId?: string }[];
      }[];
    };
    const ways = tablesOf.map(
      (table) =>
        table?.Routes.find(({ DestinationCidrBlock }) => DestinationCidrBlock === '0.0.0.0/0')
          ?.NatGatewayId,
    );
    const { Addresses } = ask('ec2.describe_addresses') as {
      Addresses: readonly { readonly AllocationId: string }[];
    };
    const fixed = ways.map((way) =>
      NatGateways.find(({ NatGatewayId }) => NatGatewayId === way)?.NatGatewayAddresses.find(
        ({ AllocationId }) => Addresses.some((address) => address.AllocationId === AllocationId),
      ),
    );
    expect(
      new Set(ways).size === 2 && fixed.every((address) => address !== undefined),
      'each zone goes out by a NAT gateway of its own with an Elastic IP',
    );
  } else {
    const { gatewayId, cidrs } = egress;
    expect(
      tablesOf.every((table) =>
        cidrs.every((cidr) =>
          table?.Routes.some(
            ({ DestinationCidrBlock, GatewayId }) =>
              DestinationCidrBlock === cidr && GatewayId === gatewayId,
          ),
        ),
      ),
      `each zone goes out by ${gatewayId} to ${cidrs.join(', ')}`,
    );
    expect(
      tablesOf.every(
        (table) =>
          table?.Routes.every(
            ({ DestinationCidrBlock }) => DestinationCidrBlock !== '0.0.0.0/0',
          ) === true,
      ),
      'and to nowhere else',
    );
  }
  const { VpcEndpoints } = ask('ec2.describe_vpc_endpoints') as {
    VpcEndpoints: readonly Endpoint[];
  };
  const own = VpcEndpoints.filter((found) => found.VpcId === vpcId);
  for (const service of ['kms', 'states', 'logs'])
    expect(
      own.some(
        ({ ServiceName, VpcEndpointType, SubnetIds, PrivateDnsEnabled }) =>
          ServiceName.endsWith(`.${service}`) &&
          VpcEndpointType === 'Interface' &&
          SubnetIds?.length === 2 &&
          PrivateDnsEnabled === true,
      ),
      `interface endpoint ${service} in two zones, under the service’s own name`,
    );
  for (const service of ['dynamodb', 's3'])
    expect(
      own.some(
        ({ ServiceName, RouteTableIds = [] }) =>
          ServiceName.endsWith(`.${service}`) && RouteTableIds.length === 4,
      ),
      `gateway endpoint ${service} in the route tables of all private subnets`,
    );
}

type Ask = (call: string, parameters?: Readonly<Record<string, unknown>>) => unknown;

/** Asks one control plane by boto3. @throws Error with boto3's words where the call fails */
const asking =
  (endpoint: string, region: string): Ask =>
  (call, parameters = {}) => {
    const script = fileURLToPath(new URL('describe.py', import.meta.url));
    const { status, stdout, stderr } = spawnSync(
      'python3',
      [script, endpoint, region, ...call.split('.'), JSON.stringify(parameters)],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`${call} failed\n${stderr}`);
    return JSON.parse(stdout) as unknown;
  };
