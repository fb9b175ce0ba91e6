/**
 * Every code with which a reading can end, and the cure for the person at the counter. `cancelled`
 * is used only if a person cancelled.
 */

export interface Cure {
  readonly en: string;
  readonly ja: string;
}

export const cures = {
  // The card.
  'card-absent': {
    en: 'No card was put on the reader in time. Put the card on the reader and start again.',
    ja: '時間内にカードが置かれませんでした。カードを置いて、やり直してください。',
  },
  'card-removed': {
    en: 'The card was taken away while it was being read. Leave it on the reader until the end and start again.',
    ja: '読み取り中にカードが離れました。終わるまでカードを動かさず、やり直してください。',
  },
  'card-changed': {
    en: 'Another card is on the reader than at the start. Start again with one card only.',
    ja: '途中で別のカードに替わりました。1枚のカードだけで、やり直してください。',
  },
  'card-reset': {
    en: 'Another program reset the card during the reading. Close other card programs and start again.',
    ja: 'ほかのソフトがカードを初期化しました。ほかのカード用ソフトを閉じて、やり直してください。',
  },
  'card-busy': {
    en: 'Another program is using the card. Close other card programs and start again.',
    ja: 'ほかのソフトがカードを使用中です。ほかのカード用ソフトを閉じて、やり直してください。',
  },
  'card-unresponsive': {
    en: 'The card does not answer. Put it flat on the reader, take off covers, and start again.',
    ja: 'カードが応答しません。ケースから出して平らに置き、やり直してください。',
  },
  'cards-several': {
    en: 'There are several cards on the readers. Leave one only, or choose the reader.',
    ja: '複数のカードが置かれています。1枚だけにするか、リーダーを選んでください。',
  },
  'card-not-supported': {
    en: 'This is not a My Number Card, or its user-authentication application cannot be used.',
    ja: 'マイナンバーカードではないか、利用者証明の機能が使えないカードです。',
  },
  'card-answer-invalid': {
    en: 'The card gave an answer that cannot be understood. Start again; if it happens again, try another reader.',
    ja: 'カードの応答が正しくありません。やり直し、続くときは別のリーダーを使ってください。',
  },
  'certificate-unreadable': {
    en: 'The user-authentication certificate on the card cannot be read. The holder asks the municipal counter.',
    ja: '利用者証明用電子証明書を読めません。お住まいの市区町村の窓口にご相談ください。',
  },
  'signature-invalid': {
    en: 'The card’s signature does not verify with its certificate. Do not accept this card; report it.',
    ja: 'カードの署名が証明書と一致しません。このカードを受け付けず、報告してください。',
  },

  // What the holder enters.
  'pin-wrong': {
    en: 'The PIN or number is wrong. The tries left are shown; ask the holder again.',
    ja: '暗証番号または照合番号が違います。残り回数を確かめて、もう一度入力してください。',
  },
  'pin-last-try': {
    en: 'One try is left. Another wrong entry blocks the PIN. Continue only if the holder agrees.',
    ja: '残り1回です。もう一度間違えるとロックされます。ご本人の同意がある場合だけ続けてください。',
  },
  'pin-blocked': {
    en: 'The PIN is blocked. The holder has it reset at the municipal counter.',
    ja: '暗証番号がロックされています。お住まいの市区町村の窓口で再設定してください。',
  },
  'pin-form': {
    en: 'The entry does not have the right form (four digits for a PIN). No try was used.',
    ja: '入力の形式が違います（暗証番号は数字4桁）。回数は減っていません。',
  },
  'pin-needed': {
    en: 'This reading needs the holder’s PIN or number, and none was given.',
    ja: '暗証番号または照合番号の入力が必要です。',
  },

  // The chip and the four attributes.
  'pinless-unsupported': {
    en: 'This medium cannot be used without a PIN (phones cannot). Use the PIN.',
    ja: '暗証番号なしでは使えません（スマートフォンなど）。暗証番号を使ってください。',
  },
  'chip-record-invalid': {
    en: 'The chip’s record is not signed by the issuer. Do not accept this card; report it.',
    ja: 'チップの記録が発行者の署名と一致しません。このカードを受け付けず、報告してください。',
  },
  'chip-certificate-invalid': {
    en: 'The chip’s issuer certificate is not signed by a known root. Do not accept this card; report it.',
    ja: 'チップの発行者証明書を確認できません。このカードを受け付けず、報告してください。',
  },
  'chip-root-unknown': {
    en: 'The root of this chip’s certificate is not configured. Check that test and production are not mixed, and update the roots.',
    ja: 'このチップのルート鍵が登録されていません。試験用と本番用の混在がないか確かめ、更新してください。',
  },
  'chip-proof-invalid': {
    en: 'The chip could not prove that it is the one that was enrolled. Do not accept this card; report it.',
    ja: 'チップが本物であることを確認できません。このカードを受け付けず、報告してください。',
  },
  'attributes-unsupported': {
    en: 'The four attributes cannot be read from this medium. Enter them by hand.',
    ja: 'この媒体からは基本4情報を読めません。手で入力してください。',
  },
  'attributes-invalid': {
    en: 'The four attributes do not match the signature on the card. Do not use them; report it.',
    ja: '基本4情報がカードの署名と一致しません。使わずに報告してください。',
  },

  // The reader.
  'reader-none': {
    en: 'No card reader is found. Connect one; on Windows check its driver in Device Manager.',
    ja: 'カードリーダーが見つかりません。接続し、Windowsではデバイスマネージャーでドライバーを確かめてください。',
  },
  'reader-driver-missing': {
    en: 'A reader is connected but has no PC/SC driver. Install the maker’s driver, or the CCID driver (Linux: package libccid).',
    ja: 'リーダーは接続されていますが、PC/SCドライバーがありません。メーカーのドライバーまたはCCIDドライバーを入れてください。',
  },
  'reader-unknown': {
    en: 'The reader that was chosen is not connected. `npx mykey reader list` shows those that are.',
    ja: '選んだリーダーが接続されていません。`npx mykey reader list` で一覧を確かめてください。',
  },
  'reader-gone': {
    en: 'The reader was disconnected. Connect it again and start again.',
    ja: 'リーダーが外れました。つなぎ直して、やり直してください。',
  },
  'reader-service-stopped': {
    en: 'The smart card service is not running. Connect a reader; then start it (Windows: “Smart Card” service; Linux: pcscd).',
    ja: 'スマートカードのサービスが動いていません。リーダーをつなぎ、サービスを開始してください（Windowsは「Smart Card」、Linuxは pcscd）。',
  },
  'reader-library-missing': {
    en: 'The PC/SC library is not installed (Linux: package libpcsclite1 and pcscd).',
    ja: 'PC/SCライブラリがありません（Linuxでは libpcsclite1 と pcscd を入れてください）。',
  },
  'reader-failed': {
    en: 'The reader reported a technical fault. Disconnect and connect it, then start again.',
    ja: 'リーダーで技術的な障害が起きました。つなぎ直して、やり直してください。',
  },

  // The PIN pad.
  'pinpad-cancelled': {
    en: 'The holder pressed cancel on the PIN pad. No try was used.',
    ja: 'PINパッドで取り消しが押されました。回数は減っていません。',
  },
  'pinpad-timeout': {
    en: 'Nothing was entered on the PIN pad in time. No try was used; start again.',
    ja: 'PINパッドで時間内に入力がありませんでした。回数は減っていません。やり直してください。',
  },
  'pinpad-failed': {
    en: 'The PIN pad does not work. Enter the PIN on the screen, or use another reader.',
    ja: 'PINパッドが使えません。画面で入力するか、別のリーダーを使ってください。',
  },
  'pinpad-unverified': {
    en: 'The PIN pad reports success, but the card has received no PIN. Do not use this reader.',
    ja: 'PINパッドは成功と答えましたが、カードは暗証番号を受け取っていません。このリーダーは使わないでください。',
  },

  // The agent and the platform.
  cancelled: {
    en: 'The reading was cancelled by the person at the counter.',
    ja: '操作した人が読み取りを取り消しました。',
  },
  'page-gone': {
    en: 'The page was closed or lost its connection during the reading. Open it and start again.',
    ja: '読み取り中に画面が閉じたか、接続が切れました。開き直して、やり直してください。',
  },
  'origin-refused': {
    en: 'This page may not use the reader. Add its origin with `npx mykey reader --origin`.',
    ja: 'このページからはリーダーを使えません。`npx mykey reader --origin` で許可してください。',
  },
  'host-refused': {
    en: 'The reader is reached under a name that is not its own. Use 127.0.0.1 or localhost.',
    ja: 'リーダーへの接続先の名前が違います。127.0.0.1 または localhost を使ってください。',
  },
  'pairing-needed': {
    en: 'This page is not paired with the reader. Start `npx mykey reader --pair` and enter its code on the page.',
    ja: 'このページとリーダーはペアリングされていません。`npx mykey reader --pair` の番号を入力してください。',
  },
  'pairing-refused': {
    en: 'The pairing code is wrong, used or too old. Start `npx mykey reader --pair` for a new one.',
    ja: 'ペアリング番号が違うか、使用済みか、期限切れです。`npx mykey reader --pair` で新しくしてください。',
  },
  'reading-in-progress': {
    en: 'A reading is in progress, perhaps in another tab. Finish or cancel it first.',
    ja: '別の読み取りが進行中です（別のタブなど）。先に終えるか取り消してください。',
  },
  'reading-unknown': {
    en: 'There is no such reading, or it has ended.',
    ja: 'その読み取りはないか、すでに終わっています。',
  },
  'request-invalid': {
    en: 'The request does not have the form that docs/reader-protocol.md describes.',
    ja: '要求の形式が docs/reader-protocol.md と違います。',
  },
  'ticket-invalid': {
    en: 'The reading session’s ticket is unknown or has expired. Start the reading anew on the page.',
    ja: '読み取りの受付番号が無効か期限切れです。画面でやり直してください。',
  },
  'ticket-used': {
    en: 'The reading session’s ticket was used before. Start the reading anew on the page.',
    ja: '読み取りの受付番号は使用済みです。画面でやり直してください。',
  },
  'agent-outdated': {
    en: 'This reader program is older than the platform accepts. Update it.',
    ja: 'リーダーのソフトが古く、受け付けられません。更新してください。',
  },
  'terminal-not-paired': {
    en: 'This machine is not paired with the service, or its pairing was revoked. Pair it: npx mykey reader pair.',
    ja: 'この端末は、サービスに登録されていないか、登録が取り消されています。npx mykey reader pair で登録してください。',
  },
  'platform-unreachable': {
    en: 'The platform does not answer. Check the network; nothing was transmitted.',
    ja: 'プラットフォームに接続できません。ネットワークを確かめてください。何も渡されていません。',
  },
  'platform-refused': {
    en: 'The platform did not accept the reading. Its code states the reason.',
    ja: 'プラットフォームが受け付けませんでした。理由はそのコードにあります。',
  },
  'internal-error': {
    en: 'The reader program has a fault. Start again; if it happens again, report it.',
    ja: 'リーダーのソフトに障害が起きました。やり直し、続くときは報告してください。',
  },
} as const satisfies Record<string, Cure>;

export type ReaderCode = keyof typeof cures;
export const readerCodes = Object.keys(cures) as readonly ReaderCode[];
