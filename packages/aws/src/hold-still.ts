export { holdStill } from '@breakwater/core';
