import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from '@jest/globals';
import { synthesisePlatform } from './synthesise-platform.ts';

const domain = {
  domainName: 'api.example.jp',
  hostedZoneId: 'Z0123456789ABC',
  hostedZoneName: 'example.jp',
};
const certificateArn = 'arn:aws:acm:ap-northeast-1:123456789012:certificate/0c1d';

/** Capability ids of the functions that are placed in a network, with the number of their subnets. */
const placed = (templates: ReturnType<typeof synthesisePlatform>['templates']) =>
  Object.values(templates)
    .flatMap((template) => Object.entries(template.findResources('AWS::Lambda::Function')))
    .filter(([, { Properties }]) => Properties.VpcConfig !== undefined)
    .map(([id]) => id.replace(/[0-9A-F]{8}$/, ''))
    .toSorted();

describe('the address of the API', () => {
  it('is the domain: certificate proved in its zone, TLS 1.2, record, no address of the gateway', () => {
    const { templates, configuration } = synthesisePlatform('dev', domain);
    const { api } = templates;
    expect(configuration.publicBaseUrl).toBe('https://api.example.jp');
    api.hasResourceProperties('AWS::ApiGateway::RestApi', { DisableExecuteApiEndpoint: true });
    api.hasResourceProperties('AWS::CertificateManager::Certificate', {
      DomainName: 'api.example.jp',
      ValidationMethod: 'DNS',
      DomainValidationOptions: [{ HostedZoneId: 'Z0123456789ABC' }],
    });
    api.hasResourceProperties('AWS::ApiGateway::DomainName', {
      DomainName: 'api.example.jp',
      SecurityPolicy: 'TLS_1_2',
      EndpointConfiguration: { Types: ['REGIONAL'] },
      MutualTlsAuthentication: Match.absent(),
    });
    api.resourceCountIs('AWS::ApiGateway::BasePathMapping', 1);
    api.hasResourceProperties('AWS::Route53::RecordSet', {
      Name: 'api.example.jp.',
      HostedZoneId: 'Z0123456789ABC',
      Type: 'A',
    });
    api.allResourcesProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({ PUBLIC_BASE_URL: 'https://api.example.jp' }),
      },
    });
  }, 60_000);

  it('takes a certificate that is there, and asks for client certificates where told', () => {
    const { api } = synthesisePlatform('dev', {
      domainName: 'api.example.jp',
      certificateArn,
      mutualTlsTruststore: 's3://trust/clients.pem',
      mutualTlsTruststoreVersion: 'v1',
    }).templates;
    api.resourceCountIs('AWS::CertificateManager::Certificate', 0);
    api.resourceCountIs('AWS::Route53::RecordSet', 0);
    api.hasOutput('DomainTarget', {});
    api.hasResourceProperties('AWS::ApiGateway::DomainName', {
      RegionalCertificateArn: certificateArn,
      MutualTlsAuthentication: {
        TruststoreUri: 's3://trust/clients.pem',
        TruststoreVersion: 'v1',
      },
    });
  }, 60_000);

  it('is reached through named endpoints alone where it is private, by its domain too', () => {
    const { api } = synthesisePlatform('dev', {
      domainName: 'api.example.jp',
      certificateArn,
      privateEndpointIds: 'vpce-0a,vpce-0b',
      operatorNetworks: '10.1.0.0/16',
    }).templates;
    api.hasResourceProperties('AWS::ApiGateway::RestApi', {
      EndpointConfiguration: { Types: ['PRIVATE'], VpcEndpointIds: ['vpce-0a', 'vpce-0b'] },
      Policy: {
        Statement: [
          Match.objectLike({ Effect: 'Allow', Resource: 'execute-api:/*' }),
          Match.objectLike({
            Effect: 'Deny',
            Resource: 'execute-api:/*',
            Condition: { StringNotEquals: { 'aws:SourceVpce': ['vpce-0a', 'vpce-0b'] } },
          }),
          Match.objectLike({
            Effect: 'Deny',
            Condition: { NotIpAddress: { 'aws:VpcSourceIp': ['10.1.0.0/16'] } },
          }),
        ],
      },
    });
    api.hasResourceProperties('AWS::ApiGateway::DomainNameV2', {
      EndpointConfiguration: { Types: ['PRIVATE'] },
    });
    api.resourceCountIs('AWS::ApiGateway::DomainNameAccessAssociation', 2);
    api.resourceCountIs('AWS::ApiGateway::DomainName', 0);
  }, 60_000);

  it("lets operator's routes be called from the operator's networks alone, and says so in a problem", () => {
    const { api } = synthesisePlatform('dev', {
      operatorNetworks: '203.0.113.0/24',
      firewall: 'true',
    }).templates;
    api.hasResourceProperties('AWS::ApiGateway::RestApi', {
      Policy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Deny',
            Resource: [
              'execute-api:/*/GET/v1/persons/acts',
              'execute-api:/*/GET/v1/persons/flags',
              'execute-api:/*/GET/v1/persons/flags/*',
              'execute-api:/*/POST/v1/key-versions/reseal',
              'execute-api:/*/POST/v1/persons/acts',
              'execute-api:/*/POST/v1/persons/acts/*/approval',
              'execute-api:/*/POST/v1/persons/flags/*/settlement',
              'execute-api:/*/POST/v1/rights/behalf',
              'execute-api:/*/POST/v1/rights/behalf/approve',
              'execute-api:/*/POST/v1/rights/behalf/list',
              'execute-api:/*/POST/v1/rights/corrections/approvals',
              'execute-api:/*/POST/v1/rights/corrections/list',
              'execute-api:/*/POST/v1/rights/corrections/proposals',
              'execute-api:/*/POST/v1/services',
              'execute-api:/*/PUT/v1/services/*/counter',
              'execute-api:/*/PUT/v1/services/*/grants',
              'execute-api:/*/PUT/v1/services/*/status',
            ],
            Condition: { NotIpAddress: { 'aws:SourceIp': ['203.0.113.0/24'] } },
          }),
        ]),
      },
    });
    api.hasResourceProperties('AWS::WAFv2::IPSet', { Addresses: ['203.0.113.0/24'] });
    api.hasResourceProperties('AWS::WAFv2::WebACL', {
      Rules: Match.arrayWith([
        Match.objectLike({
          Name: 'OperatorNetworks',
          // A service's own client reads its service and rotates its keys from anywhere.
          Statement: {
            AndStatement: {
              Statements: Match.arrayWith([
                {
                  OrStatement: {
                    Statements: [
                      {
                        AndStatement: { Statements: [endsWith('post'), endsWith('/v1/services')] },
                      },
                      { AndStatement: { Statements: [endsWith('put'), endsWith('/status')] } },
                      { AndStatement: { Statements: [endsWith('put'), endsWith('/grants')] } },
                      { AndStatement: { Statements: [endsWith('put'), endsWith('/counter')] } },
                      endsWith('/v1/persons/flags'),
                      endsWith('/v1/persons/acts'),
                      endsWith('/v1/rights/behalf'),
                      endsWith('/v1/rights/corrections/'),
                      {
                        AndStatement: {
                          Statements: [endsWith('post'), endsWith('/v1/key-versions/reseal')],
                        },
                      },
                    ],
                  },
                },
              ]),
            },
          },
          Action: {
            Block: {
              CustomResponse: { ResponseCode: 403, CustomResponseBodyKey: 'request-blocked' },
            },
          },
        }),
      ]),
    });
  }, 60_000);
});

