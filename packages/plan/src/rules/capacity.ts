import type { Check } from './context.ts';
import { databasesOf } from './databases.ts';

/** Capacity units come in halves: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ServerlessV2ScalingConfiguration.html */
const STEP = 0.5;

/** What no engine version supports of Serverless v2; the bounds of the version itself are looked at in AWS. */
export const possibleCapacity: Check = (context) => {
  for (const plan of context.plans) {
    for (const { database } of databasesOf(plan.value)) {
      const { serverless } = database.settings ?? {};
      if (serverless === undefined) continue;
      const path = [...plan.pathOf(database), 'settings', 'serverless'];
      const broken = (['min', 'max'] as const).filter((key) => !Number.isInteger(serverless[key] / STEP));
      for (const key of broken) {
        const message = `${serverless[key]} is no capacity of Serverless v2: units come in steps of ${STEP}`;
        context.report('BW825', plan, [...path, key], message, `Write a multiple of ${STEP}.`);
      }
      if (broken.length > 0 || serverless.min <= serverless.max) continue;
      const message = `the least capacity, ${serverless.min}, is more than the most, ${serverless.max}`;
      context.report('BW825', plan, [...path, 'min'], message, 'Write min as no more than max.');
    }
  }
};
