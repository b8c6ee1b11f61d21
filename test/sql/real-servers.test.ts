/**
 * What is tried on every server: PGlite in any run of the tests, PostgreSQL and MariaDB where `.ci/databases` has started them. One process
 * for all, since PostgreSQL in WebAssembly takes its time to start; and one after another, since users belong to a whole server.
 */
import './users.ts';
import './restored.ts';
import './hostile.ts';
import './checks.ts';
import './direct-session.ts';
