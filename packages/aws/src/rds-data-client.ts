/** The client of the RDS Data API and the command we use of it; loaded on first use. */
export { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
