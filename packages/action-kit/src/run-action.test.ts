import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsError, RefusedError, UserError, VirtualClock } from '@breakwater/core';
import type { ActionDefinition } from './definition.ts';
import { recordingRunner } from './recording-runner.ts';
import { type Door, runAction } from './run-action.ts';
import type { Runner } from './runner.ts';

const definition = {
  name: 'sample',
  title: 'Sample',
  description: 'For tests',
  branding: { icon: 'shield', color: 'blue' },
  inputs: { mode: { kind: 'choice', of: ['drill', 'recovery'], required: true, description: 'How' } },
  outputs: {
    status: { description: 'x', default: 'in-progress' },
    'reason-code': { description: 'x', default: 'interrupted' },
    result: { description: 'x', default: '{}' },
    'job-ids': { description: 'x', default: '[]' },
  },
} as const satisfies ActionDefinition;

type Work = (door: Door<typeof definition>) => Promise<{ status: string; reason: 'ok'; result: string }>;
const fine: Work = async () => ({ status: 'succeeded', reason: 'ok', result: '{"schema":"x/1"}' });

async function play(work: Work, environment: Record<string, string> = { INPUT_MODE: 'drill' }, overrides: Partial<Runner> = {}) {
  const runner = recordingRunner(environment, overrides);
  await runAction(definition, work, runner, new VirtualClock(0));
  return runner;
}

test('a good end sets the outputs, fails nothing, and ends the process', async () => {
  const runner = await play(async (door) => {
    door.outputs.setList('job-ids', ['drsjob-1']);
    return fine(door);
  });
  assert.deepEqual(runner.outputs, {
    status: 'succeeded',
    'reason-code': 'ok',
    result: '{"schema":"x/1"}',
    'job-ids': '["drsjob-1"]',
  });
  assert.deepEqual(runner.failures, []);
  assert.deepEqual(runner.exits, [undefined]);
});

test('outputs have honest defaults before the work begins', async () => {
  let before: Record<string, string> = {};
  const runner = recordingRunner({ INPUT_MODE: 'drill' });
  await runAction(
    definition,
    async (door) => {
      before = { ...runner.outputs };
      return fine(door);
    },
    runner,
  );
  assert.deepEqual(before, { status: 'in-progress', 'reason-code': 'interrupted', result: '{}', 'job-ids': '[]' });
});

test('wrong inputs start nothing and give one message with a code', async () => {
  let started = false;
  const runner = await play(
    async (door) => {
      started = true;
      return fine(door);
    },
    { INPUT_MODE: 'dril' },
  );
  assert.equal(started, false);
  assert.deepEqual(runner.failures, [
    'usage: sample: value "dril" is not valid for "mode". Legal: drill, recovery. Correct the `with:` of the step; nothing was started.',
  ]);
  assert.equal(runner.outputs['status'], 'failed');
  assert.equal(runner.outputs['reason-code'], 'usage');
  assert.equal(JSON.parse(runner.outputs['result'] ?? '').schema, 'breakwater.error/1');
});

test('an error of the family becomes one failure: code, message, next; its stack only at debug', async () => {
  const runner = await play(async () => {
    throw new RefusedError('account-mismatch', 'the credentials belong to 222233334444.', { next: 'Use the right role.' });
  });
  assert.deepEqual(runner.failures, ['account-mismatch: the credentials belong to 222233334444. Use the right role.']);
  assert.ok(runner.lines.some((line) => line.startsWith('[debug]') && line.includes('run-action.test.ts')));
  assert.ok(runner.lines.filter((line) => line.includes('run-action.test.ts')).every((line) => line.startsWith('[debug]')));
  assert.deepEqual(JSON.parse(runner.outputs['result'] ?? '').reason, {
    code: 'account-mismatch',
    message: 'the credentials belong to 222233334444.',
    next: 'Use the right role.',
  });
});

test('a mistake in a file is shown at its place', async () => {
  const places: unknown[] = [];
  const location = { file: 'plans/webshop.yaml', line: 3, column: 5 };
  const work: Work = async () => {
    throw new UserError('plan-invalid', 'no waves', { next: 'Add one.', location });
  };
  await play(work, { INPUT_MODE: 'drill' }, { setFailed: (message, place) => places.push([message, place]) });
  assert.deepEqual(places, [['plan-invalid: no waves. Add one.', location]]);
});

