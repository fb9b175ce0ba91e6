import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { TrustProfile } from '../../lambdas/pki/trust-profile.ts';
import { PlatformNetwork, type PlatformNetworkProps } from '../constructs/platform-network.ts';

export interface NetworkStackProps extends StackProps, Omit<PlatformNetworkProps, 'jlisPorts'> {
  readonly trustProfile: TrustProfile;
}

/**
 * The network of functions whose outgoing addresses J-LIS must know; created only if configured.
 */
export class NetworkStack extends Stack {
  readonly network: PlatformNetwork;

  constructor(scope: Construct, id: string, props: NetworkStackProps) {
    super(scope, id, props);
    this.network = new PlatformNetwork(this, { ...props, jlisPorts: portsOf(props.trustProfile) });
  }
}

const defaultPorts: Readonly<Record<string, number>> = {
  'http:': 80,
  'https:': 443,
  'ldap:': 389,
  'ldaps:': 636,
};

function portsOf({ ocspResponders, crlSources, linkageUrl }: TrustProfile): readonly number[] {
  const urls = [...ocspResponders, ...crlSources].map(({ url }) => url);
  const ports = [...urls, linkageUrl]
    .map((url) => new URL(url))
    .filter(({ protocol }) => protocol !== 's3:')
    .map(({ port, protocol }) => (port === '' ? defaultPorts[protocol] : Number(port)));
  return [...new Set(ports.filter((port) => port !== undefined))].sort((a, b) => a - b);
}
