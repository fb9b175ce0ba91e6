import { isPlausible, octetsCure } from '../lambdas/pki/diagnosis/octets-cure.ts';
import { archiveFormOf, otherFormOf } from '../lambdas/pki/diagnosis/what-it-is.ts';
import { CommandFailure, exitCodes } from './run-command.ts';

/** Octets with the name used in the report. */
export interface NamedBytes {
  readonly source: string;
  /** DER. */
  readonly bytes: Uint8Array;
}

/** The kind of value that an option accepts. */
export type WantedValue = 'certificate' | 'list' | 'response';

/** Labels of RFC 7468 §4 and §6, and those of older tools. */
const labelsOf: Readonly<Record<WantedValue, readonly string[]>> = {
  certificate: ['CERTIFICATE', 'X509 CERTIFICATE'],
  list: ['X509 CRL', 'CRL'],
  response: ['OCSP RESPONSE'],
};

/**
 * Key files often contain the certificate too: other blocks are named in the error and not used.
 */
const besideCertificates = /KEY|PARAMETERS/;

/**
 * Every value in a PEM text, or the one DER value. Nothing is skipped: a block that is truncated,
 * not base64 or of another kind ends the command with an error that names it.
 * @param wanted the expected kind; any of the three if absent
 * @throws CommandFailure with exit code 65
 */
export function derOf(
  input: Uint8Array,
  source: string,
  wanted?: WantedValue,
): readonly NamedBytes[] {
  const archive = archiveFormOf(input);
  if (archive) throw unreadable(`${source}: ${archive.cure}: this is ${archive.what}`);
  // Editors of Windows put a byte order mark in front of UTF-8.
  const text = Buffer.from(input)
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '');
  if (!text.includes('-----BEGIN ')) {
    const cure = wanted === undefined ? otherForm(input) : otherThan(wanted, input);
    if (cure !== undefined) throw unreadable(`${source}: ${cure}`);
    return [{ source, bytes: input }];
  }
  const labels = wanted === undefined ? Object.values(labelsOf).flat() : labelsOf[wanted];
  const blocks = blocksOf(text, source);
  const values = blocks.filter(({ label, at }) => {
    if (labels.includes(label)) return true;
    if (besideCertificates.test(label) && wanted !== 'list' && wanted !== 'response') return false;
    throw unreadable(
      `${source}: block ${at} is a ${label}, not a ${wanted ?? labels.join(' or ')}`,
    );
  });
  if (values.length === 0) {
    throw unreadable(`${source}: no ${wanted ?? 'value'} in it, only ${blocks[0]!.label}`);
  }
  for (const { bytes, label, at } of values) {
    const cure = otherThan(wanted ?? structureOfLabel(label), bytes);
    if (cure !== undefined) throw unreadable(`${source}: block ${at}: ${cure}`);
  }
  return values.map(({ bytes, at }) => ({
    source: blocks.length > 1 ? `${source}#${at}` : source,
    bytes,
  }));
}

const structureOfLabel = (label: string): WantedValue =>
  (Object.keys(labelsOf) as WantedValue[]).find((wanted) => labelsOf[wanted].includes(label))!;

/** Faults inside a value of the right kind are reported with the verdict. */
const otherThan = (wanted: WantedValue, bytes: Uint8Array): string | undefined =>
  isPlausible(bytes, wanted) ? undefined : octetsCure(bytes, wanted);

function otherForm(input: Uint8Array): string | undefined {
  const form = otherFormOf(input);
  return form && `${form.cure ?? 'DER or PEM is needed'}: this is ${form.what}`;
}

interface PemBlock {
  readonly label: string;
  /** Counted from 1. */
  readonly at: number;
  readonly bytes: Uint8Array;
}

/**
 * Outside blocks: a line of base64, or dashes around a label, indicates a block that lost its BEGIN
 * line.
 */
const damaged = /^\s*[A-Za-z0-9+/]{24,}={0,2}\s*$|-{2,}.*(?:CERTIFICATE|CRL|OCSP|KEY)/;

/** RFC 7468 §2: explanatory text may surround blocks, but not appear in them. */
function blocksOf(text: string, source: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  let open: { readonly label: string; readonly lines: string[] } | undefined;
  for (const line of text.split(/\r\n|\r|\n/)) {
    const at = blocks.length + 1;
    const [, edge, label] = /^\s*-----(BEGIN|END) ([^-]*)-----\s*$/.exec(line) ?? [];
    if (edge === undefined && /-----BEGIN .*\\[nr]/.test(line)) {
      throw unreadable(`${source}: write \\n as line breaks in block ${at}`);
    } else if (edge === undefined && /-----(BEGIN|END) /.test(line)) {
      throw unreadable(`${source}: block ${at} does not begin or end on a line of its own`);
    } else if (edge === undefined) {
      if (open === undefined && damaged.test(line)) {
        throw unreadable(`${source}: give block ${at} whole: its BEGIN line is damaged`);
      }
      open?.lines.push(line);
    } else if (edge === 'BEGIN') {
      if (open) throw unreadable(cut(source, at, open.label));
      open = { label: label!, lines: [] };
    } else {
      if (open?.label !== label) {
        throw unreadable(`${source}: an END ${label} without its BEGIN; is the file cut?`);
      }
      blocks.push({ label: label!, at, bytes: decoded(open!.lines, `${source}: block ${at}`) });
      open = undefined;
    }
  }
  if (open) throw unreadable(cut(source, blocks.length + 1, open.label));
  return blocks;
}

const cut = (source: string, at: number, label: string): string =>
  `${source}: block ${at} (${label}) has no END line; the file is cut`;

function decoded(lines: readonly string[], where: string): Uint8Array {
  const body = lines.join('').replaceAll(/\s/g, '');
  const whole = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(body);
  if (body === '' || !whole) throw unreadable(`${where} is not whole base64 (RFC 7468 §3)`);
  return Buffer.from(body, 'base64');
}

/** EX_DATAERR: a file was read, but its content is not of the expected kind. */
export const unreadable = (message: string): CommandFailure =>
  new CommandFailure(message, exitCodes.dataUnreadable);
