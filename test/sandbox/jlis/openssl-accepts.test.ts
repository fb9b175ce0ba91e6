import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { startJlis, type Jlis } from '../../../sandbox/jlis/start-jlis.ts';
import { control, type CardView, type SlotView } from '../../../sandbox/jlis/control-client.ts';
import { itWithOpenssl, openssl, pem, scratchDirectory } from './run-openssl.ts';

// OpenSSL reads the machine's clock and cannot be told another for OCSP, so J-LIS runs on it too.
let jlis: Jlis;
const scratch = scratchDirectory();
let good: CardView;
let revoked: CardView;

beforeAll(async () => {
  jlis = await startJlis({ port: 0 });
  for (const { id, certificate } of jlis.authorities) {
    scratch.file(`${id}.pem`, pem('CERTIFICATE', certificate));
  }
  good = await issue({});
  revoked = await issue({});
  await control(jlis.url, `cards/${revoked.cardId}/revoke`, { reason: 'keyCompromise' });
  await jlis.publish();
});

afterAll(async () => {
  await jlis.close();
  scratch.remove();
});

async function issue(request: object): Promise<CardView> {
  const card = await control(jlis.url, 'cards', request);
  for (const slot of [card['user-authentication'], card['digital-signature']]) {
    if (slot)
      scratch.file(leafName(slot), pem('CERTIFICATE', Buffer.from(slot.certificate, 'base64')));
  }
  return card;
}

const leafName = (slot: SlotView): string => `${slot.issuer}-${slot.serial}.leaf.pem`;
const file = (name: string): string => `${scratch.path}/${name}`;

const askOcsp = (issuer: string, ...more: string[]): Promise<{ code: number; output: string }> =>
  openssl(
    'ocsp',
    '-issuer',
    file(`${issuer}.pem`),
    '-CAfile',
    file(`${issuer}.pem`),
    '-url',
    `${jlis.url}/ocsp/${issuer}`,
    ...more,
  );

async function listFile(label: string): Promise<string> {
  const response = await fetch(`${jlis.url}/crl/${label}.crl`);
  const der = Buffer.from(await response.arrayBuffer());
  return scratch.file(`${label.replace('/', '-')}.crl.pem`, pem('X509 CRL', der));
}

async function verifyWithList(
  slot: SlotView,
  label: string,
): Promise<{ code: number; output: string }> {
  return openssl(
    'verify',
    '-crl_check',
    '-CAfile',
    // One generation alone: given all, OpenSSL 3.0 takes the list's issuer by its name, the wrong one.
    file(`${slot.issuer}.pem`),
    '-CRLfile',
    await listFile(label),
    file(leafName(slot)),
  );
}

describe('openssl ocsp asks the responder', () => {
  itWithOpenssl.each(['delegated', 'issuer'] as const)(
    'and verifies good, signed %s',
    async (mode) => {
      await control(jlis.url, 'services', { responderMode: mode });
      const slot = good['user-authentication'];
      const { code, output } = await askOcsp(slot.issuer, '-cert', file(leafName(slot)));
      await control(jlis.url, 'services', { responderMode: 'delegated' });
      expect(output).toContain('Response verify OK');
      expect(output).toContain(': good');
      expect(output).not.toContain('WARNING');
      expect(code).toBe(0);
    },
  );

  itWithOpenssl('and reads revoked with its reason', async () => {
    const slot = revoked['user-authentication'];
    const { output } = await askOcsp(slot.issuer, '-cert', file(leafName(slot)));
    expect(output).toContain('Response verify OK');
    expect(output).toContain(': revoked');
    expect(output).toContain('Reason: keyCompromise');
  });

  itWithOpenssl('and reads unknown for a serial that was never issued', async () => {
    const { output } = await askOcsp('user-authentication-2023', '-serial', '0x07FFFFFF');
    expect(output).toContain('Response verify OK');
    expect(output).toContain(': unknown');
  });

  itWithOpenssl.each(['-sha1', '-sha256', '-sha384'])('with a CertID under %s', async (hash) => {
    const slot = good['digital-signature']!;
    const { output } = await askOcsp(slot.issuer, hash, '-cert', file(leafName(slot)));
    expect(output).toContain('Response verify OK');
    expect(output).toContain(': good');
  });

  itWithOpenssl(
    'and gets unauthorized for a generation of the same name but another key',
    async () => {
      const { output } = await openssl(
        'ocsp',
        '-issuer',
        file('user-authentication-2019.pem'),
        '-serial',
        '0x08000001',
        '-url',
        `${jlis.url}/ocsp/user-authentication-2023`,
      );
      expect(output).toContain('unauthorized');
    },
  );

  itWithOpenssl('for a phone of the next generation, signed by a P-384 authority', async () => {
    const phone = await issue({ medium: 'phone' });
    const slot = phone['user-authentication'];
    const { output } = await askOcsp(slot.issuer, '-cert', file(leafName(slot)));
    expect(output).toContain('Response verify OK');
    expect(output).toContain(': good');
  });
});

describe('openssl verify -crl_check reads the lists', () => {
  itWithOpenssl.each(['full', 'municipality'])(
    'and accepts a good card by the %s list',
    async (list) => {
      for (const slot of [good['user-authentication'], good['digital-signature']!]) {
        const label = list === 'full' ? `${slot.issuer}/full` : slot.list;
        const { code, output } = await verifyWithList(slot, label);
        expect(output).toContain(': OK');
        expect(code).toBe(0);
      }
    },
  );

  itWithOpenssl.each(['full', 'municipality'])(
    'and refuses a revoked card by the %s list',
    async (list) => {
      const slot = revoked['user-authentication'];
      const label = list === 'full' ? `${slot.issuer}/full` : slot.list;
      const { output } = await verifyWithList(slot, label);
      expect(output).toContain('certificate revoked');
    },
  );

  itWithOpenssl('and finds no list for it in another municipality’s', async () => {
    const slot = good['user-authentication'];
    const other = [...(await jlis.published()).keys()].find(
      (label) => label.startsWith(`${slot.issuer}/99`) && label !== slot.list,
    )!;
    const { output } = await verifyWithList(slot, other);
    expect(output).toMatch(/different CRL scope/i);
  });

  itWithOpenssl('and accepts a card of the generation without a key identifier', async () => {
    const card = await issue({ generation: '2019' });
    const slot = card['user-authentication'];
    expect(slot.issuer).toBe('user-authentication-2019');
    const { output } = await verifyWithList(slot, slot.list);
    expect(output).toContain(': OK');
  });

  itWithOpenssl('of 100,000 entries', async () => {
    const { firstSerial } = await control<{ firstSerial: string }>(jlis.url, 'crl/synthetic', {
      issuer: 'digital-signature-2019',
      count: 100_000,
    });
    const list = await listFile('digital-signature-2019/full');
    const ca = file('digital-signature-2019.pem');
    const { output } = await openssl('crl', '-in', list, '-CAfile', ca, '-noout', '-text');
    expect(output).toContain('verify OK');
    expect(output.match(/Serial Number:/g)).toHaveLength(100_000);
    expect(output).toContain(`Serial Number: ${firstSerial}`);
  });
});
