import { createHash, generateKeyPairSync } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK } from 'jose';
import { attributesText } from '../../cli/attributes-text.ts';
import { encryptAttributes } from '../../reader/agent/encrypt-attributes.ts';
import { verifyAttributes, type BasicAttributes } from '../../reader/core/attributes.ts';
import { tags } from '../../reader/core/card-profile.ts';
import { characterAdvice, remarksOn, type CharacterRemark } from '../../reader/core/characters.ts';
import { createCvAuthority, type CvAuthority } from '../../sandbox/card/cv-authority.ts';
import { tlv } from '../../sandbox/card/tlv-writer.ts';
import { rootOf } from './support/cards.ts';

interface Vectors {
  readonly texts: readonly {
    readonly description: string;
    readonly name: string;
    readonly address: string;
    readonly remarks: readonly CharacterRemark[];
  }[];
  readonly flags: readonly {
    readonly description: string;
    readonly name: string;
    readonly flags: string;
    readonly remarks: readonly CharacterRemark[];
  }[];
  readonly undecodable: readonly { readonly description: string; readonly nameHex: string }[];
}

const vectors = JSON.parse(readFileSync('test/reader/vectors/characters.json', 'utf8')) as Vectors;
const sessionId = 'rse_of_the_vectors';
const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
let cv: CvAuthority;
let folder: string;
beforeAll(async () => {
  cv = await createCvAuthority();
  folder = mkdtempSync(join(tmpdir(), 'my-key-characters-'));
  writeFileSync(
    join(folder, 'key.json'),
    JSON.stringify(keys.privateKey.export({ format: 'jwk' })),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the files of a card with these texts give, once their signature was verified. */
function onCard(name: Buffer, address: string): BasicAttributes {
  const { template, offsets, ...fields } = tags.attributes;
  const whole = tlv(
    template,
    tlv(offsets, Buffer.alloc(8)),
    tlv(fields.name, name),
    tlv(fields.address, Buffer.from(address)),
    tlv(fields.birthDate, Buffer.from('19801121')),
    tlv(fields.sex, Buffer.from('1')),
  );
  const { otherDigest, attributesDigest, signature } = tags.digests;
  const signed = [
    tlv(otherDigest, Buffer.alloc(32)),
    tlv(attributesDigest, createHash('sha256').update(whole).digest()),
  ];
  const digests = tlv(
    tags.digests.template,
    ...signed,
    tlv(signature, cv.sign(Buffer.concat(signed))),
  );
  return verifyAttributes(whole, digests, cv.certificate, [rootOf(cv)]);
}

const jweOf = async (attributes: BasicAttributes): Promise<string> =>
  encryptAttributes(attributes, await exportJWK(keys.publicKey), sessionId);

interface Ended {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

const mykey = (jwe: string, ...argv: readonly string[]): Promise<Ended> =>
  new Promise((done) => {
    const call = ['cli/mykey.mjs', 'attributes', '--key', join(folder, 'key.json'), ...argv];
    const child = execFile(process.execPath, call, (error, out, err) =>
      done({ exitCode: Number(error?.code ?? 0), out, err }),
    );
    child.stdin!.end(jwe);
  });

describe('characters of the four attributes', () => {
  it.each(vectors.texts)('from the card to the person: $description', async (vector) => {
    const { name, address, remarks } = vector;
    const attributes = onCard(Buffer.from(name), address);
    expect(attributes).toEqual({ name, address, birthDate: '19801121', sex: '1', remarks });
    const text = attributesText(attributes);
    for (const { codePoint, remark, position, field } of remarks) {
      expect(text).toContain(`${field}, character ${position + 1}): `);
      expect(text).toContain(`${codePoint} ${remark}\n  ${characterAdvice[remark].ja}\n`);
    }
    // Nothing that a terminal obeys; everything else as it is on the card.
    expect(text).not.toMatch(/[^\P{C}\n\p{Co}]/u);
    const obeyed = (value: string): string =>
      value.replaceAll(/[\p{Cc}\p{Cf}\p{Cn}]/gu, (character) => {
        const remarked = remarks.find(({ codePoint }) => isCodePoint(character, codePoint));
        return `<${remarked!.codePoint}>`;
      });
    expect(text).toContain(`氏名 name            ${obeyed(name)}\n`);
    expect(text).toContain(`住所 address         ${obeyed(address)}\n`);
  });

  it.each(vectors.flags)('substitution flags: $description', ({ name, flags, remarks }) => {
    expect(remarksOn('name', name, flags)).toEqual(remarks);
  });

  it.each(vectors.undecodable)('are refused, and not replaced: $description', ({ nameHex }) => {
    // The issuer signed them: the card is not said to be false.
    expect(() => onCard(Buffer.from(nameHex, 'hex'), '東京都')).toThrow(
      expect.objectContaining({ code: 'attributes-unsupported' }),
    );
  });

  it('have a vector for every kind of remark, and advice in Japanese', () => {
    const seen = [...vectors.texts, ...vectors.flags].flatMap(({ remarks }) =>
      remarks.map(({ remark }) => remark),
    );
    expect(Object.keys(characterAdvice).toSorted()).toEqual([...new Set(seen)].toSorted());
    for (const { ja } of Object.values(characterAdvice)) expect(ja).toMatch(/。$/);
  });

  it('have the same advice in the guides', () => {
    for (const [language, file] of [
      ['en', 'docs/counter.md'],
      ['ja', 'docs/counter.ja.md'],
    ] as const) {
      const rows = [
        ...readFileSync(file, 'utf8').matchAll(/^\| `([a-z-]+)` +\| (\S.*?) +\|$/gm),
      ].map(([, kind, advice]) => [kind, advice]);
      for (const [kind, advice] of Object.entries(characterAdvice)) {
        expect(rows).toContainEqual([kind, advice[language]]);
      }
    }
  });
});

const isCodePoint = (character: string, codePoint: string): boolean =>
  character.codePointAt(0) === Number.parseInt(codePoint.slice(2), 16);

describe('npx mykey attributes', () => {
  const all = vectors.texts.map(({ name }) => name).join('');

  it('opens them with the key of the service, as text and as JSON, character by character', async () => {
    const attributes = onCard(Buffer.from(all), '東京都');
    const jwe = await jweOf(attributes);
    const [text, json] = await Promise.all([
      mykey(jwe, '--session', sessionId),
      mykey(jwe, '--session', sessionId, '--json'),
    ]);
    expect(text).toEqual({ exitCode: 0, out: `${attributesText(attributes)}\n`, err: '' });
    expect([json.exitCode, JSON.parse(json.out)]).toEqual([0, attributes]);
  });

  it('refuses those of another session, another key, and what is none, and quotes nothing', async () => {
    const jwe = await jweOf(onCard(Buffer.from('山田'), '東京都'));
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const foreign = await encryptAttributes(
      onCard(Buffer.from('山田'), '東京都'),
      await exportJWK(other.publicKey),
      sessionId,
    );
    const [ofOther, ofForeign, none] = await Promise.all([
      mykey(jwe, '--session', 'rse_other'),
      mykey(foreign, '--session', sessionId),
      mykey('a.b.c', '--session', sessionId),
    ]);
    expect(ofOther).toMatchObject({ exitCode: 65, out: '' });
    expect(ofOther.err).toMatch(/^mykey attributes: do not use them.*\n$/);
    for (const { exitCode, out, err } of [ofForeign, none]) {
      expect([exitCode, out]).toEqual([65, '']);
      expect(err).toMatch(/^mykey attributes: give .*\n$/);
    }
  });
});
