/**
 * Why a run stops although nobody asked it to: the time of its process is over, and another one goes on with the same execution. Given
 * as the reason of the abort. Unlike after a cancellation, nothing is stopped in AWS.
 */
export const HAND_OVER = 'hand-over';
