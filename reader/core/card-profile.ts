/**
 * What is known of the chip: every application identifier, file, reference and layout that this
 * project relies on, and nothing else. It was reverse-engineered and published by readers with open
 * source, not by the issuer: OpenSC's driver for JPKI (`card-jpki.c`, `pkcs15-jpki.c`) for the JPKI
 * application, AokiApp's jsapdu (`packages/mynacard`) for the other two. Facts only, no code of theirs.
 *
 * The table is also the allow-list of `commands.ts`: a file or reference that is not named here cannot
 * be selected. The individual number and the verification number A (照合番号A) are not named here.
 */

export interface Reference {
  readonly id: number;
  /** The required form: a malformed value would use up a try, so it is refused before sending. */
  readonly form: RegExp;
}

export interface Application {
  readonly aid: string;
  readonly files: Readonly<Record<string, number>>;
  readonly references: Readonly<Record<string, Reference>>;
  readonly keys: Readonly<Record<string, number>>;
}

const fourDigits = /^\d{4}$/;

export const applications = {
  /** JPKI application (公的個人認証). */
  jpki: {
    aid: 'D392F000260100000001',
    files: { token: 0x0006, userAuthenticationCertificate: 0x000a },
    references: { userAuthenticationPin: { id: 0x0018, form: fourDigits } },
    keys: { userAuthentication: 0x0017 },
  },
  /** Surface application (券面事項確認AP). Its key signs without a credential. */
  surface: {
    aid: 'D3921000310001010402',
    files: { chipRecord: 0x0001, cvCertificate: 0x0004 },
    /** YYMMDD, the year counted in its era. */
    references: { birthDate: { id: 0x0011, form: /^\d{6}$/ } },
    keys: {},
  },
  /** Input-assistance application (券面入力補助AP). */
  inputAssistance: {
    aid: 'D3921000310001010408',
    files: { attributes: 0x0002, digests: 0x0003, cvCertificate: 0x0004 },
    references: {
      inputAssistancePin: { id: 0x0011, form: fourDigits },
      /** 照合番号B: birth date YYMMDD, year of expiry YYYY, security code. */
      verificationNumberB: { id: 0x0015, form: /^\d{14}$/ },
    },
    keys: {},
  },
} as const satisfies Record<string, Application>;

export type ApplicationName = keyof typeof applications;
export type FileOf<A extends ApplicationName> = keyof (typeof applications)[A]['files'];
export type ReferenceOf<A extends ApplicationName> = keyof (typeof applications)[A]['references'];
export type KeyOf<A extends ApplicationName> = keyof (typeof applications)[A]['keys'];
export type Credential = { [A in ApplicationName]: ReferenceOf<A> }[ApplicationName];

/** BER-TLV tags. */
export const tags = {
  chipRecord: { template: 0xff10, birthDate: 0xdf11, publicKey: 0xdf12, signature: 0xdf13 },
  attributes: {
    template: 0xff20,
    offsets: 0xdf21,
    name: 0xdf22,
    address: 0xdf23,
    birthDate: 0xdf24,
    sex: 0xdf25,
  },
  /**
   * The first of the two digests is that of the individual number. It is included in the signature
   * verification and then discarded.
   */
  digests: { template: 0xff30, otherDigest: 0xdf31, attributesDigest: 0xdf32, signature: 0xdf33 },
  cvCertificate: { template: 0x7f21, body: 0x5f4e, signature: 0x5f37 },
} as const;

/** CV certificate body: issuer and subject, each 16 octets, then the key as exponent and modulus. */
export const cvNameLength = 16;

/** EF 0006 of the JPKI application identifies the medium (card or phone). */
export const tokens = {
  JPKIAPICCTOKEN2: 'card',
  JPKIAPGPSETOKEN: 'android',
  JPKIAPIOSTOKEN: 'iphone',
} as const;
export type Medium = (typeof tokens)[keyof typeof tokens] | 'unknown';

/** P1 of PERFORM SECURITY OPERATION (`80 2A`): the kind of data field. */
export const signatureInput = { digestInfo: 0x00, hash: 0x02 } as const;

/**
 * The input of the card's own signatures is not published. Assumed: RSASSA-PKCS1-v1_5 with SHA-256
 * over the objects before the signature, including tags and lengths, and over the body object's
 * content in a CV certificate; the attributes digest is SHA-256 over the whole attributes template.
 * Compare with a real card before use; only this definition would change.
 */
export const signedOctets: 'objects' | 'values' = 'objects';
