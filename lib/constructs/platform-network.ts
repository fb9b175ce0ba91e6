import { Annotations, CfnOutput, Fn, Stack } from 'aws-cdk-lib';
import {
  CfnEIP,
  CfnRoute,
  CfnTransitGatewayAttachment,
  CfnVPCGatewayAttachment,
  FlowLogDestination,
  GatewayVpcEndpoint,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  NatProvider,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
  type ISubnet,
  type IVpc,
} from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import {
  networkZones,
  type ExistingNetwork,
  type OwnNetwork,
  type StageConfiguration,
} from '../config.ts';
import { acknowledge } from './acknowledge.ts';
import { removalPolicyOf } from './removal-policy.ts';

export interface Placement {
  readonly vpc: IVpc;
  readonly subnets: readonly ISubnet[];
  readonly securityGroup: SecurityGroup;
}

/** Where a function goes besides AWS. */
export interface Reach {
  /**
   * Calls responders, CRL sources or the linkage service and therefore needs a route out of the
   * network.
   */
  readonly reachesJlis?: true;
  /** Calls services' own addresses: needs the route out where every function is in the network. */
  readonly reachesServices?: true;
}

export interface PlatformNetworkProps {
  readonly configuration: StageConfiguration;
  readonly network: OwnNetwork | ExistingNetwork;
  /** TCP ports of the J-LIS URLs in the trust profile. */
  readonly jlisPorts: readonly number[];
}

/** Services that functions call and that have no gateway endpoint. */
const interfaceServices = {
  Kms: InterfaceVpcEndpointAwsService.KMS,
  StepFunctions: InterfaceVpcEndpointAwsService.STEP_FUNCTIONS,
  Logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
};

const gatewayServices = {
  DynamoDb: GatewayVpcEndpointAwsService.DYNAMODB,
  S3: GatewayVpcEndpointAwsService.S3,
};

/**
 * The network of functions that call J-LIS: with fixed addresses, or over a private line. AWS
 * services are reached through VPC endpoints. Functions that call AWS alone have no route out.
 */
export class PlatformNetwork extends Construct {
  readonly #vpc: IVpc;
  readonly #towardsJlis: readonly ISubnet[];
  readonly #inside: readonly ISubnet[];
  readonly #jlisGroup: SecurityGroup;
  readonly #insideGroup: SecurityGroup;
  readonly #placeAll: boolean;

