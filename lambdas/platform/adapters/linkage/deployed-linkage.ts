import type { Linkage } from '../../../people/linkage.ts';
import type { TrustProfile } from '../../../pki/trust-profile.ts';
import { httpLinkage } from './http-linkage.ts';

/**
 * The linkage service that this deployment asks. A deployment with an adapter of its own names it here
 * and nowhere else (`docs/linkage.md`).
 */
export const deployedLinkage = ({ linkageUrl }: TrustProfile): Linkage => httpLinkage(linkageUrl);
