export { checkWorkflows, type WorkflowSource } from './check.ts';
export { type CheckFilesRequest, checkFiles, WORKFLOWS_FOLDER } from './check-files.ts';
export {
  type CompileOptions,
  compileWorkflow,
  DEFAULT_SOURCE,
  environmentsOf,
  LARGEST_WORKFLOW,
  MOST_JOBS,
  workflowFile,
} from './compile.ts';
export { type CompiledFile, type CompileRequest, compileFiles, writeCompiled } from './compile-files.ts';
export { type Marker, readMarker } from './marker.ts';
export { readWorkflows } from './read-workflows.ts';
