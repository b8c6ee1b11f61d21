import { data, Evaluator, Lexer, Parser } from '@actions/expressions';

/** A value of a context. */
export type Value = string | boolean | { readonly [key: string]: Value };
export type Contexts = { readonly [name: string]: Value };

/** GitHub's own evaluation of a value: expressions in it are computed, the rest stays. Unset inputs and variables are null. */
export function evaluate(text: string, contexts: Contexts): string {
  return text.replaceAll(/\$\{\{(.*?)\}\}/gs, (_, code: string) => {
    const context = new data.Dictionary(...Object.entries(contexts).map(([key, value]) => ({ key, value: dataOf(value) })));
    const functions = [{ name: 'always', minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(true) }];
    const tree = new Parser(new Lexer(code.trim()).lex().tokens, Object.keys(contexts), functions).parse();
    return new Evaluator(tree, context, new Map(functions.map((each) => [each.name, each]))).evaluate().coerceString();
  });
}

function dataOf(value: Value): data.ExpressionData {
  if (typeof value === 'string') return new data.StringData(value);
  if (typeof value === 'boolean') return new data.BooleanData(value);
  return new data.Dictionary(...Object.entries(value).map(([key, each]) => ({ key, value: dataOf(each) })));
}
