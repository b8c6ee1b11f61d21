/** The KMS client and the command we use of it; loaded on first use. */
export { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
