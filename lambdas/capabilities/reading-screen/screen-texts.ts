import { cures, type ReaderCode } from '../../../reader/core/codes.ts';
import type { everywhere } from '../../platform/http/problems.ts';
import type * as readings from '../reading-sessions/contract.ts';

/** Japanese, then English. */
export type Bilingual = readonly [ja: string, en: string];

/** What a failed reading comes to. */
export interface Situation {
  readonly title: Bilingual;
  /** What staff do, whatever the code. */
  readonly staff: Bilingual;
  /** What the holder does at a kiosk, where no staff reads the screen. */
  readonly holder: Bilingual;
}

const atTheCounter: Bilingual = [
  'この端末では受け付けられません。窓口でお手続きください。',
  'This machine cannot accept it. Please go to the counter.',
];
const outOfOrder: Bilingual = [
  'この端末はいま使えません。窓口でお手続きください。',
  'This machine is out of order. Please go to the counter.',
];

export const situations = {
  'card-absent': {
    title: ['カードがありません', 'No card'],
    staff: [
      'カードを 1 枚だけリーダーに置いて、やり直してください。',
      'Put one card on the reader and start again.',
    ],
    holder: ['カードを 1 枚だけ置いてください。', 'Put one card on the reader.'],
  },
  'card-removed': {
    title: ['カードが離れました', 'The card was taken away'],
    staff: [
      '終わるまでカードをリーダーに置いたまま、やり直してください。',
      'Leave the card on the reader until the end, and start again.',
    ],
    holder: [
      '終わるまでカードを置いたまま、もう一度お試しください。',
      'Leave the card on the reader until the end, and try again.',
    ],
  },
  'card-unread': {
    title: ['カードを読み取れませんでした', 'The card could not be read'],
    staff: ['カードを置き直して、やり直してください。', 'Put the card on again and start again.'],
    holder: [
      'カードを置き直して、もう一度お試しください。',
      'Put your card on again and try again.',
    ],
  },
  'card-wrong': {
    title: ['このカードは使えません', 'This card cannot be used'],
    staff: ['マイナンバーカードか確かめてください。', 'Check that it is a My Number Card.'],
    holder: ['マイナンバーカードを置いてください。', 'Put your My Number Card on the reader.'],
  },
  'entry-missing': {
    title: ['暗証番号が入力されませんでした', 'The PIN was not entered'],
    staff: ['本人に確かめて、やり直してください。', 'Ask the holder and start again.'],
    holder: ['暗証番号を確かめて、もう一度お試しください。', 'Check your PIN and try again.'],
  },
  'pin-last-try': {
    title: ['暗証番号は残り 1 回です', 'One try of the PIN is left'],
    staff: [
      '本人に伝えて、了解を得たときだけ続けてください。',
      'Go on only if the holder knows and agrees.',
    ],
    holder: [
      'この端末では、最後の 1 回は使いません。窓口でお手続きください。',
      'This machine does not use the last one. Please go to the counter.',
    ],
  },
  'pin-blocked': {
    title: ['暗証番号が使えません', 'The PIN cannot be used'],
    staff: [
      '市区町村の窓口での再設定を案内してください。',
      'The holder has it reset at the municipal counter.',
    ],
    holder: [
      '暗証番号がロックされています。お住まいの市区町村の窓口で再設定してください。',
      'Your PIN is blocked. Have it reset at your municipal counter.',
    ],
  },
  'pin-required': {
    title: ['暗証番号なしでは使えません', 'Not possible without the PIN'],
    staff: ['暗証番号を使って読み取ってください。', 'Read the card with its PIN.'],
    holder: atTheCounter,
  },
  'attributes-unread': {
    title: ['基本4情報を読み取れません', 'The four attributes cannot be read'],
    staff: ['手で入力してください。', 'Enter them by hand.'],
    holder: atTheCounter,
  },
  'certificate-unusable': {
    title: ['カードの電子証明書が使えません', 'The card’s certificate cannot be used'],
    staff: [
      '手続を進めず、市区町村の窓口での更新・発行を案内してください。',
      'Do not proceed; the holder has it renewed or issued at the municipal counter.',
    ],
    holder: [
      'お住まいの市区町村の窓口で、電子証明書の更新をしてください。',
      'Have your certificate renewed at your municipal counter.',
    ],
  },
  refused: {
    title: ['このカードは受け付けられません', 'This card is not accepted'],
    staff: [
      'このカードで手続を進めず、責任者に連絡してください。',
      'Do not proceed with this card; tell the person in charge.',
    ],
    holder: atTheCounter,
  },
  'not-registered': {
    title: ['登録がありません', 'Not registered'],
    staff: ['本人の登録を済ませて、やり直してください。', 'Register the holder, then start again.'],
    holder: ['窓口で登録してください。', 'Please register at the counter.'],
  },
  later: {
    title: ['いまは確認できません', 'This cannot be checked now'],
    staff: [
      'カードの問題ではありません。しばらく待って、やり直してください。',
      'It is not the card. Wait a little and start again.',
    ],
    holder: [
      'いまは確認できません。時間をおいてお試しになるか、窓口でお手続きください。',
      'Try again later, or go to the counter.',
    ],
  },
  reader: {
    title: ['リーダーが使えません', 'The reader cannot be used'],
    staff: [
      'リーダーと読み取りソフトを確かめて、やり直してください。',
      'Check the reader and the reader program, and start again.',
    ],
    holder: outOfOrder,
  },
  settings: {
    title: ['設定を確かめてください', 'Check the settings'],
    staff: [
      'カードの問題ではありません。下のコードを情報システム担当に伝えてください。',
      'It is not the card. Tell IT the code below.',
    ],
    holder: outOfOrder,
  },
  'start-again': {
    title: ['読み取りを終えられませんでした', 'The reading could not be completed'],
    staff: ['業務の画面に戻って、やり直してください。', 'Go back to your system and start again.'],
    holder: ['もう一度お試しください。', 'Please try again.'],
  },
  cancelled: {
    title: ['中止しました', 'Cancelled'],
    staff: ['必要なら、やり直してください。', 'Start again if needed.'],
    holder: ['中止しました。', 'Cancelled.'],
  },
} as const satisfies Readonly<Record<string, Situation>>;

