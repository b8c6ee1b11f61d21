import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stringify } from 'yaml';
import { checkPlans, fromSeedWave, loadPlanSources, type YamlShape } from './index.ts';
import { BASE } from './testing/corpus.ts';

/** The translated waves as a plan, so that the schema and the rules judge them. */
function judge(...waves: YamlShape[]) {
  const plan = {
    apiVersion: 'breakwater/v1',
    kind: 'RecoveryPlan',
    name: 'imported',
    owner: 'team',
    tier: 1,
    objectives: { rto: '24h', rpo: '15m' },
    waves,
  };
  const groups = [...new Set(waves.flatMap((wave) => (Array.isArray(wave['groups']) ? wave['groups'] : [])))].map((name, index) =>
    stringify({
      apiVersion: 'breakwater/v1',
      kind: 'ProtectionGroup',
      name,
      site: 'here',
      select: { tags: { Group: `g${index}` } },
      expect: { max: 5 },
    }),
  );
  const loaded = loadPlanSources(
    [{ file: 'p.yaml', text: [stringify(plan), ...groups].join('---\n') }],
    [{ file: 'base.yaml', text: BASE }],
  );
  return { findings: checkPlans(loaded), plan: loaded.set.plans.get('imported') };
}

describe('fromSeedWave', () => {
  it('maps each field of a wave of AWS DRS Orchestration', () => {
    const { wave, dropped } = fromSeedWave({
      WaveName: 'Database Tier',
      ProtectionGroupId: 'pg-123',
      DependsOn: ['Network Tier'],
      PreWaveActions: [
        {
          Name: 'Stop Application Services',
          DocumentName: 'StopServices',
          Parameters: { ServiceNames: ['app-service'] },
          MaxWaitTime: 300,
        },
      ],
      PostWaveActions: [
        {
          Name: 'Validate Database Connectivity',
          DocumentName: 'ValidateDB',
          Parameters: { ConnectionString: '{{resolve:secretsmanager:db-conn}}' },
          MaxWaitTime: 600,
        },
      ],
    });
    assert.deepEqual(wave, {
      name: 'Database-Tier',
      description: 'Database Tier',
      dependsOn: ['Network-Tier'],
      groups: ['pg-123'],
      preWaveActions: [
        {
          name: 'Stop-Application-Services',
          description: 'Stop Application Services',
          document: 'StopServices',
          parameters: { ServiceNames: ['app-service'] },
          maxWait: '300s',
        },
      ],
      postWaveActions: [
        {
          name: 'Validate-Database-Connectivity',
          description: 'Validate Database Connectivity',
          document: 'ValidateDB',
          parameters: { ConnectionString: '{{resolve:secretsmanager:db-conn}}' },
          maxWait: '600s',
        },
      ],
    });
    assert.deepEqual(dropped, []);
    const { findings, plan } = judge(fromSeedWave({ WaveName: 'Network Tier', ProtectionGroupId: 'pg-122' }).wave, wave);
    assert.deepEqual(findings, []);
    assert.equal(plan?.waves[1]?.postWaveActions[0]?.maxWait, 600_000);
    assert.deepEqual(plan?.waves[1]?.preWaveActions[0]?.parameters, { ServiceNames: ['app-service'] });
  });

  it('maps the sample of three tiers', () => {
    const tiers = ['Database Tier', 'Application Tier', 'Web Tier'].map(
      (name, index, all) =>
        fromSeedWave({
          WaveName: name,
          ProtectionGroupId: `pg-${index}`,
          ...(index === 0 ? {} : { DependsOn: [all[index - 1]] }),
        }).wave,
    );
    const { findings, plan } = judge(...tiers);
    assert.deepEqual(findings, []);
    assert.deepEqual(
      plan?.waves.map(({ name, dependsOn }) => [name, dependsOn]),
      [
        ['Database-Tier', []],
        ['Application-Tier', ['Database-Tier']],
        ['Web-Tier', ['Application-Tier']],
      ],
    );
  });

  it('maps a wave of AWS drs-plan-automation, and names what has no counterpart', () => {
    const { wave, dropped } = fromSeedWave({
      Description: 'Start database servers',
      KeyName: 'Role',
      KeyValue: 'DBServer',
      MaxWaitTime: 900,
      Name: 'Sample Databases Wave',
      UpdateTime: 30,
      PreWaveActions: [
        {
          Description: 'Create an SSM OpsItem before DRS database wave starts',
          MaxWaitTime: 90,
          Name: 'Sample PreWave Action - Database Wave: Create PreWave SSM OpsItem',
          StartAutomationExecution: { DocumentName: 'CreateOpsItem', Parameters: { Priority: ['1'] } },
          UpdateTime: 30,
        },
      ],
      PostWaveActions: [{ Name: 'Bare', StartAutomationExecution: { DocumentName: 'Doc', Parameters: {} } }],
    });
    assert.deepEqual(dropped, ['UpdateTime', 'PreWaveActions[0].UpdateTime']);
    assert.equal(wave['timeout'], '900s');
    assert.deepEqual(wave['groups'], ['Role-DBServer']);
    assert.equal(wave['description'], 'Start database servers');
    const { findings, plan } = judge(wave);
    assert.deepEqual(findings, []);
    assert.deepEqual(
      plan?.waves[0]?.preWaveActions.map(({ name, document, maxWait }) => [name, document, maxWait]),
      [['Sample-PreWave-Action-Database-Wave-Create-PreWave-SSM-OpsItem', 'CreateOpsItem', 90_000]],
    );
    assert.deepEqual(plan?.waves[0]?.postWaveActions[0]?.parameters, {});
  });

  it('leaves out what is not there or not usable; the check then says what is missing', () => {
    assert.deepEqual(fromSeedWave({ WaveName: '', MaxWaitTime: 'soon', ProtectionGroupIds: ['a', 'b'] }), {
      wave: { name: '', groups: ['a', 'b'] },
      dropped: [],
    });
    assert.deepEqual(
      judge(fromSeedWave({}).wave).findings.map(({ rule }) => rule),
      ['BW115', 'BW401'],
    );
  });
});
