/** A reason, as journals, errors and outcomes have one. */
export interface ReasonText {
  readonly code: string;
  readonly message: string;
  readonly next?: string | undefined;
}

/** One line for a person: the code to look up, what is wrong, what to do next. */
export function reasonText({ code, message, next }: ReasonText): string {
  const said = `${code}: ${message.trim().replace(/[.]+$/, '')}.`;
  return next === undefined ? said : `${said} ${next}`;
}
