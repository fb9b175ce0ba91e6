import { beforeAll, describe, expect, it } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { importFromTests } from '../capabilities/import-from-tests.ts';
import { executions, grantsOfFunctions, grantsOfRole, type Grants } from './granted-actions.ts';
import { synthesisePlatform, type SynthesisedPlatform } from './synthesise-platform.ts';

/** Everything that every function may do, beside writing its own log: `grants.ts` of each capability's tests. */
const expected: Readonly<Record<string, Grants>> = Object.assign(
  {},
  ...(await importFromTests<{ grants: Readonly<Record<string, Grants>> }>('grants.ts')).map(
    ({ grants }) => grants,
  ),
);

describe('grants', () => {
  let platform: SynthesisedPlatform;
  let granted: Record<string, Grants>;
  beforeAll(() => {
    platform = synthesisePlatform('dev');
    granted = Object.fromEntries(
      Object.values(platform.templates).flatMap((template) =>
        Object.entries(grantsOfFunctions(template)),
      ),
    );
  });

  it('gives rights to exactly the functions that exist', () => {
    expect(Object.keys(granted).toSorted()).toEqual(Object.keys(expected).toSorted());
  });

  it.each(Object.keys(expected))('gives %s what it needs and nothing else', (name) => {
    expect(granted[name]).toEqual(expected[name]);
  });

  it('lets only the two functions that log persons in MAC with the PPID key, and says so in the key itself', () => {
    const withKey = Object.keys(granted).filter((name) => 'PpidKey' in granted[name]!);
    expect(withKey.toSorted()).toEqual(['Authentications', 'ReadingSessions']);

    const tag = 'my-key-platform:uses-ppid-key';
    const roles = Object.values(platform.templates).flatMap((template) =>
      Object.entries(template.findResources('AWS::IAM::Role')),
    ) as [string, { Properties: { Tags?: { Key: string }[] } }][];
    const tagged = roles.filter(([, role]) => role.Properties.Tags?.some(({ Key }) => Key === tag));
    expect(tagged.map(([id]) => id).toSorted()).toEqual([
      expect.stringMatching(/^AuthenticationsRole/),
      expect.stringMatching(/^ReadingSessionsRole/),
    ]);

    platform.templates.data.hasResourceProperties('AWS::KMS::Key', {
      KeySpec: 'HMAC_256',
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Deny',
            Action: 'kms:GenerateMac',
            Condition: { StringNotEquals: { [`aws:PrincipalTag/${tag}`]: 'dev' } },
          }),
          Match.objectLike({
            Effect: 'Deny',
            Action: 'kms:GenerateMac',
            Condition: {
              ArnNotLike: {
                'aws:PrincipalArn': [
                  Match.objectLike({
                    'Fn::Join': [
                      '',
                      Match.arrayWith([':role/my-key-platform/dev/authentications/*']),
                    ],
                  }),
                  Match.objectLike({
                    'Fn::Join': [
                      '',
                      Match.arrayWith([':role/my-key-platform/dev/reading-sessions/*']),
                    ],
                  }),
                ],
              },
            },
          }),
          Match.objectLike({ Effect: 'Deny', Action: 'kms:VerifyMac' }),
        ]),
      },
    });
  });

  it('lets the state machine run every version of its three functions, read manifests and run its own chunks', () => {
    const roles = platform.templates.jobs.findResources('AWS::IAM::Role');
    const roleId = Object.keys(roles).find((id) => id.startsWith('BulkJobRole'))!;
    expect(grantsOfRole(platform.templates.jobs, roleId)).toEqual({
      'JobPlan:*': ['lambda:InvokeFunction'],
      'JobChunk:*': ['lambda:InvokeFunction'],
      'JobFinish:*': ['lambda:InvokeFunction'],
      'JobsBucket/chunks/*': ['s3:GetObject'],
      'arn:AWS::Partition:states:AWS::Region:AWS::AccountId:stateMachine:my-key-platform-dev-jobs':
        ['states:StartExecution'],
      [executions]: ['states:DescribeExecution', 'states:StopExecution'],
    });
  });
});