describe('the network', () => {
  it('places the functions that talk to J-LIS, and leaves by addresses that stay', () => {
    const { templates } = synthesisePlatform('test', { vpc: 'own' });
    const network = templates.network!;
    expect(placed(templates)).toEqual([
      'AttributeStatus',
      'Authentications',
      'Certificates',
      'IngestCrl',
      'JobChunk',
      'ReadingSessions',
      'Rights',
    ]);
    network.resourceCountIs('AWS::EC2::NatGateway', 2);
    network.allResources('AWS::EC2::EIP', { DeletionPolicy: 'RetainExceptOnCreate' });
    network.resourceCountIs('AWS::EC2::EIP', 2);
    network.hasOutput('EgressAddresses', {});
    const services = Object.values(network.findResources('AWS::EC2::VPCEndpoint')).map(
      ({ Properties }) => {
        const name = JSON.stringify(Properties.ServiceName);
        return `${Properties.VpcEndpointType} ${/(dynamodb|s3|kms|states|logs)/.exec(name)?.[1]}`;
      },
    );
    expect(services.toSorted()).toEqual([
      'Gateway dynamodb',
      'Gateway s3',
      'Interface kms',
      'Interface logs',
      'Interface states',
    ]);
    network.resourceCountIs('AWS::EC2::FlowLog', 1);
  }, 60_000);

  it('opens to J-LIS the ports that the trust profile names, and no other', () => {
    const network = synthesisePlatform('dev', { vpc: 'own' }, ({ trustProfile }) => {
      trustProfile.crlSources[0]!.url = 'ldap://directory.example.jp/ou=list?x';
    }).templates.network!;
    const ports = Object.values(network.findResources('AWS::EC2::SecurityGroup'))
      .filter(({ Properties }) => Properties.GroupDescription === 'Functions that talk to J-LIS')
      .flatMap(({ Properties }) =>
        (Properties.SecurityGroupEgress as { FromPort: number }[]).map(({ FromPort }) => FromPort),
      );
    expect(ports).toContain(389);
    expect(ports).toContain(443);
    expect(ports).not.toContain(22);
  }, 60_000);

  it('places every function in the network if configured, those without J-LIS without a route out', () => {
    const { templates } = synthesisePlatform('dev', { vpc: 'own', vpcFunctions: 'all' });
    const functions = Object.values(templates).flatMap((template) =>
      Object.values(template.findResources('AWS::Lambda::Function')),
    );
    expect(placed(templates)).toHaveLength(functions.length);
    const subnetsOf = (id: string) =>
      functions.find(({ Properties }) => JSON.stringify(Properties.Role).includes(id))!.Properties
        .VpcConfig.SubnetIds;
    expect(subnetsOf('Tokens')).not.toEqual(subnetsOf('Authentications'));
    // Webhooks go to addresses of services: by the same way as to J-LIS, or to nobody.
    expect(subnetsOf('NotifyWebhooks')).toHaveLength(2);
    expect(subnetsOf('NotifyWebhooks')).toEqual(subnetsOf('IngestCrl'));
  }, 60_000);

  it.each([
    ['tgw-0a', 'AWS::EC2::TransitGatewayAttachment', { TransitGatewayId: 'tgw-0a' }],
    ['vgw-0a', 'AWS::EC2::VPCGatewayAttachment', { GatewayId: 'vgw-0a' }],
  ])(
    'reaches J-LIS over a private line behind %s, and nothing else',
    (privateLineGatewayId, attachment, target) => {
      const network = synthesisePlatform('dev', {
        vpc: 'own',
        egress: 'private-line',
        privateLineGatewayId,
        privateLineCidrs: '10.1.0.0/16',
      }).templates.network!;
      network.resourceCountIs(attachment, 1);
      network.resourceCountIs('AWS::EC2::NatGateway', 0);
      network.resourceCountIs('AWS::EC2::InternetGateway', 0);
      const routes = Object.values(network.findResources('AWS::EC2::Route'));
      expect(routes).toHaveLength(2);
      for (const { Properties } of routes)
        expect(Properties).toMatchObject({ DestinationCidrBlock: '10.1.0.0/16', ...target });
    },
    60_000,
  );

  it('joins one that exists, and makes endpoints only where its route tables are named', () => {
    const existing = { vpc: 'vpc-0a', vpcSubnetIds: 'subnet-0a,subnet-0b' };
    const { templates } = synthesisePlatform('dev', existing);
    templates.network!.resourceCountIs('AWS::EC2::VPC', 0);
    templates.network!.resourceCountIs('AWS::EC2::VPCEndpoint', 0);
    templates.api.hasResourceProperties('AWS::Lambda::Function', {
      VpcConfig: { SubnetIds: ['subnet-0a', 'subnet-0b'] },
    });
    const withTables = synthesisePlatform('dev', { ...existing, vpcRouteTableIds: 'rtb-0a' });
    withTables.templates.network!.hasResourceProperties('AWS::EC2::VPCEndpoint', {
      VpcEndpointType: 'Gateway',
      RouteTableIds: ['rtb-0a'],
      VpcId: 'vpc-0a',
    });
  }, 60_000);
});

/** A statement that compares an end, of the path or of the method. */
const endsWith = (searchString: string) => ({
  ByteMatchStatement: Match.objectLike({ SearchString: searchString }),
});