  constructor(scope: Construct, props: PlatformNetworkProps) {
    super(scope, 'Network');
    const { network, configuration } = props;
    this.#placeAll = network.functions === 'all';
    if (network.kind === 'own') {
      const vpc = this.#ownVpc(network, configuration);
      this.#vpc = vpc as IVpc;
      this.#inside = vpc.selectSubnets({ subnetGroupName: 'Inside' }).subnets;
      this.#towardsJlis = vpc.selectSubnets({ subnetGroupName: 'Jlis' }).subnets;
    } else {
      this.#vpc = existingVpc(this, network);
      this.#towardsJlis = this.#vpc.privateSubnets;
      this.#inside = this.#towardsJlis;
    }
    this.#jlisGroup = this.#group('JlisFunctions', 'Functions that talk to J-LIS');
    this.#insideGroup = this.#group('InsideFunctions', 'Functions that talk to AWS alone');
    for (const port of props.jlisPorts)
      if (port !== 443)
        this.#jlisGroup.addEgressRule(
          Peer.anyIpv4(),
          Port.tcp(port),
          'J-LIS, by the trust profile',
        );
    if (network.kind === 'own' || network.routeTableIds.length > 0) this.#endpoints(network);
  }

  /** Network placement of a function; undefined: Lambda's own network. */
  place({ reachesJlis, reachesServices }: Reach): Placement | undefined {
    if (!reachesJlis && !this.#placeAll) return undefined;
    const goesOut = reachesJlis === true || reachesServices === true;
    return {
      vpc: this.#vpc,
      subnets: goesOut ? this.#towardsJlis : this.#inside,
      securityGroup: goesOut ? this.#jlisGroup : this.#insideGroup,
    };
  }

  #ownVpc(network: OwnNetwork, configuration: StageConfiguration): Vpc {
    const { egress } = network;
    const nat = egress.way === 'nat';
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(network.cidr),
      maxAzs: networkZones,
      natGateways: nat ? networkZones : 0,
      ...(nat && {
        natGatewayProvider: NatProvider.gateway({
          eipAllocationIds: [...this.#addresses(egress.allocationIds, configuration)],
        }),
      }),
      subnetConfiguration: [
        ...(nat
          ? [
              {
                name: 'Public',
                subnetType: SubnetType.PUBLIC,
                cidrMask: 26,
                mapPublicIpOnLaunch: false,
              },
            ]
          : []),
        {
          name: 'Jlis',
          subnetType: nat ? SubnetType.PRIVATE_WITH_EGRESS : SubnetType.PRIVATE_ISOLATED,
          cidrMask: 24,
        },
        { name: 'Inside', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
      ],
      // CDK would restrict the default group with a custom-resource function; nothing here uses
      // that group.
      restrictDefaultSecurityGroup: false,
    });
    this.#flowLog(vpc, configuration);
    if (egress.way === 'private-line') this.#privateLine(vpc, egress);
    return vpc;
  }

  /**
   * J-LIS registers these addresses, so addresses created here are retained when the stack is
   * deleted.
   */
  #addresses(given: readonly string[], configuration: StageConfiguration): readonly string[] {
    if (given.length > 0) return given;
    const addresses = Array.from({ length: networkZones }, (_, index) => {
      const address = new CfnEIP(this, `Address${index + 1}`, { domain: 'vpc' });
      address.applyRemovalPolicy(removalPolicyOf(configuration));
      return address;
    });
    new CfnOutput(Stack.of(this), 'EgressAddresses', {
      description: 'Outgoing addresses to register with J-LIS',
      value: Fn.join(
        ',',
        addresses.map(({ ref }) => ref),
      ),
    });
    return addresses.map(({ attrAllocationId }) => attrAllocationId);
  }

  #privateLine(vpc: Vpc, egress: OwnNetwork['egress'] & { way: 'private-line' }): void {
    const { subnets } = vpc.selectSubnets({ subnetGroupName: 'Jlis' });
    const { gatewayId } = egress;
    const transit = gatewayId.startsWith('tgw-');
    const attachment = transit
      ? new CfnTransitGatewayAttachment(this, 'PrivateLine', {
          transitGatewayId: gatewayId,
          vpcId: vpc.vpcId,
          subnetIds: subnets.map(({ subnetId }) => subnetId),
        })
      : new CfnVPCGatewayAttachment(this, 'PrivateLine', {
          vpnGatewayId: gatewayId,
          vpcId: vpc.vpcId,
        });
    for (const [zone, { routeTable }] of subnets.entries())
      for (const [index, destinationCidrBlock] of egress.cidrs.entries())
        new CfnRoute(this, `PrivateLine${zone + 1}Route${index + 1}`, {
          routeTableId: routeTable.routeTableId,
          destinationCidrBlock,
          ...(transit ? { transitGatewayId: gatewayId } : { gatewayId }),
        }).addResourceDependency(attachment);
  }

  #flowLog(vpc: Vpc, configuration: StageConfiguration): void {
    const group = new LogGroup(this, 'FlowLog', {
      retention: configuration.logRetentionDays,
      removalPolicy: removalPolicyOf(configuration),
    });
    const role = new Role(this, 'FlowLogRole', {
      assumedBy: new ServicePrincipal('vpc-flow-logs.amazonaws.com'),
      description: 'Writes the flow log of the network',
    });
    vpc.addFlowLog('Flows', {
      destination: FlowLogDestination.toCloudWatchLogs(group, role),
    });
  }

  #group(id: string, description: string): SecurityGroup {
    const group = new SecurityGroup(this, id, {
      vpc: this.#vpc,
      description,
      allowAllOutbound: false,
    });
    // Gateway endpoints of DynamoDB and S3 use public addresses.
    group.addEgressRule(Peer.anyIpv4(), Port.HTTPS, 'AWS by its endpoints, J-LIS by HTTPS');
    return group;
  }

  #endpoints(network: OwnNetwork | ExistingNetwork): void {
    const group = new SecurityGroup(this, 'Endpoints', {
      vpc: this.#vpc,
      description: 'Endpoints of AWS services',
      allowAllOutbound: false,
    });
    for (const functions of [this.#jlisGroup, this.#insideGroup])
      group.addIngressRule(functions, Port.HTTPS, 'From functions of the platform');
    acknowledge(group, 'EC23', 'It admits two security groups and no address ranges.');
    const subnets = [...this.#inside];
    for (const [id, service] of Object.entries(interfaceServices))
      new InterfaceVpcEndpoint(this, id, {
        vpc: this.#vpc,
        service,
        subnets: { subnets },
        securityGroups: [group],
        privateDnsEnabled: true,
        open: false,
      });
    for (const [id, service] of Object.entries(gatewayServices))
      new GatewayVpcEndpoint(this, id, {
        vpc: this.#vpc,
        service,
        ...(network.kind === 'own' && {
          subnets: [{ subnets: [...this.#inside] }, { subnets: [...this.#towardsJlis] }],
        }),
      });
  }
}

function existingVpc(scope: Construct, network: ExistingNetwork): IVpc {
  const { vpcId, subnetIds, routeTableIds } = network;
  const vpc = Vpc.fromVpcAttributes(scope, 'Vpc', {
    vpcId,
    // CDK relates subnets to availability zones; the template contains only subnets.
    availabilityZones: subnetIds.map((_, index) => `zone-${index + 1}`),
    privateSubnetIds: [...subnetIds],
    ...(routeTableIds.length > 0 && {
      privateSubnetRouteTableIds: subnetIds.map(
        (_, index) => routeTableIds[Math.min(index, routeTableIds.length - 1)]!,
      ),
    }),
  });
  if (routeTableIds.length === 0)
    for (const subnet of vpc.privateSubnets)
      Annotations.of(subnet).acknowledgeWarning(
        '@aws-cdk/aws-ec2:noSubnetRouteTableId',
        'Endpoints are created only if route tables are named.',
      );
  return vpc;
}
