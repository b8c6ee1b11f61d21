import { loadScenario, type Scenario } from '@breakwater/simulator';

/**
 * The scenario with listed answers in place of a SQL server, which takes seconds to start: for tests of everything but SQL. One without a
 * server stays as it is.
 */
export function withSqlAnswers(scenario: Scenario): Scenario {
  if (scenario.sqlServer === undefined) return scenario;
  return { ...scenario, sqlServer: undefined, sqlAnswers: loadScenario('plans/simulation/no-database.yaml').sqlAnswers };
}
