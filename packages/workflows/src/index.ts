export { type CheckFilesRequest, checkFiles } from './check-files.ts';
export { type CompileOptions, compileWorkflow, workflowFile } from './compile.ts';
export { type CompiledFile, type CompileRequest, compileFiles, writeCompiled } from './compile-files.ts';
export { type Marker, readMarker } from './marker.ts';
export { readWorkflows } from './read-workflows.ts';
