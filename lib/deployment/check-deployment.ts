import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigurationError, type StageConfiguration } from '../config.ts';

/** The published SHA-256 of JPKI's 2023 CA certificates, DER. */
const publishedPins: readonly string[] = [
  '64114f29620c24ed2631d46476a040e7ee740d956089c00b036a6a8118c322b5',
  'd227f6cde11d35c5252178f106f843d24951944975413b539fa2fb68dbfa365f',
];

/**
 * Refuses, before anything is built, a deployment.json that a stage must not carry: production,
 * test and sandbox trust never mix, and an operator's private key has no place in a bundle.
 * @throws ConfigurationError in one line
 */
export function checkDeployment(configuration: StageConfiguration): void {
  const { stage, deploymentFile } = configuration;
  const deployment = readJson(deploymentFile);
  const refuse = (why: string): never => {
    throw new ConfigurationError(`${deploymentFile}: ${why}`);
  };

  if (deployment.stage !== stage)
    refuse(`is for stage ${String(deployment.stage)}, not for stage ${stage}`);
  const { trustProfile, operator } = deployment;
  if (!trustProfile?.anchors?.length) refuse('trustProfile.anchors is missing or empty');
  const allowed =
    stage === 'production'
      ? ['jpki-production']
      : ['sandbox', ...(stage === 'sandbox' ? [] : ['jpki-test'])];
  if (!allowed.includes(String(trustProfile?.name)))
    refuse(
      `stage ${stage} takes the trust profile ${allowed.join(' or ')}, not ${String(trustProfile?.name)}`,
    );
  if (!operator?.clientId || !operator.jwks?.keys?.length)
    refuse('operator.clientId and operator.jwks.keys are needed');
  if (operator?.jwks?.keys?.some((key) => 'd' in key || 'k' in key))
    refuse('operator.jwks must hold public keys only');
  if (stage === 'production') {
    const pins = [...publishedPins, ...configuration.furtherAnchorPins];
    for (const anchor of trustProfile?.anchors ?? [])
      if (!pins.includes(sha256(anchor.certificate ?? '')))
        refuse(`anchor ${String(anchor.id)} is none of JPKI's published certificates`);
  }
}

interface DeploymentJson {
  readonly stage?: unknown;
  readonly trustProfile?: {
    readonly name?: unknown;
    readonly anchors?: readonly { readonly id?: unknown; readonly certificate?: string }[];
  };
  readonly operator?: {
    readonly clientId?: unknown;
    readonly jwks?: { readonly keys?: readonly object[] };
  };
}

function readJson(path: string): DeploymentJson {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as DeploymentJson;
  } catch (cause) {
    throw new ConfigurationError(`cannot read the deployment ${path}: ${(cause as Error).message}`);
  }
}

const sha256 = (base64: string): string =>
  createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex');