export type SituationName = keyof typeof situations;

/** What a code adds to its situation. */
export interface CodeText {
  readonly situation: SituationName;
  readonly staff: Bilingual;
  /** Instead of the situation's, at a kiosk. */
  readonly holder?: Bilingual;
}

/** The reader program's codes; what staff do is its own cure. */
const readerSituations = {
  'card-absent': 'card-absent',
  'card-removed': 'card-removed',
  'card-changed': 'card-removed',
  'card-reset': 'card-unread',
  'card-busy': 'card-unread',
  'card-unresponsive': 'card-unread',
  'cards-several': 'card-unread',
  'card-not-supported': 'card-wrong',
  'card-answer-invalid': 'card-unread',
  'certificate-unreadable': 'certificate-unusable',
  'signature-invalid': 'refused',
  'pin-wrong': 'entry-missing',
  'pin-last-try': 'pin-last-try',
  'pin-blocked': 'pin-blocked',
  'pin-form': 'entry-missing',
  'pin-needed': 'entry-missing',
  'pinless-unsupported': 'pin-required',
  'chip-record-invalid': 'refused',
  'chip-certificate-invalid': 'refused',
  'chip-root-unknown': 'settings',
  'chip-proof-invalid': 'refused',
  'attributes-unsupported': 'attributes-unread',
  'attributes-invalid': 'refused',
  'reader-none': 'reader',
  'reader-driver-missing': 'reader',
  'reader-unknown': 'reader',
  'reader-gone': 'reader',
  'reader-service-stopped': 'reader',
  'reader-library-missing': 'reader',
  'reader-failed': 'reader',
  'pinpad-cancelled': 'entry-missing',
  'pinpad-timeout': 'entry-missing',
  'pinpad-failed': 'reader',
  'pinpad-unverified': 'reader',
  cancelled: 'cancelled',
  'page-gone': 'start-again',
  'origin-refused': 'settings',
  'host-refused': 'settings',
  'pairing-needed': 'reader',
  'pairing-refused': 'reader',
  'reading-in-progress': 'start-again',
  'reading-unknown': 'start-again',
  'request-invalid': 'settings',
  'ticket-invalid': 'start-again',
  'ticket-used': 'start-again',
  'agent-outdated': 'settings',
  'terminal-not-paired': 'settings',
  'platform-unreachable': 'later',
  'platform-refused': 'start-again',
  'internal-error': 'start-again',
} as const satisfies Readonly<Record<ReaderCode, SituationName>>;