test('a strange error is an internal one, with its causes at debug', async () => {
  const runner = await play(async () => {
    throw new AggregateError([new Error('first of two')], 'several', { cause: new Error('deep') });
  });
  assert.match(runner.failures[0] ?? '', /^internal: unexpected: several\. This is a fault of Breakwater\./);
  const debug = runner.lines.join('\n');
  assert.match(debug, /among: Error: first of two/);
  assert.match(debug, /caused by: Error: deep/);
});

test('an unmasked secret of AWS never leaves: not in outputs, log, summary, annotations or the failure', async () => {
  const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
  const runner = await play(
    async (door) => {
      door.mask('line-one-of-key\nline-two-of-key');
      door.log.info(`secret ${secret} and line-two-of-key`);
      door.annotations.error('t', secret);
      door.outputs.set('job-ids', JSON.stringify([secret, encodeURIComponent(secret)]));
      await door.log.group(`g ${secret}`, () => door.summarise(`# ${secret}`));
      throw new AwsError('permission-denied', `refused ${secret}`, {
        next: secret,
        call: {
          service: 'drs',
          operation: 'StartRecovery',
          account: undefined,
          region: undefined,
          requestId: undefined,
          httpStatus: 403,
          awsCode: 'AccessDeniedException',
        },
      });
    },
    { INPUT_MODE: 'drill', AWS_SECRET_ACCESS_KEY: secret },
  );
  const { masked, ...visible } = runner;
  assert.deepEqual(masked, [secret, 'line-one-of-key', 'line-two-of-key']);
  const text = JSON.stringify({ ...visible, environment: undefined });
  assert.equal(text.includes(secret), false);
  assert.equal(text.includes(encodeURIComponent(secret)), false);
  assert.equal(text.includes('line-two-of-key'), false);
  assert.match(text, /secret \*\*\*/);
});

test('a group is closed also when its work throws', async () => {
  const runner = await play(async (door) => {
    await door.log.group('waves', () => {
      throw new Error('no');
    });
    return fine(door);
  });
  assert.deepEqual(runner.lines.slice(0, 2), ['> waves', '<']);
});

test('text from AWS cannot give commands to the runner', async () => {
  const said = [
    '::stop-commands::x\n ##[error]y',
    // The older form counts wherever it stands in a line, and spaces are whatever .NET takes for some.
    'web-1 says ##[add-mask]succeeded and ##[set-output name=status;]succeeded',
    '\u0085::add-mask::x\r\u00a0::set-output name=status::succeeded',
    'web-1\u202edeliaf\u2066',
  ];
  const runner = await play(async (door) => {
    for (const text of said) door.log.info(text);
    return fine(door);
  });
  assert.deepEqual(runner.lines, [
    '\u200b::stop-commands::x\n ##\u200b[error]y',
    'web-1 says ##\u200b[add-mask]succeeded and ##\u200b[set-output name=status;]succeeded',
    '\u0085\u200b::add-mask::x\r\u00a0\u200b::set-output name=status::succeeded',
    'web-1deliaf',
  ]);
});

test('nothing that people read runs backwards: annotations, the summary, the failure', async () => {
  const reversed = 'web-1 \u202edeliaf\u2069';
  const runner = await play(async (door) => {
    door.annotations.error(reversed, reversed);
    await door.summarise(reversed);
    return { ...fine(door), status: 'failed', failure: { message: reversed, next: reversed } };
  });
  const shown = [...runner.errors, runner.summary, ...runner.failures].join('\n');
  assert.match(shown, /^web-1 deliaf: web-1 deliaf\nweb-1 deliaf\n/);
  assert.doesNotMatch(shown, /[\u202e\u2069]/);
});

test('the first signal aborts with its name; the work may still write its own end', async () => {
  const runner = recordingRunner({ INPUT_MODE: 'drill' });
  await runAction(
    definition,
    async (door) => {
      runner.send('SIGINT');
      assert.equal(door.signal.aborted, true);
      assert.equal(door.signal.reason, 'SIGINT');
      return fine(door);
    },
    runner,
    new VirtualClock(0),
  );
  assert.equal(runner.outputs['status'], 'succeeded');
});

