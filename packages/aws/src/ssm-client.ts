/** The SSM client and the commands we use of it; loaded on first use. */
export {
  CancelCommandCommand,
  DescribeAutomationStepExecutionsCommand,
  DescribeInstanceInformationCommand,
  GetAutomationExecutionCommand,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  PutParameterCommand,
  SendCommandCommand,
  SSMClient,
  StartAutomationExecutionCommand,
  StopAutomationExecutionCommand,
} from '@aws-sdk/client-ssm';
