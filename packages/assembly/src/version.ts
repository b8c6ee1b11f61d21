/** The version of Breakwater, as records and user agents carry it; a test holds it to package.json. */
export const VERSION = '0.1.0';
export const TOOL = `breakwater/${VERSION}`;
