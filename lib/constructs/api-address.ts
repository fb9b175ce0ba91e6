import { CfnOutput, Stack } from 'aws-cdk-lib';
import {
  BasePathMapping,
  CfnBasePathMappingV2,
  CfnDomainNameAccessAssociation,
  CfnDomainNameV2,
  DomainName,
  EndpointType,
  SecurityPolicy,
  type RestApi,
  type RestApiProps,
} from 'aws-cdk-lib/aws-apigateway';
import {
  Certificate,
  CertificateValidation,
  type ICertificate,
} from 'aws-cdk-lib/aws-certificatemanager';
import { InterfaceVpcEndpoint, type IInterfaceVpcEndpoint } from 'aws-cdk-lib/aws-ec2';
import {
  AnyPrincipal,
  Effect,
  PolicyDocument,
  PolicyStatement,
  type Condition,
} from 'aws-cdk-lib/aws-iam';
import { ARecord, HostedZone, RecordTarget, type IHostedZone } from 'aws-cdk-lib/aws-route53';
import { ApiGatewayDomain } from 'aws-cdk-lib/aws-route53-targets';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { ApiAddress, StageConfiguration } from '../config.ts';

/** How the API's resource policy matches operator routes. */
export interface AddressedRoute {
  readonly method: string;
  readonly path: string;
}

/** The API's endpoint type: regional or private, with or without the gateway's own URL. */
export function endpointOf(
  scope: Construct,
  { address }: StageConfiguration,
  operatorRoutes: readonly AddressedRoute[],
): Partial<RestApiProps> {
  const { domain, privateEndpointIds } = address;
  const policy = accessPolicy(address, operatorRoutes);
  return {
    endpointConfiguration:
      privateEndpointIds.length > 0
        ? {
            types: [EndpointType.PRIVATE],
            vpcEndpoints: privateEndpointIds.map((id) => existingEndpoint(scope, id)),
          }
        : { types: [EndpointType.REGIONAL] },
    disableExecuteApiEndpoint: domain !== undefined,
    ...(policy && { policy }),
  };
}

/**
 * The API's resource policy, evaluated before authorization: admits callers through the named
 * endpoints, and to operator routes only callers from the operator's networks.
 */
function accessPolicy(
  { privateEndpointIds, operatorNetworks }: ApiAddress,
  operatorRoutes: readonly AddressedRoute[],
): PolicyDocument | undefined {
  const isPrivate = privateEndpointIds.length > 0;
  if (!isPrivate && operatorNetworks.length === 0) return undefined;
  return new PolicyDocument({
    statements: [
      invoke(Effect.ALLOW, ['execute-api:/*']),
      ...(isPrivate
        ? [
            invoke(Effect.DENY, ['execute-api:/*'], {
              StringNotEquals: { 'aws:SourceVpce': privateEndpointIds },
            }),
          ]
        : []),
      ...(operatorNetworks.length > 0
        ? [
            invoke(Effect.DENY, operatorRoutes.map(resourceOf), {
              // Through an interface endpoint, the source is the caller's VPC address.
              NotIpAddress: {
                [isPrivate ? 'aws:VpcSourceIp' : 'aws:SourceIp']: operatorNetworks,
              },
            }),
          ]
        : []),
    ],
  });
}

const invoke = (
  effect: Effect,
  resources: string[],
  conditions?: Record<string, Condition>,
): PolicyStatement =>
  new PolicyStatement({
    effect,
    principals: [new AnyPrincipal()],
    actions: ['execute-api:Invoke'],
    resources,
    ...(conditions && { conditions }),
  });

const resourceOf = ({ method, path }: AddressedRoute): string =>
  `execute-api:/*/${method}${path.replaceAll(/\{\w+\}/g, '*')}`;

/** The API's host name, its certificate, and its DNS record if the platform manages the zone. */
export class ApiHost extends Construct {
  constructor(scope: Construct, props: { configuration: StageConfiguration; api: RestApi }) {
    super(scope, 'Host');
    const { address } = props.configuration;
    if (address.domain === undefined) return;
    const zone = zoneOf(this, address.domain);
    const certificate = certificateOf(this, address.domain, zone);
    if (address.privateEndpointIds.length > 0)
      this.#privateHost(address.domain.name, certificate, address.privateEndpointIds, props.api);
    else this.#regionalHost(address, certificate, zone, props.api);
  }

