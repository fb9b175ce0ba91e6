import { parseArgs } from 'node:util';
import { text } from 'node:stream/consumers';
import { compactDecrypt } from 'jose';
import * as z from 'zod';
import { characterAdvice, type CharacterRemarkKind } from '../reader/core/characters.ts';
import { attributesText } from './attributes-text.ts';
import { readClientKey } from './client-key.ts';
import { CommandFailure, exitCodes, required, runCommand } from './run-command.ts';

export const name = 'attributes';
export const summary = 'open the four attributes of a reading and name characters to compare';

const usage = `
Usage: npx mykey attributes --key FILE --session ID [--json] < JWE

Opens the compact JWE that a reading session's outcome has as "attributes", with the private key of the
service, and writes the four attributes and every character that another screen may show differently.

  --key FILE    the service's private key for the attributes: EC P-256, JWK or PEM
  --session ID  the reading session: attributes of another one are refused
  --json        as JSON, as they are in the JWE

使い方: npx mykey attributes --key FILE --session ID [--json] < JWE

読み取りの結果にある attributes（JWE）をサービスの秘密鍵で開き、基本4情報と、ほかの画面で変わるおそれのある
文字を、職員がすることと一緒に示します。文字は捨てず、置き換えません。出力は個人情報です。

Exit code: 0 opened, 64 wrong usage, 65 not a JWE for this key and session, 66 file unreadable.
`;

const kinds = Object.keys(characterAdvice) as [CharacterRemarkKind, ...CharacterRemarkKind[]];
const attributesSchema = z.object({
  name: z.string(),
  address: z.string(),
  birthDate: z.string(),
  sex: z.string(),
  remarks: z.array(
    z.object({
      field: z.enum(['name', 'address']),
      position: z.number().int().min(0),
      codePoint: z.string(),
      remark: z.enum(kinds),
    }),
  ),
});

export function run(argv: string[]): Promise<number> {
  return runCommand(name, usage, argv, async () => {
    const { values } = parseArgs({
      args: argv,
      options: {
        key: { type: 'string' },
        session: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const { privateKey } = await readClientKey(required(values.key, '--key'));
    const session = required(values.session, '--session');
    const attributes = await opened((await text(process.stdin)).trim(), privateKey, session);
    console.log(values.json ? JSON.stringify(attributes) : attributesText(attributes));
    return exitCodes.ok;
  });
}

async function opened(
  jwe: string,
  key: Parameters<typeof compactDecrypt>[1],
  session: string,
): Promise<z.infer<typeof attributesSchema>> {
  const { plaintext, protectedHeader } = await compactDecrypt(jwe, key).catch(() => {
    throw failed('give the attributes and the key of one service: this key does not open them');
  });
  if (protectedHeader.apv !== Buffer.from(session).toString('base64url')) {
    throw failed('do not use them: these attributes are of another reading session');
  }
  try {
    return attributesSchema.parse(JSON.parse(new TextDecoder().decode(plaintext)));
  } catch {
    // Without `cause`: it may quote the attributes.
    throw failed('update this program: the attributes have another form');
  }
}

const failed = (why: string): CommandFailure => new CommandFailure(why, exitCodes.dataUnreadable);
