import { existsSync, readFileSync } from 'node:fs';
import { unzipSync } from 'fflate';
import type { PkitsCase } from './pkits-case.ts';

/*
 * Reads the certificates and CRLs of PKITS from NIST's archive, or from ../shared/vectors/pkits.json, which
 * also contains the cases. `pkits-cases.json` contains only the cases of the PKITS document: file names,
 * inputs and expected results.
 */

type PkitsDefinition = Omit<PkitsCase, 'certs' | 'crls'> & {
  readonly certNames: readonly string[];
  readonly crlNames: readonly string[];
};

/** Environment variable with the path of an archive; set by `npm run test:pkits -- --from FILE`. */
export const archiveVariable = 'PKITS_ARCHIVE';
const sharedFile = new URL('../../../../shared/vectors/pkits.json', import.meta.url);

export const whereToGetIt =
  'NIST publishes PKITS_data.zip at https://csrc.nist.gov/projects/pki-testing ("Path Validation Testing")';

/** The archive is not the one that NIST publishes. */
export class PkitsArchiveError extends Error {
  override readonly name = 'PkitsArchiveError';
}

/** The cases with the archive of the environment variable, or of the shared file; undefined without both. */
export function readPkitsCases(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): readonly PkitsCase[] | undefined {
  const archive = environment[archiveVariable];
  if (archive !== undefined) return readPkitsArchive(archive);
  if (!existsSync(sharedFile)) return undefined;
  return JSON.parse(readFileSync(sharedFile, 'utf8')) as readonly PkitsCase[];
}

/**
 * Every case with the files of an archive in the layout of PKITS_data.zip: certs/NAME.crt and crls/NAME.crl,
 * in any folder. `pkits-cases.json` uses a time in April 2011, at which both editions are in force.
 * @throws PkitsArchiveError naming what is missing
 */
export function readPkitsArchive(path: string): readonly PkitsCase[] {
  const definitions = JSON.parse(
    readFileSync(new URL('pkits-cases.json', import.meta.url), 'utf8'),
  ) as readonly PkitsDefinition[];
  const files = filesIn(path);
  const missing = new Set<string>();
  const take = (name: string): string => {
    const found = files.get(name.toLowerCase());
    if (found === undefined || found.length === 0) missing.add(name);
    return Buffer.from(found ?? []).toString('base64');
  };
  const cases = definitions.map((one) => ({
    ...one,
    certs: one.certNames.map((name) => take(`certs/${name}.crt`)),
    crls: one.crlNames.map((name) => take(`crls/${name}.crl`)),
  }));
  if (missing.size > 0) {
    const [first] = missing;
    throw new PkitsArchiveError(
      `${path} is incomplete: ${missing.size} of its files are missing, ${first} first; ${whereToGetIt}`,
    );
  }
  return cases;
}

/** Files by the last two parts of their path, in lower case. */
function filesIn(path: string): ReadonlyMap<string, Uint8Array> {
  let files: Readonly<Record<string, Uint8Array>>;
  const archive = readFileSync(path);
  try {
    files = unzipSync(archive, { filter: ({ name }) => /(^|\/)(certs|crls)\/[^/]+$/.test(name) });
  } catch (error) {
    throw new PkitsArchiveError(`${path} is no whole ZIP archive; ${whereToGetIt}`, {
      cause: error,
    });
  }
  return new Map(
    Object.entries(files).map(([name, octets]) => [
      name.split('/').slice(-2).join('/').toLowerCase(),
      octets,
    ]),
  );
}
