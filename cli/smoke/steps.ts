import { alarm } from './alarm.ts';
import { bulkCheck } from './bulk-check.ts';
import { discovery } from './discovery.ts';
import { longJob } from './long-job.ts';
import { protectedRoute } from './protected-route.ts';
import { quota } from './quota.ts';
import { status } from './status.ts';
import { token } from './token.ts';
import type { SmokeTarget } from './smoke-target.ts';
import { validation } from './validation.ts';

interface SmokeStep {
  readonly name: string;
  readonly ja: string;
  /**
   * Returns a short description of the result. Throws StepNotRun, or an error that shows a fault of
   * the deployment.
   */
  readonly run: (target: SmokeTarget) => Promise<string>;
}

/** In the order of the main job: each step depends on the ones before it. */
export const steps: readonly SmokeStep[] = [
  { name: 'status', ja: '稼働', run: status },
  { name: 'discovery', ja: '認可サーバのメタデータ', run: discovery },
  { name: 'token', ja: 'アクセストークン', run: token },
  { name: 'protected', ja: '保護された経路', run: protectedRoute },
  { name: 'validation', ja: '証明書の検証', run: validation },
  { name: 'bulk', ja: '失効の一括確認', run: bulkCheck },
  { name: 'job', ja: '300 件を超える分割の一括ジョブ', run: longJob },
  { name: 'quota', ja: '上限の応答', run: quota },
  { name: 'alarm', ja: 'アラームの通知', run: alarm },
];

export const stepNames = steps.map(({ name }) => name);
