import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ssmError } from './scripted-aws.ts';
import { scriptedSite } from './scripted-site.ts';

test('a parameter is created or overwritten, and repeated until it is answered', async () => {
  const { parameters, aws } = scriptedSite((_, nth) => (nth === 0 ? { socketError: 'ECONNRESET' } : { json: { Version: 2 } }));
  await parameters.putParameter('/dr/shop/endpoint', 'shop.cluster-x');
  const sent = { Name: '/dr/shop/endpoint', Value: 'shop.cluster-x', Type: 'String', Overwrite: true };
  assert.deepEqual(
    aws.sent.map(({ operation, input }) => [operation, input]),
    [
      ['PutParameter', sent],
      ['PutParameter', sent],
    ],
  );
});

test('a full parameter store is an exhausted quota', async () => {
  const { parameters } = scriptedSite(() => ssmError(400, 'ParameterLimitExceeded'));
  await assert.rejects(parameters.putParameter('/a', 'b'), { code: 'quota-exceeded', missing: /SSM parameters/ });
});

test('a parameter of another type keeps its type: AWS does not let it change', async () => {
  const { parameters, aws } = scriptedSite(({ input }) =>
    input['Type'] === undefined ? { json: { Version: 2 } } : ssmError(400, 'HierarchyTypeMismatchException'),
  );
  await parameters.putParameter('/dr/shop/endpoint', 'shop.cluster-x');
  assert.deepEqual(
    aws.sent.map(({ input }) => input),
    [
      { Name: '/dr/shop/endpoint', Value: 'shop.cluster-x', Type: 'String', Overwrite: true },
      { Name: '/dr/shop/endpoint', Value: 'shop.cluster-x', Overwrite: true },
    ],
  );
});
