import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConfigurationError,
  exampleDeploymentFile,
  readConfiguration,
  type StageConfiguration,
} from '../../lib/config.ts';
import { readDeployment } from '../../lib/deployment/read-deployment.ts';

const configured = (context: Readonly<Record<string, unknown>>): StageConfiguration =>
  readConfiguration(context);

const messageOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as Error).message;
  }
  return 'accepted';
};

/** What a production stage asks for. */
const complete = {
  stage: 'production',
  deployment: '/deployment.json',
  alarmEmail: 'a@example.jp',
  publicBaseUrl: 'https://api.example.jp',
};

const domain = {
  domainName: 'api.example.jp',
  hostedZoneId: 'Z0123456789ABC',
  hostedZoneName: 'example.jp',
};

const primaryKey = (name: string, n: number): string =>
  `${name}=arn:aws:kms:ap-northeast-1:123456789012:key/mrk-${String(n).repeat(32)}`;

describe('stage configuration', () => {
  it('is a trial of the example deployment by default', () => {
    expect(configured({})).toMatchObject({
      stage: 'dev',
      deploymentFile: exampleDeploymentFile,
      stored: 'destroy',
      firewall: false,
    });
  });

  it('keeps data and asks for a recipient of alarms and an address in production', () => {
    const { alarmEmail, ...production } = complete;
    expect(configured({ ...production, alarmEmail })).toMatchObject({
      stored: 'retain',
      logRetentionDays: 731,
      firewall: true,
      tracing: true,
    });
    expect(messageOf(() => configured(production))).toBe(
      'stage production needs -c alarmEmail=… or -c alarmTopicArn=…',
    );
  });

  it.each([
    [
      { publicUrl: 'https://a.example.jp' },
      '-c publicUrl is not a setting: did you mean publicBaseUrl?',
    ],
    [{ domainname: 'a.example.jp' }, '-c domainname is not a setting: did you mean domainName?'],
    [{ somethingElseEntirely: 'x' }, '-c somethingElseEntirely is not a setting'],
    [
      { stage: 'production', deployment: '/d.json', alarmEmail: 'a@example.jp' },
      'stage production needs -c domainName=…, or -c publicBaseUrl=… where a proxy has the name, or -c withoutDomain=true',
    ],
    [
      { domainName: 'api.example.jp' },
      '-c domainName needs -c certificateArn=…, or -c hostedZoneId=… and hostedZoneName=… to request one',
    ],
    [
      { ...domain, publicBaseUrl: 'https://api.example.jp' },
      '-c domainName and -c publicBaseUrl exclude each other: give one',
    ],
    [
      { ...domain, withoutDomain: 'true' },
      '-c domainName and -c withoutDomain exclude each other: give one',
    ],
    [
      { ...domain, hostedZoneName: 'example.com' },
      '-c domainName=api.example.jp is not in zone example.com',
    ],
    [{ hostedZoneId: 'Z0123456789ABC' }, '-c hostedZoneId needs -c domainName=…'],
    [{ mutualTlsTruststore: 's3://b/k.pem' }, '-c mutualTlsTruststore needs -c domainName=…'],
    [
      { ...domain, mutualTlsTruststore: 's3://b/k.pem', privateEndpointIds: 'vpce-1' },
      '-c mutualTlsTruststore and -c privateEndpointIds exclude each other: give one',
    ],
    [{ vpcFunctions: 'all' }, '-c vpcFunctions needs -c vpc=…'],
    [{ egress: 'nat' }, '-c egress needs -c vpc=own: it applies to that network only'],
    [
      { vpc: 'vpc-1', vpcCidr: '10.0.0.0/20' },
      '-c vpcCidr needs -c vpc=own: it applies to that network only',
    ],
    [{ vpc: 'vpc-1' }, '-c vpc=vpc-1 needs -c vpcSubnetIds=subnet-…,subnet-…'],
    [
      { vpc: 'own', vpcSubnetIds: 'subnet-1' },
      '-c vpcSubnetIds needs -c vpc=vpc-…, a network that exists',
    ],
    [
      { vpc: 'own', egress: 'private-line' },
      '-c egress=private-line needs -c privateLineGatewayId=… and -c privateLineCidrs=…',
    ],
    [
      { vpc: 'own', egress: 'private-line', egressAllocationIds: 'eipalloc-1,eipalloc-2' },
      '-c egress=private-line and -c egressAllocationIds exclude each other: give one',
    ],
    [
      { vpc: 'own', privateLineCidrs: '10.0.0.0/8' },
      '-c privateLineCidrs needs -c egress=private-line',
    ],
    [
      { vpc: 'own', egressAllocationIds: 'eipalloc-1' },
      '-c egressAllocationIds needs 2: one a zone',
    ],
    [
      { tokenKeys: '1,2', tokenKey: '3' },
      '-c tokenKey=3 is none of tokenKeys 1,2: verifiers would not have its public key',
    ],
    [
      { stage: 'test', deployment: 'd.json', webhookTargets: 'loopback' },
      '-c webhookTargets=loopback is for stages dev and sandbox',
    ],
    [{ tokenKeys: '2,2' }, '-c tokenKeys names a generation twice'],
    [{ restoredTables: 'Jobs=one,Jobs=two' }, '-c restoredTables names a table twice'],
    [
      { restoredTables: 'People=people-2' },
      '-c restoredTables=People=people-2 must look like Identity=identity-restored',
    ],
    [
      { backupCopyVaultArn: 'arn:aws:backup:ap-northeast-1:123456789012:backup-vault:copies' },
      '-c backupCopyVaultArn needs -c backup=true',
    ],
    [
      { primaryKeys: primaryKey('index', 1) },
      '-c primaryKeys lacks data, service, bucket, ppid: name all five keys',
    ],
    [
      { primaryKeys: `${primaryKey('index', 1)},${primaryKey('index', 2)}` },
      '-c primaryKeys names a key twice',
    ],
    [
      { primaryKeys: `${primaryKey('index', 1)},${primaryKey('ppid', 1)}` },
      '-c primaryKeys gives one ARN to two keys',
    ],
    [
      // Not a multi-Region key.
      { primaryKeys: 'index=arn:aws:kms:ap-northeast-1:123456789012:key/1234' },
      '-c primaryKeys=index=arn:aws:kms:ap-northeast-1:123456789012:key/1234 must look like index=arn:aws:kms:…:key/mrk-…',
    ],
    [{ stage: 'prod' }, '-c stage=prod must be one of dev, sandbox, test, production'],
    [{ stage: 'test' }, 'stage test needs -c deployment=<path of its deployment.json>'],
    [{ publicBaseUrl: 'api' }, '-c publicBaseUrl=api must look like https://api.example.jp'],
    [{ alarmEmail: 'nobody' }, '-c alarmEmail=nobody must look like operations@example.jp'],
    [{ alarmTopicArn: 'topic' }, '-c alarmTopicArn=topic must look like arn:aws:sns:…'],
    [
      { ingestionSchedule: 'daily' },
      '-c ingestionSchedule=daily must look like cron(30 20 * * ? *)',
    ],
    [{ logRetentionDays: '8' }, '-c logRetentionDays=8 must be one of 7, 30, 90, 365, 731'],
    [{ firewall: 'yes' }, '-c firewall=yes must look like true or false'],
    [{ furtherAnchorPins: 'ab' }, '-c furtherAnchorPins=ab must look like a SHA-256 in hex'],
    [{ stage: 7 }, '-c stage must be text'],
    [
      { ...complete, publicBaseUrl: 'http://api.example.jp' },
      '-c publicBaseUrl must be https in stage production',
    ],
  ])('refuses %j in one line', (context, message) => {
    expect(messageOf(() => configured(context))).toBe(message);
  });
});