test('what an aborted call throws is told as the interruption that it is', async () => {
  const runner = recordingRunner({ INPUT_MODE: 'drill' });
  const work: Work = async (door) => {
    runner.send('SIGINT');
    throw door.signal.reason;
  };
  await runAction(definition, work, runner, new VirtualClock(0));
  assert.match(runner.failures[0] ?? '', /^interrupted: stopped by SIGINT\. Run the same step again/);
  assert.equal(runner.outputs['status'], 'cancelled');
});

test('work that does not stop within the grace period is cut short, with an honest status', async () => {
  const runner = recordingRunner({ INPUT_MODE: 'drill' });
  const clock = new VirtualClock(0);
  void runAction(
    definition,
    async () => {
      runner.send('SIGTERM');
      return new Promise<never>(() => {});
    },
    runner,
    clock,
  );
  await clock.sleep(4_999);
  assert.deepEqual(runner.exits, []);
  await clock.sleep(2);
  assert.deepEqual(runner.exits, [1]);
  assert.equal(runner.outputs['status'], 'in-progress');
  assert.equal(runner.outputs['reason-code'], 'interrupted');
  assert.match(runner.failures[0] ?? '', /^interrupted: .* run the same step again to resume\.$/);
});

test('an error that nobody caught, and a standstill, still end in a message and honest outputs', async () => {
  const runner = recordingRunner({ INPUT_MODE: 'drill' });
  void runAction(definition, () => new Promise<never>(() => {}), runner, new VirtualClock(0));
  await new Promise(setImmediate);
  runner.breakDown(new Error('the work came to a standstill before its end'));
  assert.match(
    runner.failures[0] ?? '',
    /^internal: unexpected: the work came to a standstill before its end\. .*Run the same execution again/,
  );
  assert.equal(runner.outputs['status'], 'failed');
  assert.equal(runner.outputs['reason-code'], 'internal');
  assert.deepEqual(runner.exits, [1]);
});

test('a second signal ends the process at once', async () => {
  const runner = recordingRunner({ INPUT_MODE: 'drill' });
  void runAction(
    definition,
    async () => {
      runner.send('SIGINT');
      runner.send('SIGINT');
      return new Promise<never>(() => {});
    },
    runner,
    new VirtualClock(0),
  );
  await new Promise(setImmediate);
  assert.deepEqual(runner.exits, [130]);
});

test('a summary that cannot be written is a warning, not a failure', async () => {
  const runner = await play(
    async (door) => {
      await door.summarise('# Report');
      return fine(door);
    },
    { INPUT_MODE: 'drill' },
    {
      appendSummary: async () => {
        throw new Error('EROFS: read-only file system');
      },
    },
  );
  assert.deepEqual(runner.warnings, ['The job summary could not be written: unexpected: EROFS: read-only file system']);
  assert.deepEqual(runner.failures, []);
});

test('an output that cannot be written is a warning, and the work is done all the same', async () => {
  let done = false;
  const runner = await play(
    async (door) => {
      done = true;
      return fine(door);
    },
    { INPUT_MODE: 'drill' },
    {
      setOutput: () => {
        throw new Error('ENOSPC: no space left on device');
      },
    },
  );
  assert.equal(done, true);
  assert.match(runner.warnings[0] ?? '', /^Output "status" could not be written: .*ENOSPC/);
  assert.deepEqual(runner.failures, []);
});

test('without the job permission the OIDC hint is given; with it the token is masked before use', async () => {
  const without = await play(async (door) => {
    await door.token();
    return fine(door);
  });
  assert.match(without.failures[0] ?? '', /^credentials-missing: this job may not ask GitHub .* id-token: write/);

  const request = { ACTIONS_ID_TOKEN_REQUEST_URL: 'http://127.0.0.1:1', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token' };
  let token = '';
  const withIt = await play(
    async (door) => {
      token = await door.token();
      return fine(door);
    },
    { INPUT_MODE: 'drill', ...request },
  );
  assert.equal(token, 'token-for-sts.amazonaws.com');
  assert.deepEqual(withIt.masked, ['request-token', token]);

  const broken = await play(
    async (door) => {
      await door.token();
      return fine(door);
    },
    { INPUT_MODE: 'drill', ...request },
    {
      idToken: async () => {
        throw new Error('Error message: Failed to get ID Token. \n \n        Error Code : 503');
      },
    },
  );
  assert.match(
    broken.failures[0] ?? '',
    /^credentials-missing: GitHub did not give an OIDC token: .*Error Code : 503\. Look at githubstatus/,
  );
});
