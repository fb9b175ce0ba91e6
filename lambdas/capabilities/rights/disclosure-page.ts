import type { DisclosureJson } from './disclosure-json.ts';

export type PageLanguage = 'ja' | 'en';

const words = {
  ja: {
    title: 'あなたについて保有している記録',
    at: '作成日時',
    use: '利用の状態',
    inUse: '利用できる',
    suspended: { person: '本人の請求により停止中', operator: '運用者により停止中' },
    deletion: '削除の請求日／実行日（この日までは取り消せる）',
    merged: '統合された記録の数',
    certificates: '証明書の履歴',
    kind: { 'user-authentication': '利用者証明用', 'digital-signature': '署名用' },
    columns: ['種類', '発行番号（16進）', '有効期限', '記録日時', '更新により置き換え済み'],
    yes: 'はい',
    no: 'いいえ',
    services: 'あなたを識別しているサービス',
    serviceColumns: [
      'サービス',
      '仮名識別子',
      '発行日時',
      '利用者番号',
      '属性の最終確認',
      'チップの登録',
      '同意・通知',
    ],
    consent: { consent: '同意', notice: '通知' },
    withdrawn: '撤回',
    ids: 'マイキーID',
    idColumns: ['番号', '発行', '失効'],
    acts: '運用者による操作',
    act: { merge: '記録の統合', split: '記録の分割' },
    corrections: '訂正の請求',
    correctionColumns: ['対象', 'サービス', '請求者の記載', '請求日時', '結果', '理由', '決定日時'],
    about: {
      'user-number': '利用者番号',
      consent: '同意・通知',
      'record-of-two-persons': '他人の記録の混入',
      other: 'その他',
    },
    outcome: {
      corrected: '訂正した',
      refused: '訂正しない',
      'passed-to-service': 'サービスに伝えた',
    },
    undecided: '確認中',
    none: 'なし',
    else: 'このほか、サービスの側にある記録は各サービスが開示します。バックアップに残る期間は最長35日です。',
  },
  en: {
    title: 'What is held about you',
    at: 'Made at',
    use: 'Use',
    inUse: 'in use',
    suspended: { person: 'suspended at your request', operator: 'suspended by the operator' },
    deletion: 'Deletion asked for / executed from (cancellable until then)',
    merged: 'Records merged into this one',
    certificates: 'Certificates',
    kind: { 'user-authentication': 'user authentication', 'digital-signature': 'signature' },
    columns: ['Kind', 'Serial number (hex)', 'Valid until', 'Recorded', 'Replaced by a renewal'],
    yes: 'yes',
    no: 'no',
    services: 'Services that know you',
    serviceColumns: [
      'Service',
      'PPID',
      'Issued',
      'User number',
      'Attributes last confirmed',
      'Chip enrolled',
      'Consents and notices',
    ],
    consent: { consent: 'consent', notice: 'notice' },
    withdrawn: 'withdrawn',
    ids: 'My Key IDs',
    idColumns: ['ID', 'Issued', 'Revoked'],
    acts: 'Acts of operators',
    act: { merge: 'records merged', split: 'record split' },
    corrections: 'Requests for correction',
    correctionColumns: [
      'About',
      'Service',
      'As stated',
      'Asked for',
      'Outcome',
      'Reason',
      'Decided',
    ],
    about: {
      'user-number': 'user number',
      consent: 'consent or notice',
      'record-of-two-persons': 'another person’s data in the record',
      other: 'other',
    },
    outcome: {
      corrected: 'corrected',
      refused: 'refused',
      'passed-to-service': 'passed to the service',
    },
    undecided: 'being examined',
    none: 'none',
    else: 'What a service itself holds, that service discloses. Backups keep what is deleted here for 35 days at most.',
  },
} as const;

/** A page without script and style, which every browser and screen reader shows and prints. */
export function disclosurePage(disclosed: DisclosureJson, language: PageLanguage): string {
  const say = words[language];
  const { use, certificates, services, acts } = disclosed;
  const standing = use.suspended ? say.suspended[use.suspendedBy ?? 'operator'] : say.inUse;
  const certificateRows = certificates.map(({ kind, certificate, filedAt, superseded }) => [
    say.kind[kind],
    certificate.serial,
    'validUntil' in certificate ? certificate.validUntil : '',
    filedAt,
    superseded ? say.yes : say.no,
  ]);
  const serviceRows = services.map((service) => [
    service.name ?? service.serviceId,
    service.ppid,
    service.issuedAt,
    service.userNumber ?? '',
    service.attributesConfirmedAt ?? '',
    service.chipEnrolledAt ?? '',
    service.consents
      .map(({ kind, document, version, recordedAt, withdrawnAt }) =>
        [
          say.consent[kind],
          document,
          version,
          recordedAt,
          ...(withdrawnAt ? [say.withdrawn, withdrawnAt] : []),
        ].join(' '),
      )
      .join('; '),
  ]);
  const idRows = disclosed.myKeyIds.map((id) => [id.myKeyId, id.issuedAt, id.revokedAt ?? '']);
  const nameOf = (id: string | undefined): string =>
    services.find(({ serviceId }) => serviceId === id)?.name ?? id ?? '';
  const correctionRows = disclosed.corrections.map(
    ({ about, serviceId, statement, requestedAt, outcome }) => [
      say.about[about],
      nameOf(serviceId),
      statement ?? '',
      requestedAt,
      outcome ? say.outcome[outcome.outcome] : say.undecided,
      outcome?.reason ?? '',
      outcome?.at ?? '',
    ],
  );
  return `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${say.title}</title>
<h1>${say.title}</h1>
<dl>
<dt>${say.at}</dt><dd>${disclosed.disclosedAt}</dd>
<dt>${say.use}</dt><dd>${standing}</dd>
${use.deletion ? `<dt>${say.deletion}</dt><dd>${use.deletion.requestedAt} / ${use.deletion.dueAt}</dd>\n` : ''}<dt>${say.merged}</dt><dd>${disclosed.mergedRecords}</dd>
</dl>
${table(say.services, say.serviceColumns, serviceRows, say.none)}
${table(say.certificates, say.columns, certificateRows, say.none)}
${table(say.ids, say.idColumns, idRows, say.none)}
${table(say.corrections, say.correctionColumns, correctionRows, say.none)}
<h2>${say.acts}</h2>
${acts.length === 0 ? `<p>${say.none}</p>` : `<ul>${acts.map(({ kind, at, reason }) => `<li>${at} ${say.act[kind]}: ${escape(reason)}</li>`).join('')}</ul>`}
<p>${say.else}</p>
</html>
`;
}

function table(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly (string | undefined)[])[],
  none: string,
): string {
  if (rows.length === 0) return `<h2>${title}</h2>\n<p>${none}</p>`;
  const head = columns.map((column) => `<th scope="col">${column}</th>`).join('');
  const body = rows.map(
    (row) => `<tr>${row.map((cell) => `<td>${escape(cell ?? '')}</td>`).join('')}</tr>`,
  );
  return `<table border="1">
<caption>${title}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body.join('\n')}
</tbody>
</table>`;
}

const escape = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
