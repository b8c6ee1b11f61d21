import { BreakwaterError, parseDuration } from '@breakwater/core';
import { parseJson } from './boundary.ts';
import { parseFault } from './scenario/load-scenario.ts';
import type { WireRequest, WireResponse } from './wire/message.ts';
import type { World } from './world/world.ts';

const PREFIX = '/_simulator/';

/** Answers the control routes; undefined for any other path. They take no signature and no simulated time. */
export async function control(world: World, request: WireRequest): Promise<WireResponse | undefined> {
  if (!request.path.startsWith(PREFIX)) return undefined;
  const route = `${request.method} ${request.path.slice(PREFIX.length)}`;
  try {
    switch (route) {
      case 'GET calls':
        return json(
          200,
          world.calls.filter((call) => [...request.query].every(([name, value]) => String(Reflect.get(call, name)) === value)),
        );
      case 'GET state':
        return json(200, world.state());
      case 'GET events':
        return json(200, world.events);
      case 'POST faults':
        return json(201, { id: world.arm(parseFault(parseJson(request.body))).id });
      case 'POST clock':
        return await advance(world, parseJson(request.body));
      default:
        return json(404, {
          message: `no control route ${route}`,
          routes: ['GET calls', 'GET state', 'GET events', 'POST faults', 'POST clock'],
        });
    }
  } catch (error) {
    if (error instanceof BreakwaterError || error instanceof SyntaxError) return json(400, { message: error.message });
    throw error;
  }
}

async function advance(world: World, body: unknown): Promise<WireResponse> {
  const by =
    typeof body === 'object' && body !== null && 'advance' in body && typeof body.advance === 'string'
      ? parseDuration(body.advance)
      : undefined;
  if (by === undefined) return json(400, { message: 'give {"advance": "5m"}' });
  await world.clock.advance(by);
  return json(200, { now: world.clock.now() });
}

function json(status: number, value: unknown): WireResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}
