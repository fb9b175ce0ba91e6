import type { JobSubject } from './job.ts';

/** Normalises a column name for comparison: case, width, spaces, `_` and `-` are ignored. */
export const plainName = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s_-]/g, '');

const serialNames =
  /^(?:(?:certificate)?serial(?:number|no\.?)?|(?:(?:利用者証明用|署名用)?(?:電子)?証明書の?)?(?:シリアル(?:番号|ナンバー|no\.?)?|発行番号)|(?:利用者証明用|署名用)?(?:電子)?証明書の?(?:シリアル)?番号)$/;
const ppidNames = /^ppid$/;
const issuerNames = /^(?:issuer(?:keyid|name)?|発行者(?:名|id)?|認証局(?:名)?)$/;

/** Column names that identify their content (listed in docs/bulk-jobs.md). */
export const isIdentifierName = (name: string, by: JobSubject): boolean =>
  (by === 'serial' ? serialNames : ppidNames).test(plainName(name));

export const isIssuerName = (name: string): boolean => issuerNames.test(plainName(name));
