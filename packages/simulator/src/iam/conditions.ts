/**
 * Condition keys of a request: names in lower case (AWS compares them so), one value or several. Absent is not the same as empty.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export type ConditionContext = Readonly<Record<string, string | readonly string[]>>;

/** The operators that are enforced, with the set qualifiers and IfExists that AWS allows before and after them. */
export const CONDITION_OPERATORS =
  /^(ForAnyValue:|ForAllValues:)?(String(Not)?Equals(IgnoreCase)?|String(Not)?Like|Arn(Not)?(Equals|Like)|Bool)(IfExists)?$|^Null$/;

/** `*` stands for any run of characters and `?` for one, as in actions, resources and the Like operators. */
export function like(pattern: string, text: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

/** Replaces `${key}` by the request's value; undefined when the request has none, or several: then nothing matches. */
export function substitute(text: string, context: ConditionContext): string | undefined {
  let known = true;
  const replaced = text.replaceAll(/\$\{([^}]*)\}/g, (_, name: string) => {
    if (name === '*' || name === '?' || name === '$') return name;
    const value = context[name.toLowerCase()];
    if (typeof value !== 'string') known = false;
    return typeof value === 'string' ? value : '';
  });
  return known ? replaced : undefined;
}

type Compare = (wanted: string, given: string) => boolean;

const COMPARISONS: Readonly<Record<string, Compare>> = {
  StringEquals: (wanted, given) => wanted === given,
  StringEqualsIgnoreCase: (wanted, given) => wanted.toLowerCase() === given.toLowerCase(),
  StringLike: like,
  ArnEquals: likeArn,
  ArnLike: likeArn,
  Bool: (wanted, given) => wanted.toLowerCase() === given.toLowerCase(),
};

/** Each of the six parts of an ARN is compared by itself: `*` does not reach over a colon. */
function likeArn(wanted: string, given: string): boolean {
  const parts = (arn: string): readonly string[] => {
    const [prefix = '', partition = '', service = '', region = '', account = '', ...rest] = arn.split(':');
    return [prefix, partition, service, region, account, rest.join(':')];
  };
  const there = parts(given);
  return parts(wanted).every((part, index) => like(part, there[index] ?? ''));
}

/** Whether one line of a Condition block holds: an operator, a key, and the values of which one must fit. */
export function holds(operator: string, key: string, values: readonly string[], context: ConditionContext): boolean {
  const given = context[key.toLowerCase()];
  if (operator === 'Null') return values.some((value) => (value === 'true') === (given === undefined));
  const [, qualifier, name = '', ifExists] = /^(ForAnyValue:|ForAllValues:)?(.+?)(IfExists)?$/.exec(operator) ?? [];
  const negative = /^(String|Arn)Not/.test(name);
  if (given === undefined) return ifExists !== undefined || negative || qualifier === 'ForAllValues:';
  const compare = COMPARISONS[name.replace('Not', '')];
  if (compare === undefined) return false;
  const wanted = values.map((value) => substitute(value, context)).filter((value) => value !== undefined);
  const fits = (one: string): boolean => wanted.some((value) => compare(value, one)) !== negative;
  const all = typeof given === 'string' ? [given] : given;
  return qualifier === 'ForAnyValue:' ? all.some(fits) : all.every(fits);
}
