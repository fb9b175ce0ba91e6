import { RemovalPolicy } from 'aws-cdk-lib';
import type { StageConfiguration } from '../config.ts';

/**
 * What becomes of stored things. Kept means kept once it is in use: what a failed first deployment
 * created goes with it, so that the next attempt meets nothing.
 */
export const removalPolicyOf = ({ stored }: Pick<StageConfiguration, 'stored'>): RemovalPolicy =>
  stored === 'retain' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
