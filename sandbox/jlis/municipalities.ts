import { AsnConvert } from '@peculiar/asn1-schema';
import type { Kind } from './generations.ts';
import { directoryPointName, encodeName } from './issue-certificate.ts';
import { SandboxRefusal } from './sandbox-refusal.ts';

/** An invented municipality in an invented prefecture (the real list has 47). */
export interface Municipality {
  /** Six digits, the last a check digit, as local government codes have. */
  readonly code: string;
  readonly name: string;
  readonly romanName: string;
}

export const prefecture = { name: '砂場県', romanName: 'Sunaba-ken' };

export const municipalities: readonly Municipality[] = [
  { code: '990019', name: '青空市', romanName: 'Aozora-shi' },
  { code: '990027', name: '夕焼町', romanName: 'Yuyake-machi' },
  { code: '990035', name: '朝霧村', romanName: 'Asagiri-mura' },
];

export function municipalityOf(code: string): Municipality {
  const found = municipalities.find((municipality) => municipality.code === code);
  if (found) return found;
  throw new SandboxRefusal(404, 'municipality-unknown', 'there is no such municipality here', {
    known: municipalities.map((municipality) => municipality.code),
  });
}

export const organisation = 'JPKI-SANDBOX';
export const unitOf = (kind: Kind): string =>
  kind === 'user-authentication' ? 'JPKI for user authentication' : 'JPKI for digital signature';

/** The directoryName shared by a municipality's CRLs and certificates, per kind of authority. */
export const listName = (kind: Kind, municipality: Municipality): Buffer =>
  encodeName(
    ['C', 'JP'],
    ['O', organisation],
    ['OU', unitOf(kind)],
    ['OU', 'CRL Distribution Points'],
    ['OU', prefecture.romanName],
    ['CN', `${municipality.romanName} CRLDP`],
  );

/** DistributionPointName, DER: `fullName [0] { directoryName [4] Name }`. */
export const listPoint = (kind: Kind, municipality: Municipality): Buffer =>
  Buffer.from(AsnConvert.serialize(directoryPointName(listName(kind, municipality))));
