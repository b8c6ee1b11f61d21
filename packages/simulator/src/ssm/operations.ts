import { AwsFault } from '../aws-fault.ts';
import { type Handler, handler } from '../world/call-context.ts';
import {
  describeAutomationExecutions,
  describeAutomationStepExecutions,
  getAutomationExecution,
  sendAutomationSignal,
  startAutomationExecution,
  stopAutomationExecution,
} from './automations.ts';
import { cancelCommand, getCommandInvocation, listCommandInvocations, listCommands, sendCommand } from './commands.ts';
import { describeDocument } from './documents.ts';
import { describeInstanceInformation } from './managed-instances.ts';
import { getParameter, putParameter } from './parameters.ts';

interface AddTagsToResourceRequest {
  readonly ResourceType: string;
  readonly ResourceId: string;
  readonly Tags: readonly { readonly Key: string; readonly Value: string }[];
}

export const SSM_HANDLERS: Readonly<Record<string, Handler>> = {
  StartAutomationExecution: startAutomationExecution,
  GetAutomationExecution: getAutomationExecution,
  DescribeAutomationExecutions: describeAutomationExecutions,
  DescribeAutomationStepExecutions: describeAutomationStepExecutions,
  StopAutomationExecution: stopAutomationExecution,
  SendAutomationSignal: sendAutomationSignal,
  SendCommand: sendCommand,
  ListCommands: listCommands,
  ListCommandInvocations: listCommandInvocations,
  GetCommandInvocation: getCommandInvocation,
  CancelCommand: cancelCommand,
  DescribeInstanceInformation: describeInstanceInformation,
  DescribeDocument: describeDocument,
  PutParameter: putParameter,
  GetParameter: getParameter,
  AddTagsToResource: handler<AddTagsToResourceRequest>((context, input) => {
    if (input.ResourceType !== 'Automation') {
      throw new AwsFault(
        'InvalidResourceType',
        400,
        `The simulator tags resources of type Automation only, not ${input.ResourceType}.`,
      );
    }
    const automation = context.state.ssm.automations.get(input.ResourceId);
    if (automation === undefined) throw new AwsFault('InvalidResourceId', 400, `There is no automation ${input.ResourceId}.`);
    automation.tags = { ...automation.tags, ...Object.fromEntries(input.Tags.map((tag) => [tag.Key, tag.Value])) };
    context.changed();
    return {};
  }),
};