/** Every code with which the routes of a reading session can answer. */
type ReadingOperation =
  | typeof readings.openReadingSession
  | typeof readings.claimTicket
  | typeof readings.reportReading
  | typeof readings.getReadingSession
  | typeof readings.redeemHandover;
type PlatformCode =
  | ReadingOperation['problems'][number]
  | (typeof everywhere)[keyof typeof everywhere][number];

/** Failures that only the screen itself, or the library's line, can notice. */
export type OwnCode =
  | 'permission-denied'
  | 'agent-unreachable'
  | 'ticket-missing'
  | 'user-number-unknown';

const spoiled = 'カードを置き直して、やり直してください。続くときは責任者に連絡してください。';
const spoiledInEnglish = 'Put the card on again and start again; if it happens again, report it.';
const notThisPlatforms: Bilingual = [
  'この環境で認める発行者の証明書ではありません。試験用カードと本番環境の取り違えがないか確かめてください。',
  'No authority that this platform trusts issued the certificate. Check that test and production are not mixed.',
];
const newSession: Bilingual = [
  'この読み取りは期限切れか、すでに終わっています。業務の画面で新しく始めてください。',
  'This reading has expired or ended. Start a new one in your system.',
];
const systemsToken: Bilingual = [
  '業務システムのアクセス トークンが受け付けられません。',
  'The access token of your system is not accepted.',
];

