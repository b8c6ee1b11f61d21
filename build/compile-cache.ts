import { enableCompileCache } from 'node:module';
import path from 'node:path';

/** Loaded before each test file: hundreds of processes compile the same modules, and this lets all but the first read them compiled. */
enableCompileCache(path.join(import.meta.dirname, '..', 'node_modules', '.cache', 'compiled'));
