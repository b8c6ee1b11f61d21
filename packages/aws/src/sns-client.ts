/** The SNS client and the command we use of it; loaded on first use. */
export { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