  #regionalHost(
    { domain, mutualTls }: ApiAddress,
    certificate: ICertificate,
    zone: IHostedZone | undefined,
    api: RestApi,
  ): void {
    const host = new DomainName(this, 'Domain', {
      domainName: domain!.name,
      certificate,
      endpointType: EndpointType.REGIONAL,
      // TLS 1.2 or later; API Gateway also offers TLS 1.3.
      securityPolicy: SecurityPolicy.TLS_1_2,
      ...(mutualTls && {
        mtls: {
          bucket: Bucket.fromBucketName(this, 'Truststore', mutualTls.bucket),
          key: mutualTls.key,
          ...(mutualTls.version && { version: mutualTls.version }),
        },
      }),
    });
    new BasePathMapping(this, 'Mapping', {
      domainName: host,
      restApi: api,
      stage: api.deploymentStage,
    });
    if (zone !== undefined)
      new ARecord(this, 'Record', {
        zone,
        recordName: `${domain!.name}.`,
        target: RecordTarget.fromAlias(new ApiGatewayDomain(host)),
      });
    new CfnOutput(Stack.of(this), 'DomainTarget', {
      description: 'DNS target of the API host name (CNAME or alias)',
      value: host.domainNameAliasDomainName,
    });
  }

  /**
   * Private custom domain names are separate resources that each endpoint must be associated with.
   */
  #privateHost(
    domainName: string,
    certificate: ICertificate,
    endpointIds: readonly string[],
    api: RestApi,
  ): void {
    const { partition, region, account } = Stack.of(this);
    const host = new CfnDomainNameV2(this, 'Domain', {
      domainName,
      certificateArn: certificate.certificateArn,
      endpointConfiguration: { types: ['PRIVATE'] },
      securityPolicy: 'TLS_1_2',
      policy: new PolicyDocument({
        statements: [
          new PolicyStatement({
            principals: [new AnyPrincipal()],
            actions: ['execute-api:Invoke'],
            resources: ['execute-api:/*'],
            conditions: { StringEquals: { 'aws:SourceVpce': endpointIds } },
          }),
        ],
      }),
    });
    new CfnBasePathMappingV2(this, 'Mapping', {
      domainNameArn: host.attrDomainNameArn,
      restApiId: api.restApiId,
      stage: api.deploymentStage.stageName,
    });
    for (const [index, endpointId] of endpointIds.entries())
      new CfnDomainNameAccessAssociation(this, `Access${index + 1}`, {
        domainNameArn: host.attrDomainNameArn,
        accessAssociationSource: endpointId,
        accessAssociationSourceType: 'VPCE',
      });
    new CfnOutput(Stack.of(this), 'DomainTarget', {
      description:
        'The private host name: its record points at the DNS name of the interface endpoint',
      value: `arn:${partition}:apigateway:${region}:${account}:/domainnames/${domainName}`,
    });
  }
}

type Domain = NonNullable<ApiAddress['domain']>;

const zoneOf = (scope: Construct, { hostedZone }: Domain): IHostedZone | undefined =>
  hostedZone &&
  HostedZone.fromHostedZoneAttributes(scope, 'Zone', {
    hostedZoneId: hostedZone.id,
    zoneName: hostedZone.name,
  });

const certificateOf = (
  scope: Construct,
  { name, certificateArn }: Domain,
  zone: IHostedZone | undefined,
): ICertificate =>
  certificateArn === undefined
    ? new Certificate(scope, 'Certificate', {
        domainName: name,
        validation: CertificateValidation.fromDns(zone),
      })
    : Certificate.fromCertificateArn(scope, 'Certificate', certificateArn);

const existingEndpoint = (scope: Construct, id: string): IInterfaceVpcEndpoint =>
  InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(scope, id, {
    vpcEndpointId: id,
    port: 443,
  });
