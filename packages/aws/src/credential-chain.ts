/** The SDK's default credential chain; loaded on first use. */
export { fromNodeProviderChain } from '@aws-sdk/credential-providers';
