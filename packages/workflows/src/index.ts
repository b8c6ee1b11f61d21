export {
  type CompileOptions,
  compileWorkflow,
  DEFAULT_SOURCE,
  environmentsOf,
  LARGEST_WORKFLOW,
  MOST_JOBS,
  workflowFile,
} from './compile.ts';
export { type Marker, readMarker } from './marker.ts';
