import type { ActionDefinition, OutputName } from './definition.ts';

/**
 * GitHub takes 1 MiB of outputs a job, counted in UTF-16 units; several steps share it. What does not fit is left empty, with a warning:
 * a recovery is not failed by the size of its record.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idoutputs
 */
export const LARGEST_OUTPUTS = 400_000;

export interface Outputs<D extends ActionDefinition> {
  set(name: OutputName<D>, value: string): void;
  /** A list as JSON, for `fromJSON` in a workflow. */
  setList(name: OutputName<D>, values: readonly string[]): void;
}

interface Sink {
  write(name: string, value: string): void;
  warn(message: string): void;
}

/** Writes every output's default first, so that a later step never reads an empty status, whatever happens to this process. */
export function createOutputs<D extends ActionDefinition>(definition: D, sink: Sink): Outputs<D> {
  const sizes = new Map<string, number>();
  const write = (name: string, value: string) => {
    const others = [...sizes].reduce((sum, [other, size]) => (other === name ? sum : sum + size), 0);
    if (others + value.length > LARGEST_OUTPUTS) {
      sink.warn(`output "${name}" is too large (${value.length} characters) and was left empty; the report has it all`);
      return;
    }
    sizes.set(name, value.length);
    sink.write(name, value);
  };
  for (const [name, output] of Object.entries(definition.outputs)) write(name, output.default);
  return {
    set: write,
    setList: (name, values) => write(name, JSON.stringify(values)),
  };
}
