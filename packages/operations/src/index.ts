export { deeds } from './deeds.ts';
