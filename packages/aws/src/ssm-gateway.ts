import type { Command, CommandInvocation, StepExecution } from '@aws-sdk/client-ssm';
import { InternalError } from '@breakwater/core';
import type { SsmAutomation, SsmAutomationStep, SsmCommand, SsmGateway, SsmInvocation, SsmManagedInstance } from './gateways.ts';
import { incomplete, missingIs, raise } from './odd-answers.ts';
import { chunksOf } from './paging.ts';
import { isoSecond, moment, newestFirst } from './parse.ts';
import { type Place, ServiceCaller, type Surroundings } from './service-caller.ts';

type Sdk = typeof import('./ssm-client.ts');
type Client = InstanceType<Sdk['SSMClient']>;

/** IAM actions that each method of the SSM gateway needs in the site. */
export const SSM_PERMISSIONS = {
  // PassRole: on the document's AutomationAssumeRole, if it has one.
  startAutomation: ['ssm:StartAutomationExecution', 'ssm:AddTagsToResource', 'iam:PassRole'],
  getAutomation: ['ssm:GetAutomationExecution', 'ssm:DescribeAutomationStepExecutions'],
  stopAutomation: ['ssm:StopAutomationExecution'],
  sendCommand: ['ssm:SendCommand'],
  listCommandsSince: ['ssm:ListCommands'],
  listInvocations: ['ssm:ListCommandInvocations'],
  cancelCommand: ['ssm:CancelCommand'],
  describeManagedInstances: ['ssm:DescribeInstanceInformation'],
} as const satisfies Record<keyof SsmGateway, readonly string[]>;

/** By the service model. */
const LARGEST_PAGE = 50;
const INSTANCE_FILTER = 100;
const COMMAND_INSTANCES = 50;
const COMMENT_LENGTH = 100;
const OUTPUT_LENGTH = 2_500;
const SHORTEST_DELIVERY = 30;
const LONGEST_DELIVERY = 2_592_000;

