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
  readConfiguration((name) => context[name]);

const messageOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as Error).message;
  }
  return 'accepted';
};

describe('stage configuration', () => {
  it('is a trial of the example deployment where nothing is told', () => {
    expect(configured({})).toMatchObject({
      stage: 'dev',
      deploymentFile: exampleDeploymentFile,
      stored: 'destroy',
      firewall: false,
    });
  });

  it('keeps data and asks for a recipient of alarms in production', () => {
    const production = { stage: 'production', deployment: '/deployment.json' };
    expect(configured({ ...production, alarmEmail: 'a@example.jp' })).toMatchObject({
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
      {
        stage: 'production',
        deployment: '/deployment.json',
        alarmEmail: 'a@example.jp',
        publicBaseUrl: 'http://api.example.jp',
      },
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
  const context = { stage, deployment: path, alarmEmail: 'a@example.jp' };
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
      "anchor user-authentication-example is none of JPKI's published certificates",
    );
  });

  it('of production takes no sandbox trust, and a trial no production trust', () => {
    expect(checked('production', () => {}, examplePins)).toBe(
      'stage production takes the trust profile jpki-production, not sandbox',
    );
    expect(checked('dev', production)).toBe(
      'stage dev takes the trust profile sandbox or jpki-test, not jpki-production',
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
      'trustProfile.linkageUrl is not a text',
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