const platformTexts = {
  // The person.
  'my-key-id-not-found': {
    situation: 'not-registered',
    staff: [
      '有効なマイキーIDがありません（未発行、または本人が失効させました）。マイキーIDの発行を選び、暗証番号で読み取ってください。',
      'No My Key ID is in force: none was issued, or the holder revoked it. Choose to issue one, and read the card with its PIN.',
    ],
    holder: [
      '有効なマイキーIDがありません。窓口で発行を受けてください。',
      'You have no My Key ID in force. Please get one at the counter.',
    ],
  },
  'my-key-id-taken': {
    situation: 'start-again',
    staff: [
      '希望した文字のマイキーIDは、すでに発行されています。別の 7 文字にするか、文字を選ばずに、やり直してください。',
      'A My Key ID of these characters was issued before. Choose seven others, or none, and start again.',
    ],
  },
  'subject-suspended': {
    situation: 'refused',
    staff: [
      'この人の利用は、運用者が停止しています。カードを本人に返し、運用者に問い合わせてください。',
      'The operator has suspended use by this person. Give the card back and ask the operator.',
    ],
  },
  'enrolment-required': {
    situation: 'pin-required',
    staff: [
      'この窓口でまだ登録していないカードです。一度、暗証番号で読み取って登録してください。',
      'The card is not enrolled here. Read it once with its PIN to enrol it.',
    ],
  },
  'chip-unknown': {
    situation: 'pin-required',
    staff: [
      '登録の後に、証明書またはカードが更新されています。一度、暗証番号で読み取ってください。',
      'Certificate or card were renewed since. Read the card once with its PIN.',
    ],
  },
  'chip-taken': {
    situation: 'refused',
    staff: [
      'このチップは、別の人のものとして登録されています。受け付けず、報告してください。',
      'Another person has enrolled this chip. Do not accept the card; report it.',
    ],
  },

  // The certificate.
  'certificate-expired': {
    situation: 'certificate-unusable',
    staff: ['電子証明書の有効期限が切れています。', 'The certificate has expired.'],
  },
  'certificate-revoked': {
    situation: 'certificate-unusable',
    staff: ['電子証明書が失効しています。', 'The certificate has been revoked.'],
  },
  'certificate-not-yet-valid': {
    situation: 'certificate-unusable',
    staff: ['電子証明書の有効期間がまだ始まっていません。', 'The certificate is not valid yet.'],
  },
  'certificate-kind-wrong': {
    situation: 'refused',
    staff: [
      '利用者証明用の電子証明書ではありません。読み取りソフトを確かめてください。',
      'It is not the user-authentication certificate. Check the reader program.',
    ],
  },
  'certificate-issuer-untrusted': { situation: 'refused', staff: notThisPlatforms },
  'certificate-policy-unacceptable': { situation: 'refused', staff: notThisPlatforms },
  'certificate-malformed': { situation: 'refused', staff: [spoiled, spoiledInEnglish] },
  'certificate-signature-invalid': { situation: 'refused', staff: [spoiled, spoiledInEnglish] },
  'certificate-path-invalid': { situation: 'refused', staff: [spoiled, spoiledInEnglish] },
  'certificate-path-too-complex': { situation: 'refused', staff: [spoiled, spoiledInEnglish] },
  'certificate-algorithm-unacceptable': {
    situation: 'refused',
    staff: [
      'この環境で認めない方式の証明書です。現行のカードか確かめてください。',
      'The certificate’s algorithm is not accepted. Check that it is a current card.',
    ],
  },
  'certificate-key-weak': {
    situation: 'refused',
    staff: [
      '証明書の鍵が、この環境の求める強さに足りません。現行のカードか確かめてください。',
      'The certificate’s key is too weak. Check that it is a current card.',
    ],
  },
  'challenge-signature-invalid': {
    situation: 'refused',
    staff: [
      'カードの署名が、証明書と一致しません。受け付けず、報告してください。',
      'The card’s signature does not verify with its certificate. Do not accept it; report it.',
    ],
  },

  // Sources that do not answer.
  'revocation-unknown': {
    situation: 'later',
    staff: [
      '失効しているかどうかを、どこにも確かめられませんでした。有効とはみなせません。',
      'Nobody could say whether the certificate is revoked. It does not count as valid.',
    ],
  },
  'revocation-method-not-permitted': {
    situation: 'later',
    staff: [
      'オンラインの失効確認が止まっています。その間は、有効なマイキーIDを持つ人だけを確認できます。',
      'Online revocation checks are out of service. Meanwhile only holders of a My Key ID in force can be checked.',
    ],
  },
  'linkage-unavailable': {
    situation: 'later',
    staff: [
      '初めての証明書ですが、以前の証明書との紐付けを確かめられません。',
      'The certificate is new here, and whether it follows another could not be found out.',
    ],
  },
  'dependency-unavailable': {
    situation: 'later',
    staff: ['プラットフォームの一部が答えません。', 'A part of the platform does not answer.'],
  },
  'too-many-requests': {
    situation: 'later',
    staff: ['要求が集中しています。', 'Too many requests arrive at once.'],
  },
  'quota-exceeded': {
    situation: 'settings',
    staff: [
      '今日の利用の上限に達しました（日本時間の午前 9 時に戻ります）。かざし利用のときは、暗証番号で読み取ってください。',
      'The quota of the day is used up (until 0:00 UTC). If it is that of held cards, read with the PIN.',
    ],
  },

  // The reading itself.
  'challenge-not-found': { situation: 'start-again', staff: newSession },
  'challenge-expired': { situation: 'start-again', staff: newSession },
  'challenge-used': { situation: 'start-again', staff: newSession },
  'reading-session-not-found': { situation: 'start-again', staff: newSession },
  'reading-session-expired': { situation: 'start-again', staff: newSession },
  'handover-used': {
    situation: 'start-again',
    staff: [
      '結果はすでに一度受け取られています。業務の画面で確かめてください。',
      'The outcome was fetched before. Look in your system.',
    ],
  },

  // Terms and settings.
  'hold-not-permitted': {
    situation: 'pin-required',
    staff: [
      'この端末またはサービスでは、かざし利用が認められていません。',
      'Cards may not be held without a PIN at this terminal or service.',
    ],
  },
  'assurance-insufficient': {
    situation: 'pin-required',
    staff: [
      'このサービスは、暗証番号による確認を最低の条件として登録しています。',
      'The service has registered the PIN as its minimum.',
    ],
  },
  'encryption-key-missing': {
    situation: 'settings',
    staff: [
      '基本4情報を受け取る暗号化鍵が、登録されていません。',
      'The service has registered no key for the four attributes.',
    ],
  },
  'service-form-wrong': {
    situation: 'settings',
    staff: [
      'このサービスの種別では、この読み取りはできません。',
      'A service of this type may not read in this way.',
    ],
  },
  'service-not-active': {
    situation: 'settings',
    staff: ['このサービスは停止中です。', 'The service is not active.'],
  },
  'token-missing': { situation: 'settings', staff: systemsToken },
  'token-invalid': { situation: 'settings', staff: systemsToken },
  'token-expired': { situation: 'settings', staff: systemsToken },
  'token-audience-wrong': { situation: 'settings', staff: systemsToken },
  'scope-insufficient': { situation: 'settings', staff: systemsToken },
  'request-too-large': {
    situation: 'settings',
    staff: ['読み取りの結果が大きすぎます。', 'What was read is too large.'],
  },
  'media-type-unsupported': {
    situation: 'settings',
    staff: [
      '読み取りソフトとプラットフォームの版が合いません。',
      'Reader program and platform are of different versions.',
    ],
  },
} as const satisfies Readonly<Record<Exclude<PlatformCode, ReaderCode>, CodeText>>;

