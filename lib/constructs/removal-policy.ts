import { RemovalPolicy } from 'aws-cdk-lib';
import type { StageConfiguration } from '../config.ts';

/**
 * Removal policy of stored data. Retained resources are still deleted if their first deployment
 * fails, so that the next attempt does not find them existing.
 */
export const removalPolicyOf = ({ stored }: Pick<StageConfiguration, 'stored'>): RemovalPolicy =>
  stored === 'retain' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
