import { exampleRequest } from '../../e2e/example-request.ts';
import {
  clientCall,
  type PreparedCalls,
  type GoodCall,
  type GoodCalls,
} from '../../e2e/good-call.ts';

const jobs = '/v1/revocations/jobs';
const createJob = clientCall('POST', 201, jobs, () => exampleRequest('create-job'));

/** A service has few jobs at once: each call cancels its own. */
const cancel = (prepared: PreparedCalls, jobId: string) =>
  prepared.platform.call('DELETE', `${jobs}/${jobId}`, { token: prepared.clientToken });

/** A job whose file is uploaded, ready to start. */
async function uploadedJob(prepared: PreparedCalls): Promise<string> {
  const { body } = await createJob.make(prepared);
  const upload = body['upload'] as { url: string; headers?: Record<string, string> };
  await fetch(upload.url, {
    method: 'PUT',
    body: '08000001\n',
    ...(upload.headers && { headers: upload.headers }),
  });
  return String(body['jobId']);
}

const onJob = (
  method: string,
  status: number,
  suffix: string,
  prepare: (prepared: PreparedCalls) => Promise<string>,
): GoodCall => ({
  status,
  caller: 'client',
  path: () => `${jobs}/job_0${suffix}`,
  make: async (prepared) => {
    const jobId = await prepare(prepared);
    const token = prepared.clientToken;
    const answer = await prepared.platform.call(method, `${jobs}/${jobId}${suffix}`, { token });
    if (method !== 'DELETE') await cancel(prepared, jobId);
    return answer;
  },
});

const newJob = async (prepared: PreparedCalls): Promise<string> =>
  String((await createJob.make(prepared)).body['jobId']);

export const goodCalls = {
  'create-job': {
    ...createJob,
    make: async (prepared) => {
      const answer = await createJob.make(prepared);
      await cancel(prepared, String(answer.body['jobId']));
      return answer;
    },
  },
  'get-job': onJob('GET', 200, '', newJob),
  'start-job': onJob('POST', 202, '/start', uploadedJob),
  'cancel-job': onJob('DELETE', 200, '', newJob),
} as const satisfies GoodCalls;
