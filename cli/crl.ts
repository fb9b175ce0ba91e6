import { X509Certificate } from 'node:crypto';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openListWriter } from '../lambdas/platform/adapters/dynamodb/crl-store/open-crl-store.ts';
import { refuseOtherForms } from '../lambdas/platform/adapters/crl-download/other-forms.ts';
import { isCodedError } from '../lambdas/errors.ts';
import { buildShards, layoutOf } from '../lambdas/crl-store/format/build-pages.ts';
import { ingestCrl, readCrl, type IngestContext } from '../lambdas/crl-store/ingest/ingest-crl.ts';
import type { ListWriter } from '../lambdas/crl-store/ingest/list-writer.ts';
import { octetsCure } from '../lambdas/pki/diagnosis/octets-cure.ts';
import { engineLimits } from '../lambdas/pki/limits.ts';
import { parseTrustProfile } from '../lambdas/platform/trust-profile-json.ts';
import type { CrlSource } from '../lambdas/pki/trust-profile.ts';
import { parseCertificate } from '../lambdas/pki/x509/certificate.ts';
import { signedHeaders } from '../sandbox/cloud/iam/sigv4.ts';
import { sandboxFor } from './running-sandbox.ts';
import { createProgressPhases, type ProgressPhases } from './progress-phases.ts';
import { CommandFailure, exitCodes, runCommand } from './run-command.ts';

export const name = 'crl';
export const summary = 'verify a revocation list of any size and load it into a platform';

const usage = `
Usage: npx mykey crl ingest FILE --deployment FILE [--table NAME --bucket NAME]
       npx mykey crl ingest FILE --issuer FILE --dry-run
       npx mykey crl ingest --now [--url URL]

FILE is a CRL in DER. It is read once: every entry is checked, the signature verified, and only then
written beside the list that serves and switched to. A list that is not newer changes nothing.

  --deployment FILE  deployment.json: the list must be of one of its sources
  --issuer FILE      instead: the certificate (PEM or DER) of the list's issuer; a full list
  --table NAME       the platform's revocation table (default: REVOCATION_TABLE)
  --bucket NAME      the platform's revocation bucket (default: REVOCATION_BUCKET)
  --dry-run          reads, verifies and builds, writes nothing
  --now              instead of a FILE: the running sandbox fetches every list of its sources now,
                     as it does every night
  --url URL          which sandbox (default http://localhost:8080)
  --at TIME          judge the list, and say it was loaded, at this time (RFC 3339) instead of now:
                     the time of a sandbox whose clock was moved, or of an old list in a dry run
  --json             print the figures as JSON

Progress goes to standard error, phase by phase: verify (every entry is scanned and hashed for the
signature), then write (pages are built and written), or build where nothing is written.

Table and bucket are reached as the AWS SDK finds them (AWS_REGION, AWS_PROFILE,
AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL_S3). A running sandbox writes all of it beside its keys:

  set -a; . .sandbox/8080/aws.env; set +a
  npx mykey crl ingest FILE --deployment .sandbox/8080/deployment.json

Exit code: 0 loaded, known already, or good in a dry run; 1 refused, with the code; 64 wrong usage;
66 a file cannot be read; 69 table or bucket do not answer.
`;

/** Reads one chunk ahead while the previous one is scanned. */
const chunkBytes = 1 << 20;

