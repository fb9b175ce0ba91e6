import { describe, expect, it } from '@jest/globals';
import { synthesisePlatform } from './synthesise-platform.ts';
import { violationsOf } from './rule-violations.ts';

const domain = {
  domainName: 'api.example.jp',
  hostedZoneId: 'Z0123456789ABC',
  hostedZoneName: 'example.jp',
};

describe('production with an address and networks of its own', () => {
  it.each<[string, Record<string, string>]>([
    ['a domain and a VPC with fixed egress', { ...domain, vpc: 'own' }],
    [
      'a private endpoint and a private line',
      {
        ...domain,
        vpc: 'own',
        egress: 'private-line',
        privateLineGatewayId: 'vgw-0a1b',
        privateLineCidrs: '10.0.0.0/8',
        privateEndpointIds: 'vpce-0a,vpce-0b',
      },
    ],
  ])('breaks no rule of AWS or NIST: %s', (_, settings) => {
    const { platform } = synthesisePlatform('production', {
      ...settings,
      publicBaseUrl: undefined,
    });
    expect(violationsOf(platform)).toEqual([]);
  });
});
