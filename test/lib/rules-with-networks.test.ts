import { describe, expect, it } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { synthesisePlatform } from './synthesise-platform.ts';
import { platformFaultsOf, templateFaultsOf } from './template-faults.ts';
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
  ])('breaks no rule of AWS, NIST or CloudFormation: %s', (_, settings) => {
    const synthesised = synthesisePlatform('production', {
      ...settings,
      publicBaseUrl: undefined,
    });
    expect(violationsOf(synthesised.platform)).toEqual([]);
    expect(platformFaultsOf(synthesised)).toEqual([]);
  });
});

describe('the rules of CloudFormation', () => {
  it('name an unknown property, a value out of range and a reference to nothing', () => {
    const Properties = {
      Role: { 'Fn::GetAtt': ['Nothing', 'Arn'] },
      Code: { ZipFile: 'x' },
      Handler: 'a.b',
      MemorySize: 5,
      Timeot: 3,
    };
    const template = Template.fromJSON({
      Resources: { Fn: { Type: 'AWS::Lambda::Function', Properties } },
    });
    const faults = templateFaultsOf(new App(), [template]);
    for (const fault of ['MemorySize', 'Timeot', 'Nothing'])
      expect(faults).toContainEqual(expect.stringContaining(fault));
  });
});