export function run(argv: string[]): Promise<number> {
  return runCommand(name, usage, argv, async () => {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        deployment: { type: 'string' },
        issuer: { type: 'string' },
        table: { type: 'string' },
        bucket: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
        at: { type: 'string' },
        now: { type: 'boolean', default: false },
        url: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const [verb, file, ...more] = positionals;
    if (verb === 'ingest' && values.now && file === undefined) {
      return ingestNow(values.url, values.json);
    }
    if (values.now) throw new CommandFailure('omit FILE with --now', exitCodes.usage);
    if (verb !== 'ingest' || file === undefined || more.length > 0) {
      throw new CommandFailure('say: crl ingest FILE', exitCodes.usage);
    }
    const names = values['dry-run'] ? undefined : storeFrom(values);
    const { rules, sources } = trustFrom(values);
    const now = values.at === undefined ? Date.now() : Date.parse(values.at);
    if (Number.isNaN(now)) throw new CommandFailure('--at is no time', exitCodes.usage);
    const phases = createProgressPhases();
    const context = { rules, now, phases };
    const startedAt = performance.now();
    try {
      const chunks = refuseOtherForms(createReadStream(file, { highWaterMark: chunkBytes }));
      const figures = names
        ? await load(chunks, sources, context, names)
        : await rehearse(chunks, sources, context);
      phases.finish();
      print({ ...figures, seconds: elapsed(startedAt) }, values.json);
      return exitCodes.ok;
    } catch (error) {
      phases.stop();
      if (!isCodedError(error)) throw error;
      const code =
        error.code === 'dependency-unavailable' ? exitCodes.unavailable : exitCodes.failed;
      throw new CommandFailure(`${error.code}: ${wordsFor(file, error)}`, code);
    }
  });
}

/**
 * Invokes the nightly EventBridge rule's function now, through the sandbox's Lambda Invoke API,
 * signed with the operator's credentials.
 */
async function ingestNow(url: string | undefined, asJson: boolean): Promise<number> {
  const sandbox = await sandboxFor(url);
  const { apiUrl } = sandbox;
  const target = new URL('/2015-03-31/functions/ingest-crl/invocations', sandbox.lambdaEndpoint);
  const request = { method: 'POST', url: target, body: '{}' };
  const scope = { region: 'ap-northeast-1', service: 'lambda' };
  const headers = signedHeaders(request, sandbox.aws, scope, Date.now());
  const response = await fetch(target, { method: 'POST', headers, body: request.body });
  const text = await response.text();
  if (response.status === 403) {
    throw new CommandFailure(
      `restart the sandbox at ${apiUrl}: it does not know the operator's credentials of this folder (${text.slice(0, 200)})`,
    );
  }
  if (!response.ok || response.headers.has('x-amz-function-error')) {
    throw new CommandFailure(
      `the ingestion failed: ${text.slice(0, 200)}${await outageOf(apiUrl)}`,
    );
  }
  const summary = JSON.parse(text) as { readonly refused?: number };
  print(summary, asJson);
  return (summary.refused ?? 0) > 0 ? exitCodes.failed : exitCodes.ok;
}

/** The reason why the sandbox waits, if it reports one. */
async function outageOf(apiUrl: string): Promise<string> {
  const answer = await fetch(`${apiUrl}/v1/status`);
  const { detail } = (await answer.json()) as { readonly detail?: string };
  return answer.ok || detail === undefined ? '' : `; ${detail}`;
}

/**
 * The cure for a file that is not a complete list, if it can be recognised; otherwise the error's
 * text.
 */
function wordsFor(file: string, { code, message }: { readonly code: string; message: string }) {
  const whole = code === 'crl-malformed' && statSync(file).size <= engineLimits.crlOctets;
  return (whole ? octetsCure(readFileSync(file), 'list') : undefined) ?? message;
}

interface StoreNames {
  readonly table: string;
  readonly bucket: string;
}

function storeFrom(options: Partial<StoreNames>): StoreNames {
  const table = options.table ?? process.env['REVOCATION_TABLE'];
  const bucket = options.bucket ?? process.env['REVOCATION_BUCKET'];
  if (table === undefined || bucket === undefined) {
    throw new CommandFailure('give --table and --bucket, or --dry-run', exitCodes.usage);
  }
  return { table, bucket };
}

interface TrustOptions {
  readonly deployment?: string;
  readonly issuer?: string;
}

