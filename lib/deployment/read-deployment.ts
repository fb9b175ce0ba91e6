import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseTrustProfile } from '../../lambdas/platform/trust-profile-json.ts';
import type { TrustProfile } from '../../lambdas/pki/trust-profile.ts';
import { ConfigurationError, type StageConfiguration, type StageName } from '../config.ts';
import { nearestName } from '../../lambdas/platform/nearest-name.ts';

/** The published SHA-256 of JPKI's 2023 CA certificates, DER. */
const publishedPins: readonly string[] = [
  '64114f29620c24ed2631d46476a040e7ee740d956089c00b036a6a8118c322b5',
  'd227f6cde11d35c5252178f106f843d24951944975413b539fa2fb68dbfa365f',
];

/** Anchors of production, test and sandbox are never accepted in one another's stages. */
const profilesOfStage: Readonly<Record<StageName, readonly TrustProfile['name'][]>> = {
  dev: ['sandbox', 'jpki-test'],
  sandbox: ['sandbox'],
  test: ['sandbox', 'jpki-test'],
  production: ['jpki-production'],
};

/**
 * Parses deployment.json as the functions will, and refuses before anything is built: trust of
 * another stage, unpinned anchors, a private operator key, unknown fields.
 * @throws ConfigurationError with a one-line message
 */
export function readDeployment(configuration: StageConfiguration): TrustProfile {
  const { stage, deploymentFile, furtherAnchorPins } = configuration;
  const deployment = readJson(deploymentFile);
  const refuse = (why: string, cause?: unknown): never => {
    throw new ConfigurationError(`${deploymentFile}: ${why}`, { cause });
  };

  if (deployment.stage !== stage)
    refuse(`is for stage ${String(deployment.stage)}, not for stage ${stage}`);
  const { clientId, jwks } = deployment.operator ?? {};
  if (!clientId || !jwks?.keys?.length)
    return refuse('operator.clientId and operator.jwks.keys are needed');
  if (jwks.keys.some((key) => 'd' in key || 'k' in key))
    refuse('operator.jwks must hold public keys only');

  const profile = parsed(deployment.trustProfile, refuse);
  for (const { path, name, known } of unknownOf(deployment))
    refuse(`${path} is not a known field${nearestName(name, known)}`);
  if (profile.anchors.length === 0) refuse('trustProfile.anchors is empty');
  const allowed = profilesOfStage[stage];
  if (!allowed.includes(profile.name))
    refuse(
      `stage ${stage} accepts only the trust profile ${allowed.join(' or ')}, not ${profile.name}`,
    );
  const pins = [...publishedPins, ...furtherAnchorPins];
  const stranger = profile.anchors.find(
    ({ certificate }) => !pins.includes(sha256(certificate.der)),
  );
  if (stage === 'production' && stranger !== undefined)
    refuse(`anchor ${stranger.id} is not one of JPKI's published certificates`);
  return profile;
}

/** Fields besides the trust profile; a JWK may have additional members (RFC 7517 §4). */
function* unknownOf(
  deployment: DeploymentJson,
): Generator<{ readonly path: string; readonly name: string; readonly known: readonly string[] }> {
  for (const [part, known, path] of [
    [deployment, ['stage', 'trustProfile', 'operator'], ''],
    [deployment.operator ?? {}, ['clientId', 'jwks'], 'operator.'],
    [deployment.operator?.jwks ?? {}, ['keys'], 'operator.jwks.'],
  ] as const)
    for (const name of Object.keys(part))
      if (!(known as readonly string[]).includes(name)) yield { path: path + name, name, known };
}

interface DeploymentJson {
  readonly stage?: unknown;
  readonly trustProfile?: unknown;
  readonly operator?: {
    readonly clientId?: unknown;
    readonly jwks?: { readonly keys?: readonly object[] };
  };
}

function readJson(path: string): DeploymentJson {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as DeploymentJson;
  } catch (cause) {
    const { message } = cause as Error;
    throw new ConfigurationError(`cannot read the deployment ${path}: ${message}`, { cause });
  }
}

function parsed(json: unknown, refuse: (why: string, cause: unknown) => never): TrustProfile {
  try {
    return parseTrustProfile(json);
  } catch (cause) {
    return refuse((cause as Error).message, cause);
  }
}

const sha256 = (der: Uint8Array): string => createHash('sha256').update(der).digest('hex');