/** SSM Automation, Run Command and managed instances at one site. */
export function ssmGateway(surroundings: Surroundings, place: Omit<Place, 'service'>): SsmGateway {
  const ssm = new ServiceCaller<Sdk, Client>(
    surroundings,
    { ...place, service: 'ssm' },
    () => import('./ssm-client.ts'),
    (sdk, settings) => new sdk.SSMClient(settings),
  );

  const allSteps = async (AutomationExecutionId: string): Promise<SsmAutomationStep[]> => {
    const steps: SsmAutomationStep[] = [];
    const items = ssm.everyItem('DescribeAutomationStepExecutions', async (sdk, client, NextToken, options) => {
      const input = { AutomationExecutionId, MaxResults: LARGEST_PAGE, NextToken };
      const page = await client.send(new sdk.DescribeAutomationStepExecutionsCommand(input), options);
      return { items: page.StepExecutions ?? [], nextToken: page.NextToken };
    });
    for await (const item of items) steps.push(toStep(item));
    return steps;
  };

  return {
    async startAutomation({ document, version, parameters, clientToken, tags }) {
      const { AutomationExecutionId: id } = await ssm.call('StartAutomationExecution', 'repeatable', (sdk, client) =>
        client.send(
          new sdk.StartAutomationExecutionCommand({
            DocumentName: document,
            ...(version === undefined ? {} : { DocumentVersion: version }),
            // An empty map is refused: the model demands one entry at least.
            ...(Object.keys(parameters).length === 0 ? {} : { Parameters: mutable(parameters) }),
            ClientToken: clientToken,
            ...(Object.keys(tags).length === 0 ? {} : { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }),
          }),
        ),
      );
      return id ?? raise(incomplete(ssm.context('StartAutomationExecution', 'repeatable'), 'an execution id'));
    },

    async getAutomation(id) {
      const execution = await missingIs(['AutomationExecutionNotFoundException'], undefined, async () => {
        const answer = await ssm.call('GetAutomationExecution', 'read', (sdk, client, options) =>
          client.send(new sdk.GetAutomationExecutionCommand({ AutomationExecutionId: id }), options),
        );
        return answer.AutomationExecution;
      });
      if (execution === undefined) return undefined;
      const steps = execution.StepExecutionsTruncated ? await allSteps(id) : (execution.StepExecutions ?? []).map(toStep);
      return {
        id: execution.AutomationExecutionId ?? id,
        status: execution.AutomationExecutionStatus ?? 'Unknown',
        document: execution.DocumentName,
        startedAt: moment(execution.ExecutionStartTime),
        endedAt: moment(execution.ExecutionEndTime),
        outputs: execution.Outputs ?? {},
        failureMessage: execution.FailureMessage,
        currentStep: execution.CurrentStepName,
        steps,
      } satisfies SsmAutomation;
    },

    async stopAutomation(id) {
      await missingIs(['InvalidAutomationStatusUpdateException'], undefined, () =>
        ssm.call('StopAutomationExecution', 'repeatable', (sdk, client) =>
          client.send(new sdk.StopAutomationExecutionCommand({ AutomationExecutionId: id, Type: 'Cancel' })),
        ),
      );
    },

    async sendCommand({ document, version, parameters, instanceIds, comment, deliveryTimeout }) {
      if (instanceIds.length < 1 || instanceIds.length > COMMAND_INSTANCES || comment.length > COMMENT_LENGTH) {
        throw new InternalError(
          'internal',
          `sendCommand takes 1 to ${COMMAND_INSTANCES} instances and a comment of at most ${COMMENT_LENGTH} characters, not ${instanceIds.length} and ${comment.length}`,
          { next: 'Nothing was sent. This is a fault of Breakwater: report it.' },
        );
      }
      const seconds = Math.ceil(deliveryTimeout / 1_000);
      const { Command: sent } = await ssm.call('SendCommand', 'once', (sdk, client) =>
        client.send(
          new sdk.SendCommandCommand({
            DocumentName: document,
            ...(version === undefined ? {} : { DocumentVersion: version }),
            Parameters: mutable(parameters),
            InstanceIds: [...instanceIds],
            Comment: comment,
            TimeoutSeconds: Math.min(Math.max(seconds, SHORTEST_DELIVERY), LONGEST_DELIVERY),
          }),
        ),
      );
      return toCommand(sent) ?? raise(incomplete(ssm.context('SendCommand', 'once'), 'a command id'));
    },

    async listCommandsSince(since) {
      const commands: SsmCommand[] = [];
      const items = ssm.everyItem('ListCommands', async (sdk, client, NextToken, options) => {
        const input = {
          Filters: [{ key: 'InvokedAfter' as const, value: isoSecond(since) }],
          MaxResults: LARGEST_PAGE,
          NextToken,
        };
        const page = await client.send(new sdk.ListCommandsCommand(input), options);
        return { items: page.Commands ?? [], nextToken: page.NextToken };
      });
      for await (const item of items) {
        const command = toCommand(item);
        if (command !== undefined) commands.push(command);
      }
      return newestFirst(commands, ({ requestedAt }) => requestedAt);
    },

    async listInvocations(commandId) {
      const invocations: SsmInvocation[] = [];
      const items = ssm.everyItem('ListCommandInvocations', async (sdk, client, NextToken, options) => {
        const input = { CommandId: commandId, Details: true, MaxResults: LARGEST_PAGE, NextToken };
        const page = await client.send(new sdk.ListCommandInvocationsCommand(input), options);
        return { items: page.CommandInvocations ?? [], nextToken: page.NextToken };
      });
      for await (const item of items) {
        if (item.InstanceId !== undefined) invocations.push(toInvocation(item, commandId, item.InstanceId));
      }
      return invocations;
    },

    async cancelCommand(commandId) {
      await ssm.call('CancelCommand', 'repeatable', (sdk, client) =>
        client.send(new sdk.CancelCommandCommand({ CommandId: commandId })),
      );
    },

    async describeManagedInstances(ids) {
      const instances: SsmManagedInstance[] = [];
      for (const Values of chunksOf([...new Set(ids)], INSTANCE_FILTER)) {
        const items = ssm.everyItem('DescribeInstanceInformation', async (sdk, client, NextToken, options) => {
          const input = { Filters: [{ Key: 'InstanceIds', Values }], MaxResults: LARGEST_PAGE, NextToken };
          const page = await client.send(new sdk.DescribeInstanceInformationCommand(input), options);
          return { items: page.InstanceInformationList ?? [], nextToken: page.NextToken };
        });
        for await (const { InstanceId, PingStatus, LastPingDateTime } of items) {
          if (InstanceId === undefined) continue;
          instances.push({ instanceId: InstanceId, pingStatus: PingStatus ?? 'Unknown', lastPingAt: moment(LastPingDateTime) });
        }
      }
      return instances;
    },
  };
}

function toStep(step: StepExecution): SsmAutomationStep {
  return {
    name: step.StepName ?? 'unknown',
    action: step.Action,
    status: step.StepStatus ?? 'Unknown',
    failureMessage: step.FailureMessage,
    failureType: step.FailureDetails?.FailureType,
  };
}

function toCommand(command: Command | undefined): SsmCommand | undefined {
  if (command?.CommandId === undefined) return undefined;
  return {
    id: command.CommandId,
    document: command.DocumentName,
    comment: command.Comment,
    requestedAt: moment(command.RequestedDateTime),
    status: command.Status ?? 'Unknown',
  };
}

/**
 * A document may have several plugins. Their outputs follow one another; the response code is that of the first that did not
 * succeed, else of the last. AWS writes both streams into one text, with a line of dashes and ERROR between them.
 */
function toInvocation(item: CommandInvocation, commandId: string, instanceId: string): SsmInvocation {
  const plugins = item.CommandPlugins ?? [];
  const telling = plugins.find(({ Status }) => Status !== 'Success') ?? plugins.at(-1);
  const texts = plugins.map(({ Output }) => (Output ?? '').split(/\n?-{4,}\s*ERROR\s*-{4,}\n?/));
  const joined = (parts: (string | undefined)[]) =>
    parts
      .filter((part) => part)
      .join('\n')
      .slice(0, OUTPUT_LENGTH);
  return {
    commandId: item.CommandId ?? commandId,
    instanceId,
    status: item.Status ?? 'Unknown',
    statusDetails: item.StatusDetails,
    responseCode: telling?.ResponseCode,
    output: joined(texts.map(([output]) => output)),
    errorOutput: joined(texts.map(([, ...errors]) => errors.join('\n'))),
  };
}

function mutable(parameters: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, [...values]]));
}
