import { createPublicKey } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCvAuthority, sandboxRootKeyId, type CvAuthority } from '../card/cv-authority.ts';
import { createAuthority, generatePrivateKey, signerOf, type Authority } from './authority.ts';
import type { Office } from './card-life.ts';
import { createClock, readOffset, startOfJapaneseDay, type MovableClock } from './clock.ts';
import { anchorId, generations, kinds } from './generations.ts';
import { createLinkage, type LinkageService } from './linkage.ts';
import { createOcspResponder, type OcspResponder } from './ocsp-responder.ts';
import { publishCrls, type Publication } from './publish-crls.ts';
import type { Card } from './registry.ts';
import { serveJlis, type Answer } from './serve-jlis.ts';
import { openState, type JlisState, type StateFile } from './state-file.ts';
import { trustProfileJson } from './trust-profile.ts';

export interface JlisOptions {
  /** TCP port on 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  /** Directory of keys, cards and revocations; in memory only if undefined. */
  readonly dataDir?: string | undefined;
  /** The caller's clock; otherwise a new one at the machine's time (or with the saved offset). */
  readonly clock?: MovableClock | undefined;
}

/**
 * `stopped` drops the connection, `unavailable` answers 503, `slow` answers two seconds late,
 * `try-later` the OCSP status of that name.
 */
export type ServiceState = 'running' | 'stopped' | 'unavailable' | 'slow' | 'try-later';

/** A reader on which cards of the registry are put. */
export interface CardReader {
  /** As PC/SC names it. */
  readonly name: string;
  /** In place of another. Its programs notice within a second. */
  put(card: Card): Promise<void>;
  remove(): Promise<void>;
}

/** The simulated J-LIS while it runs. */
export interface Jlis extends Office {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly clock: MovableClock;
  readonly responder: OcspResponder;
  readonly linkage: LinkageService;
  /** Signs the records of the cards' chips. */
  readonly chipAuthority: CvAuthority;
  /** Other handlers of its port, by first path segment: the sandbox's web pages. */
  readonly pages: Map<string, (url: URL) => Answer>;
  /** Undefined unless the sandbox was started with one. */
  reader: CardReader | undefined;
  readonly services: { ocsp: ServiceState; crl: ServiceState; linkage: ServiceState };
  /** JSON form of the trust profile (docs/data-model.md). */
  trustProfileJson(): Record<string, unknown>;
  /** Publishes every CRL now, with the next CRLNumber. */
  publish(): Promise<void>;
  /** The last publication, after publishing one that became due at midnight. */
  published(): Promise<Publication>;
  /** Saves changes if a directory was given. */
  save(): void;
  close(): Promise<void>;
}

export async function startJlis(options: JlisOptions): Promise<Jlis> {
  const file = openState(options.dataDir);
  const { registry } = file.state;
  const clock = options.clock ?? createClock(file.state.clockOffset);
  const authorities = await openAuthorities(file.state);
  const chipAuthority = await openChipAuthority(file.state);
  const responder = createOcspResponder(
    registry,
    signerOf(file.state.responderKey, 'rsa-2048'),
    clock.now,
  );
  const server = createServer();
  const url = await listen(server, options.port);
  let publication: Publication = new Map();
  let thisUpdate = 0;
  // One publication at a time: the CRLs of one time become visible together, in order.
  let publishing: Promise<unknown> = Promise.resolve();
  const publishAsOf = (at: number): Promise<void> => {
    const mine = publishing.then(async () => {
      const instant = Math.floor(at / 1000) * 1000;
      publication = await publishCrls(registry, authorities, instant);
      thisUpdate = instant;
      jlis.save();
    });
    publishing = mine.catch(() => undefined);
    return mine;
  };
  const jlis: Jlis = {
    url,
    clock,
    now: clock.now,
    registry,
    authorities,
    responder,
    linkage: createLinkage(registry, authorities),
    chipAuthority,
    pages: new Map(),
    reader: undefined,
    services: { ocsp: 'running', crl: 'running', linkage: 'running' },
    trustProfileJson: () => ({
      ...trustProfileJson(authorities, url, clock.now()),
      chipRoots: [chipRootJson(chipAuthority)],
    }),
    publish: () => publishAsOf(clock.now()),
    published: async () => {
      await publishing;
      // The daily CRL states the status at midnight; later revocations appear on the next.
      const midnight = startOfJapaneseDay(clock.now());
      if (thisUpdate < midnight) await publishAsOf(midnight);
      return publication;
    },
    save: () => saveWith(file, clock),
    close: () => closeServer(server),
  };
  await jlis.publish();
  serveJlis(server, jlis);
  return jlis;
}

/** Keys and certificates from the saved state; missing ones are generated in parallel. */
async function openChipAuthority(state: JlisState): Promise<CvAuthority> {
  const [root, signer] = state.chipKeys
    ? [state.chipKeys.root, state.chipKeys.signer]
    : await Promise.all([generatePrivateKey('rsa-2048'), generatePrivateKey('rsa-2048')]);
  state.chipKeys = { root, signer };
  return createCvAuthority(sandboxRootKeyId, state.chipKeys);
}

const chipRootJson = ({ rootKeyId, rootPublicKey }: CvAuthority) => ({
  keyId: rootKeyId,
  publicKey: createPublicKey(rootPublicKey)
    .export({ type: 'spki', format: 'der' })
    .toString('base64'),
});

async function openAuthorities(state: JlisState): Promise<readonly Authority[]> {
  const wanted = kinds.flatMap((kind) => generations.map((generation) => ({ kind, generation })));
  const [responderKey, ...authorities] = await Promise.all([
    state.responderKey || generatePrivateKey('rsa-2048'),
    ...wanted.map(async ({ kind, generation }) => {
      const stored = state.authorities[anchorId(kind, generation.label)];
      const pem = stored?.privateKey ?? (await generatePrivateKey(generation.keyType));
      const certificate = stored && Buffer.from(stored.certificate, 'base64');
      const authority = await createAuthority(kind, generation, pem, certificate);
      state.authorities[authority.id] = {
        privateKey: pem,
        certificate: authority.certificate.toString('base64'),
      };
      return authority;
    }),
  ]);
  state.responderKey = responderKey;
  return authorities;
}

function saveWith(file: StateFile, clock: MovableClock): void {
  file.state.clockOffset = readOffset(clock.offset);
  file.save();
}

/** Rejects with the system's error, e.g. EADDRINUSE. */
const listen = (server: Server, port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    });
  });

const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
