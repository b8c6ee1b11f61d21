/** What the AWS SDK reads before it warns of a Node that it will leave behind; in its sources, `emitWarningIfUnsupportedVersion`. */
export const QUIET_SDK = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';

/** Spares seven lines of warning in the middle of a failover: nobody changes Node that night. */
export function quietSdk(env: Record<string, string | undefined>): void {
  env[QUIET_SDK] ??= 'true';
}
