import { performance } from 'node:perf_hooks';
import { folderWith, VirtualDrill } from '../test/drill/virtual-drill.ts';
import { largePlan, largeScenario } from './large-failover.ts';

/** Run as a process of its own, so that its memory is its own. Prints one JSON line. */
const folder = await folderWith({ 'large.yaml': largePlan() });
const began = performance.now();
const drill = VirtualDrill.of(largeScenario());
const { execution } = await drill.run({ files: [folder], mode: 'recovery' });
const runMs = performance.now() - began;
if (execution.verdict !== 'succeeded') throw new Error(`${execution.verdict}: ${execution.reason.message}`);
console.log(
  JSON.stringify({
    runMs,
    simulatedMs: execution.rto.actual,
    peakMiB: process.resourceUsage().maxRSS / 1_024,
    calls: drill.world.calls.length,
  }),
);