function trustFrom(options: TrustOptions): {
  readonly rules: IngestContext['rules'];
  readonly sources: readonly CrlSource[];
} {
  if (options.deployment !== undefined) {
    const json = JSON.parse(readFileSync(options.deployment, 'utf8')) as { trustProfile: unknown };
    const profile = parseTrustProfile(json.trustProfile);
    return { rules: profile, sources: profile.crlSources };
  }
  if (options.issuer === undefined) {
    throw new CommandFailure('give --deployment or --issuer', exitCodes.usage);
  }
  const certificate = parseCertificate(new X509Certificate(readFileSync(options.issuer)).raw);
  return {
    rules: {
      anchors: [{ id: 'issuer', kind: 'user-authentication', certificate }],
      algorithms: {
        minimumRsaBits: 2048,
        curves: ['P-256', 'P-384', 'P-521'],
        hashes: ['SHA-256', 'SHA-384', 'SHA-512'],
      },
      clockSkewMs: 60_000,
      crlMaxAgeMs: Number.MAX_SAFE_INTEGER,
    },
    sources: [{ id: 'issuer/full', anchorId: 'issuer', url: 'file:' }],
  };
}

interface CommandContext extends Pick<IngestContext, 'rules' | 'now'> {
  readonly phases: ProgressPhases;
}

async function rehearse(
  chunks: AsyncIterable<Uint8Array>,
  sources: readonly CrlSource[],
  { phases, ...context }: CommandContext,
): Promise<object> {
  const onProgress = verifying(phases);
  const { list, accepted, index } = await readCrl(chunks, sources, { ...context, onProgress });
  const layout = layoutOf(index);
  const building = phases.begin('build', 'pages');
  let pages = 0;
  let pageOctets = 0;
  let filterOctets = 0;
  for (const shard of buildShards(index, layout)) {
    pages += shard.pages.length;
    for (const { bytes } of shard.pages) pageOctets += bytes.length;
    filterOctets += shard.filter.cells.length;
    building.update(pages, Math.max(pages, layout.pages));
  }
  return {
    outcome: 'verified, nothing written',
    source: accepted.source.id,
    crlNumber: accepted.crlNumber.toString(),
    delta: accepted.deltaBase !== undefined,
    thisUpdate: new Date(accepted.thisUpdate).toISOString(),
    nextUpdate: new Date(accepted.nextUpdate).toISOString(),
    bytes: list.header.totalBytes,
    entries: list.entries,
    pages,
    pageOctets,
    filterOctets,
    writeUnits: 4 * pages + 1,
  };
}

async function load(
  chunks: AsyncIterable<Uint8Array>,
  sources: readonly CrlSource[],
  { phases, ...context }: CommandContext,
  names: StoreNames,
): Promise<object> {
  const writer = openListWriter(names);
  const { outcome, source, generation } = await ingestCrl(chunks, sources, {
    ...context,
    onProgress: verifying(phases),
    writer: watched(writer, phases),
  });
  const { crlNumber, entries, bytes } = generation;
  await writer.recordAttempt({ sourceId: source.id, at: context.now, outcome, crlNumber });
  return { outcome, source: source.id, crlNumber, entries, bytes };
}

function verifying(phases: ProgressPhases): NonNullable<IngestContext['onProgress']> {
  const bar = phases.begin('verify', 'bytes');
  return ({ phase, bytes, totalBytes }) => {
    if (phase === 'reading') bar.update(bytes, totalBytes === 0 ? undefined : totalBytes);
  };
}

/**
 * The same store, with page writes reported as a progress phase. About one page in a thousand needs
 * a second item.
 */
function watched(writer: ListWriter, phases: ProgressPhases): ListWriter {
  return {
    serving: (scope) => writer.serving(scope),
    writeLayer(draft, shards, onPages) {
      const bar = phases.begin('write', 'pages');
      let pages = 0;
      return writer.writeLayer(draft, shards, (written) => {
        pages += written;
        bar.update(pages, Math.max(pages, draft.layout.pages));
        onPages?.(written);
      });
    },
    entriesOf: (layer) => writer.entriesOf(layer),
    leaveComparisons: (id, comparisons) => writer.leaveComparisons(id, comparisons),
    switchTo: (generation) => writer.switchTo(generation),
    recordAttempt: (attempt) => writer.recordAttempt(attempt),
  };
}

const elapsed = (startedAt: number): number => Math.round(performance.now() - startedAt) / 1000;

function print(figures: object, asJson: boolean): void {
  if (asJson) {
    console.log(JSON.stringify(figures));
    return;
  }
  for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(14)}${value}`);
}