const ownTexts = {
  'permission-denied': {
    situation: 'reader',
    staff: [
      'このページに「ローカル ネットワーク」へのアクセスが許可されていません。ブラウザのサイトの設定で許可してください。',
      'This page may not reach the reader program: allow access to the local network in the browser’s site settings.',
    ],
  },
  'agent-unreachable': {
    situation: 'reader',
    staff: [
      'この端末の読み取りソフトが動いていません。起動してください。',
      'The reader program does not run on this machine: start it.',
    ],
  },
  'ticket-missing': {
    situation: 'settings',
    staff: [
      '業務システムが、読み取りを始めませんでした。',
      'Your system has not opened a reading.',
    ],
  },
  'user-number-unknown': {
    situation: 'not-registered',
    staff: [
      '本人に結び付けた利用者番号がありません。利用者番号を登録してください。',
      'No user number is linked to this person. Link one.',
    ],
  },
} as const satisfies Readonly<Record<OwnCode, CodeText>>;

/** What the screen says of each code with which a reading can end. */
export const codeTexts: Readonly<Record<string, CodeText>> = {
  ...Object.fromEntries(
    Object.entries(readerSituations).map(([code, situation]) => {
      const { ja, en } = cures[code as ReaderCode];
      return [code, { situation, staff: [ja, en] } satisfies CodeText];
    }),
  ),
  ...platformTexts,
  ...ownTexts,
};

/** What to do at a code; undefined for a code that no reading ends with. */
export function textOf(code: string): { situation: Situation; text: CodeText } | undefined {
  if (!Object.hasOwn(codeTexts, code)) return undefined;
  const text = codeTexts[code]!;
  return { situation: situations[text.situation], text };
}
