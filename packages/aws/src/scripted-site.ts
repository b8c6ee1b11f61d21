import { VirtualClock } from '@breakwater/core';
import { type ConnectOptions, connect } from './connect.ts';
import { type Script, ScriptedAws } from './scripted-aws.ts';

/** For tests: when their virtual clocks begin. */
export const START = Date.UTC(2026, 10, 20, 3);

/** For tests: one site of a scripted AWS, on a virtual clock. */
export function scriptedSite(script: Script, options: Partial<ConnectOptions> = {}) {
  const aws = new ScriptedAws(script);
  const clock = new VirtualClock(START);
  const at = connect({
    clock,
    credentials: { kind: 'static', accessKeyId: 'AKIDBASE', secretAccessKey: 'key-of-AKIDBASE' },
    sessionName: 'test',
    requestHandler: aws,
    ...options,
  });
  const site = at({ name: 'recovery', account: '111122223333', region: 'eu-west-1' });
  return { aws, clock, at, ...site };
}
