/** The engine asks stored lists through its own port; this store implements it. */
export type {
  Generation,
  ListScope,
  RevokedEntry,
  StoredLists,
} from '../../pki/revocation/stored-lists.ts';
