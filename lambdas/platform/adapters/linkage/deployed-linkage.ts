import type { Linkage } from '../../../people/linkage.ts';
import type { TrustProfile } from '../../../pki/trust-profile.ts';
import { httpLinkage } from './http-linkage.ts';

/**
 * The linkage service of this deployment. Only this file selects the adapter (`docs/linkage.md`).
 */
export const deployedLinkage = ({ linkageUrl }: TrustProfile): Linkage => httpLinkage(linkageUrl);
