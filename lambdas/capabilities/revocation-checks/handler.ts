import type { BulkLists } from '../../crl-store/lookup/bulk-check.ts';
import {
  listSources,
  type ListRecords,
  type SourceStatus,
} from '../../crl-store/lookup/list-sources.ts';
import { rfc3339 } from '../../pki/rfc3339.ts';
import { bulkCheckJson } from '../../platform/http/bulk-check-json.ts';
import { functionHandler } from '../../platform/http/function-handler.ts';
import { operationHandler, type HttpSettings } from '../../platform/http/operation-handler.ts';
import { holdsScope } from '../../platform/http/scope.ts';
import { checkRevocations, listRevocationSources, revocationReasonsRead } from './contract.ts';
import { checkForService, type BulkCheckPorts } from './operation.ts';

export interface RevocationChecksDependencies extends BulkCheckPorts {
  readonly lists: BulkLists & ListRecords;
}

export const revocationsHandler = (
  dependencies: RevocationChecksDependencies,
  settings: HttpSettings,
) => {
  const { lists, profile } = dependencies;
  return functionHandler(
    operationHandler(
      checkRevocations,
      async ({ body, caller, now, note }) => {
        const checked = await checkForService(caller, body, dependencies, now);
        const { verdict, dense, closeSerials } = checked;
        note({ ...verdict.counts, source: verdict.generation?.sourceId });
        if (dense) note({ dense, closeSerials });
        const reasons = holdsScope(caller.scopes, revocationReasonsRead);
        return { status: 200, body: bulkCheckJson(verdict, body.form, reasons) };
      },
      settings,
    ),
    operationHandler(
      listRevocationSources,
      async ({ now }) => {
        const [generations, attempts] = await Promise.all([lists.all(), lists.attempts()]);
        const sources = listSources(profile, generations, attempts, now).map(sourceJson);
        return { status: 200, body: { checkedAt: rfc3339(now), sources } };
      },
      settings,
    ),
  );
};

function sourceJson({
  source,
  scope,
  state,
  generation,
  ageMs,
  lastAttempt,
}: SourceStatus): object {
  return {
    sourceId: source.id,
    anchor: source.anchorId,
    scope,
    state,
    ...(generation && {
      crlNumber: generation.crlNumber,
      thisUpdate: rfc3339(generation.thisUpdate),
      nextUpdate: rfc3339(generation.nextUpdate),
      ageSeconds: Math.floor(ageMs! / 1000),
      entries: generation.entries,
      bytes: generation.bytes,
      ingestedAt: rfc3339(generation.ingestedAt),
    }),
    ...(lastAttempt && {
      lastAttempt: {
        at: rfc3339(lastAttempt.at),
        outcome: lastAttempt.outcome,
        code: lastAttempt.code,
      },
    }),
  };
}
