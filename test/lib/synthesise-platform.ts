import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  exampleDeploymentFile,
  readConfiguration,
  type StageConfiguration,
  type StageName,
} from '../../lib/config.ts';
import { definePlatform, type Platform } from '../../lib/platform.ts';

export interface SynthesisedPlatform {
  readonly platform: Platform;
  readonly configuration: StageConfiguration;
  /** By part: `data`, `ingestion`, `jobs`, `api`, `observability`. */
  readonly templates: Readonly<
    Record<Exclude<keyof Platform, 'network' | 'clientKeys'>, Template>
  > & {
    readonly network?: Template;
  };
  readonly clientKeys: readonly Template[];
}

/** A stage as `cdk synth` makes it, from the example deployment made out for that stage. */
export function synthesisePlatform(
  stage: StageName,
  context: Readonly<Record<string, string | undefined>> = {},
  change: (deployment: ExampleDeployment) => void = () => {},
): SynthesisedPlatform {
  const directory = mkdtempSync(join(tmpdir(), 'my-key-synth-'));
  const app = new App({ context: cdkJson.context, outdir: join(directory, 'cdk.out') });
  const settings = { ...contextOf(stage, directory, change), ...context };
  const configuration = readConfiguration(settings);
  const platform = definePlatform(app, configuration);
  const templates = Object.fromEntries(
    Object.entries(platform as unknown as Record<string, Stack>)
      .filter(([, stack]) => stack instanceof Stack)
      .map(([part, stack]) => [part, Template.fromStack(stack)]),
  ) as SynthesisedPlatform['templates'];
  const clientKeys = platform.clientKeys.map((stack) => Template.fromStack(stack));
  rmSync(directory, { recursive: true });
  return { platform, configuration, templates, clientKeys };
}

// The AwsSolutions rules have a test of their own; CDK's template checks belong to `npm run synth`,
// and would be four fifths of the time here.
process.env['CDK_VALIDATION'] = 'false';

const cdkJson = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')) as {
  context: Record<string, unknown>;
};

export interface ExampleDeployment {
  readonly trustProfile: {
    name: string;
    crlMaxAgeMs: number;
    readonly anchors: readonly { readonly certificate: string }[];
    readonly crlSources: { url: string }[];
  };
}

function contextOf(
  stage: StageName,
  directory: string,
  change: (deployment: ExampleDeployment) => void,
): Record<string, string | undefined> {
  const deployment = JSON.parse(readFileSync(exampleDeploymentFile, 'utf8')) as ExampleDeployment;
  change(deployment);
  const { trustProfile } = deployment;
  if (stage === 'production') trustProfile.name = 'jpki-production';
  const path = join(directory, 'deployment.json');
  writeFileSync(path, JSON.stringify({ ...deployment, stage }));
  if (stage !== 'production') return { stage, deployment: path };
  const pins = trustProfile.anchors.map(({ certificate }) =>
    createHash('sha256').update(Buffer.from(certificate, 'base64')).digest('hex'),
  );
  return {
    stage,
    deployment: path,
    alarmEmail: 'operations@example.jp',
    publicBaseUrl: 'https://api.example.jp',
    furtherAnchorPins: pins.join(','),
  };
}