interface Deployment {
  stage: string;
  trustProfile: { name: string; anchors: { id: string; certificate: string }[] };
  operator: { clientId: string; jwks: { keys: object[] } };
}

/** Checks the example, changed in one respect, as the deployment of a stage. */
function checked(
  stage: 'dev' | 'production',
  change: (deployment: Deployment) => void,
  furtherAnchorPins: readonly string[] = [],
): string {
  const deployment = JSON.parse(readFileSync(exampleDeploymentFile, 'utf8')) as Deployment;
  deployment.stage = stage;
  change(deployment);
  const directory = mkdtempSync(join(tmpdir(), 'my-key-config-'));
  const path = join(directory, 'deployment.json');
  writeFileSync(path, JSON.stringify(deployment));
  const context = { ...complete, stage, deployment: path };
  const outcome = messageOf(() => readDeployment({ ...configured(context), furtherAnchorPins }));
  rmSync(directory, { recursive: true });
  return outcome.replace(`${path}: `, '');
}

describe('deployment.json', () => {
  const production = (deployment: Deployment): void => {
    deployment.trustProfile.name = 'jpki-production';
  };
  const pinsOf = ({ trustProfile }: Deployment): string[] =>
    trustProfile.anchors.map(({ certificate }) =>
      createHash('sha256').update(Buffer.from(certificate, 'base64')).digest('hex'),
    );
  const examplePins = pinsOf(JSON.parse(readFileSync(exampleDeploymentFile, 'utf8')) as Deployment);

  it('of the example is accepted for a trial', () => {
    expect(checked('dev', () => {})).toBe('accepted');
  });

  it('of production takes anchors that are published or pinned by the operator', () => {
    expect(checked('production', production, examplePins)).toBe('accepted');
    expect(checked('production', production, examplePins.slice(1))).toBe(
      "anchor user-authentication-example is not one of JPKI's published certificates",
    );
  });

  it('of production takes no sandbox trust, and a trial no production trust', () => {
    expect(checked('production', () => {}, examplePins)).toBe(
      'stage production accepts only the trust profile jpki-production, not sandbox',
    );
    expect(checked('dev', production)).toBe(
      'stage dev accepts only the trust profile sandbox or jpki-test, not jpki-production',
    );
  });

  it.each<[string, (deployment: Deployment) => void, string]>([
    [
      'for another stage',
      (deployment) => (deployment.stage = 'test'),
      'is for stage test, not for stage dev',
    ],
    [
      'without anchors',
      ({ trustProfile }) =>
        Object.assign(trustProfile, { anchors: [], ocspResponders: [], crlSources: [] }),
      'trustProfile.anchors is empty',
    ],
    [
      'with a field that the functions could not read',
      ({ trustProfile }) => Object.assign(trustProfile, { linkageUrl: 7 }),
      'trustProfile.linkageUrl is not a string',
    ],
    [
      'with a misspelt field of an anchor',
      ({ trustProfile }) => Object.assign(trustProfile.anchors[0]!, { certificat: 'AAAA' }),
      'trustProfile.anchors[0].certificat is not a known field: did you mean certificate?',
    ],
    [
      'with a field of another name',
      (deployment) => Object.assign(deployment, { trustprofile: {} }),
      'trustprofile is not a known field: did you mean trustProfile?',
    ],
    [
      'without an operator key',
      (deployment) => (deployment.operator.jwks.keys = []),
      'operator.clientId and operator.jwks.keys are needed',
    ],
    [
      "with the operator's private key",
      (deployment) => Object.assign(deployment.operator.jwks.keys[0]!, { d: 'AAAA' }),
      'operator.jwks must hold public keys only',
    ],
  ])('%s is refused', (_, change, message) => {
    expect(checked('dev', change)).toBe(message);
  });

  it('that is not there is one line', () => {
    const configuration = configured({ deployment: '/nowhere/deployment.json' });
    expect(messageOf(() => readDeployment(configuration))).toMatch(
      /^cannot read the deployment \/nowhere\/deployment.json: ENOENT/,
    );
  });
});
