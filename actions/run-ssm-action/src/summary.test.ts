import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SsmActionResult } from './result.ts';
import { renderSummary } from './summary.ts';

const result: SsmActionResult = {
  schema: 'breakwater.ssm-action/1',
  status: 'failed',
  reason: { code: 'automation-failed', message: 'step `x` | failed\n<b>now</b>', next: 'Look at step x.' },
  simulated: true,
  key: 'o/r/1/job/step',
  actor: 'ada',
  attempt: 1,
  document: 'Webshop_Promote',
  kind: 'automation',
  site: { name: 'target', account: '111122223333', region: 'us-west-2' },
  instances: [],
  startedAt: '2026-11-20T03:00:00.000Z',
  endedAt: '2026-11-20T03:01:00.000Z',
  made: [{ operation: 'ssm:StartAutomationExecution', id: 'auto-1', adopted: false }],
  result: { outputs: { 'a.b': ['```\n## no heading'] } },
};

test('the summary is escaped, and nothing inside can close its fence', () => {
  assert.equal(
    renderSummary(result),
    `### automation Webshop\\_Promote: failed

**Simulated: this is no evidence.**

| | |
| --- | --- |
| Status | failed |
| Reason | automation-failed: step \\\`x\\\` \\| failed &lt;b&gt;now&lt;/b&gt; |
| Next | Look at step x. |
| Where | account 111122223333, us-west-2 |
| Asked for by | ada |
| In AWS | auto-1 |
| Started | 2026-11-20T03:00:00.000Z |
| Ended | 2026-11-20T03:01:00.000Z |

<details><summary>What came back</summary>

\`\`\`\`json
{
  "outputs": {
    "a.b": [
      "\`\`\`\\n## no heading"
    ]
  }
}
\`\`\`\`

</details>

`,
  );
});
